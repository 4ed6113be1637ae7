//! What changed between two runs: how many grades and boxes were fixed, broken, better and worse, by joint and by patient. A line opens its changes.

mod columns;
mod keys;
mod layout;
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
    screen::{Change, Screen},
    state::State,
};
use keys::KEYS;
use svh_terminal::Plan;

pub use keys::ID;
pub use update::arrived;

/// The screen.
pub struct Changes;

impl Screen for Changes {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys {
            id: ID,
            letter: None,
            heading: "Among the changes",
            chain: &[Place::On(ID), Place::Items, Place::Table, Place::Global],
            bindings: &[KEYS],
        }
    }

    fn purpose(&self) -> &'static str {
        "what changed between two runs, by joint and by patient"
    }

    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer);
        None
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        update::act(state, action)
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        update::settle(state);
        Vec::new()
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        update::mouse(state, mouse)
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        if change == Change::Resized {
            update::settle(state);
        }
        Vec::new()
    }

    fn patient(&self, state: &State) -> Option<usize> {
        update::patient(state)
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}
