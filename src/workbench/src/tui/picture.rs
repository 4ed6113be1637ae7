//! Pictures in a frame: a whole film or one place of it, painted over the cells that the frame leaves out.

use std::{path::PathBuf, sync::Arc};

use ratatui::{buffer::Buffer, layout::Rect};
use svh_core::{BBox, Joint, Limb};

use super::{action::Effect, draw, films::Film, names, state::State, theme};
use svh_terminal::{Cells, Line, Mark, Picture, Plan, Protocol, View, blocks};

/// Draws a plan's cells: left out where the painter has the picture ready, else in blocks.
pub fn lay(state: &State, plan: &Plan, buffer: &mut Buffer) {
    if !state.painter.lay(plan, buffer) && state.painter.protocol() != Protocol::Off {
        blocks::paint(plan, state.theme.colours(), state.capabilities.mosaic, buffer);
    }
}

/// A picture in the middle of an area, as this view shows it.
#[must_use]
pub fn fitted(state: &State, picture: &Arc<Picture>, view: &View, area: Rect, marks: Vec<Mark>) -> Plan {
    let offered = Cells { columns: area.width, rows: area.height, pixel: state.capabilities.cell };
    let placed = view.place(picture.size(), offered);
    let Cells { columns, rows, .. } = placed.cells;
    Plan {
        picture: Arc::clone(picture),
        rect: Rect { x: area.x + (area.width - columns) / 2, y: area.y + (area.height - rows) / 2, width: columns, height: rows },
        cell: state.capabilities.cell,
        region: placed.region,
        window: picture.auto_window(),
        marks,
        insets: Vec::new(),
    }
}

/// One place of a film, to be shown beside a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Glance {
    /// The patient's place in the cohort.
    pub patient: usize,
    /// The limb.
    pub limb: Limb,
    /// The film.
    pub path: PathBuf,
    /// What is looked at; the whole film where it is absent.
    pub focus: Option<BBox>,
    /// The boxes over it.
    pub marks: Vec<Mark>,
}

impl Glance {
    /// Draws it, or what stands in for it; the plan is for the painter.
    pub fn render(&self, state: &State, area: Rect, buffer: &mut Buffer) -> Option<Plan> {
        if area.is_empty() {
            return None;
        }
        let middle = draw::line(area, area.height / 2);
        match state.films.get(&self.path) {
            Some(Film::Ready(picture, _)) => {
                let view = self.focus.map_or_else(View::default, |focus| View::of_box(&focus, picture.size()));
                let plan = fitted(state, picture, &view, area, self.marks.clone());
                lay(state, &plan, buffer);
                return Some(plan);
            }
            Some(Film::Failed(reason)) => draw::notice(buffer, area, std::slice::from_ref(reason), state.theme.error()),
            _ => draw::centre(buffer, middle, "…", state.theme.muted()),
        }
        None
    }

    /// Whether its film has not been asked for, where pictures are shown.
    #[must_use]
    pub fn is_unread(&self, state: &State) -> bool {
        state.painter.protocol() != Protocol::Off && state.films.get(&self.path).is_none()
    }

    /// Asks for its film.
    pub fn read(self, state: &mut State) -> Vec<Effect> {
        if state.films.want(&self.path) {
            return vec![Effect::ReadFilm { patient: self.patient, limb: Some(self.limb), path: self.path }];
        }
        Vec::new()
    }
}

/// A joint of the run in use on its film.
#[derive(Clone, Debug, Default)]
pub struct JointOnFilm {
    /// The film; empty where there is none.
    pub film: PathBuf,
    /// The least box around those of reader and model.
    pub focus: Option<BBox>,
    /// The reader's box as a frame, the model's as corners.
    pub marks: Vec<Mark>,
}

impl JointOnFilm {
    /// Finds a joint of a patient, by the place in the evaluation. `named` marks are selected and say which joint it is.
    #[must_use]
    pub fn of(state: &State, patient: usize, joint: &Joint, named: bool) -> Self {
        let Some(evaluation) = state.active_run.evaluation() else { return Self::default() };
        let place = evaluation.place(patient, joint);
        let film = place.film.and_then(|film| evaluation.films().get(film)).map(|film| film.path.clone());
        let mark = |bbox, rgb, line, labelled: bool| Mark {
            bbox,
            colour: state.theme.mark(rgb),
            line,
            selected: named,
            label: (named && labelled).then(|| names::short(joint)),
        };
        let reference = place.reference.map(|bbox| mark(bbox, theme::READER, Line::Solid, true));
        let found = place.model.map(|bbox| mark(bbox, theme::MODEL, Line::Corners, reference.is_none()));
        Self {
            film: film.unwrap_or_default(),
            focus: around(place.reference.into_iter().chain(place.model)),
            marks: reference.into_iter().chain(found).collect(),
        }
    }
}

/// The least box around boxes.
#[must_use]
pub fn around(boxes: impl IntoIterator<Item = BBox>) -> Option<BBox> {
    boxes.into_iter().reduce(|a, b| BBox { x0: a.x0.min(b.x0), y0: a.y0.min(b.y0), x1: a.x1.max(b.x1), y1: a.y1.max(b.y1) })
}
