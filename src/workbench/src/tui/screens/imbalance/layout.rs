//! Where the parts of the screen lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use super::columns::Column;
use crate::tui::{draw, state::State as Whole, table, window};

/// Lines of the chosen distribution: title, heads, eleven grades, the epoch.
const BARS: u16 = 14;
/// The list stands beside the bars from this width on.
const BESIDE_FROM: u16 = 170;

/// The rectangles of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The run and the split.
    pub head: Rect,
    /// The distributions.
    pub table: table::Layout<Column>,
    /// The chosen one.
    pub bars: Rect,
}

/// Parts the window; `rows` is the number of distributions and `grades` that of the chosen one's grades.
#[must_use]
pub fn layout(size: (u16, u16), rows: usize, grades: u16) -> Layout {
    let body = window::body(size);
    let head = window::inner(draw::line(body, 0));
    let rest = draw::below(body, 1);
    if body.width >= BESIDE_FROM {
        let width = body.width / 2 - 2;
        let bars = Rect { x: rest.x + width + 2, y: rest.y + 1, width: rest.width - width - 2, height: rest.height.saturating_sub(1) };
        return Layout { head, table: table::Layout::of(Rect { width, ..rest }), bars: window::inner(bars) };
    }
    // As many lines as there are rows, as far as the bars leave them.
    let needed = (grades + 3).min(BARS);
    let most = rest.height.saturating_sub(needed + 1).max(3);
    let list = u16::try_from(rows + 1).unwrap_or(u16::MAX).clamp(3, most);
    let gap = u16::from(rest.height > list + needed);
    let bars = Rect { y: rest.y + list + gap, height: rest.height.saturating_sub(list + gap), ..rest };
    Layout { head, table: table::Layout::of(Rect { height: list, ..rest }), bars: window::inner(bars) }
}

/// The layout for the rows at hand.
#[must_use]
pub fn here(state: &Whole) -> Layout {
    let grades = state.imbalance.chosen().map_or(5, |line| u16::from(line.scope.scale.max_grade()) + 1);
    layout(state.room(), state.imbalance.rows.len(), grades)
}
