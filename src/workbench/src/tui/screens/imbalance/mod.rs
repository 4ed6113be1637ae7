//! How often each grade occurs: by task, limb (figure 8.6.1 of the paper), joint group and joint; reader beside model; what a sampler would draw.

mod bars;
mod columns;
mod group;
mod groups;
mod keys;
mod layout;
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
pub struct Imbalance;

impl Screen for Imbalance {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys {
            id: ID,
            letter: Some('I'),
            heading: "Among the distributions",
            chain: &[Place::On(ID), Place::Run, Place::Table, Place::Global],
            bindings: &[KEYS],
        }
    }

    fn purpose(&self) -> &'static str {
        "how often each grade occurs, reader beside model"
    }

    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer);
        None
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        update::act(state, action)
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        update::enter(state)
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        update::mouse(state, mouse)
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Resized => update::settle(state),
            Change::Evaluated => update::evaluated(state),
            Change::Tags => update::tagged(state),
            Change::Cohort | Change::Results | Change::Answered | Change::Errors => {}
        }
        Vec::new()
    }

    fn shows_run(&self) -> bool {
        true
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        let task = state.imbalance.chosen().map_or(svh_core::Task::Narrowing, |line| line.scope.scale.task());
        Some(("distribution", figures::distribution(state.active_run.evaluation()?, task)))
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}
