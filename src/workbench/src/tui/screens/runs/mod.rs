//! Trainings and scorings: which there are, how they stand, how far they are, and the course of the chosen one while it is written.

mod columns;
mod commands;
mod compare;
mod detail;
mod form;
mod form_view;
mod keys;
mod layout;
pub mod state;
mod tasks;
mod update;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::buffer::Buffer;
use svh_core::tags::Subject;

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

pub use commands::{managed, start, stop, train_scorer};
pub use keys::ID;
pub use update::{compared, listed, show, started, submitted, tasks, written};

/// The screen.
pub struct Runs;

impl Screen for Runs {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys {
            id: ID,
            letter: Some('R'),
            heading: "Among the runs",
            chain: &[Place::On(ID), Place::Items, Place::Table, Place::Global],
            bindings: &[KEYS],
        }
    }

    fn purpose(&self) -> &'static str {
        "trainings and scorings, finished and running"
    }

    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer);
        None
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        update::act(state, action)
    }

    fn subjects(&self, state: &State) -> Vec<Subject> {
        state.runs.chosen().map(|run| Subject::run(&run.name)).into_iter().collect()
    }

    fn at_hand(&self, state: &State) -> Option<String> {
        state.runs.chosen().map(|run| run.folder.display().to_string())
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        let run = state.runs.chosen()?;
        Some(("curves", figures::training_curves(&run.name, state.runs.curves.get(&run.folder)?)))
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
        commands::typed(state, typed)
    }

    fn press(&self, state: &mut State, key: KeyEvent) -> Option<Vec<Effect>> {
        update::press_in_form(state, key)
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        if change == Change::Resized {
            update::settle(state);
        }
        Vec::new()
    }

    fn hints(&self, state: &State) -> Option<&'static [(&'static str, &'static str)]> {
        state.runs.form.is_some().then_some(&[("↑↓", "field"), ("← →", "choose"), ("⏎", "next, start"), ("Esc", "close")])
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}
