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
    let inner = Rect { x: body.x + 2, width: body.width.saturating_sub(3), ..body };
    let rest = Rect { y: body.y + 4, height: body.height.saturating_sub(4), ..body };
    Layout { head: draw::line(inner, 0), summary: Rect { y: body.y + 1, height: 3, ..inner }, table: table::Layout::of(rest) }
}
