//! Errors as pictures: the boxes over a film, the crop of a contact sheet, the glance beside the list.

use svh_analysis::detection::ErrorKind;
use svh_core::BBox;

use super::{
    detail_pane,
    order::{Item, item},
};
use crate::tui::{
    names,
    picture::{Glance, around},
    screens::film,
    sheet::{Grid, Tile},
    state::State as Whole,
    theme,
};
use svh_terminal::{Line, Mark};

/// The boxes of an error: the reference as a frame, the wrong or graded box as corners.
fn marks(state: &Whole, item: Item, named: bool) -> Vec<Mark> {
    let mut marks = match item {
        Item::Box(error) => film::of_error(error, named),
        Item::Grade(error) => {
            let (truth, found) = boxes(state, item);
            let label = Some(names::short(error.graded.joint)).filter(|_| named);
            let mark = |bbox, colour, line, label| Mark { bbox, colour, line, selected: named, label };
            let found_label = label.clone().filter(|_| truth.is_none());
            let truth = truth.map(|bbox| mark(bbox, theme::READER, Line::Solid, label));
            truth.into_iter().chain(found.map(|bbox| mark(bbox, theme::MODEL, Line::Corners, found_label))).collect()
        }
    };
    film::in_colours(&mut marks, state.theme);
    marks
}

/// The reference's box and the model's.
fn boxes(state: &Whole, item: Item) -> (Option<BBox>, Option<BBox>) {
    match item {
        Item::Box(error) => (error.reference_box, error.model_box),
        Item::Grade(error) => {
            let place = state.active_run.evaluation().map(|evaluation| evaluation.place(error.graded.patient, error.graded.joint));
            place.map_or((None, None), |place| (place.reference, place.model))
        }
    }
}

/// The film of an error with its boxes.
#[must_use]
pub fn glance(state: &Whole, item: Item) -> Option<Glance> {
    let evaluation = state.active_run.evaluation()?;
    let film = evaluation.films().get(item.film()?)?;
    let patient = state.catalogue()?.cohort.position(evaluation.patients().get(film.patient)?)?;
    let (truth, found) = boxes(state, item);
    let focus = around(truth.into_iter().chain(found)).filter(|_| !state.errors.whole);
    Some(Glance { patient, limb: film.limb, path: film.path.clone(), focus, marks: marks(state, item, true) })
}

/// The crops on the page of the chosen error, and which of them is chosen.
#[must_use]
pub fn page(state: &Whole, grid: &Grid) -> (Vec<Tile>, usize) {
    let table = &state.errors.table;
    let first = grid.first(table.cursor);
    let shown = table.shown.iter().skip(first).take(grid.count());
    let tiles = shown.filter_map(|place| tile(state, item(state, *place as usize)?)).collect();
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

/// A crop with its words: the film, then grades and joint, or the joint and what is wrong with its box. A narrow tile cuts the score.
fn tile(state: &Whole, item: Item) -> Option<Tile> {
    let film = state.active_run.evaluation()?.films().get(item.film()?)?;
    let joint = item.joint().map(names::short).unwrap_or_default();
    let what = match item {
        Item::Box(error) if matches!(error.kind, ErrorKind::Missed | ErrorKind::Inferred) => format!("{joint} {}", short(error.kind)),
        Item::Box(error) => format!("{joint} {} {:.2}", short(error.kind), error.score),
        Item::Grade(error) => format!("{} {joint}", names::grades(error.graded.reference, error.graded.model)),
    };
    let (truth, found) = boxes(state, item);
    let words = format!("{}\n{what}", detail_pane::film(state, item));
    Some(Tile {
        film: film.path.clone(),
        focus: around(truth.into_iter().chain(found)).unwrap_or_default(),
        marks: marks(state, item, false),
        tag: words.clone(),
        caption: words,
        marked: false,
    })
}
