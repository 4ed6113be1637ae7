//! How the progression answers to keys, to the mouse, and to an evaluation.

use crossterm::event::{MouseEvent, MouseEventKind};

use svh_analysis::progression::{Change, Score};

use super::{
    columns::{Column, JointColumn},
    joints,
    keys::ID,
    layout::{Layout, layout},
    state::{Joints, State, View},
};
use crate::tui::{
    action::{Action, Effect},
    active_run,
    message::Message,
    prompt::{Prompt, Purpose, Typed},
    screens::film,
    sheet,
    state::State as Whole,
    table::{Pressed, Table},
};

/// A step of the zoom.
const STEP: f32 = 1.25;
/// The closest and the widest zoom.
const ZOOMS: (f32, f32) = (0.4, 6.0);

/// The screen has come to the front.
pub fn enter(state: &mut Whole) -> Vec<Effect> {
    if state.progression.found.is_none() {
        count(state);
    }
    settle(state);
    active_run::need(state)
}

/// There is another evaluation, or none any more.
pub fn evaluated(state: &mut Whole) {
    state.progression.joints = None;
    state.progression.found = None;
    // Only who looks at changes waits for them.
    if state.screen == ID {
        count(state);
    }
}

/// Computes the changes of the score at hand.
fn count(state: &mut Whole) {
    let Some(evaluation) = state.active_run.evaluation().cloned() else { return };
    let screen = &mut state.progression;
    screen.found = Some(evaluation.progression(screen.score, screen.threshold));
    arrange(state);
}

/// Sorts again.
fn arrange(state: &mut Whole) {
    let lines = layout(state).table.lines;
    let State { table, found, .. } = &mut state.progression;
    let changes = found.as_ref().map_or(&[][..], |found| &found.changes);
    table.arrange(changes.len(), lines, |column, place| key(changes, column, place));
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

/// Keeps the cursors on the screen.
pub fn settle(state: &mut Whole) {
    let layout = layout(state);
    state.progression.table.settle(layout.table.lines);
    if let Some(joints) = &mut state.progression.joints {
        joints.table.settle(layout.joints.lines);
    }
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let layout = layout(state);
    match action {
        Action::SwitchTask => {
            let screen = &mut state.progression;
            let place = Score::ALL.iter().position(|score| *score == screen.score).unwrap_or(0);
            screen.score = Score::ALL[(place + 1) % Score::ALL.len()];
            let open = screen.joints.as_ref().map(|joints| joints.pair);
            count(state);
            open.into_iter().for_each(|pair| open_joints(state, pair));
            return Vec::new();
        }
        Action::TypeThreshold => {
            let text = state.progression.threshold.map_or_else(String::new, |threshold| threshold.to_string());
            state.prompt = Some(Prompt::new(Purpose::Change, &text, state.progression.table.cursor));
            return Vec::new();
        }
        _ => {}
    }
    if state.progression.joints.is_some() {
        return act_on_joints(state, action, &layout);
    }
    match action {
        Action::NextView | Action::PreviousView => {
            let place = View::ALL.iter().position(|view| *view == state.progression.view).unwrap_or(0);
            state.progression.view = View::ALL[(place + 1) % View::ALL.len()];
        }
        Action::Open => {
            if let Some(pair) = state.progression.table.chosen() {
                open_joints(state, pair);
            }
        }
        Action::NextItem => drop(state.progression.table.act(Action::Down, layout.table.lines)),
        Action::PreviousItem => drop(state.progression.table.act(Action::Up, layout.table.lines)),
        _ if state.progression.table.act(action, layout.table.lines) => {}
        _ if state.progression.table.sort_act(action, &layout.table) => arrange(state),
        _ => {}
    }
    Vec::new()
}

fn act_on_joints(state: &mut Whole, action: Action, layout: &Layout) -> Vec<Effect> {
    if sheet::look(state, action) {
        return Vec::new();
    }
    let screen = &mut state.progression;
    let Some(joints) = &mut screen.joints else { return Vec::new() };
    match action {
        Action::ZoomIn => screen.zoom = (screen.zoom / STEP).max(ZOOMS.0),
        Action::ZoomOut => screen.zoom = (screen.zoom * STEP).min(ZOOMS.1),
        Action::Open => return open_film(state),
        Action::NextItem => drop(joints.table.act(Action::Down, layout.joints.lines)),
        Action::PreviousItem => drop(joints.table.act(Action::Up, layout.joints.lines)),
        _ if joints.table.act(action, layout.joints.lines) => {}
        _ if joints.table.sort_act(action, &layout.joints) => arrange_joints(state),
        _ => {}
    }
    Vec::new()
}

/// The joints of a pair of visits.
fn open_joints(state: &mut Whole, pair: usize) {
    let Some(evaluation) = state.active_run.evaluation().cloned() else { return };
    let screen: &mut State = &mut state.progression;
    let Some(change) = screen.found.as_ref().and_then(|found| found.changes.get(pair)) else { return };
    let rows = evaluation.joint_changes(&change.baseline, &change.follow_up, screen.score);
    screen.joints = Some(Joints { pair, rows, table: Table::new(JointColumn::Change, true) });
    arrange_joints(state);
}

fn arrange_joints(state: &mut Whole) {
    let lines = layout(state).joints.lines;
    let Some(Joints { table, rows, .. }) = &mut state.progression.joints else { return };
    table.arrange_by(rows.len(), lines, |column, a, b| joints::compare(column, &rows[a], &rows[b]));
}

/// The film of the later visit at the chosen joint.
fn open_film(state: &mut Whole) -> Vec<Effect> {
    let open = state.progression.joints.as_ref().and_then(joints::chosen).map(|row| row.joint);
    match (open, patient(state)) {
        (Some(joint), Some(patient)) => film::show(state, patient, joint.limb, joint.task, Some(joint)),
        _ => {
            state.message = Some(Message::info("the cohort has no film of this limb"));
            Vec::new()
        }
    }
}

/// The film of the next joint of the list, or of the one before; `None` where no pair's joints are listed.
pub fn step(state: &mut Whole, forward: bool) -> Option<Vec<Effect>> {
    let lines = layout(state).joints.lines;
    let joints = state.progression.joints.as_mut()?;
    if !joints.table.step(forward, lines) {
        state.message = Some(Message::end_of_list(forward));
        return Some(Vec::new());
    }
    Some(open_film(state))
}

/// From a pair's joints to the pairs, from the plot to the table; false where there is nothing to go back from.
pub fn back(state: &mut Whole) -> bool {
    if state.progression.joints.take().is_some() {
        return true;
    }
    let was_plot = state.progression.view != View::Table;
    state.progression.view = View::Table;
    was_plot
}

/// Something was typed into the line at the foot: the change above which a patient has progressed.
pub fn typed(state: &mut Whole, typed: &Typed) {
    let Some(mut prompt) = state.prompt.take() else { return };
    prompt.edit(typed);
    match typed {
        Typed::Cancel => {}
        Typed::Accept => {
            let text = prompt.text.trim().replace(',', ".");
            match (text.is_empty(), text.parse::<f64>()) {
                (true, _) => state.progression.threshold = None,
                (false, Ok(change)) if change.is_finite() => state.progression.threshold = Some(change),
                _ => {
                    state.prompt =
                        Some(prompt.refused("that is not a number of units; leave the line empty for the smallest detectable change"));
                    return;
                }
            }
            count(state);
        }
        _ => state.prompt = Some(prompt),
    }
    settle(state);
}

/// The mouse.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = layout(state);
    if let Some(joints) = &mut state.progression.joints {
        if layout.films.area.contains((mouse.column, mouse.row).into()) {
            match mouse.kind {
                MouseEventKind::ScrollDown => return act(state, Action::ZoomOut),
                MouseEventKind::ScrollUp => return act(state, Action::ZoomIn),
                _ => {}
            }
        }
        match joints.table.mouse(mouse, &layout.joints) {
            Pressed::Order => arrange_joints(state),
            Pressed::Again => return open_film(state),
            Pressed::Line | Pressed::Nothing => {}
        }
    } else if !layout.is_narrow || state.progression.view == View::Table {
        match state.progression.table.mouse(mouse, &layout.table) {
            Pressed::Order => arrange(state),
            Pressed::Again => return act(state, Action::Open),
            Pressed::Line | Pressed::Nothing => {}
        }
    }
    settle(state);
    Vec::new()
}

/// Whether the crops of the chosen joint are wanted and have not been asked for.
#[must_use]
pub fn wants_rest(state: &Whole) -> bool {
    let seen = state.screen == ID && state.is_uncovered() && state.progression.joints.is_some();
    seen && sheet::is_unasked(state, &joints::tiles(state), &layout(state).films)
}

/// The keys rest: both films of the chosen joint are read.
pub fn rested(state: &mut Whole) -> Vec<Effect> {
    let (tiles, films) = (joints::tiles(state), layout(state).films);
    sheet::ask(state, &tiles, &films)
}

/// The place in the cohort of the later visit.
#[must_use]
pub fn patient(state: &Whole) -> Option<usize> {
    let screen = &state.progression;
    let pair = screen.joints.as_ref().map(|joints| joints.pair).or_else(|| screen.table.chosen())?;
    state.catalogue()?.cohort.position(&screen.found.as_ref()?.changes.get(pair)?.follow_up)
}
