//! Where the parts of the screen lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use super::columns::Column;
use crate::tui::{draw, table, window};

/// Facts and words stand beside the curve from this width on.
const BESIDE_FROM: u16 = 120;
/// Their width there.
const FACTS: u16 = 36;

/// The rectangles of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// How many runs there are.
    pub summary: Rect,
    /// The list.
    pub table: table::Layout<Column>,
    /// The line between the list and the chosen run.
    pub rule: Rect,
    /// Everything below that line.
    pub rest: Rect,
    /// Facts of the chosen run.
    pub facts: Rect,
    /// Its curve.
    pub curve: Rect,
    /// Its last words.
    pub words: Rect,
}

/// Parts the window for so many runs.
#[must_use]
pub fn layout(size: (u16, u16), runs: usize) -> Layout {
    let body = window::body(size);
    let most = (body.height * 2 / 5).clamp(5, 20);
    let list = u16::try_from(runs + 1).unwrap_or(most).clamp(4, most);
    let summary = Rect { x: body.x + 2, width: body.width.saturating_sub(4), ..draw::line(body, 0) };
    let table = table::Layout::of(Rect { y: body.y + 1, height: list, ..body });
    let rule = Rect { y: body.y + 1 + list, height: 1, ..body };
    let rest = Rect { x: body.x + 2, y: rule.bottom(), width: body.width.saturating_sub(4), height: body.height.saturating_sub(list + 2) };
    let (facts, curve, words);
    if body.width >= BESIDE_FROM {
        curve = Rect { width: rest.width - FACTS - 3, ..rest };
        let side = Rect { x: curve.right() + 3, width: FACTS, ..rest };
        facts = Rect { height: side.height / 2, ..side };
        words = Rect { y: facts.bottom(), height: side.height - facts.height, ..side };
    } else {
        facts = Rect { height: rest.height.min(2), ..rest };
        let last = rest.height.saturating_sub(facts.height).min(1);
        curve = Rect { y: facts.bottom(), height: rest.height - facts.height - last, ..rest };
        words = Rect { y: curve.bottom(), height: last, ..rest };
    }
    Layout { summary, table, rule, rest, facts, curve, words }
}
