//! Where the table's parts lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use super::columns::Column;
use crate::tui::{draw, state::State as Whole, table, window};

/// A card about the chosen patient stands beside the table from this width on.
const CARD_FROM: u16 = 112;
/// The table beside a card.
const TABLE: u16 = 79;

/// The rectangles of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The cohort in one line.
    pub summary: Rect,
    /// What groups of columns are about.
    pub groups: Rect,
    /// Heads and lines.
    pub table: table::Layout<Column>,
    /// The card of the chosen patient, where there is room.
    pub card: Option<Rect>,
}

/// Parts the window.
#[must_use]
pub fn here(state: &Whole) -> Layout {
    let body = window::body(state.room());
    let (area, card) = if body.width >= CARD_FROM {
        let wide = TABLE + (body.width - CARD_FROM) / 6;
        let card = Rect { x: body.x + wide + 1, width: body.width - wide - 1, ..body };
        (Rect { width: wide, ..body }, Some(card))
    } else {
        (body, None)
    };
    let table = table::Layout::of_columns(draw::below(area, 2), &state.columns.patients);
    Layout { summary: window::inner(draw::line(area, 0)), groups: draw::line(area, 1), table, card }
}
