//! The joints behind a cell as a contact sheet.

use svh_analysis::GradedJoint;

use super::state::Crops;
use crate::tui::{
    names,
    picture::JointOnFilm,
    sheet::{Grid, Tile},
    state::State as Whole,
};

/// The crops on the page of the chosen one, and which of them is chosen.
#[must_use]
pub fn page(state: &Whole, crops: &Crops, grid: &Grid) -> (Vec<Tile>, usize) {
    let first = grid.first(crops.cursor);
    let tiles = crops.rows.iter().skip(first).take(grid.count()).map(|row| tile(state, row)).collect();
    (tiles, crops.cursor - first)
}

/// A joint's crop; without a box or a film it is empty, and its words say whose it is.
fn tile(state: &Whole, row: &GradedJoint) -> Tile {
    let evaluation = state.active_run.evaluation();
    let name = |place: usize| evaluation.and_then(|evaluation| evaluation.patients().get(place)).cloned().unwrap_or_default();
    let name = format!("{}-{}", name(row.patient), row.joint.limb);
    let grades = names::grades(row.reference, row.model);
    let words = format!("{name}\n{grades} {}", names::short(row.joint));
    let JointOnFilm { film, focus, marks } = JointOnFilm::of(state, row.patient, row.joint, false);
    Tile { film, focus: focus.unwrap_or_default(), marks, tag: words.clone(), caption: words, marked: false }
}
