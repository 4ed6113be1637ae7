//! Where the parts of the screen lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use super::columns::{Column, GradeColumn};
use crate::tui::{columns::Columns, draw, sheet::Grid, state::State as Whole, table, window};
use svh_terminal::Protocol;

/// The kinds of errors stand in one line from this width on, in two from the other, else in three.
const ONE_LINE_FROM: u16 = 170;
const TWO_LINES_FROM: u16 = 76;
/// Lines of words below the film.
const WORDS: u16 = 4;

/// The rectangles of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The run, the threshold, the views.
    pub head: Rect,
    /// The kinds with their counts.
    pub kinds: Rect,
    /// Everything below.
    pub rest: Rect,
    /// The list.
    pub table: table::Layout<Column>,
    /// The list of wrong grades.
    pub grades: table::Layout<GradeColumn>,
    /// The film beside the list; empty where pictures are off.
    pub film: Rect,
    /// Words about the chosen error below the film.
    pub words: Rect,
    /// The crops.
    pub grid: Grid,
}

/// Parts the window for so many errors.
#[must_use]
pub fn layout(size: (u16, u16), protocol: Protocol, cell: (u16, u16), errors: usize, chosen: &Columns) -> Layout {
    let body = window::body(size);
    let head = window::inner(draw::line(body, 0));
    let lines = match body.width {
        ONE_LINE_FROM.. => 1,
        TWO_LINES_FROM.. => 2,
        _ => 3,
    };
    let kinds = Rect { x: body.x + 2, y: body.y + 1, width: body.width.saturating_sub(3), height: lines };
    let used = 1 + lines;
    let rest = draw::below(body, used);
    let list = match rest.width {
        _ if protocol == Protocol::Off => rest.width,
        width @ ..100 => (width * 7 / 10).max(50).min(width),
        width => (width * 11 / 20).clamp(60, 96),
    };
    let film = Rect { x: rest.x + list + 1, width: rest.width.saturating_sub(list + 1), ..rest };
    let words = if film.height > 20 { WORDS } else { 2 };
    let (film, words) = (
        Rect { height: film.height.saturating_sub(words), ..film },
        Rect { y: film.y + film.height.saturating_sub(words), height: words, ..film },
    );
    let sheet = Rect { x: rest.x + 1, width: rest.width.saturating_sub(2), ..rest };
    Layout {
        head,
        kinds,
        rest,
        table: table::Layout::of_columns(Rect { width: list, ..rest }, &chosen.errors),
        grades: table::Layout::of_columns(Rect { width: list, ..rest }, &chosen.grade_errors),
        film,
        words,
        grid: Grid::of(sheet, protocol, cell, errors),
    }
}

/// The layout for the errors at hand.
#[must_use]
pub fn here(state: &Whole) -> Layout {
    layout(state.room(), state.painter.protocol(), state.capabilities.cell, state.errors.table.shown.len(), &state.columns)
}
