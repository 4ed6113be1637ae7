//! Change between the visits of a person, reader beside model: who progressed, the cumulative probability plot, and the joints that changed with both films side by side.

mod columns;
mod joints;
mod layout;
mod plot;
pub mod state;
mod statistics;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use svh_analysis::progression::{Change, Score};

use crate::{
    figures::{self, Figure, FigureError},
    tui::{
        action::{Action, Effect},
        choice::beside,
        keys::screens::PROGRESSION,
        message::Message,
        prompt::{Prompt, Purpose, Typed},
        screen_trait::Screen,
        screens::film,
        sheet,
        state::State,
        table::{Pressed, Table},
    },
};
use columns::{Column, JointColumn};
use layout::{Layout, layout};
use state::{Joints, View};
use svh_terminal::Plan;

/// A step of the zoom.
const STEP: f32 = 1.25;
/// The closest and the widest zoom.
const ZOOMS: (f32, f32) = (0.4, 6.0);

/// The screen.
pub struct Progression;

impl Screen for Progression {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        let layout = layout(state);
        let screen = &mut state.progression;
        match action {
            Action::SwitchTask => {
                screen.score = beside(&Score::ALL, screen.score, true);
                let open = screen.joints.as_ref().map(|joints| joints.of);
                count(state);
                open.into_iter().for_each(|pair| open_joints(state, pair));
            }
            Action::TypeThreshold => {
                let text = screen.threshold.map_or_else(String::new, |threshold| threshold.to_string());
                state.prompt = Some(Prompt::new(Purpose::Change, &text, screen.table.cursor));
            }
            _ if screen.joints.is_some() => return act_on_joints(state, action, &layout),
            Action::NextView | Action::PreviousView => screen.view = beside(&View::ALL, screen.view, true),
            _ => {
                let pressed = screen.table.key(action, &layout.table);
                pair_pressed(state, pressed);
            }
        }
        Vec::new()
    }

    fn settle(&self, state: &mut State) {
        let layout = layout(state);
        state.progression.table.settle(layout.table.lines);
        if let Some(joints) = &mut state.progression.joints {
            joints.table.settle(layout.joints.lines);
        }
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        if state.progression.found.is_none() {
            count(state);
        }
        Vec::new()
    }

    fn evaluated(&self, state: &mut State) -> Vec<Effect> {
        state.progression.joints = None;
        state.progression.found = None;
        // Only who looks at changes waits for them.
        if state.screen == PROGRESSION.id {
            count(state);
        }
        Vec::new()
    }

    /// From a pair's joints to the pairs, from the plot to the table.
    fn back(&self, state: &mut State) -> bool {
        let screen = &mut state.progression;
        screen.joints.take().is_some() || std::mem::take(&mut screen.view) != View::Table
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        let layout = layout(state);
        if let Some(joints) = &mut state.progression.joints {
            if layout.films.area.contains((mouse.column, mouse.row).into()) {
                match mouse.kind {
                    MouseEventKind::ScrollDown => return self.act(state, Action::ZoomOut),
                    MouseEventKind::ScrollUp => return self.act(state, Action::ZoomIn),
                    _ => {}
                }
            }
            let pressed = joints.table.mouse(mouse, &layout.joints);
            return joint_pressed(state, pressed);
        }
        if !layout.parts.is_narrow || state.progression.view == View::Table {
            let pressed = state.progression.table.mouse(mouse, &layout.table);
            pair_pressed(state, pressed);
        }
        Vec::new()
    }

    /// The change above which a patient has progressed.
    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
        prompt.edit(typed);
        match typed {
            Typed::Cancel => {}
            Typed::Accept => {
                let text = prompt.text.trim().replace(',', ".");
                match (text.is_empty(), text.parse::<f64>()) {
                    (true, _) => state.progression.threshold = None,
                    (false, Ok(change)) if change.is_finite() => state.progression.threshold = Some(change),
                    _ => {
                        let reason = "that is not a number of units; leave the line empty for the smallest detectable change";
                        state.prompt = Some(prompt.refused(reason));
                        return Vec::new();
                    }
                }
                count(state);
            }
            _ => state.prompt = Some(prompt),
        }
        self.settle(state);
        Vec::new()
    }

    fn wants_rest(&self, state: &State) -> bool {
        state.progression.joints.is_some() && sheet::is_unasked(state, &joints::tiles(state), &layout(state).films)
    }

    fn rested(&self, state: &mut State) -> Vec<Effect> {
        let (tiles, films) = (joints::tiles(state), layout(state).films);
        sheet::ask(state, &tiles, &films)
    }

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        let lines = layout(state).joints.lines;
        let joints = state.progression.joints.as_mut()?;
        if !joints.table.step(forward, lines) {
            state.message = Some(Message::end_of_list(forward));
            return Some(Vec::new());
        }
        Some(open_film(state))
    }

    fn part_hints(&self, state: &State) -> Option<&'static [(&'static str, &'static str)]> {
        let joints: &[(&str, &str)] = &[("↑↓", "joint"), ("+ -", "zoom"), ("⏎", "film"), ("< >", "sort"), ("e", "task")];
        state.progression.joints.is_some().then_some(joints)
    }

    /// The place in the cohort of the later visit.
    fn patient(&self, state: &State) -> Option<usize> {
        let screen = &state.progression;
        let pair = screen.joints.as_ref().map(|joints| joints.of).or_else(|| screen.table.chosen())?;
        state.catalogue()?.cohort.position(&screen.found.as_ref()?.changes.get(pair)?.follow_up)
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        let evaluation = state.active_run.evaluation()?;
        let found = state.progression.found.as_ref()?;
        Some(("progression", figures::progression(evaluation, found)))
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}

/// Computes the changes of the score at hand.
fn count(state: &mut State) {
    let Some(evaluation) = state.active_run.evaluation().cloned() else { return };
    let screen = &mut state.progression;
    screen.found = Some(evaluation.progression(screen.score, screen.threshold));
    arrange(state);
}

/// Sorts again.
fn arrange(state: &mut State) {
    let lines = layout(state).table.lines;
    let state::State { table, found, .. } = &mut state.progression;
    let changes = found.as_ref().map_or(&[][..], |found| &found.changes);
    table.arrange(0..changes.len(), lines, |column, place| key(changes, column, place));
}

/// What a pair of visits is sorted by.
fn key(changes: &[Change], column: Column, place: usize) -> Option<f64> {
    let change = &changes[place];
    match column {
        Column::Patient | Column::Baseline | Column::FollowUp => Some(place as f64),
        Column::Months => change.months,
        Column::Joints => Some(change.joints as f64),
        Column::Reader => change.reader,
        Column::Model => change.model.or(change.reader),
        Column::ReaderPerYear => change.reader_per_year,
        Column::ModelPerYear => change.model_per_year,
        Column::Progressed => Some(change.reader.unwrap_or(f64::MIN).max(change.model.unwrap_or(f64::MIN))),
    }
}

fn act_on_joints(state: &mut State, action: Action, layout: &Layout) -> Vec<Effect> {
    if sheet::look(state, action) {
        return Vec::new();
    }
    let screen = &mut state.progression;
    let Some(joints) = &mut screen.joints else { return Vec::new() };
    match action {
        Action::ZoomIn => screen.zoom = (screen.zoom / STEP).max(ZOOMS.0),
        Action::ZoomOut => screen.zoom = (screen.zoom * STEP).min(ZOOMS.1),
        _ => {
            let pressed = joints.table.key(action, &layout.joints);
            return joint_pressed(state, pressed);
        }
    }
    Vec::new()
}

fn pair_pressed(state: &mut State, pressed: Pressed) {
    match pressed {
        Pressed::Order => arrange(state),
        Pressed::Open => state.progression.table.chosen().into_iter().for_each(|pair| open_joints(state, pair)),
        Pressed::Line | Pressed::Nothing => {}
    }
}

fn joint_pressed(state: &mut State, pressed: Pressed) -> Vec<Effect> {
    pressed.apply(state, arrange_joints, open_film)
}

/// The joints of a pair of visits.
fn open_joints(state: &mut State, pair: usize) {
    let Some(evaluation) = state.active_run.evaluation().cloned() else { return };
    let screen = &mut state.progression;
    let Some(change) = screen.found.as_ref().and_then(|found| found.changes.get(pair)) else { return };
    let rows = evaluation.joint_changes(&change.baseline, &change.follow_up, screen.score);
    screen.joints = Some(Joints { of: pair, rows, table: Table::new(JointColumn::Change, true) });
    arrange_joints(state);
}

fn arrange_joints(state: &mut State) {
    let lines = layout(state).joints.lines;
    let Some(Joints { table, rows, .. }) = &mut state.progression.joints else { return };
    table.arrange_by(0..rows.len(), lines, |column, a, b| joints::compare(column, &rows[a], &rows[b]));
}

/// The film of the later visit at the chosen joint.
fn open_film(state: &mut State) -> Vec<Effect> {
    let open = state.progression.joints.as_ref().and_then(Joints::chosen).map(|row| row.joint);
    match (open, Progression.patient(state)) {
        (Some(joint), Some(patient)) => film::show(state, patient, joint.limb, joint.task, Some(joint)),
        _ => {
            state.message = Some(Message::info("the cohort has no film of this limb"));
            Vec::new()
        }
    }
}
