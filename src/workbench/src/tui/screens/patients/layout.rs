//! Where the table's parts lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use super::columns::Column;
use crate::tui::window;

/// Lines above the first patient: summary, groups, heads.
pub const HEAD: u16 = 3;
/// A card about the chosen patient stands beside the table from this width on.
const CARD_FROM: u16 = 112;
/// The table beside a card.
const TABLE: u16 = 78;

/// The rectangles of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Summary, heads and lines.
    pub table: Rect,
    /// The lines alone.
    pub lines: Rect,
    /// The card of the chosen patient, where there is room.
    pub card: Option<Rect>,
}

/// Parts the window.
#[must_use]
pub fn layout(size: (u16, u16)) -> Layout {
    let body = window::body(size);
    let (table, card) = if body.width >= CARD_FROM {
        let wide = TABLE + (body.width - CARD_FROM) / 6;
        let card = Rect { x: body.x + wide + 2, width: body.width - wide - 2, ..body };
        (Rect { width: wide, ..body }, Some(card))
    } else {
        (body, None)
    };
    let lines = Rect { y: table.y + HEAD.min(table.height), height: table.height.saturating_sub(HEAD), ..table };
    Layout { table, lines, card }
}

/// Left edge (relative to the table) and width of every column.
#[must_use]
pub fn columns(width: u16, chosen: &[Column]) -> Vec<(Column, u16, u16)> {
    let needed = |kept: &[Column]| -> u16 { kept.iter().map(|column| column.width() + column.gap()).sum() };
    let mut kept = chosen.to_vec();
    // One cell for the pointer on the left, one for the scroll bar on the right. What gives way does so from the right, and what was chosen beyond that too.
    while needed(&kept) + 3 > width {
        let own = chosen != Column::ALL;
        let last = |gives_way: &dyn Fn(&Column) -> bool| kept.iter().rposition(gives_way);
        let place = last(&|column| column.gives_way()).or_else(|| last(&|column| *column != Column::Id).filter(|_| own));
        let Some(place) = place else { break };
        kept.remove(place);
    }
    let spare = width.saturating_sub(needed(&kept) + 3);
    let mut left = 2;
    kept.iter()
        .map(|column| {
            let width = column.width() + if *column == Column::Id { spare.min(14) } else { 0 };
            let start = left + column.gap();
            left = start + width;
            (*column, start, width)
        })
        .collect()
}
