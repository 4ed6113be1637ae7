//! Reviews: what is worth a look, one joint after the other, beside its film; boxes and grades are corrected here, and read blindly.
//!
//! The film at hand is that of the film screen: what is looked at here is there as well, and the other way round.

mod at;
mod changes;
mod detail;
mod edit;
mod joint_search;
mod keys;
mod layout;
mod line;
mod lines;
mod list;
mod marks;
mod mouse;
mod navigation;
mod plan;
pub mod state;
mod update;
mod updates;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::{buffer::Buffer, layout::Rect};
use svh_core::{Joint, tags::Subject};

use crate::tui::{
    action::{Action, Effect},
    keys::{Place, ScreenKeys},
    prompt::Typed,
    screen::{Change, Screen},
    screens::film,
    state::State,
};
use keys::{EDITING, KEYS};
use svh_terminal::Plan;

pub use keys::ID;
pub use updates::{built, read, settled, unkept};

/// The screen.
pub struct Review;

impl Screen for Review {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys {
            id: ID,
            letter: Some('V'),
            heading: "Among the reviews",
            chain: &[Place::On(ID), Place::View, Place::Look, Place::Patient, Place::Global],
            bindings: &[KEYS, EDITING],
        }
    }

    fn purpose(&self) -> &'static str {
        "what to review: proposals, doubtful boxes and grades, blind reading"
    }

    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        update::act(state, action)
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        updates::enter(state)
    }

    fn back(&self, state: &mut State) -> bool {
        update::back(state)
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        mouse::mouse(state, mouse)
    }

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        update::typed(state, typed)
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Resized => navigation::settle(state),
            Change::Results | Change::Answered => return updates::results_changed(state),
            Change::Cohort | Change::Evaluated | Change::Errors | Change::Tags => {}
        }
        Vec::new()
    }

    fn is_waiting(&self, state: &State) -> bool {
        state.review.working || film::current(state).is_some_and(|film| film.is_reading())
    }

    fn shows_film(&self) -> bool {
        true
    }

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        let action = if forward { Action::Down } else { Action::Up };
        Some(update::act(state, action))
    }

    fn joint(&self, state: &State) -> Option<&'static Joint> {
        at::at(state).map(|at| at.joint())
    }

    fn subjects(&self, state: &State) -> Vec<Subject> {
        at::at(state).map(|at| Subject::joint(at.current.patient, at.joint().limb, at.joint())).into_iter().collect()
    }

    fn patient(&self, state: &State) -> Option<usize> {
        Some(state.film.patient)
    }

    fn place(&self, state: &State) -> Place {
        if state.review.edit.is_some() { Place::Editing } else { Place::On(ID) }
    }

    fn status(&self, state: &State, line: Rect, buffer: &mut Buffer) {
        view::render_status(state, line, buffer);
    }

    fn title(&self, state: &State) -> Vec<String> {
        view::title(state)
    }
}
