//! Confusion matrices by task and joint group, with metrics, intervals and baselines beside them; a cell opens its crops.

mod crops;
mod keys;
mod layout;
mod matrix;
mod metrics;
pub mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::buffer::Buffer;

use crate::{
    figures::{self, Figure, FigureError},
    tui::{
        action::{Action, Effect},
        keys::{Place, ScreenKeys},
        screen::{Change, Screen},
        state::State,
    },
};
use keys::KEYS;
use svh_terminal::Plan;

pub use keys::ID;

/// The screen.
pub struct Confusion;

impl Screen for Confusion {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys {
            id: ID,
            letter: Some('C'),
            heading: "On the confusion matrices",
            chain: &[Place::On(ID), Place::Run, Place::Items, Place::Look, Place::Patient, Place::Global],
            bindings: &[KEYS],
        }
    }

    fn purpose(&self) -> &'static str {
        "which grades the model mistakes for which, with metrics and baselines"
    }

    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        update::act(state, action)
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

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Resized => update::settle(state),
            Change::Evaluated => return update::evaluated(state),
            Change::Cohort | Change::Results | Change::Answered | Change::Errors | Change::Tags => {}
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

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        update::step(state, forward)
    }

    fn part_hints(&self, state: &State) -> Option<&'static [(&'static str, &'static str)]> {
        let crops: &[(&str, &str)] = &[("↑↓←→", "crop"), ("n N", "next"), ("⏎", "film"), ("s", "score")];
        state.confusion.crops.is_some().then_some(crops)
    }

    fn patient(&self, state: &State) -> Option<usize> {
        update::patient(state)
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        Some(("confusion", figures::confusion(state.active_run.evaluation()?, &state.confusion.chosen())))
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}
