//! Which errors are shown, and in which order.

use svh_analysis::{ErrorFilter, ErrorOrder, ErrorRow, Errors, detection::ErrorKind};

use super::{columns::Column, layout::here};
use crate::tui::state::State as Whole;

/// Filters and sorts again; call it after every change of the errors, the filter or the order.
pub fn arrange(state: &mut Whole) {
    let lines = here(state).table.lines;
    let Some(evaluation) = state.active_run.evaluation().cloned() else {
        state.errors.table.show(Vec::new(), lines);
        return;
    };
    let errors = std::sync::Arc::clone(&state.active_run.errors);
    let screen = &mut state.errors;
    let any_kind = ErrorFilter { kinds: Vec::new(), ..screen.filter.clone() };
    screen.counts = errors.counts(&errors.select(&evaluation, &any_kind, ErrorOrder::Film));
    let order = match screen.table.sort {
        Column::Score => ErrorOrder::Score,
        Column::Iou => ErrorOrder::Iou,
        Column::Effect => ErrorOrder::Effect,
        _ => ErrorOrder::Film,
    };
    let mut places = errors.select(&evaluation, &screen.filter, order);
    sort(&mut places, &errors, screen.table.sort);
    // The analysis gives the highest scores and effects first, and the least overlap.
    let falls = matches!(screen.table.sort, Column::Score | Column::Effect);
    if screen.table.reversed != falls {
        places.reverse();
    }
    screen.table.show(places.into_iter().map(|place| place as u32).collect(), lines);
}

/// Orders that the analysis does not know, with equals as they lie.
fn sort(places: &mut [usize], errors: &Errors, column: Column) {
    let row = |place: &usize| &errors.rows[*place];
    match column {
        Column::Kind => places.sort_by_key(|place| row(place).kind),
        Column::Joint => places.sort_by_key(|place| row(place).joint().map(svh_core::Joint::index)),
        Column::Task => places.sort_by_key(|place| row(place).task),
        Column::Counts => places.sort_by_key(|place| row(place).kept),
        Column::Film => places.sort_by_key(|place| row(place).film),
        // Of errors that do the same those come first that do count.
        Column::Effect => places.sort_by_key(|place| {
            let row = row(place);
            (std::cmp::Reverse(row.effect.map_or(-1, i32::abs)), !row.kept && row.kind != ErrorKind::Missed)
        }),
        Column::Score | Column::Iou => {}
    }
}

/// The error at a place of the list at hand.
#[must_use]
pub fn row(state: &Whole, place: usize) -> Option<&ErrorRow> {
    state.active_run.errors.rows.get(place)
}

/// The chosen error.
#[must_use]
pub fn chosen(state: &Whole) -> Option<&ErrorRow> {
    row(state, state.errors.table.chosen()?)
}
