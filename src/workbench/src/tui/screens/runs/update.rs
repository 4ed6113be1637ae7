//! How the runs answer to keys, to the mouse and to what the watching thread tells.

use super::{columns::compare, layout::layout, state::Curve};
use crate::tui::{
    action::{Action, Effect},
    input::{Mouse, MouseKind},
    navigation,
    state::{Screen, State as Whole},
    table::Pressed,
    watch::{Run, Written},
};

/// The screen has come to the front.
pub fn enter(state: &mut Whole) -> Vec<Effect> {
    settle(state);
    follow(state)
}

/// Goes to a run by its place in the list.
pub fn show(state: &mut Whole, place: usize) -> Vec<Effect> {
    let line = state.runs.table.shown.iter().position(|shown| *shown as usize == place);
    state.runs.table.cursor = line.unwrap_or(0);
    navigation::go(state, Screen::Runs)
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let layout = layout(state.room());
    let curves = Curve::ALL.len();
    let place = Curve::ALL.iter().position(|curve| *curve == state.runs.curve).unwrap_or(0);
    match action {
        Action::NextView => state.runs.curve = Curve::ALL[(place + 1) % curves],
        Action::PreviousView => state.runs.curve = Curve::ALL[(place + curves - 1) % curves],
        _ if state.runs.table.act(action, layout.table.lines) => return follow(state),
        _ if state.runs.table.sort_act(action, &layout.table) => arrange(state),
        _ => {}
    }
    Vec::new()
}

/// The mouse.
pub fn mouse(state: &mut Whole, mouse: Mouse) -> Vec<Effect> {
    let layout = layout(state.room());
    match mouse.kind {
        MouseKind::WheelUp | MouseKind::WheelDown => state.runs.table.wheel(mouse.kind == MouseKind::WheelDown, layout.table.lines),
        MouseKind::Press => {
            if state.runs.table.press(mouse, &layout.table) == Pressed::Order {
                arrange(state);
            }
        }
        MouseKind::Drag | MouseKind::Release => {}
    }
    follow(state)
}

/// Keeps the cursor on the screen.
pub fn settle(state: &mut Whole) {
    let lines = layout(state.room()).table.lines;
    state.runs.table.settle(lines);
}

/// The runs have changed.
pub fn listed(state: &mut Whole, runs: Vec<Run>) -> Vec<Effect> {
    let chosen = state.runs.chosen().map(|run| run.folder.clone());
    state.runs.list = runs;
    state.runs.listed = true;
    arrange(state);
    // The same run stays chosen, whatever its place has become.
    let runs = &mut state.runs;
    let place = chosen.and_then(|folder| runs.list.iter().position(|run| run.folder == folder));
    let line = place.and_then(|place| runs.table.shown.iter().position(|shown| *shown as usize == place));
    runs.table.cursor = line.unwrap_or(0);
    settle(state);
    if state.screen == Screen::Runs { follow(state) } else { Vec::new() }
}

/// A followed run goes on.
pub fn written(state: &mut Whole, written: Written) {
    if !state.runs.followed.contains(&written.folder) {
        return;
    }
    let course = state.runs.courses.entry(written.folder).or_default();
    if written.first {
        *course = Default::default();
    }
    course.add(&written.events);
}

fn arrange(state: &mut Whole) {
    let lines = layout(state.room()).table.lines;
    let runs = &mut state.runs;
    let mut shown: Vec<u32> = (0..runs.list.len() as u32).collect();
    let run = |place: &u32| &runs.list[*place as usize];
    shown.sort_by(|a, b| {
        let order = compare(runs.table.sort, run(a), run(b));
        if runs.table.reversed { order.reverse() } else { order }
    });
    runs.table.show(shown, lines);
}

/// Asks for the events of the chosen run where they are not followed yet.
fn follow(state: &mut Whole) -> Vec<Effect> {
    let wanted: Vec<_> = state.runs.chosen().map(|run| run.folder.clone()).into_iter().collect();
    if wanted == state.runs.followed {
        return Vec::new();
    }
    state.runs.courses.retain(|folder, _| wanted.contains(folder));
    state.runs.followed.clone_from(&wanted);
    vec![Effect::FollowRuns(wanted)]
}
