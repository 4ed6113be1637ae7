//! How the runs answer to keys, to the mouse and to the events of the watcher.

use super::{
    columns::compare,
    commands,
    form::{Form, Outcome},
    keys::ID,
    layout::layout,
    state::Curve,
};
use crossterm::event::{KeyEvent, MouseEvent, MouseEventKind};
use std::path::PathBuf;

use svh_analysis::Comparison;
use svh_core::{RunKind, RunState};

use crate::{
    slurm::{Request, Tasks},
    tui::{
        action::{Action, Effect},
        active_run,
        message::Message,
        navigation,
        prompt::Purpose,
        question::Question,
        run::{Run, Written},
        state::State as Whole,
        table::Pressed,
    },
};

/// The screen has come to the front.
pub fn enter(state: &mut Whole) -> Vec<Effect> {
    settle(state);
    let mut effects = follow(state);
    effects.extend(active_run::need(state));
    effects
}

/// Goes to a run by its place in the list.
pub fn show(state: &mut Whole, place: usize) -> Vec<Effect> {
    let line = state.runs.table.shown.iter().position(|shown| *shown as usize == place);
    state.runs.table.cursor = line.unwrap_or(0);
    navigation::go(state, ID)
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let layout = layout(state.room(), state.runs.list.len());
    let curves = Curve::ALL.len();
    let place = Curve::ALL.iter().position(|curve| *curve == state.runs.curve).unwrap_or(0);
    match action {
        Action::NextView => state.runs.curve = Curve::ALL[(place + 1) % curves],
        Action::PreviousView => state.runs.curve = Curve::ALL[(place + curves - 1) % curves],
        Action::Start => state.runs.form = Some(Form::new(&state.root, &state.engine.wanted)),
        Action::Open => return commands::speak_of(state),
        Action::Cancel => return commands::cancel(state),
        Action::Resume => return commands::resume(state),
        Action::DeleteRun => commands::ask_delete(state),
        Action::RenameRun => commands::ask(state, Purpose::Rename),
        Action::NoteRun => commands::ask(state, Purpose::Note),
        Action::NextItem => return act(state, Action::Down),
        Action::PreviousItem => return act(state, Action::Up),
        Action::Changes => return ask_changes(state),
        Action::Beside => {
            let chosen = state.runs.chosen().map(|run| run.folder.clone());
            state.runs.beside = chosen.filter(|folder| state.runs.beside.as_ref() != Some(folder));
            return follow(state);
        }
        _ if state.runs.table.act(action, layout.table.lines) => return follow(state),
        _ if state.runs.table.sort_act(action, &layout.table) => arrange(state),
        _ => {}
    }
    Vec::new()
}

/// A key while the form is open; `None` where it is not.
pub fn press_in_form(state: &mut Whole, key: KeyEvent) -> Option<Vec<Effect>> {
    let form = state.runs.form.as_mut()?;
    Some(match form.press(key) {
        Outcome::Open => Vec::new(),
        Outcome::Closed => {
            state.runs.form = None;
            Vec::new()
        }
        Outcome::Start(words) => {
            state.runs.form = None;
            commands::start(state, words)
        }
    })
}

/// A run was started, or could not be, or has ended early with a reason.
pub fn started(state: &mut Whole, result: Result<(), String>) {
    state.message = Some(match result {
        Ok(()) => Message::info("started; it keeps running when svh quits, and is found again here"),
        Err(reason) => {
            state.runs.awaited = None;
            Message::error(reason)
        }
    });
}

/// The Slurm tasks of a run.
pub fn tasks(state: &mut Whole, run: PathBuf, tasks: Tasks) {
    if state.runs.followed.contains(&run) {
        state.runs.tasks.insert(run, tasks);
    }
}

/// Slurm tasks were stopped or submitted, or why not.
pub fn submitted(state: &mut Whole, result: Result<String, String>) {
    state.message = Some(result.map_or_else(Message::error, Message::info));
}

/// Forgets the marked run; false where none is marked.
pub fn back(state: &mut Whole) -> bool {
    state.runs.beside.take().is_some()
}

/// Two runs were compared.
pub fn compared(state: &mut Whole, runs: (PathBuf, PathBuf), result: Result<Box<Comparison>, String>) {
    if state.runs.asked.as_ref() == Some(&runs) {
        state.runs.comparison = Some((runs, result));
    }
}

/// Asks what changed between the marked run and the chosen one.
fn ask_changes(state: &mut Whole) -> Vec<Effect> {
    let scoring = |run: Option<&Run>| run.filter(|run| run.info.kind != RunKind::Train).map(|run| run.folder.clone());
    let (Some(first), Some(second)) = (scoring(state.runs.marked()), scoring(state.runs.chosen())) else {
        state.message = Some(Message::info("mark a scoring with Space, choose another one, then press ~"));
        return Vec::new();
    };
    state.message = Some(Message::info("comparing joint by joint …"));
    vec![Effect::Ask(Question::Changes(first, second))]
}

/// The mouse.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = layout(state.room(), state.runs.list.len());
    match mouse.kind {
        MouseEventKind::ScrollUp | MouseEventKind::ScrollDown => {
            state.runs.table.wheel(mouse.kind == MouseEventKind::ScrollDown, layout.table.lines);
        }
        MouseEventKind::Down(_) => match state.runs.table.press(mouse, &layout.table) {
            Pressed::Order => arrange(state),
            Pressed::Again => return commands::speak_of(state),
            Pressed::Line | Pressed::Nothing => {}
        },
        _ => {}
    }
    follow(state)
}

/// Keeps the cursor on the screen.
pub fn settle(state: &mut Whole) {
    let lines = layout(state.room(), state.runs.list.len()).table.lines;
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
    let new =
        runs.awaited.as_ref().and_then(|known| runs.list.iter().find(|run| !known.contains(&run.folder))).map(|run| run.folder.clone());
    if new.is_some() {
        runs.awaited = None;
    }
    let place = new.or(chosen).and_then(|folder| runs.list.iter().position(|run| run.folder == folder));
    let line = place.and_then(|place| runs.table.shown.iter().position(|shown| *shown as usize == place));
    runs.table.cursor = line.unwrap_or(0);
    settle(state);
    let mut effects = if state.screen == ID { follow(state) } else { Vec::new() };
    effects.extend(active_run::read(state));
    if active_run::is_shown(state) {
        effects.extend(active_run::listed(state));
    }
    effects
}

/// The list has other runs or names: sorts it again, and follows what is chosen now.
pub fn rearranged(state: &mut Whole) -> Vec<Effect> {
    arrange(state);
    let mut effects = follow(state);
    effects.extend(active_run::read(state));
    if active_run::is_shown(state) {
        effects.extend(active_run::need(state));
    }
    effects
}

/// A followed run has written more.
pub fn written(state: &mut Whole, written: Written) {
    if !state.runs.followed.contains(&written.folder) {
        return;
    }
    let curves = state.runs.curves.entry(written.folder).or_default();
    if written.first {
        *curves = Default::default();
    }
    curves.add(&written.events);
}

fn arrange(state: &mut Whole) {
    let lines = layout(state.room(), state.runs.list.len()).table.lines;
    let runs = &mut state.runs;
    let mut shown: Vec<u32> = (0..runs.list.len() as u32).collect();
    let run = |place: &u32| &runs.list[*place as usize];
    shown.sort_by(|a, b| {
        let order = compare(runs.table.sort, run(a), run(b));
        if runs.table.reversed { order.reverse() } else { order }
    });
    runs.table.show(shown, lines);
}

/// Asks for the events of the chosen run and of the marked one where they are not followed yet, and for their comparison.
fn follow(state: &mut Whole) -> Vec<Effect> {
    let (chosen, marked) = (state.runs.chosen(), state.runs.marked());
    let mut effects = Vec::new();
    let scorings = [marked, chosen].map(|run| run.filter(|run| run.info.kind != RunKind::Train).map(|run| run.folder.clone()));
    let wanted: Vec<_> = chosen.into_iter().chain(marked).map(|run| run.folder.clone()).collect();
    let of_cluster: Vec<_> = chosen
        .into_iter()
        .chain(marked)
        .filter(|run| run.on_cluster && run.state != RunState::Finished)
        .map(|run| run.folder.clone())
        .collect();
    if let [Some(first), Some(second)] = scorings {
        let pair = (first, second);
        if state.runs.asked.as_ref() != Some(&pair) {
            state.runs.asked = Some(pair.clone());
            effects.push(Effect::Ask(Question::Compare(pair.0, pair.1)));
        }
    }
    if of_cluster != state.runs.asked_of_cluster {
        state.runs.asked_of_cluster.clone_from(&of_cluster);
        effects.push(Effect::Cluster(Request::Follow(of_cluster)));
    }
    if wanted != state.runs.followed {
        state.runs.curves.retain(|folder, _| wanted.contains(folder));
        state.runs.tasks.retain(|folder, _| wanted.contains(folder));
        state.runs.followed.clone_from(&wanted);
        effects.push(Effect::FollowRuns(wanted));
    }
    effects
}
