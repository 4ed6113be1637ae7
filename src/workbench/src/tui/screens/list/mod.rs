//! What a point of a curve, a bar, a cell, a comparison or a file stands for: films, boxes and joints as crops or as lines.

mod arrange;
mod columns;
mod entries;
mod grading;
mod keys;
mod layout;
mod pass;
pub mod state;
mod tiles;
mod update;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::buffer::Buffer;
use svh_core::{Joint, tags::Subject};

use crate::tui::{
    action::{Action, Effect},
    keys::{Place, ScreenKeys},
    prompt::Typed,
    screen::{Change, Screen},
    state::State,
};
use keys::KEYS;
use svh_terminal::Plan;

pub use arrange::open;
#[cfg(test)]
pub use entries::chosen;
pub use entries::{of_errors, of_found, of_graded, tagged};
pub use keys::ID;
pub use pass::open as open_pass;

/// The screen.
pub struct List;

impl Screen for List {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys {
            id: ID,
            letter: None,
            heading: "On a list",
            chain: &[Place::On(ID), Place::Items, Place::Table, Place::Look, Place::Patient, Place::Global],
            bindings: &[KEYS],
        }
    }

    fn purpose(&self) -> &'static str {
        "the boxes or joints behind a point, a bar or a cell; marked, graded and written as one"
    }

    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        update::act(state, action)
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        entries::recount(state);
        layout::settle(state);
        Vec::new()
    }

    fn back(&self, state: &mut State) -> bool {
        if !std::mem::take(&mut state.list.marked).is_empty() {
            return true;
        }
        let filtered = !std::mem::take(&mut state.list.filter).is_empty();
        if filtered {
            arrange::arrange(state);
        }
        filtered
    }

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        grading::typed(state, typed)
    }

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        Some(update::step(state, forward))
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        update::mouse(state, mouse)
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Resized => layout::settle(state),
            Change::Tags if !state.list.filter.is_empty() => arrange::arrange(state),
            _ => {}
        }
        Vec::new()
    }

    fn wants_rest(&self, state: &State) -> bool {
        update::wants_rest(state)
    }

    fn rested(&self, state: &mut State) -> Vec<Effect> {
        update::rested(state)
    }

    fn joint(&self, state: &State) -> Option<&'static Joint> {
        entries::chosen(state).and_then(|item| item.joint)
    }

    fn subjects(&self, state: &State) -> Vec<Subject> {
        grading::targets(state)
            .into_iter()
            .filter_map(|place| state.list.selection.items.get(place))
            .map(crate::selection::Item::subject)
            .collect()
    }

    fn patient(&self, state: &State) -> Option<usize> {
        entries::patient(state)
    }

    fn at_hand(&self, state: &State) -> Option<String> {
        entries::chosen(state).map(crate::selection::Item::place)
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}
