//! Going from screen to screen. Each screen stands in the trail at most once, so that going back always comes to an end.

use super::{
    action::{Effect, ScreenId},
    state::State,
};

/// Brings a screen to the front; the one that was there is what `back` leads to.
pub fn go(state: &mut State, screen: ScreenId) -> Vec<Effect> {
    state.help = None;
    state.palette = None;
    if state.screen != screen {
        state.trail.retain(|other| *other != screen);
        state.trail.push(state.screen);
        state.screen = screen;
    }
    state.front().enter(state)
}

/// Brings the screen to the front from where one came; `None` where there is none.
pub fn back(state: &mut State) -> Option<Vec<Effect>> {
    state.screen = state.trail.pop()?;
    Some(state.front().enter(state))
}

/// The screen of the bar that the one in front belongs to: itself, or the one it was opened from.
#[must_use]
pub fn tab(state: &State) -> ScreenId {
    let shown = std::iter::once(&state.screen).chain(state.trail.iter().rev());
    shown.copied().find(|screen| state.registry.tabs().any(|tab| tab == *screen)).unwrap_or_else(|| state.registry.first())
}
