//! The help: keys of the screen it was opened from, the scoring scheme, the legend, and what the terminal and the engine can do.

mod keys;
mod pages;
mod scheme;
pub mod state;
mod view;

#[cfg(test)]
mod tests;

use crate::tui::{action::Action, state::State as Whole, window};

pub use keys::KEYS;
pub use state::{Page, State};
pub use view::render;

/// A key.
pub fn act(state: &mut Whole, action: Action) {
    let lines = state.help.map_or(0, |help| pages::lines(state, &help).len());
    let height = window::body(state.room()).height.saturating_sub(view::HEAD);
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
