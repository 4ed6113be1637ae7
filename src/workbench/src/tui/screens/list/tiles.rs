//! An entry as a crop.

use super::entries::{is_graded, reader_grade, tags};
use crate::{
    selection::Item,
    tui::{
        names,
        picture::around,
        sheet::{Grid, Tile},
        state::State as Whole,
        tagging, theme,
    },
};
use svh_core::BBox;
use svh_terminal::{Line, Mark, Rgb};

/// The crops on the page of the chosen entry, and which of them is chosen.
#[must_use]
pub fn page(state: &Whole, grid: &Grid) -> (Vec<Tile>, usize) {
    let table = &state.list.table;
    let first = grid.first(table.cursor);
    let shown = table.shown.iter().skip(first).take(grid.count());
    let tiles = shown.filter_map(|place| Some(tile(state, *place, state.list.selection.items.get(*place as usize)?))).collect();
    (tiles, table.cursor - first)
}

/// What an entry is called, in short.
#[must_use]
pub fn name(item: &Item) -> String {
    let joint = item.joint.map_or_else(String::new, |joint| format!(" {}", names::short(joint)));
    format!("{}-{}{joint}", item.patient, item.limb)
}

/// Grades of reader and model, or the score of the box.
#[must_use]
pub fn measured(state: &Whole, item: &Item) -> String {
    let grade = |grade: Option<u8>| grade.map_or_else(|| "–".to_owned(), |grade| grade.to_string());
    let reader = reader_grade(state, item);
    match (reader.or(item.model), item.score) {
        (Some(_), _) => {
            let seen = if is_graded(state, item) { "✓" } else { "" };
            format!("{}{seen}→{}", grade(reader), grade(item.model))
        }
        (None, Some(score)) => format!("{score:.2}"),
        (None, None) => String::new(),
    }
}

/// The boxes of an entry: the reference's, that of the run before, the model's. A joint that came without any, as a script may name it, has those of the cohort
/// and of the run in use.
fn boxes(state: &Whole, item: &Item) -> [Option<BBox>; 3] {
    let known = || {
        let evaluation = state.active_run.evaluation()?;
        let place = evaluation.place(evaluation.patient(&item.patient)?, item.joint?);
        Some([place.reference, None, place.model])
    };
    let own = [item.reference, item.before, item.found];
    if item.is_without_box() { known().unwrap_or(own) } else { own }
}

fn tile(state: &Whole, place: u32, item: &Item) -> Tile {
    let catalogue = state.catalogue();
    let film = catalogue.and_then(|catalogue| catalogue.cohort.film(catalogue.cohort.patient(&item.patient)?, item.limb));
    let colour = |rgb: Rgb| state.theme.mark(rgb);
    let mark = |bbox, rgb, line| Mark { bbox, colour: colour(rgb), line, selected: false, label: None };
    // Three forms, so that they are told apart without colour.
    let [reference, before, found] = boxes(state, item);
    let marks = [
        reference.map(|bbox| mark(bbox, theme::READER, Line::Solid)),
        before.map(|bbox| mark(bbox, theme::MODEL, Line::Dashed)),
        found.map(|bbox| mark(bbox, theme::MODEL, Line::Corners)),
    ];
    let (measured, marked) = (measured(state, item), state.list.marked.contains(&place));
    let joint = item.joint.map(names::short).unwrap_or_default();
    let tag = [joint.clone(), measured.clone()].join(" ");
    let tags = tagging::words(tags(state, item));
    let caption = format!("{}{measured} {joint}\n{}-{} {tags}", if marked { "● " } else { "" }, item.patient, item.limb);
    Tile {
        film: film.unwrap_or_default(),
        focus: around([reference, found, before].into_iter().flatten()).unwrap_or_default(),
        marks: marks.into_iter().flatten().collect(),
        tag: format!("{}\n{tags}", tag.trim()).trim_end().to_owned(),
        // Two lines of a dozen letters: what was measured and the joint, then the film; tags are cut first.
        caption: caption.trim().to_owned(),
        marked,
    }
}
