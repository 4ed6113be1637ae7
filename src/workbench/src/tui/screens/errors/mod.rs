//! Errors of the detectors: every one at the operating threshold with its film beside it, as a contact sheet of crops, and counted by joint.

pub mod columns;
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

pub use detail_pane::words;
pub use keys::ID;
use state::View;

/// The screen.
pub struct Errors;

impl Screen for Errors {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys {
            id: ID,
            letter: Some('E'),
            heading: "Among the errors",
            chain: &[Place::On(ID), Place::Threshold, Place::Run, Place::Items, Place::Table, Place::Look, Place::Patient, Place::Global],
            bindings: &[KEYS],
        }
    }

    fn purpose(&self) -> &'static str {
        "missed joints, false positives, wrong places and grades, the costliest first, with their films"
    }

    fn subjects(&self, state: &State) -> Vec<Subject> {
        order::chosen(state).and_then(|item| order::subject(state, item)).into_iter().collect()
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
        update::typed(state, typed)
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Resized => update::settle(state),
            Change::Evaluated => update::evaluated(state),
            Change::Errors => order::arrange(state),
            Change::Tags if !state.errors.tags.is_empty() => order::arrange(state),
            Change::Cohort | Change::Results | Change::Answered | Change::Tags => {}
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
        Some(update::step(state, forward))
    }

    fn part_hints(&self, state: &State) -> Option<&'static [(&'static str, &'static str)]> {
        match state.errors.view {
            View::List => None,
            View::Sheet => {
                Some(&[("↑↓←→", "crop"), ("⏎", "film"), ("Tab", "view"), ("t p", "boxes"), ("( ) { }", "window"), ("f", "filter")])
            }
            View::Grades => {
                Some(&[("n N", "next"), ("⏎", "film"), ("Tab", "view"), ("< >", "sort"), ("f", "filter"), ("e", "task"), ("l", "limb")])
            }
            View::Joints => Some(&[("↑↓←→", "joint"), ("⏎", "its errors"), ("Tab", "view"), ("e", "task"), ("[ ]", "threshold")]),
        }
    }

    fn patient(&self, state: &State) -> Option<usize> {
        update::patient(state)
    }

    fn status(&self, state: &State, line: Rect, buffer: &mut Buffer) {
        view::render_status(state, line, buffer);
    }
}
