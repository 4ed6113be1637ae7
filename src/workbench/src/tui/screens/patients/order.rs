//! Which patients are shown, in which order, and where the cursor is among them.

use super::{layout::layout, state::State};
use crate::tui::{data::Catalogue, results::Results, state::State as Whole};

/// Keeps the cursor on the screen; call it after every change and after a change of the window.
pub fn settle(state: &mut Whole) {
    let height = usize::from(layout(state.room()).lines.height.max(1));
    let table = &mut state.patients;
    table.cursor = table.cursor.min(table.shown.len().saturating_sub(1));
    table.offset = table.offset.min(table.cursor).max((table.cursor + 1).saturating_sub(height));
    table.offset = table.offset.min(table.shown.len().saturating_sub(height));
}

/// The cohort or new results have come.
pub fn loaded(state: &mut Whole) {
    arrange(state);
    settle(state);
}

/// Moves the cursor to a patient where the table shows it.
pub fn choose(state: &mut Whole, patient: u32) {
    if let Some(line) = state.patients.shown.iter().position(|place| *place == patient) {
        state.patients.cursor = line;
        settle(state);
    }
}

/// Filters and sorts again; the chosen patient stays chosen where it is still shown.
pub fn arrange(state: &mut Whole) {
    let Some(catalogue) = state.catalogue().cloned() else { return };
    let chosen = state.patients.chosen();
    state.patients.shown = arranged(&catalogue, &state.results, (state.session.reviews(), state.session.tags()), &state.patients);
    let place = chosen.and_then(|chosen| state.patients.shown.iter().position(|index| *index as usize == chosen));
    state.patients.cursor = place.unwrap_or(0);
}

fn arranged(
    catalogue: &Catalogue,
    results: &Results,
    (reviews, tags): (&svh_core::Reviews, &svh_core::tags::Tags),
    table: &State,
) -> Vec<u32> {
    let rows = (0..catalogue.len()).filter_map(|index| catalogue.row(index, results, reviews));
    let kept = rows.filter(|row| table.filter.is_empty() || table.filter.holds(row, tags));
    let mut lines: Vec<(Option<i64>, u32)> = kept.map(|row| (table.sort.key(&row), row.index as u32)).collect();
    // Patients without a value come last in either direction; equals keep the order of their ids.
    lines.sort_by(|(a, i), (b, j)| {
        let values = match (a, b) {
            (Some(a), Some(b)) if table.reversed => b.cmp(a),
            (Some(a), Some(b)) => a.cmp(b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        values.then(i.cmp(j))
    });
    lines.into_iter().map(|(_, index)| index).collect()
}
