//! Where the parts of the screen lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use super::columns::{Column, JointColumn};
use crate::tui::{
    draw,
    sheet::Grid,
    state::State as Whole,
    table,
    window::{self, TableAndPlot},
};

/// The table beside a plot.
const TABLE: u16 = 76;
/// The joints of a pair beside its films.
const JOINTS: u16 = 50;

/// The rectangles of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The run and the score.
    pub head: Rect,
    /// The statistics of change, or which pair is open.
    pub statistics: Rect,
    /// The table.
    pub table: table::Layout<Column>,
    /// The table and the plot.
    pub parts: TableAndPlot,
    /// A pair's joints.
    pub joints: table::Layout<JointColumn>,
    /// Both films beside them.
    pub films: Grid,
}

/// Parts the window.
#[must_use]
pub fn layout(state: &Whole) -> Layout {
    let body = window::body(state.room());
    let inner = window::inner(body);
    let rest = draw::below(body, 5);
    let parts = TableAndPlot::of(rest, TABLE);
    let list = JOINTS.min(rest.width * 3 / 5);
    let films = Rect { x: rest.x + list + 1, width: rest.width.saturating_sub(list + 2), ..rest };
    Layout {
        head: draw::line(inner, 0),
        statistics: Rect { y: body.y + 1, height: 3, ..inner },
        table: table::Layout::of(parts.table),
        parts,
        joints: table::Layout::of(Rect { width: list, ..rest }),
        films: Grid::of(films, state.painter.protocol(), state.capabilities.cell, 2),
    }
}
