//! The operating threshold, the score from which a box is accepted: one for all screens, in whole hundredths.

use super::{action::Effect, question::Question, state::State};

/// Moves the threshold by some hundredths.
pub fn step(state: &mut State, hundredths: i16) -> Vec<Effect> {
    let now = (state.active_run.threshold * 100.0).round() as i16;
    set(state, now.saturating_add(hundredths))
}

/// Sets the threshold, in hundredths; it stays within 0 and 1. Errors and counts are asked for at the new one.
pub fn set(state: &mut State, hundredths: i16) -> Vec<Effect> {
    let before = state.active_run.threshold;
    let after = f32::from(hundredths.clamp(0, 100)) / 100.0;
    state.active_run.threshold = after;
    if state.active_run.evaluation.is_none() || (before * 100.0).round() == (after * 100.0).round() {
        return Vec::new();
    }
    vec![Effect::Ask(Question::Errors)]
}
