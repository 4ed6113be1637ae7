//! What changed between two runs: how many grades and boxes were fixed, broken, better and worse, by joint and by patient. A line opens its changes.

mod columns;
mod layout;
pub mod state;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::buffer::Buffer;
use svh_analysis::{ChangeOf, ChangesOf, Verdict};

use crate::tui::{
    action::{Action, Effect},
    changed::{Asked, ChangedRuns},
    keys::screens::CHANGES,
    message::Message,
    navigation,
    screen_trait::Screen,
    screens::list,
    state::State,
    table::Pressed,
};
use columns::Column;
use layout::layout;
use state::View;
use svh_terminal::Plan;

/// The screen.
pub struct Changes;

impl Screen for Changes {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer);
        None
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        let layout = layout(state.room());
        let table = &mut state.changes.table;
        match action {
            Action::NextView => turn(state, 1),
            Action::PreviousView => turn(state, View::ALL.len() - 1),
            Action::Grade(digit) => {
                let verdict = usize::from(digit).checked_sub(1).and_then(|place| Verdict::ALL.get(place)).copied();
                return verdict.map_or_else(Vec::new, |verdict| open(state, Some(verdict)));
            }
            Action::OpenList => return open_all(state),
            _ => {
                let pressed = table.key(action, &layout.table);
                return line_pressed(state, pressed);
            }
        }
        Vec::new()
    }

    fn settle(&self, state: &mut State) {
        let lines = layout(state.room()).table.lines;
        state.changes.table.settle(lines);
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        let layout = layout(state.room());
        let pressed = state.changes.table.mouse(mouse, &layout.table);
        line_pressed(state, pressed)
    }

    fn patient(&self, state: &State) -> Option<usize> {
        let ChangeOf::Patient(place) = state.changes.chosen()?.of else { return None };
        state.catalogue()?.cohort.position(state.changes.found.as_ref()?.patient(place))
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}

fn line_pressed(state: &mut State, pressed: Pressed) -> Vec<Effect> {
    pressed.apply(state, arrange, |state| open(state, None))
}

/// Two runs were compared joint by joint.
pub fn arrived(state: &mut State, found: Result<Box<ChangedRuns>, String>) -> Vec<Effect> {
    state.message = None;
    match found {
        Ok(found) if found.is_empty() => {
            state.message = Some(Message::info(format!("nothing changed: {}", found.title())));
            Vec::new()
        }
        Ok(found) => {
            state.changes = state::State { found: Some(*found), ..Default::default() };
            // The first view that has lines: a run may have boxes alone.
            state.changes.view = (0..View::ALL.len()).find(|view| !of_view(&state.changes, *view).is_empty()).unwrap_or(0);
            arrange(state);
            navigation::go(state, CHANGES.id)
        }
        Err(reason) => {
            state.message = Some(Message::error(reason));
            Vec::new()
        }
    }
}

fn of_view(changes: &state::State, view: usize) -> &[ChangesOf] {
    let View { boxes, by_patient } = View::ALL[view];
    changes.found.as_ref().map_or(&[], |found| found.lines(boxes, by_patient))
}

/// Sorts again.
fn arrange(state: &mut State) {
    let lines = layout(state.room()).table.lines;
    let changes = &mut state.changes;
    let values = of_view(changes, changes.view).to_vec();
    changes.table.arrange(0..values.len(), lines, |column, place| key(&values[place], column, place));
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

fn turn(state: &mut State, step: usize) {
    state.changes.view = (state.changes.view + step) % View::ALL.len();
    state.changes.table.clear();
    arrange(state);
}

/// The changes of the chosen line as a list.
fn open(state: &mut State, verdict: Option<Verdict>) -> Vec<Effect> {
    let changes = &state.changes;
    let (Some(line), Some(found)) = (changes.chosen(), &changes.found) else { return Vec::new() };
    let selection = found.selection(Asked { boxes: Some(changes.view().boxes), of: Some(line.of), verdict });
    list::open(state, selection)
}

/// All changes of grades, or of boxes, as a list.
fn open_all(state: &mut State) -> Vec<Effect> {
    let Some(found) = &state.changes.found else { return Vec::new() };
    let selection = found.selection(Asked { boxes: Some(state.changes.view().boxes), ..Asked::default() });
    list::open(state, selection)
}
