//! Errors as pictures: the boxes over a film, the crop of a contact sheet, the glance beside the list.

use svh_analysis::{ErrorRow, detection::ErrorKind};

use super::order::row;
use crate::tui::{
    names,
    picture::{Glance, around},
    sheet::{Grid, Tile},
    state::State as Whole,
    theme,
};
use svh_terminal::{Colours, Line, Mark, Rgb};

/// The reference box as a frame, the wrong one as corners.
fn marks(state: &Whole, error: &ErrorRow, named: bool) -> Vec<Mark> {
    let colour = |rgb: Rgb| if state.theme.colours() == Colours::None { Rgb(255, 255, 255) } else { rgb };
    let label = |joint: Option<&'static svh_core::Joint>| joint.filter(|_| named).map(names::short);
    let reference = error.reference_box.map(|bbox| Mark {
        bbox,
        colour: colour(theme::READER),
        line: Line::Solid,
        selected: named,
        label: label(error.reference.or(error.model)),
    });
    let line = if error.kind == ErrorKind::Inferred { Line::Dashed } else { Line::Corners };
    // One name is enough where both boxes are of the same joint.
    let same = error.reference_box.is_some() && error.reference == error.model;
    let found = error.model_box.map(|bbox| Mark {
        bbox,
        colour: colour(theme::MODEL),
        line,
        selected: named,
        label: label(error.model).filter(|_| !same),
    });
    reference.into_iter().chain(found).collect()
}

/// The film of an error with its boxes.
#[must_use]
pub fn glance(state: &Whole, error: &ErrorRow) -> Option<Glance> {
    let evaluation = state.active_run.evaluation()?;
    let film = evaluation.films().get(error.film)?;
    let patient = state.catalogue()?.cohort.position(evaluation.patients().get(film.patient)?)?;
    let focus = around(error.reference_box.into_iter().chain(error.model_box)).filter(|_| !state.errors.whole);
    Some(Glance { patient, limb: film.limb, path: film.path.clone(), focus, marks: marks(state, error, true) })
}

/// The crops on the page of the chosen error, and which of them is chosen.
#[must_use]
pub fn page(state: &Whole, grid: &Grid) -> (Vec<Tile>, usize) {
    let table = &state.errors.table;
    let first = grid.first(table.cursor);
    let shown = table.shown.iter().skip(first).take(grid.count());
    let tiles = shown.filter_map(|place| tile(state, row(state, *place as usize)?)).collect();
    (tiles, table.cursor - first)
}

/// The kind in seven letters.
const fn short(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Missed => "Missed",
        ErrorKind::Background => "Backgr.",
        ErrorKind::Duplicate => "Dupl.",
        ErrorKind::Localisation => "Local.",
        ErrorKind::Side => "Side",
        ErrorKind::Limb => "Limb",
        ErrorKind::Neighbour => "Neighb.",
        ErrorKind::Other => "Other",
        ErrorKind::Inferred => "Infer.",
    }
}

fn tile(state: &Whole, error: &ErrorRow) -> Option<Tile> {
    let film = state.active_run.evaluation()?.films().get(error.film)?;
    let joint = error.joint().map(names::short).unwrap_or_default();
    Some(Tile {
        film: film.path.clone(),
        focus: around(error.reference_box.into_iter().chain(error.model_box)).unwrap_or_default(),
        marks: marks(state, error, false),
        tag: short(error.kind).to_owned(),
        caption: format!("{} {joint}", error.kind.name()),
    })
}
