//! The one run that all screens show, its results and its evaluation; asking for them, choosing another run, saying why there is none.

pub mod state;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::{Evaluation, GradeErrors, Scope};
use svh_core::{RunKind, RunState};

use state::Evaluated;

use super::{
    action::Effect,
    draw, format,
    question::{Answer, Question, Source},
    results::Results,
    run::{Reached, Run},
    screen_trait::Change,
    state::{Cohort, State},
};

/// The run in use where none was chosen: the newest scoring that went through all its patients, else the newest finished, else any.
fn newest(runs: &[Run]) -> Option<&Run> {
    let scorings = || runs.iter().filter(|run| matches!(run.info.kind, RunKind::Score | RunKind::Detect));
    let complete = |run: &&Run| run.reached.as_ref().is_some_and(|reached| Reached::share(reached) >= 1.0);
    scorings().find(complete).or_else(|| scorings().find(|run| run.state == RunState::Finished)).or_else(|| scorings().next())
}

/// The run that the screens are to show; `None` as long as the runs have not been listed.
fn wanted(state: &State) -> Option<Source> {
    let runs = &state.runs;
    if state.active_run.live {
        return Some(state.active_run.session.clone());
    }
    if !runs.listed || state.catalogue().is_none() {
        return None;
    }
    let chosen = state.active_run.chosen.as_ref().and_then(|folder| runs.list.iter().find(|run| run.folder == *folder));
    Some(chosen.or_else(|| newest(&runs.list)).map(|run| run.folder.clone()))
}

/// The folder of the run in use, evaluated or not.
#[must_use]
pub fn in_use(state: &State) -> Option<PathBuf> {
    wanted(state).flatten()
}

/// What all screens show, for the head of each; `None` before anything is known.
#[must_use]
pub fn shown(state: &State) -> Option<String> {
    if state.active_run.live {
        return Some("this session".to_owned());
    }
    let run = in_use(state)?;
    Some(run.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default())
}

/// Reads the results of the run in use where those in memory are of another.
pub fn read(state: &mut State) -> Vec<Effect> {
    let Some(wanted) = wanted(state).filter(|_| !state.active_run.live) else { return Vec::new() };
    if state.active_run.loaded.as_ref() == Some(&wanted) {
        return Vec::new();
    }
    state.active_run.loaded = Some(wanted.clone());
    state.results = Results::default();
    let mut effects = state.registry.announce(state, Change::Results);
    effects.extend(wanted.map(Effect::ReadResults));
    effects
}

/// The results of a run were read.
pub fn results_read(state: &mut State, folder: &Path, results: Results) -> Vec<Effect> {
    let wanted = state.active_run.loaded.as_ref().is_some_and(|loaded| loaded.as_deref() == Some(folder));
    if state.active_run.live || !wanted {
        return Vec::new();
    }
    state.results = results;
    state.registry.announce(state, Change::Results)
}

/// The engine has answered: all screens show this session's results from here on.
pub fn answered(state: &mut State) -> Vec<Effect> {
    state.results = state.session_results.clone();
    state.active_run.live = true;
    state.active_run.loaded = None;
    let mut effects = state.registry.announce(state, Change::Results);
    effects.extend(state.registry.announce(state, Change::Answered));
    effects
}

/// A result of this session is on disk, in this run.
pub fn recorded(state: &mut State, folder: PathBuf) -> Vec<Effect> {
    state.active_run.session = Some(folder);
    if !state.active_run.live {
        return Vec::new();
    }
    state.active_run.evaluated = Evaluated::Not;
    if is_shown(state) { need(state) } else { Vec::new() }
}

/// Asks for the evaluation of the run in use where it is not there yet.
pub fn need(state: &mut State) -> Vec<Effect> {
    let Some(wanted) = wanted(state) else { return Vec::new() };
    match &state.active_run.evaluated {
        Evaluated::Reading(source) | Evaluated::Failed(source, _) if *source == wanted => Vec::new(),
        // What was reviewed since changes the reference.
        Evaluated::Ready(source) if *source == wanted && state.active_run.reviewed == state.session.reviews().len() => Vec::new(),
        _ => {
            let run = wanted.as_ref().and_then(|folder| state.runs.list.iter().find(|run| run.folder == *folder));
            state.active_run.stood = run.map(|run| run.state);
            state.active_run.reviewed = state.session.reviews().len();
            state.active_run.evaluated = Evaluated::Reading(wanted.clone());
            vec![Effect::Ask(Question::Evaluate(wanted))]
        }
    }
}

/// Whether the screen in front shows metrics of the run in use.
#[must_use]
pub fn is_shown(state: &State) -> bool {
    state.shows_run()
}

/// The runs have changed: what is shown may be of another run now, or of the same one that has progressed since.
pub fn listed(state: &mut State) -> Vec<Effect> {
    let source = state.active_run.source().cloned().flatten();
    let run = source.and_then(|folder| state.runs.list.iter().find(|run| run.folder == folder));
    // A running run is evaluated again when it ends, and whenever it is chosen; not with every patient.
    let has_ended = run.is_some_and(|run| state.active_run.stood == Some(RunState::Running) && run.state != RunState::Running);
    if has_ended && !state.active_run.is_busy() {
        state.active_run.loaded = None;
        return [read(state), renew(state)].concat();
    }
    need(state)
}

/// Makes a run the one in use.
pub fn choose(state: &mut State, folder: PathBuf) -> Vec<Effect> {
    if state.active_run.session.as_ref() == Some(&folder) {
        let mut effects = answered(state);
        effects.extend(renew(state));
        return effects;
    }
    state.active_run.chosen = Some(folder);
    state.active_run.live = false;
    // It may have progressed.
    state.active_run.loaded = None;
    [read(state), renew(state)].concat()
}

/// Evaluates the run in use again, as it may have progressed.
fn renew(state: &mut State) -> Vec<Effect> {
    state.active_run.evaluated = Evaluated::Not;
    need(state)
}

/// Asks for the intervals of a scope where they are not there yet.
pub fn want_agreement(state: &mut State, scope: Scope) -> Vec<Effect> {
    let known = state.active_run.evaluation().is_none_or(|evaluation| !evaluation.has_predictions());
    if known || !state.active_run.asked.insert(scope) {
        return Vec::new();
    }
    vec![Effect::Ask(Question::Agreement(scope))]
}

/// An answer has come.
pub fn on_answer(state: &mut State, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Evaluated(source, result) => return evaluated(state, source, result),
        Answer::Errors(source, errors, grades, tallies) if state.active_run.source() == Some(&source) => {
            let active = &mut state.active_run;
            (active.errors, active.grade_errors, active.tallies) = (errors, grades, tallies);
            return state.registry.announce(state, Change::Errors);
        }
        Answer::Agreement(source, scope, agreement) if state.active_run.source() == Some(&source) => {
            state.active_run.agreements.insert(scope, *agreement);
        }
        // About a run that is in use no more, or none of the run in use.
        Answer::Errors(..) | Answer::Agreement(..) | Answer::Compared(..) | Answer::Detector(..) | Answer::Changes(_) => {}
    }
    Vec::new()
}

fn evaluated(state: &mut State, source: Source, result: Result<Arc<Evaluation>, String>) -> Vec<Effect> {
    if !matches!(&state.active_run.evaluated, Evaluated::Reading(reading) if *reading == source) {
        return Vec::new();
    }
    let active = &mut state.active_run;
    active.agreements.clear();
    active.asked.clear();
    active.errors = Arc::default();
    active.grade_errors = GradeErrors::default();
    active.tallies.clear();
    match result {
        Ok(evaluation) => {
            active.evaluated = Evaluated::Ready(source.clone());
            active.evaluation = Some((source, evaluation));
        }
        Err(reason) => {
            active.evaluated = Evaluated::Failed(source, reason);
            active.evaluation = None;
        }
    }
    let mut effects = state.registry.evaluated(state);
    if state.active_run.evaluation.is_some() {
        effects.push(Effect::Ask(Question::Errors));
    }
    effects
}

/// The run's name, or what stands for it.
#[must_use]
pub fn name(state: &State) -> String {
    let run = state.active_run.source().and_then(Option::as_ref);
    if run == state.active_run.session.as_ref() && run.is_some() {
        return "this session".to_owned();
    }
    let name = run.and_then(|folder| folder.file_name()).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "no run".to_owned())
}

/// Draws the line that says which run the screen shows and how many patients it has; returns the cells it took.
pub fn head(state: &State, line: Rect, buffer: &mut Buffer) -> u16 {
    let theme = state.theme;
    let Some(evaluation) = state.active_run.evaluation() else { return 0 };
    let busy = if state.active_run.is_busy() { format!("{} ", draw::spinner(state.tick)) } else { String::new() };
    let wide = state.size.0 >= 100;
    let patients = if wide { format!(" · {}", format::count(evaluation.patients().len(), "patient")) } else { String::new() };
    draw::pieces(buffer, line, &[(&busy, theme.model()), (&name(state), theme.title()), (&patients, theme.muted())])
}

/// Says why there is nothing to show yet; false where an evaluation is there.
pub fn notice(state: &State, area: Rect, buffer: &mut Buffer) -> bool {
    if state.active_run.evaluation.is_some() {
        return false;
    }
    let theme = state.theme;
    if let Cohort::Failed(reason) = &state.cohort {
        draw::notice(buffer, area, std::slice::from_ref(reason), theme.error());
        return true;
    }
    let texts = match &state.active_run.evaluated {
        Evaluated::Failed(_, reason) => {
            draw::notice(buffer, area, &[reason.clone(), String::new(), "^R chooses another run".to_owned()], theme.error());
            return true;
        }
        Evaluated::Reading(Some(run)) => {
            let name = run.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            vec![format!("{} evaluating {name}", draw::spinner(state.tick))]
        }
        _ => vec![format!("{} reading {}", draw::spinner(state.tick), state.root.display())],
    };
    draw::notice(buffer, area, &texts, theme.muted());
    true
}

/// What to do where the screen needs a run and there is none.
#[must_use]
pub fn how_to_get_a_run(state: &State) -> Vec<String> {
    let name = state.root.display();
    vec![
        "no run yet".to_owned(),
        String::new(),
        format!("`svh score {name} --out {name}/runs/first` grades every patient and keeps the run"),
        "s on Patients grades one patient; R shows runs and starts one".to_owned(),
    ]
}
