//! Where the parts of the screen lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use super::columns::{Column, JointColumn};
use crate::tui::{
    draw, table,
    window::{self, TableAndPlot},
};

/// The table beside a plot.
const TABLE: u16 = 73;
/// The joints of a patient beside a film.
const JOINTS: u16 = 62;

/// The rectangles of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The run and what a total covers.
    pub head: Rect,
    /// How well totals agree.
    pub agreement: Rect,
    /// The table.
    pub table: table::Layout<Column>,
    /// The table and the plot.
    pub parts: TableAndPlot,
    /// A patient's joints.
    pub joints: table::Layout<JointColumn>,
    /// The film beside them; may be empty.
    pub film: Rect,
}

/// Parts the window.
#[must_use]
pub fn layout(size: (u16, u16)) -> Layout {
    let body = window::body(size);
    let inner = window::inner(body);
    let rest = draw::below(body, 4);
    let parts = TableAndPlot::of(rest, TABLE);
    let list = if body.width < 90 { (rest.width * 3 / 5).max(50).min(rest.width) } else { JOINTS };
    Layout {
        head: draw::line(inner, 0),
        agreement: Rect { y: body.y + 1, height: 2, ..inner },
        table: table::Layout::of(parts.table),
        parts,
        joints: table::Layout::of(Rect { width: list, ..rest }),
        film: Rect { x: rest.x + list + 1, width: rest.width.saturating_sub(list + 1), ..rest },
    }
}
