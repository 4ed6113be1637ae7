//! Where the parts of the screen lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use crate::tui::{draw, sheet::Grid, state::State as Whole, window};
use svh_terminal::Protocol;

/// The metrics are beside the matrix from this width on, else below it.
const BESIDE_FROM: u16 = 118;
/// Cells that the metrics take beside the matrix.
const FIGURES: u16 = 52;
/// Lines that they take below it.
const FIGURE_LINES: u16 = 5;
/// Cells of the reference grades on the left and of the totals on the right.
pub const MARGIN: (u16, u16) = (10, 8);
/// Lines above the cells of the matrix.
pub const HEAD: u16 = 2;

/// The rectangles of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The run and what the cells are.
    pub head: Rect,
    /// The tasks and joint groups.
    pub scopes: Rect,
    /// The matrix with its margins.
    pub matrix: Rect,
    /// Cells and lines of one cell of the matrix.
    pub cell: (u16, u16),
    /// The metrics.
    pub metrics: Rect,
    /// The metrics are below.
    pub is_narrow: bool,
    /// Everything below the scopes: where crops lie.
    pub rest: Rect,
    /// The crops.
    pub grid: Grid,
}

/// Parts the window for a scale with so many grades and a cell with so many crops.
#[must_use]
pub fn layout(size: (u16, u16), grades: u16, crops: usize, protocol: Protocol, pixel: (u16, u16)) -> Layout {
    let body = window::body(size);
    let inner = window::inner(body);
    let is_narrow = body.width < BESIDE_FROM;
    let lines = if body.width < 86 { 2 } else { 1 };
    let scopes = Rect { y: body.y + 1, height: lines, ..inner };
    let top = scopes.bottom() + u16::from(body.height > 24);
    let rest = Rect { y: top, height: body.bottom().saturating_sub(top), ..inner };
    let (below, beside) = if is_narrow { (FIGURE_LINES.min(rest.height), 0) } else { (0, FIGURES + 4) };
    let matrix = Rect { height: rest.height - below, width: rest.width.saturating_sub(beside), ..rest };
    let across = (matrix.width.saturating_sub(MARGIN.0 + MARGIN.1) / grades.max(1)).clamp(4, 12);
    // One line is for the totals below.
    let down = (matrix.height.saturating_sub(HEAD + 1) / grades.max(1)).clamp(1, 5);
    let matrix = Rect { width: (MARGIN.0 + MARGIN.1 + across * grades).min(matrix.width), ..matrix };
    let metrics = if is_narrow {
        Rect { y: matrix.bottom(), height: below, ..rest }
    } else {
        Rect { x: matrix.right() + 4, width: FIGURES.min(rest.right().saturating_sub(matrix.right() + 4)), ..rest }
    };
    let sheet = draw::below(rest, 1);
    Layout {
        head: draw::line(inner, 0),
        scopes,
        matrix,
        cell: (across, down),
        metrics,
        is_narrow,
        rest,
        grid: Grid::of(sheet, protocol, pixel, crops),
    }
}

impl Layout {
    /// The cells of the screen of a cell of the matrix.
    #[must_use]
    pub const fn of_cell(&self, reference: u8, model: u8) -> Rect {
        Rect {
            x: self.matrix.x + MARGIN.0 + model as u16 * self.cell.0,
            y: self.matrix.y + HEAD + reference as u16 * self.cell.1,
            width: self.cell.0,
            height: self.cell.1,
        }
    }
}

/// The layout for the chosen scale.
#[must_use]
pub fn here(state: &Whole) -> Layout {
    let grades = u16::from(state.confusion.chosen().scale.max_grade()) + 1;
    let crops = state.confusion.crops.as_ref().map_or(0, |crops| crops.rows.len());
    layout(state.room(), grades, crops, state.painter.protocol(), state.capabilities.cell)
}
