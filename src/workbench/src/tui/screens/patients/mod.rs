//! The table of patients: films and labels that exist, grades, totals of the reader and of the model; sorted, filtered, searched.

mod card;
pub mod columns;
mod filter;
mod keys;
mod layout;
pub mod order;
pub mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::buffer::Buffer;

use crate::tui::{
    action::{Action, Effect},
    keys::{Place, ScreenKeys},
    prompt::Typed,
    screen::{Change, Screen},
    state::State,
};
use keys::KEYS;
use svh_terminal::Plan;

pub use keys::ID;

/// The screen.
pub struct Patients;

impl Screen for Patients {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys {
            id: ID,
            letter: Some('P'),
            heading: "In the table of patients",
            chain: &[Place::Patient, Place::On(ID), Place::Items, Place::Table, Place::Global],
            bindings: &[KEYS],
        }
    }

    fn purpose(&self) -> &'static str {
        "films, labels, grades and totals of every patient"
    }

    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer);
        None
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        update::act(state, action)
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        order::settle(state);
        Vec::new()
    }

    fn back(&self, state: &mut State) -> bool {
        update::back(state)
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        update::mouse(state, mouse)
    }

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        update::typed(state, typed)
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Resized => order::settle(state),
            Change::Cohort | Change::Results => order::loaded(state),
            Change::Tags if !state.patients.filter.is_empty() => order::loaded(state),
            Change::Answered | Change::Evaluated | Change::Errors | Change::Tags => {}
        }
        Vec::new()
    }

    fn wants_rest(&self, state: &State) -> bool {
        update::wants_films(state)
    }

    fn rested(&self, state: &mut State) -> Vec<Effect> {
        update::rested(state)
    }

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        Some(update::step(state, forward))
    }

    fn patient(&self, state: &State) -> Option<usize> {
        state.patients.chosen()
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}
