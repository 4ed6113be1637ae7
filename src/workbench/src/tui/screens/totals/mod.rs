//! Totals of patients, reader beside model: the most wrong first, as scatter and Bland-Altman plots, and the joints that make a difference.

mod agreement;
mod columns;
mod joints;
mod layout;
mod plots;
pub mod state;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::buffer::Buffer;
use svh_analysis::{Part, PatientTotal, TotalsAgreement};
use svh_core::{Limb, Task};

use crate::{
    figures::{self, Figure, FigureError},
    tui::{
        action::{Action, Effect},
        choice::{after, beside},
        message::Message,
        prompt::{Prompt, Purpose, Typed},
        screen_trait::Screen,
        screens::film,
        state::State,
        table::{Pressed, Table},
    },
};
use columns::{Column, JointColumn};
use layout::layout;
use state::{Joints, View};
use svh_terminal::Plan;

/// The screen.
pub struct Totals;

impl Screen for Totals {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        let layout = layout(state.room());
        let screen = &mut state.totals;
        if let Some(joints) = &mut screen.joints {
            let pressed = joints.table.key(action, &layout.joints);
            return joint_pressed(state, pressed);
        }
        match action {
            Action::NextView | Action::PreviousView => screen.view = beside(&View::ALL, screen.view, action == Action::NextView),
            Action::SwitchTask => {
                screen.part.task = after(&Task::ALL, screen.part.task);
                count(state);
            }
            Action::SwitchLimb => {
                screen.part.limb = after(&Limb::ALL, screen.part.limb);
                count(state);
            }
            Action::Search => state.prompt = Some(Prompt::new(Purpose::Search, "", screen.table.cursor)),
            Action::NextItem | Action::PreviousItem if !screen.search.is_empty() => search_on(state, action == Action::NextItem),
            _ => {
                let pressed = screen.table.key(action, &layout.table);
                return patient_pressed(state, pressed);
            }
        }
        Vec::new()
    }

    fn settle(&self, state: &mut State) {
        let layout = layout(state.room());
        state.totals.table.settle(layout.table.lines);
        if let Some(joints) = &mut state.totals.joints {
            joints.table.settle(layout.joints.lines);
        }
    }

    fn evaluated(&self, state: &mut State) -> Vec<Effect> {
        state.totals.joints = None;
        count(state);
        Vec::new()
    }

    /// From a patient's joints to the patients, from a plot to the table, from a search to none.
    fn back(&self, state: &mut State) -> bool {
        let screen = &mut state.totals;
        screen.joints.take().is_some() || std::mem::take(&mut screen.view) != View::Table || !std::mem::take(&mut screen.search).is_empty()
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        let layout = layout(state.room());
        if let Some(joints) = &mut state.totals.joints {
            let pressed = joints.table.mouse(mouse, &layout.joints);
            return joint_pressed(state, pressed);
        }
        if layout.parts.is_narrow && state.totals.view != View::Table {
            return Vec::new();
        }
        let pressed = state.totals.table.mouse(mouse, &layout.table);
        patient_pressed(state, pressed)
    }

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
        prompt.edit(typed);
        match typed {
            Typed::Cancel => state.totals.table.cursor = prompt.origin,
            Typed::Accept => {}
            _ => {
                state.totals.search = prompt.text.to_lowercase();
                state.totals.table.cursor = state.totals.table.find(prompt.origin, true, hit(state)).unwrap_or(prompt.origin);
                state.prompt = Some(prompt);
            }
        }
        self.settle(state);
        Vec::new()
    }

    fn wants_rest(&self, state: &State) -> bool {
        joints::glance(state).is_some_and(|glance| glance.is_unread(state))
    }

    fn rested(&self, state: &mut State) -> Vec<Effect> {
        joints::glance(state).map_or_else(Vec::new, |glance| glance.read(state))
    }

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        let lines = layout(state.room()).joints.lines;
        let joints = state.totals.joints.as_mut()?;
        if !joints.table.step(forward, lines) {
            state.message = Some(Message::end_of_list(forward));
            return Some(Vec::new());
        }
        Some(open_film(state))
    }

    fn part_hints(&self, state: &State) -> Option<&'static [(&'static str, &'static str)]> {
        let joints: &[(&str, &str)] = &[("↑↓", "joint"), ("n N", "next"), ("⏎", "film"), ("< >", "sort")];
        state.totals.joints.is_some().then_some(joints)
    }

    fn patient(&self, state: &State) -> Option<usize> {
        let screen = &state.totals;
        let opened = screen.joints.as_ref().map(|joints| joints.of);
        let place = opened.or_else(|| screen.totals.get(screen.table.chosen()?).map(|total| total.patient))?;
        state.catalogue()?.cohort.position(state.active_run.evaluation()?.patients().get(place)?)
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        let evaluation = state.active_run.evaluation()?;
        let part = state.totals.part;
        Some(match state.totals.view {
            View::Table => ("cumulative", figures::cumulative(evaluation, part)),
            View::Scatter => ("totals", figures::scatter(evaluation, part)),
            View::BlandAltman => ("bland-altman", figures::bland_altman(evaluation, part)),
        })
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}

/// Computes the totals of the part at hand.
fn count(state: &mut State) {
    let Some(evaluation) = state.active_run.evaluation().cloned() else {
        state.totals = state::State { part: state.totals.part, view: state.totals.view, ..Default::default() };
        return;
    };
    let screen = &mut state.totals;
    screen.totals = evaluation.totals(screen.part);
    screen.limbs = Limb::ALL.map(|limb| evaluation.totals(Part { limb: Some(limb), ..screen.part }));
    screen.agreement = Some(TotalsAgreement::of(&screen.totals));
    arrange(state);
}

/// Sorts again.
fn arrange(state: &mut State) {
    let lines = layout(state.room()).table.lines;
    let state::State { table, totals, limbs, .. } = &mut state.totals;
    table.arrange(0..totals.len(), lines, |column, place| key(totals, limbs, column, place));
}

/// What a patient is sorted by.
fn key(totals: &[PatientTotal], limbs: &[Vec<PatientTotal>; 4], column: Column, place: usize) -> Option<f64> {
    let total = &totals[place];
    let size = |total: &PatientTotal| total.difference().map(|difference| f64::from(difference.abs()));
    match column {
        Column::Patient => Some(place as f64),
        Column::Reader => total.reference.map(|sum| f64::from(sum.points)),
        Column::Model => total.model.map(|sum| f64::from(sum.points)),
        Column::Expected => total.expected.map(f64::from),
        Column::Difference => size(total),
        Column::Open => Some(f64::from(total.open.map_or(0, |open| open.joints))),
        Column::Joints => Some(total.both.map_or(0.0, |(reference, _)| f64::from(reference.joints))),
        Column::Limb(limb) => limbs[limb.index()].get(place).and_then(size),
    }
}

fn patient_pressed(state: &mut State, pressed: Pressed) -> Vec<Effect> {
    pressed.apply(state, arrange, open_joints)
}

fn joint_pressed(state: &mut State, pressed: Pressed) -> Vec<Effect> {
    pressed.apply(state, arrange_joints, open_film)
}

/// The joints of the chosen patient.
fn open_joints(state: &mut State) -> Vec<Effect> {
    let chosen = state.totals.table.chosen().and_then(|place| state.totals.totals.get(place)).map(|total| total.patient);
    let (Some(of), Some(evaluation)) = (chosen, state.active_run.evaluation().cloned()) else { return Vec::new() };
    let rows = evaluation.joint_differences(of, state.totals.part);
    state.totals.joints = Some(Joints { of, rows, table: Table::new(JointColumn::Difference, true) });
    arrange_joints(state);
    Vec::new()
}

fn arrange_joints(state: &mut State) {
    let lines = layout(state.room()).joints.lines;
    let Some(Joints { table, rows, .. }) = &mut state.totals.joints else { return };
    table.arrange_by(0..rows.len(), lines, |column, a, b| joints::compare(column, &rows[a], &rows[b]));
}

/// The film at the chosen joint.
fn open_film(state: &mut State) -> Vec<Effect> {
    let joint = state.totals.joints.as_ref().and_then(Joints::chosen).map(|row| row.graded.joint);
    match (joint, joints::glance(state)) {
        (Some(joint), Some(glance)) => film::show(state, glance.patient, glance.limb, joint.task, Some(joint)),
        _ => {
            state.message = Some(Message::info("the run has no film of this limb"));
            Vec::new()
        }
    }
}

/// Whether the id of a line contains what is searched for.
fn hit(state: &State) -> impl Fn(usize) -> bool {
    let screen = &state.totals;
    let patients = state.active_run.evaluation().map_or(&[][..], |evaluation| evaluation.patients());
    move |line| !screen.search.is_empty() && patients[screen.totals[line].patient].to_lowercase().contains(&screen.search)
}

fn search_on(state: &mut State, forward: bool) {
    match state.totals.table.find_beside(forward, hit(state)) {
        Some(line) => state.totals.table.cursor = line,
        None => state.message = Some(Message::info(format!("no id contains `{}`", state.totals.search))),
    }
    Totals.settle(state);
}
