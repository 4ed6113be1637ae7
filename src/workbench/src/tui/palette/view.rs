//! How the palette looks: a line to type into, and what fits.

use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Block, BorderType, Widget},
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::state::{Entry, Offer, State, pattern};
use crate::tui::{draw, state::State as Whole, table};

/// Wider than this a line is hard to follow from its words to its key.
const WIDEST: u16 = 100;
/// More lines than so many nobody reads.
const MOST: u16 = 24;
/// Cells of a kind of entry.
const KIND: u16 = 9;

/// Where the parts lie.
pub struct Layout {
    frame: Rect,
    input: Rect,
    /// The entries, one a line.
    pub lines: Rect,
}

/// Parts the window.
#[must_use]
pub fn layout(size: (u16, u16)) -> Layout {
    let body = crate::tui::window::body(size);
    let width = body.width.saturating_sub(4).min(WIDEST);
    let height = body.height.min(MOST);
    let frame = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height).min(2), width, height };
    let input = Rect { x: frame.x + 2, y: frame.y + 1, width: width.saturating_sub(4), height: 1 };
    let lines = Rect { x: frame.x + 1, y: frame.y + 3, width: width.saturating_sub(2), height: height.saturating_sub(4) };
    Layout { frame, input, lines }
}

/// Draws the palette in place of the screen.
pub fn render(state: &Whole, palette: &State, buffer: &mut Buffer) {
    let theme = state.theme;
    let layout = layout(state.size);
    Block::bordered().border_type(BorderType::Rounded).border_style(theme.frame()).render(layout.frame, buffer);
    let typed = draw::pieces(buffer, layout.input, &[("› ", theme.title()), (&palette.text, theme.text()), ("▏", theme.title())]);
    if palette.text.is_empty() {
        let rest = Rect { x: layout.input.x + typed + 1, width: layout.input.width.saturating_sub(typed + 1), ..layout.input };
        let hint = match palette.offer {
            Offer::Everything => "letters of a command, a screen, a run or a patient's id",
            Offer::Runs => "the run that all screens show",
            Offer::Cohorts => "letters of an open cohort, or the path of another",
        };
        draw::left(buffer, rest, hint, theme.muted());
    }
    let rule = "─".repeat(usize::from(layout.lines.width));
    draw::left(buffer, Rect { y: layout.lines.y - 1, height: 1, ..layout.lines }, &rule, theme.frame());
    if palette.hits.is_empty() {
        let text = if palette.text.is_empty() { "no run yet; R shows how to make one" } else { "nothing fits these letters; Esc closes" };
        draw::left(buffer, draw::line(inside(layout.lines), 0), text, theme.muted());
    }
    let hits = palette.hits.iter().enumerate().skip(palette.offset).take(usize::from(layout.lines.height));
    for (place, entry) in hits {
        let line = draw::line(layout.lines, (place - palette.offset) as u16);
        entry_line(state, palette, *entry, line, buffer);
        if place == palette.cursor {
            table::select(line, theme, buffer);
        }
    }
    table::scrollbar(palette.hits.len(), palette.offset, layout.lines, theme, buffer);
}

/// A line without its margins.
pub const fn inside(line: Rect) -> Rect {
    Rect { x: line.x + 2, width: line.width.saturating_sub(4), ..line }
}

fn entry_line(state: &Whole, palette: &State, entry: Entry, line: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let line = inside(line);
    draw::left(buffer, line, entry.kind(), theme.muted());
    let key = entry.key(state);
    draw::right(buffer, line, &key, theme.key());
    let words = Rect { x: line.x + KIND, width: room(&key, line.width), ..line };
    let text = entry.text(state);
    draw::left(buffer, words, &text, theme.text());
    for at in found(&palette.text, &text) {
        let before: usize = text.chars().take(at).map(|letter| letter.width().unwrap_or(0)).sum();
        if (before as u16) < words.width {
            buffer.set_style(Rect { x: words.x + before as u16, width: 1, ..words }, theme.found());
        }
    }
}

/// Cells of the text between the kind and the key of an entry, whose line has so many without its margins.
pub fn room(key: &str, width: u16) -> u16 {
    width.saturating_sub(KIND + key.width() as u16 + 1)
}

/// Which letters of a text are those that were typed.
fn found(typed: &str, text: &str) -> Vec<usize> {
    if typed.trim().is_empty() {
        return Vec::new();
    }
    let (mut matcher, mut buffer, mut places) = (Matcher::new(Config::DEFAULT), Vec::new(), Vec::new());
    pattern(typed).indices(Utf32Str::new(text, &mut buffer), &mut matcher, &mut places);
    places.into_iter().map(|place| place as usize).collect()
}
