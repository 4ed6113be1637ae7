//! The help: keys of the screen it was opened from, the scoring scheme, the legend, and what the terminal and the engine can do.

mod pages;
mod scheme;
pub mod state;
mod view;

#[cfg(test)]
mod tests;

use crate::tui::{action::Action, choice::beside, state::State as Whole, window};

pub use state::{Page, State};
pub use view::render;

/// A key.
pub fn act(state: &mut Whole, action: Action) {
    let lines = state.help.map_or(0, |help| pages::lines(state, &help).len());
    let height = window::body(state.room()).height.saturating_sub(view::HEAD);
    let Some(help) = &mut state.help else { return };
    let last = u16::try_from(lines).unwrap_or(u16::MAX).saturating_sub(height);
    match action {
        Action::NextPage | Action::PreviousPage => {
            *help = State { page: beside(&Page::ALL, help.page, action == Action::NextPage), scroll: 0, from: help.from };
        }
        Action::Up => help.scroll = help.scroll.saturating_sub(1),
        Action::Down => help.scroll = (help.scroll + 1).min(last),
        Action::PageUp => help.scroll = help.scroll.saturating_sub(height),
        Action::PageDown => help.scroll = (help.scroll + height).min(last),
        _ => {}
    }
}
