//! Totals of patients, reader beside model: the most wrong first, as scatter and Bland-Altman plots, and the joints that make a difference.

mod agreement;
mod columns;
mod joints;
mod keys;
mod layout;
mod plots;
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
        prompt::Typed,
        screen::{Change, Screen},
        state::State,
    },
};
use keys::KEYS;
use svh_terminal::Plan;

pub use keys::ID;

/// The screen.
pub struct Totals;

impl Screen for Totals {
    fn keys(&self) -> ScreenKeys {
        ScreenKeys {
            id: ID,
            letter: Some('T'),
            heading: "Among the totals",
            chain: &[Place::On(ID), Place::Run, Place::Items, Place::Table, Place::Patient, Place::Global],
            bindings: &[KEYS],
        }
    }

    fn purpose(&self) -> &'static str {
        "totals of reader and model, and the patients that differ most"
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

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        update::typed(state, typed);
        Vec::new()
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Resized => update::settle(state),
            Change::Evaluated => update::evaluated(state),
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
        let joints: &[(&str, &str)] = &[("↑↓", "joint"), ("n N", "next"), ("⏎", "film"), ("< >", "sort")];
        state.totals.joints.is_some().then_some(joints)
    }

    fn patient(&self, state: &State) -> Option<usize> {
        update::patient(state)
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        let evaluation = state.active_run.evaluation()?;
        let part = state.totals.part;
        Some(match state.totals.view {
            state::View::Table => ("cumulative", figures::cumulative(evaluation, part)),
            state::View::Scatter => ("totals", figures::scatter(evaluation, part)),
            state::View::BlandAltman => ("bland-altman", figures::bland_altman(evaluation, part)),
        })
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}
