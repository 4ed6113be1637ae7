//! How the help looks: the names of the pages, and the lines of the one at hand.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    pages,
    state::{Page, State},
};
use crate::tui::{draw, state::State as Whole, window};

/// Lines above the page.
pub const HEAD: u16 = 2;

/// Draws the help.
pub fn render(state: &Whole, help: &State, buffer: &mut Buffer) {
    let theme = state.theme;
    let body = window::body(state.room());
    let mut x = body.x + 1;
    for page in Page::ALL {
        let style = if page == help.page { theme.selection() } else { theme.muted() };
        let rect = Rect { x, width: body.right().saturating_sub(x), ..draw::line(body, 0) };
        x += draw::left(buffer, rect, &format!(" {} ", page.name()), style) + 1;
    }
    let area = Rect { x: body.x + 2, y: body.y + HEAD, width: body.width.saturating_sub(4), height: body.height.saturating_sub(HEAD) };
    let lines = pages::lines(state, help);
    for (index, pieces) in lines.iter().skip(usize::from(help.scroll)).take(usize::from(area.height)).enumerate() {
        let pieces: Vec<_> = pieces.iter().map(|(text, style)| (text.as_str(), *style)).collect();
        draw::pieces(buffer, draw::line(area, index as u16), &pieces);
    }
    let hidden = lines.len().saturating_sub(usize::from(help.scroll + area.height));
    if hidden > 0 {
        let more = Rect { y: body.y, height: 1, ..area };
        draw::right(buffer, more, &format!("↓ {hidden} more lines"), theme.muted());
    }
}
