//! From the state to the picture that the frame wants.

use std::sync::Arc;

use ratatui::layout::Rect;
use svh_core::{BBox, Window};

use super::{
    current::{Current, current},
    layout::layout,
    looking,
    marks::marks,
    raw,
    state::State,
    why,
};
use crate::tui::{enhanced, picture::around, state::State as Whole};
use svh_terminal::{Cells, Mark, Picture, Placement, Plan};

/// The picture of the film at hand; `None` while it is being read, and where pictures are off.
#[must_use]
pub fn plan(state: &Whole) -> Option<Plan> {
    let current = current(state)?;
    let picture = current.picture()?;
    let area = area(state)?;
    let second = looking::second(state);
    let own = if second.is_some() { looking::halves(area).0 } else { area };
    let mut marks = match (state.film.why, state.film.raw) {
        (true, _) => {
            let (rect, placed) = place(state, picture, own);
            let shown = placed.region[2] - placed.region[0];
            why::marks(state, why::focus(state).map_or(0.0, |crop| crop.width() / shown * f32::from(rect.width)))
        }
        (_, true) => raw::marks(state, &current),
        _ => marks(state, &current),
    };
    marks.extend(looking::edges(state));
    let mut plan = laid(state, picture, own, marks);
    let shown = if second.is_some() { own } else { plan.rect };
    if let Some(second) = second {
        looking::lay_beside(state, &mut plan, area, &second);
    }
    if state.film.looking.lens {
        looking::lay_lens(state, &mut plan, shown);
    }
    Some(plan)
}

/// The cells that the picture may take: those of the layout, without the lines below it.
#[must_use]
pub fn area(state: &Whole) -> Option<Rect> {
    let area = layout(state.room(), state.painter.protocol()).picture?;
    let legend = if state.film.why { why::legend_lines(area.width) } else { 0 };
    let lines = legend + looking::foot_lines(state, area.width).len() as u16;
    Some(Rect { height: area.height.saturating_sub(lines.min(area.height / 2)), ..area })
}

/// The film at hand in this area, as it is looked at, under these boxes.
#[must_use]
pub fn laid(state: &Whole, picture: &Arc<Picture>, area: Rect, marks: Vec<Mark>) -> Plan {
    let (rect, placement) = place(state, picture, area);
    let picture = enhanced::shown(state, picture);
    let window = window(&state.film, &picture);
    Plan { picture, rect, cell: state.capabilities.cell, region: placement.region, window, marks, insets: Vec::new() }
}

/// The window in use: the user's, or the one that suits the film.
#[must_use]
pub fn window(screen: &State, picture: &Picture) -> Window {
    Window { inverted: screen.inverted, gamma: screen.looking.gamma, ..screen.window.unwrap_or_else(|| picture.auto_window()) }
}

/// Fits the view into the area, in its middle.
fn place(state: &Whole, picture: &Picture, area: Rect) -> (Rect, Placement) {
    let offered = Cells { columns: area.width, rows: area.height, pixel: state.capabilities.cell };
    let placement = state.film.view.place(picture.size(), offered);
    let Cells { columns, rows, .. } = placement.cells;
    let rect = Rect { x: area.x + (area.width - columns) / 2, y: area.y + (area.height - rows) / 2, width: columns, height: rows };
    (rect, placement)
}

/// The point of the film at a cell, if the picture covers it.
#[must_use]
pub fn film_point(plan: &Plan, column: u16, row: u16) -> Option<(f32, f32)> {
    let rect = plan.rect;
    if plan.insets.iter().any(|inset| inset.rect.contains((column, row).into())) {
        return None;
    }
    let inside = column >= rect.x && column < rect.right() && row >= rect.y && row < rect.bottom();
    let [x0, y0, x1, y1] = plan.region;
    let along =
        |at: u16, start: u16, length: u16, from: f32, to: f32| from + (f32::from(at - start) + 0.5) / f32::from(length) * (to - from);
    inside.then(|| (along(column, rect.x, rect.width, x0, x1), along(row, rect.y, rect.height, y0, y1)))
}

/// What a close look goes to: both boxes of the error that was opened, the chosen detection, else the chosen joint's box.
#[must_use]
pub fn focus(state: &Whole, current: &Current) -> Option<BBox> {
    if state.film.raw {
        let rows = raw::rows(state);
        return rows.get(state.film.detection).map(|row| row.detection.bbox);
    }
    let error = state.film.error.as_ref().and_then(|error| around(error.reference_box.into_iter().chain(error.model_box)));
    error.or_else(|| chosen_box(&state.film, current))
}

/// The box of the chosen joint that a close look goes to: the reader's where it is shown, else the model's, else any.
#[must_use]
pub fn chosen_box(screen: &State, current: &Current) -> Option<BBox> {
    let joint = current.joints(screen.task).get(screen.joint)?;
    let entry = current.entry(joint);
    let found = entry.found.map(|found| found.bbox);
    let reference = entry.drawn;
    reference.filter(|_| screen.reader).or(found.filter(|_| screen.model)).or(reference).or(found)
}
