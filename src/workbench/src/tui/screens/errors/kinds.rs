//! The kinds of errors with their counts, each with the digit that shows it alone.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::detection::ErrorKind;
use unicode_width::UnicodeWidthStr;

use crate::tui::{draw, format::grouped, state::State as Whole};

/// A kind of error: of boxes, or of grades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What a detector did.
    Box(ErrorKind),
    /// What a scorer did.
    Grade,
}

impl Kind {
    /// All, in the order of their digits.
    pub fn all() -> impl Iterator<Item = Self> {
        ErrorKind::ALL.into_iter().map(Self::Box).chain([Self::Grade])
    }

    /// The digit that shows it alone.
    #[must_use]
    pub const fn digit(self) -> usize {
        match self {
            Self::Box(kind) => kind.index() + 1,
            Self::Grade => 0,
        }
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Box(kind) => kind.name(),
            Self::Grade => "Grade",
        }
    }

    fn count(self, state: &Whole) -> usize {
        match self {
            Self::Box(kind) => state.errors.counts.of(kind),
            Self::Grade => state.errors.grade_count,
        }
    }

    fn is_chosen(self, state: &Whole) -> bool {
        match self {
            Self::Box(kind) => state.errors.filter.kinds.contains(&kind),
            Self::Grade => state.errors.grade_filter.only,
        }
    }
}

/// The cells of every kind, one after the other, in as many lines as there are.
fn places(state: &Whole, area: Rect) -> Vec<(Kind, Rect)> {
    let all: Vec<(Kind, u16)> = Kind::all().map(|kind| (kind, text(state, kind).width() as u16)).collect();
    let per_line = all.len().div_ceil(usize::from(area.height.max(1)));
    // As many in each line, unless one of the lines is too long for that.
    let line = |kinds: &[(Kind, u16)]| kinds.iter().map(|(_, width)| width + 2).sum::<u16>();
    let even = all.chunks(per_line).all(|kinds| line(kinds) <= area.width + 2);
    let (mut x, mut y) = (area.x, area.y);
    let mut places = Vec::new();
    for (index, (kind, width)) in all.into_iter().enumerate() {
        let is_next =
            if even { index > 0 && index % per_line == 0 } else { x > area.x && x + width > area.right() && y + 1 < area.bottom() };
        if is_next {
            (x, y) = (area.x, y + 1);
        }
        let rect = Rect { x, y, width: (width + 2).min(area.right().saturating_sub(x)), height: 1 };
        x = rect.right();
        places.push((kind, rect));
    }
    places
}

fn text(state: &Whole, kind: Kind) -> String {
    format!("{} {} {}", kind.digit(), kind.name(), grouped(kind.count(state)))
}

/// The kind at a cell of the screen.
#[must_use]
pub fn at(state: &Whole, area: Rect, column: u16, row: u16) -> Option<Kind> {
    places(state, area).into_iter().find(|(_, rect)| rect.contains((column, row).into())).map(|(kind, _)| kind)
}

/// Draws the kinds; those that are shown alone stand out.
pub fn render(state: &Whole, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    for (kind, rect) in places(state, area) {
        let (count, chosen) = (kind.count(state), kind.is_chosen(state));
        let digit = format!("{} ", kind.digit());
        let number = format!(" {}", grouped(count));
        let name = if count == 0 && !chosen { theme.muted() } else { theme.text() };
        draw::pieces(buffer, rect, &[(&digit, theme.muted()), (kind.name(), name), (&number, theme.title())]);
        if chosen {
            buffer.set_style(Rect { width: rect.width.saturating_sub(1), ..rect }, theme.selection());
        }
    }
}
