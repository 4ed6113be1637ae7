//! Errors of the detectors: every one at the operating threshold with its film beside it, as a contact sheet of crops, and counted by joint.

mod columns;
mod detail_pane;
mod filter;
mod joints;
mod keys;
mod kinds;
mod layout;
mod order;
pub mod state;
mod tiles;
mod update;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    figures::{self, Figure, FigureError},
    tui::{
        action::{Action, Effect},
        keys::{Place, ScreenKeys},
        prompt::Typed,
        screen::{Change, Screen},
        state::State,
    },
};
use keys::KEYS;
use svh_terminal::Plan;

pub use keys::ID;

/// The screen.
pub struct Errors;

impl Screen for Errors {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys {
            id: ID,
            letter: Some('E'),
            heading: "Among the errors",
            chain: &[Place::On(ID), Place::Run, Place::Table, Place::Patient, Place::Global],
            bindings: &[KEYS],
        }
    }

    fn purpose(&self) -> &'static str {
        "missed joints, false positives, wrong places, with their films"
    }

    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        update::act(state, action)
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        let evaluation = state.active_run.evaluation()?;
        let task = state.errors.filter.task.unwrap_or(svh_core::Task::Narrowing);
        Some(("scores", figures::histogram(evaluation, task, "score", &evaluation.detector_curves(task, None).scores)))
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        update::enter(state)
    }

    fn back(&self, state: &mut State) -> bool {
        update::back(state)
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        update::mouse(state, mouse)
    }

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        update::typed(state, typed);
        Vec::new()
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Resized => update::settle(state),
            Change::Evaluated => update::evaluated(state),
            Change::Errors => order::arrange(state),
            Change::Cohort | Change::Results | Change::Answered => {}
        }
        Vec::new()
    }

    fn wants_rest(&self, state: &State) -> bool {
        update::wants_rest(state)
    }

    fn rested(&self, state: &mut State) -> Vec<Effect> {
        update::rested(state)
    }

    fn shows_run(&self) -> bool {
        true
    }

    fn patient(&self, state: &State) -> Option<usize> {
        update::patient(state)
    }

    fn status(&self, state: &State, line: Rect, buffer: &mut Buffer) {
        view::render_status(state, line, buffer);
    }
}
