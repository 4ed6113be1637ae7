//! The help: keys of the screen it was opened from, the scoring scheme, the legend, and what the terminal and the engine can do.

mod keys;
mod pages;
mod scheme;
mod view;

#[cfg(test)]
mod tests;

use crate::tui::{action::Action, keys::Place};

pub use keys::KEYS;
pub use view::render;

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

/// A key.
pub fn act(state: &mut crate::tui::state::State, action: Action) {
    let lines = state.help.map_or(0, |help| pages::lines(state, &help).len());
    let height = crate::tui::frame::body(state.room()).height.saturating_sub(view::HEAD);
    let Some(help) = &mut state.help else { return };
    let last = u16::try_from(lines).unwrap_or(u16::MAX).saturating_sub(height);
    let count = Page::ALL.len();
    let place = Page::ALL.iter().position(|page| *page == help.page).unwrap_or(0);
    let turn = |place: usize| State { page: Page::ALL[place % count], scroll: 0, from: help.from };
    match action {
        Action::NextPage => *help = turn(place + 1),
        Action::PreviousPage => *help = turn(place + count - 1),
        Action::Up => help.scroll = help.scroll.saturating_sub(1),
        Action::Down => help.scroll = (help.scroll + 1).min(last),
        Action::PageUp => help.scroll = help.scroll.saturating_sub(height),
        Action::PageDown => help.scroll = (help.scroll + height).min(last),
        _ => {}
    }
}
