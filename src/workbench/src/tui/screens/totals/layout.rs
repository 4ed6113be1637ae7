//! Where the parts of the screen lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use super::columns::{Column, JointColumn};
use crate::tui::{draw, table, window};

/// A plot stands beside the table from this width on.
pub const BESIDE_FROM: u16 = 120;
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
    /// The plot; the table's place where there is no room beside it.
    pub plot: Rect,
    /// The table has the plot's place.
    pub is_narrow: bool,
    /// A patient's joints.
    pub joints: table::Layout<JointColumn>,
    /// The film beside them; may be empty.
    pub film: Rect,
}

/// Parts the window.
#[must_use]
pub fn layout(size: (u16, u16)) -> Layout {
    let body = window::body(size);
    let inner = Rect { x: body.x + 2, width: body.width.saturating_sub(3), ..body };
    let head = draw::line(inner, 0);
    let agreement = Rect { y: body.y + 1, height: 2, ..inner };
    let rest = Rect { y: body.y + 4, height: body.height.saturating_sub(4), ..body };
    let is_narrow = body.width < BESIDE_FROM;
    let width = if is_narrow { rest.width } else { TABLE + (rest.width - BESIDE_FROM) / 5 };
    let beside = Rect { x: rest.x + width + 2, width: rest.width.saturating_sub(width + 3), ..rest };
    let plot = if is_narrow { Rect { x: rest.x + 1, width: rest.width.saturating_sub(2), ..rest } } else { beside };
    let list = if body.width < 90 { (rest.width * 3 / 5).max(50).min(rest.width) } else { JOINTS };
    let film = Rect { x: rest.x + list + 1, width: rest.width.saturating_sub(list + 1), ..rest };
    Layout {
        head,
        agreement,
        table: table::Layout::of(Rect { width, ..rest }),
        plot,
        is_narrow,
        joints: table::Layout::of(Rect { width: list, ..rest }),
        film,
    }
}
