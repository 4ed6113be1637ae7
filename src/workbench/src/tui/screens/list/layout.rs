//! Where the parts of the screen lie.

use ratatui::layout::Rect;

use super::columns::Column;
use crate::tui::{draw, sheet::Grid, state::State as Whole, table, window};

/// Where the parts of the screen lie.
pub struct Layout {
    /// What the list is.
    pub head: Rect,
    /// The lines.
    pub table: table::Layout<Column>,
    /// The crops.
    pub grid: Grid,
}

/// The layout for the entries at hand.
#[must_use]
pub fn here(state: &Whole) -> Layout {
    let body = window::body(state.room());
    let inner = window::inner(body);
    let rest = draw::below(inner, 1);
    let count = state.list.table.shown.len();
    let grid = Grid::of(rest, state.painter.protocol(), state.capabilities.cell, count);
    Layout { head: draw::line(inner, 0), table: table::Layout::of(Rect { x: body.x, width: body.width, ..rest }), grid }
}

/// Keeps the cursor on the screen.
pub fn settle(state: &mut Whole) {
    let lines = here(state).table.lines;
    state.list.table.settle(lines);
}
