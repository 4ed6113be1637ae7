//! Trainings and scorings: which there are, how they stand, how far they are, and the course of the chosen one while it is written.

mod columns;
mod commands;
mod compare;
mod detail;
mod form;
mod form_view;
mod layout;
pub mod state;
mod tasks;
mod view;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::buffer::Buffer;
use svh_analysis::Comparison;
use svh_core::{RunKind, RunState, tags::Subject};

use crate::{
    figures::{self, Figure, FigureError},
    slurm::{Request, Tasks},
    tui::{
        action::{Action, Effect},
        active_run,
        choice::beside,
        keys::screens::RUNS,
        message::Message,
        navigation,
        prompt::{Purpose, Typed},
        question::Question,
        run::{Run, Written},
        screen_trait::Screen,
        state::State,
        table::Pressed,
    },
};
use columns::compare;
use form::{Form, Outcome};
use layout::layout;
use state::Curve;
use svh_terminal::Plan;

pub use commands::{managed, start, stop, train_scorer};

/// The screen.
pub struct Runs;

impl Screen for Runs {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer);
        None
    }

    fn settle(&self, state: &mut State) {
        let lines = layout(state.room(), state.runs.list.len()).table.lines;
        state.runs.table.settle(lines);
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        let layout = layout(state.room(), state.runs.list.len());
        match action {
            Action::NextView | Action::PreviousView => {
                state.runs.curve = beside(&Curve::ALL, state.runs.curve, action == Action::NextView);
            }
            Action::Start => state.runs.form = Some(Form::new(&state.root, &state.engine.wanted)),
            Action::Cancel => return commands::cancel(state),
            Action::Resume => return commands::resume(state),
            Action::DeleteRun => commands::ask_delete(state),
            Action::RenameRun => commands::ask(state, Purpose::Rename),
            Action::NoteRun => commands::ask(state, Purpose::Note),
            Action::Changes => return ask_changes(state),
            Action::Beside => {
                let chosen = state.runs.chosen().map(|run| run.folder.clone());
                state.runs.beside = chosen.filter(|folder| state.runs.beside.as_ref() != Some(folder));
                return follow(state);
            }
            _ => {
                let pressed = state.runs.table.key(action, &layout.table);
                return line_pressed(state, pressed);
            }
        }
        Vec::new()
    }

    fn subjects(&self, state: &State) -> Vec<Subject> {
        state.runs.chosen().map(|run| Subject::run(&run.name)).into_iter().collect()
    }

    fn at_hand(&self, state: &State) -> Option<String> {
        state.runs.chosen().map(|run| run.folder.display().to_string())
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        let run = state.runs.chosen()?;
        Some(("curves", figures::training_curves(&run.name, state.runs.curves.get(&run.folder)?)))
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        [follow(state), active_run::need(state)].concat()
    }

    fn back(&self, state: &mut State) -> bool {
        state.runs.beside.take().is_some()
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        let layout = layout(state.room(), state.runs.list.len());
        let pressed = state.runs.table.mouse(mouse, &layout.table);
        line_pressed(state, pressed)
    }

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        commands::typed(state, typed)
    }

    fn press(&self, state: &mut State, key: KeyEvent) -> Option<Vec<Effect>> {
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

    fn hints(&self, state: &State) -> Option<&'static [(&'static str, &'static str)]> {
        state.runs.form.is_some().then_some(&[("↑↓", "field"), ("← →", "choose"), ("⏎", "next, start"), ("Esc", "close")])
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}

fn line_pressed(state: &mut State, pressed: Pressed) -> Vec<Effect> {
    match pressed {
        Pressed::Order => arrange(state),
        Pressed::Open => return commands::speak_of(state),
        Pressed::Line | Pressed::Nothing => {}
    }
    follow(state)
}

/// Goes to a run by its place in the list.
pub fn show(state: &mut State, place: usize) -> Vec<Effect> {
    let lines = layout(state.room(), state.runs.list.len()).table.lines;
    state.runs.table.choose(place, lines);
    navigation::go(state, RUNS.id)
}

/// A run was started, or could not be, or has ended early with a reason.
pub fn started(state: &mut State, result: Result<(), String>) {
    state.message = Some(match result {
        Ok(()) => Message::info("started; it keeps running when svh quits, and is found again here"),
        Err(reason) => {
            state.runs.awaited = None;
            Message::error(reason)
        }
    });
}

/// The Slurm tasks of a run.
pub fn tasks(state: &mut State, run: PathBuf, tasks: Tasks) {
    if state.runs.followed.contains(&run) {
        state.runs.tasks.insert(run, tasks);
    }
}

/// Slurm tasks were stopped or submitted, or why not.
pub fn submitted(state: &mut State, result: Result<String, String>) {
    state.message = Some(result.map_or_else(Message::error, Message::info));
}

/// Two runs were compared.
pub fn compared(state: &mut State, runs: (PathBuf, PathBuf), result: Result<Box<Comparison>, String>) {
    if state.runs.asked.as_ref() == Some(&runs) {
        state.runs.comparison = Some((runs, result));
    }
}

/// Asks what changed between the marked run and the chosen one.
fn ask_changes(state: &mut State) -> Vec<Effect> {
    let scoring = |run: Option<&Run>| run.filter(|run| run.info.kind != RunKind::Train).map(|run| run.folder.clone());
    let (Some(first), Some(second)) = (scoring(state.runs.marked()), scoring(state.runs.chosen())) else {
        state.message = Some(Message::info("mark a scoring with Space, choose another one, then press ~"));
        return Vec::new();
    };
    state.message = Some(Message::info("comparing joint by joint …"));
    vec![Effect::Ask(Question::Changes(first, second))]
}

/// The runs have changed.
pub fn listed(state: &mut State, runs: Vec<Run>) -> Vec<Effect> {
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
    runs.table.cursor = place.and_then(|place| runs.table.line_of(place)).unwrap_or(0);
    Runs.settle(state);
    let mut effects = if state.screen == RUNS.id { follow(state) } else { Vec::new() };
    effects.extend(active_run::read(state));
    if active_run::is_shown(state) {
        effects.extend(active_run::listed(state));
    }
    effects
}

/// The list has other runs or names: sorts it again, and follows what is chosen now.
pub fn rearranged(state: &mut State) -> Vec<Effect> {
    arrange(state);
    let mut effects = follow(state);
    effects.extend(active_run::read(state));
    if active_run::is_shown(state) {
        effects.extend(active_run::need(state));
    }
    effects
}

/// A followed run has written more.
pub fn written(state: &mut State, written: Written) {
    if !state.runs.followed.contains(&written.folder) {
        return;
    }
    let curves = state.runs.curves.entry(written.folder).or_default();
    if written.first {
        *curves = Default::default();
    }
    curves.add(&written.events);
}

fn arrange(state: &mut State) {
    let lines = layout(state.room(), state.runs.list.len()).table.lines;
    let state::State { table, list, .. } = &mut state.runs;
    table.arrange_by(0..list.len(), lines, |column, a, b| compare(column, &list[a], &list[b]));
}

/// Asks for the events of the chosen run and of the marked one where they are not followed yet, and for their comparison.
fn follow(state: &mut State) -> Vec<Effect> {
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
