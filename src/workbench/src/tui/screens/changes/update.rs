//! How the changes answer to keys, to the mouse, and to a comparison of two runs.

use crossterm::event::MouseEvent;
use svh_analysis::{ChangeOf, ChangesOf, Verdict};

use super::{
    columns::Column,
    keys::ID,
    layout::layout,
    state::{State, View},
};
use crate::tui::{
    action::{Action, Effect},
    changed::{Asked, ChangedRuns},
    message::Message,
    navigation,
    screens::list,
    state::State as Whole,
    table::Pressed,
};

/// Two runs were compared joint by joint.
pub fn arrived(state: &mut Whole, found: Result<Box<ChangedRuns>, String>) -> Vec<Effect> {
    state.message = None;
    match found {
        Ok(found) if found.is_empty() => {
            state.message = Some(Message::info(format!("nothing changed: {}", found.title())));
            Vec::new()
        }
        Ok(found) => {
            state.changes = State { found: Some(*found), ..State::default() };
            // The first view that has lines: a run may have boxes alone.
            state.changes.view = (0..View::ALL.len()).find(|view| !of_view(&state.changes, *view).is_empty()).unwrap_or(0);
            arrange(state);
            navigation::go(state, ID)
        }
        Err(reason) => {
            state.message = Some(Message::error(reason));
            Vec::new()
        }
    }
}

fn of_view(changes: &State, view: usize) -> &[ChangesOf] {
    let View { boxes, by_patient } = View::ALL[view];
    changes.found.as_ref().map_or(&[], |found| found.lines(boxes, by_patient))
}

/// Sorts again.
fn arrange(state: &mut Whole) {
    let lines = layout(state.room()).table.lines;
    let changes = &mut state.changes;
    let values = of_view(changes, changes.view).to_vec();
    changes.table.arrange(values.len(), lines, |column, place| key(&values[place], column, place));
}

/// What a line is sorted by.
fn key(line: &ChangesOf, column: Column, place: usize) -> Option<f64> {
    Some(match column {
        Column::Name => place as f64,
        Column::Joints => line.compared as f64,
        Column::Verdict(verdict) => line.counts[verdict as usize] as f64,
        Column::Net => line.net() as f64,
        Column::Interval => line.interval?.low,
        Column::Points => f64::from(line.points),
    })
}

/// Keeps the cursor on the screen.
pub fn settle(state: &mut Whole) {
    let lines = layout(state.room()).table.lines;
    state.changes.table.settle(lines);
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let layout = layout(state.room());
    match action {
        Action::NextView => turn(state, 1),
        Action::PreviousView => turn(state, View::ALL.len() - 1),
        Action::Open => return open(state, None),
        Action::Grade(digit) => {
            let verdict = usize::from(digit).checked_sub(1).and_then(|place| Verdict::ALL.get(place)).copied();
            return verdict.map_or_else(Vec::new, |verdict| open(state, Some(verdict)));
        }
        Action::OpenList => return open_all(state),
        Action::NextItem => drop(state.changes.table.act(Action::Down, layout.table.lines)),
        Action::PreviousItem => drop(state.changes.table.act(Action::Up, layout.table.lines)),
        _ if state.changes.table.act(action, layout.table.lines) => {}
        _ if state.changes.table.sort_act(action, &layout.table) => arrange(state),
        _ => {}
    }
    Vec::new()
}

fn turn(state: &mut Whole, step: usize) {
    state.changes.view = (state.changes.view + step) % View::ALL.len();
    state.changes.table.shown.clear();
    state.changes.table.cursor = 0;
    arrange(state);
}

/// The changes of the chosen line as a list.
fn open(state: &mut Whole, verdict: Option<Verdict>) -> Vec<Effect> {
    let changes = &state.changes;
    let (Some(line), Some(found)) = (changes.chosen(), &changes.found) else { return Vec::new() };
    let selection = found.selection(Asked { boxes: Some(changes.view().boxes), of: Some(line.of), verdict });
    list::open(state, selection)
}

/// All changes of grades, or of boxes, as a list.
fn open_all(state: &mut Whole) -> Vec<Effect> {
    let Some(found) = &state.changes.found else { return Vec::new() };
    let selection = found.selection(Asked { boxes: Some(state.changes.view().boxes), ..Asked::default() });
    list::open(state, selection)
}

/// The mouse.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = layout(state.room());
    match state.changes.table.mouse(mouse, &layout.table) {
        Pressed::Order => arrange(state),
        Pressed::Again => return open(state, None),
        Pressed::Line | Pressed::Nothing => {}
    }
    Vec::new()
}

/// The chosen patient, by the place in the cohort.
#[must_use]
pub fn patient(state: &Whole) -> Option<usize> {
    let ChangeOf::Patient(place) = state.changes.chosen()?.of else { return None };
    state.catalogue()?.cohort.position(state.changes.found.as_ref()?.patient(place))
}
