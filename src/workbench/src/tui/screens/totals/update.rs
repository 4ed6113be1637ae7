//! How the totals answer to keys, to the mouse, and to an evaluation.

use crossterm::event::MouseEvent;

use svh_analysis::{Part, PatientTotal, TotalsAgreement};
use svh_core::{Limb, Task};

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
    state::State as Whole,
    table::{Pressed, Table},
};

fn here(state: &Whole) -> Layout {
    layout(state.room())
}

/// The screen has come to the front.
pub fn enter(state: &mut Whole) -> Vec<Effect> {
    settle(state);
    active_run::need(state)
}

/// There is another evaluation, or none any more.
pub fn evaluated(state: &mut Whole) {
    state.totals.joints = None;
    count(state);
}

/// Computes the totals of the part at hand.
fn count(state: &mut Whole) {
    let Some(evaluation) = state.active_run.evaluation().cloned() else {
        state.totals = State { part: state.totals.part, view: state.totals.view, ..State::default() };
        return;
    };
    let screen = &mut state.totals;
    screen.totals = evaluation.totals(screen.part);
    screen.limbs = Limb::ALL.map(|limb| evaluation.totals(Part { limb: Some(limb), ..screen.part }));
    screen.agreement = Some(TotalsAgreement::of(&screen.totals));
    arrange(state);
}

/// Sorts again.
fn arrange(state: &mut Whole) {
    let lines = here(state).table.lines;
    let State { table, totals, limbs, .. } = &mut state.totals;
    table.arrange(totals.len(), lines, |column, place| key(totals, limbs, column, place));
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

/// Keeps the cursors on the screen.
pub fn settle(state: &mut Whole) {
    let layout = here(state);
    state.totals.table.settle(layout.table.lines);
    if let Some(joints) = &mut state.totals.joints {
        joints.table.settle(layout.joints.lines);
    }
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let layout = here(state);
    if state.totals.joints.is_some() {
        return act_on_joints(state, action, &layout);
    }
    match action {
        Action::NextView => turn_view(state, 1),
        Action::PreviousView => turn_view(state, View::ALL.len() - 1),
        Action::SwitchTask => {
            state.totals.part.task = after(&Task::ALL, state.totals.part.task);
            count(state);
        }
        Action::SwitchLimb => {
            state.totals.part.limb = after(&Limb::ALL, state.totals.part.limb);
            count(state);
        }
        Action::Open => open_joints(state),
        Action::Search => state.prompt = Some(Prompt::new(Purpose::Search, "", state.totals.table.cursor)),
        Action::NextItem | Action::PreviousItem if state.totals.search.is_empty() => {
            let action = if action == Action::NextItem { Action::Down } else { Action::Up };
            state.totals.table.act(action, layout.table.lines);
        }
        Action::NextItem => search_on(state, true),
        Action::PreviousItem => search_on(state, false),
        _ if state.totals.table.act(action, layout.table.lines) => {}
        _ if state.totals.table.sort_act(action, &layout.table) => arrange(state),
        _ => {}
    }
    Vec::new()
}

fn act_on_joints(state: &mut Whole, action: Action, layout: &Layout) -> Vec<Effect> {
    let Some(joints) = &mut state.totals.joints else { return Vec::new() };
    match action {
        Action::Open => return open_film(state),
        Action::NextItem => drop(joints.table.act(Action::Down, layout.joints.lines)),
        Action::PreviousItem => drop(joints.table.act(Action::Up, layout.joints.lines)),
        _ if joints.table.act(action, layout.joints.lines) => {}
        _ if joints.table.sort_act(action, &layout.joints) => arrange_joints(state),
        _ => {}
    }
    Vec::new()
}

fn turn_view(state: &mut Whole, step: usize) {
    let place = View::ALL.iter().position(|view| *view == state.totals.view).unwrap_or(0);
    state.totals.view = View::ALL[(place + step) % View::ALL.len()];
}

/// The next of all, one after the other.
fn after<T: Copy + PartialEq>(all: &[T], one: Option<T>) -> Option<T> {
    match one {
        None => all.first().copied(),
        Some(one) => all.iter().position(|other| *other == one).and_then(|place| all.get(place + 1)).copied(),
    }
}

/// The joints of the chosen patient.
fn open_joints(state: &mut Whole) {
    let chosen = state.totals.table.chosen().and_then(|place| state.totals.totals.get(place)).map(|total| total.patient);
    let (Some(patient), Some(evaluation)) = (chosen, state.active_run.evaluation().cloned()) else { return };
    let rows = evaluation.joint_differences(patient, state.totals.part);
    state.totals.joints = Some(Joints { patient, rows, table: Table::new(JointColumn::Difference, true) });
    arrange_joints(state);
}

fn arrange_joints(state: &mut Whole) {
    let lines = here(state).joints.lines;
    let Some(Joints { table, rows, .. }) = &mut state.totals.joints else { return };
    table.arrange_by(rows.len(), lines, |column, a, b| joints::compare(column, &rows[a], &rows[b]));
}

/// The film at the chosen joint.
fn open_film(state: &mut Whole) -> Vec<Effect> {
    let joint = state.totals.joints.as_ref().and_then(joints::chosen).map(|row| row.graded.joint);
    match (joint, joints::glance(state)) {
        (Some(joint), Some(glance)) => film::show(state, glance.patient, glance.limb, joint.task, Some(joint)),
        _ => {
            state.message = Some(Message::info("the run has no film of this limb"));
            Vec::new()
        }
    }
}

/// The film of the next joint of the list, or of the one before; `None` where no patient's joints are listed.
pub fn step(state: &mut Whole, forward: bool) -> Option<Vec<Effect>> {
    let lines = here(state).joints.lines;
    let joints = state.totals.joints.as_mut()?;
    if !joints.table.step(forward, lines) {
        state.message = Some(Message::end_of_list(forward));
        return Some(Vec::new());
    }
    Some(open_film(state))
}

/// From a patient's joints to the patients, from a plot to the table, from a search to none; false where there is nothing to go back from.
pub fn back(state: &mut Whole) -> bool {
    if state.totals.joints.take().is_some() {
        return true;
    }
    if state.totals.view != View::Table {
        state.totals.view = View::Table;
        return true;
    }
    let searched = !state.totals.search.is_empty();
    state.totals.search.clear();
    searched
}

/// Something was typed into the line at the foot.
pub fn typed(state: &mut Whole, typed: &Typed) {
    let Some(mut prompt) = state.prompt.take() else { return };
    prompt.edit(typed);
    match typed {
        Typed::Cancel => state.totals.table.cursor = prompt.origin,
        Typed::Accept => {}
        _ => {
            state.totals.search = prompt.text.to_lowercase();
            state.totals.table.cursor = prompt.origin;
            if let Some(line) = find(state, prompt.origin, true) {
                state.totals.table.cursor = line;
            }
            state.prompt = Some(prompt);
        }
    }
    settle(state);
}

fn search_on(state: &mut Whole, forward: bool) {
    let table = &state.totals.table;
    let count = table.shown.len();
    if count == 0 {
        return;
    }
    let start = if forward { (table.cursor + 1) % count } else { (table.cursor + count - 1) % count };
    match find(state, start, forward) {
        Some(line) => state.totals.table.cursor = line,
        None => state.message = Some(Message::info(format!("no id contains `{}`", state.totals.search))),
    }
    settle(state);
}

/// The first line from `start` on, round the end, whose id contains what is searched for.
fn find(state: &Whole, start: usize, forward: bool) -> Option<usize> {
    let screen = &state.totals;
    let patients = state.active_run.evaluation()?.patients();
    let count = screen.table.shown.len();
    let hit = |line: &usize| {
        let patient = screen.totals[screen.table.shown[*line] as usize].patient;
        !screen.search.is_empty() && patients[patient].to_lowercase().contains(&screen.search)
    };
    if forward {
        (0..count).map(|step| (start + step) % count).find(hit)
    } else {
        (0..count).map(|step| (start + count - step) % count).find(hit)
    }
}

/// The mouse.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = here(state);
    if let Some(joints) = &mut state.totals.joints {
        match joints.table.mouse(mouse, &layout.joints) {
            Pressed::Order => arrange_joints(state),
            Pressed::Again => return open_film(state),
            Pressed::Line | Pressed::Nothing => {}
        }
    } else if !(layout.is_narrow && state.totals.view != View::Table) {
        match state.totals.table.mouse(mouse, &layout.table) {
            Pressed::Order => arrange(state),
            Pressed::Again => open_joints(state),
            Pressed::Line | Pressed::Nothing => {}
        }
    }
    settle(state);
    Vec::new()
}

/// Whether the film of the chosen joint is wanted and has not been asked for.
#[must_use]
pub fn wants_rest(state: &Whole) -> bool {
    let seen = state.screen == ID && state.is_uncovered() && state.painter.protocol() != svh_terminal::Protocol::Off;
    seen && joints::glance(state).is_some_and(|glance| glance.is_unread(state))
}

/// The keys rest: the film of the chosen joint is read.
pub fn rested(state: &mut Whole) -> Vec<Effect> {
    let glance = joints::glance(state);
    glance.map_or_else(Vec::new, |glance| glance.read(state))
}

/// The chosen patient, by the place in the cohort.
#[must_use]
pub fn patient(state: &Whole) -> Option<usize> {
    let screen = &state.totals;
    let opened = screen.joints.as_ref().map(|joints| joints.patient);
    let place = opened.or_else(|| screen.totals.get(screen.table.chosen()?).map(|total| total.patient))?;
    state.catalogue()?.cohort.position(state.active_run.evaluation()?.patients().get(place)?)
}
