//! The state of the help.

use ratatui::style::Style;

use crate::tui::keys::Place;

/// A line as texts with their styles.
pub type Line = Vec<(String, Style)>;

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Keys of the screen and global keys.
    Keys,
    /// Areas and grades of the Sharp/van der Heijde method.
    Scheme,
    /// Colours and marks.
    Legend,
    /// Terminal, engine, models.
    About,
}

impl Page {
    /// All pages in their order.
    pub const ALL: [Self; 4] = [Self::Keys, Self::Scheme, Self::Legend, Self::About];

    /// The page's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Scheme => "scoring scheme",
            Self::Legend => "legend",
            Self::About => "about",
        }
    }
}

/// The open help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The screen it was opened from.
    pub from: Place,
    /// The page.
    pub page: Page,
    /// Lines scrolled away.
    pub scroll: u16,
}

impl State {
    /// The help at its first page.
    #[must_use]
    pub const fn new(from: Place) -> Self {
        Self { from, page: Page::Keys, scroll: 0 }
    }
}
