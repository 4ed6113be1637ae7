//! The kinds of errors with their counts, each with the digit that shows it alone.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::detection::ErrorKind;
use unicode_width::UnicodeWidthStr;

use crate::tui::{draw, format::grouped, state::State as Whole};

/// The cells of every kind, one after the other, in as many lines as there are.
fn places(state: &Whole, area: Rect) -> Vec<(ErrorKind, Rect)> {
    let per_line = ErrorKind::ALL.len().div_ceil(usize::from(area.height.max(1)));
    let width = |kind: ErrorKind| text(state, kind).width() as u16 + 2;
    let mut places = Vec::new();
    for (line, kinds) in ErrorKind::ALL.chunks(per_line).enumerate() {
        let mut x = area.x;
        for kind in kinds {
            let rect = Rect { x, y: area.y + line as u16, width: width(*kind).min(area.right().saturating_sub(x)), height: 1 };
            x = rect.right();
            places.push((*kind, rect));
        }
    }
    places
}

fn text(state: &Whole, kind: ErrorKind) -> String {
    format!("{} {} {}", kind.index() + 1, kind.name(), grouped(state.errors.counts.of(kind)))
}

/// The kind at a cell of the screen.
#[must_use]
pub fn at(state: &Whole, area: Rect, column: u16, row: u16) -> Option<ErrorKind> {
    places(state, area).into_iter().find(|(_, rect)| rect.contains((column, row).into())).map(|(kind, _)| kind)
}

/// Draws the kinds; those that are shown alone stand out.
pub fn render(state: &Whole, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    for (kind, rect) in places(state, area) {
        let count = state.errors.counts.of(kind);
        let chosen = state.errors.filter.kinds.contains(&kind);
        let digit = format!("{} ", kind.index() + 1);
        let number = format!(" {}", grouped(count));
        let name = if count == 0 && !chosen { theme.muted() } else { theme.text() };
        draw::pieces(buffer, rect, &[(&digit, theme.muted()), (kind.name(), name), (&number, theme.title())]);
        if chosen {
            buffer.set_style(Rect { width: rect.width.saturating_sub(1), ..rect }, theme.selection());
        }
    }
}
