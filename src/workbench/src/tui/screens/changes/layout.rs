//! Where the parts of the screen lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use super::columns::Column;
use crate::tui::{draw, table, window};

/// The rectangles of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The views.
    pub head: Rect,
    /// Which runs, and what the changes come to.
    pub summary: Rect,
    /// The table.
    pub table: table::Layout<Column>,
}

/// Parts the window.
#[must_use]
pub fn layout(size: (u16, u16)) -> Layout {
    let body = window::body(size);
    let inner = window::inner(body);
    let rest = draw::below(body, 4);
    Layout { head: draw::line(inner, 0), summary: Rect { y: body.y + 1, height: 3, ..inner }, table: table::Layout::of(rest) }
}
