//! Looking closer: at the chosen joint, at the crop that its grade was read from, or by hand.

use super::{current::current, looking, plan::focus, why};
use crate::tui::{action::Effect, active_run, explain, message::Message, state::State as Whole};
use svh_terminal::View;

/// One step closer.
pub const ZOOM: f32 = 1.25;

/// Looks at the chosen joint, if that is switched on.
pub fn follow(state: &mut Whole) {
    if state.film.close {
        let place = current(state).and_then(|current| Some((focus(state, &current)?, current.picture()?.size())));
        let crop = if state.film.why { why::focus(state) } else { None };
        if let Some((bbox, size)) = place {
            state.film.view = crop.map_or_else(|| View::of_box(&bbox, size), |crop| View::of_box_filling(&crop, size, 0.97));
        }
        looking::link(state);
    }
}

/// Looks at the chosen joint from close by, or at the whole film again.
pub fn toggle_close(state: &mut Whole) -> Vec<Effect> {
    state.film.close = !state.film.close;
    if !state.film.close {
        state.film.view = View::default();
    } else if current(state).and_then(|current| focus(state, &current)).is_none() {
        state.film.close = false;
        state.message = Some(Message::info("this joint has no box yet; d finds the joints of the film, + looks closer by hand"));
    }
    follow(state);
    Vec::new()
}

/// Looks closer or from further away.
pub fn zoom(state: &mut Whole, factor: f32) {
    state.film.close = false;
    state.film.view = state.film.view.zoomed(factor);
}

/// Shows why the chosen joint has its grade.
pub fn show_why(state: &mut Whole) -> Vec<Effect> {
    let Some((_, query)) = why::chosen(state) else {
        state.message = Some(Message::info("this joint has no box yet; d finds the joints of the film"));
        return Vec::new();
    };
    explain::retry(state, &query);
    (state.film.why, state.film.raw, state.film.close) = (true, false, true);
    follow(state);
    let effects = active_run::need(state);
    [effects, why::ask(state)].concat()
}

/// Shows it, or not any more.
pub fn toggle_why(state: &mut Whole) -> Vec<Effect> {
    if !std::mem::take(&mut state.film.why) {
        return show_why(state);
    }
    follow(state);
    Vec::new()
}
