//! The joints behind a cell as a contact sheet.

use svh_analysis::GradedJoint;

use super::state::Crops;
use crate::tui::{
    names,
    picture::around,
    sheet::{Grid, Tile},
    state::State as Whole,
    theme,
};
use svh_terminal::{Line, Mark, Rgb};

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
    let film = format!("{}-{}", name(row.patient), row.joint.limb);
    let grades = names::grades(row.reference, row.model);
    let words = format!("{film}\n{grades} {}", names::short(row.joint));
    let place = evaluation.map(|evaluation| evaluation.place(row.patient, row.joint)).unwrap_or_default();
    let path = place.film.and_then(|film| evaluation?.films().get(film)).map(|film| film.path.clone()).unwrap_or_default();
    let colour = |rgb: Rgb| state.theme.mark(rgb);
    let mark = |bbox, rgb, line| Mark { bbox, colour: colour(rgb), line, selected: false, label: None };
    let reference = place.reference.map(|bbox| mark(bbox, theme::READER, Line::Solid));
    let found = place.model.map(|bbox| mark(bbox, theme::MODEL, Line::Corners));
    Tile {
        film: path,
        focus: around(place.reference.into_iter().chain(place.model)).unwrap_or_default(),
        marks: reference.into_iter().chain(found).collect(),
        tag: words.clone(),
        caption: words,
        marked: false,
    }
}
