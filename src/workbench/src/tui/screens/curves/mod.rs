//! How detectors and scorers do: precision and recall, AP by joint, F1 over the threshold, right and wrong boxes by score and IoU, confused joints,
//! reliability. Every point, bar and line opens what it stands for.

mod bars;
mod keys;
pub mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::buffer::Buffer;

use crate::{
    figures::{Figure, FigureError},
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
pub use update::on_answer;

/// The screen.
pub struct Curves;

impl Screen for Curves {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys { id: ID, letter: None, heading: "On the curves", chain: &[Place::On(ID), Place::Run, Place::Global], bindings: &[KEYS] }
    }

    fn purpose(&self) -> &'static str {
        "precision-recall, AP by joint, F1 over the threshold, histograms, confused joints, reliability"
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
            Change::Evaluated => update::evaluated(state),
            Change::Errors => {
                update::confuse(state);
                Vec::new()
            }
            Change::Resized | Change::Cohort | Change::Results | Change::Answered | Change::Tags => Vec::new(),
        }
    }

    fn shows_run(&self) -> bool {
        true
    }

    fn is_waiting(&self, state: &State) -> bool {
        state.curves.detector.is_none() && state.active_run.evaluation().is_some()
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        update::figure(state)
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}
