//! Going from screen to screen. Each screen stands in the trail at most once, so that going back always comes to an end.

use super::{
    action::{Effect, ScreenId},
    active_run,
    message::Message,
    state::State,
};

/// Brings a screen to the front; the one that was there is what `back` leads to.
pub fn go(state: &mut State, screen: ScreenId) -> Vec<Effect> {
    state.help = None;
    state.palette = None;
    if state.session.blind && screen != state.screen {
        return refuse(state);
    }
    if state.screen != screen {
        state.trail.retain(|other| *other != screen);
        state.trail.push(state.screen);
        state.screen = screen;
    }
    enter(state)
}

/// The screen in front has just come there.
pub fn enter(state: &mut State) -> Vec<Effect> {
    let screen = state.front();
    screen.settle(state);
    let needed = if state.shows_run() { active_run::need(state) } else { Vec::new() };
    [needed, screen.enter(state)].concat()
}

/// Says that other screens would show what a blind reader is not to see.
pub fn refuse(state: &mut State) -> Vec<Effect> {
    state.message = Some(Message::info("you are reading blindly: other screens show readers and models; B ends it, which the log records"));
    Vec::new()
}

/// Whether going back leads to another screen: from a screen that was opened from another one. Screens with a letter are left by letters alone.
#[must_use]
pub fn leads_back(state: &State) -> bool {
    !state.trail.is_empty() && !state.registry.tabs().any(|tab| tab == state.screen)
}

/// Brings the screen to the front from where one came; `None` where there is none.
pub fn back(state: &mut State) -> Option<Vec<Effect>> {
    if !leads_back(state) {
        return None;
    }
    state.screen = state.trail.pop()?;
    Some(enter(state))
}

/// The screen of the bar that the one in front belongs to: itself, or the one it was opened from.
#[must_use]
pub fn tab(state: &State) -> ScreenId {
    let shown = std::iter::once(&state.screen).chain(state.trail.iter().rev());
    shown.copied().find(|screen| state.registry.tabs().any(|tab| tab == *screen)).unwrap_or_else(|| state.registry.first())
}
