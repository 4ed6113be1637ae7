//! Where the parts of the screen lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use super::columns::{Column, JointColumn};
use crate::tui::{draw, sheet::Grid, state::State as Whole, table, window};

/// A plot stands beside the table from this width on.
const BESIDE_FROM: u16 = 120;
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
    /// The plot; the table's place where there is no room beside it.
    pub plot: Rect,
    /// The table has the plot's place.
    pub is_narrow: bool,
    /// A pair's joints.
    pub joints: table::Layout<JointColumn>,
    /// Both films beside them.
    pub films: Grid,
}

/// Parts the window.
#[must_use]
pub fn layout(state: &Whole) -> Layout {
    let body = window::body(state.room());
    let inner = Rect { x: body.x + 2, width: body.width.saturating_sub(3), ..body };
    let statistics = Rect { y: body.y + 1, height: 3, ..inner };
    let rest = Rect { y: body.y + 5, height: body.height.saturating_sub(5), ..body };
    let is_narrow = body.width < BESIDE_FROM;
    let width = if is_narrow { rest.width } else { TABLE + (rest.width - BESIDE_FROM) / 5 };
    let beside = Rect { x: rest.x + width + 2, width: rest.width.saturating_sub(width + 3), ..rest };
    let plot = if is_narrow { Rect { x: rest.x + 1, width: rest.width.saturating_sub(2), ..rest } } else { beside };
    let list = JOINTS.min(rest.width * 3 / 5);
    let films = Rect { x: rest.x + list + 1, width: rest.width.saturating_sub(list + 2), ..rest };
    Layout {
        head: draw::line(inner, 0),
        statistics,
        table: table::Layout::of(Rect { width, ..rest }),
        plot,
        is_narrow,
        joints: table::Layout::of(Rect { width: list, ..rest }),
        films: Grid::of(films, state.painter.protocol(), state.capabilities.cell, 2),
    }
}
