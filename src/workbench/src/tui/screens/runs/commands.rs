//! What can be done with a run: show it on all screens, stop it, resume it.

use svh_core::{RunKind, RunState};

use std::path::PathBuf;

use crate::tui::{
    action::Effect,
    active_run,
    confirm::{Confirm, Confirmed},
    keys::letter,
    message::Message,
    run::Run,
    state::State as Whole,
};

/// Shows the chosen scoring on all screens.
pub fn speak_of(state: &mut Whole) -> Vec<Effect> {
    let Some(run) = state.runs.chosen() else { return Vec::new() };
    if run.info.kind == RunKind::Train {
        state.message = Some(Message::info("a training has no grades of its own; `svh score --models` with its model makes some"));
        return Vec::new();
    }
    let (name, folder) = (run.name.clone(), run.folder.clone());
    state.message = Some(Message::info(format!("all screens show {name} now")));
    active_run::choose(state, folder)
}

/// Asks whether to stop the chosen run.
pub fn cancel(state: &mut Whole) -> Vec<Effect> {
    let Some(run) = state.runs.chosen() else { return Vec::new() };
    if run.state != RunState::Running {
        state.message = Some(Message::info(format!("{} is not running", run.name)));
        return Vec::new();
    }
    let question = format!("stop {}? It stops after this step and can be resumed.", run.name);
    state.confirm = Some(Confirm::new(question, Confirmed::Stop(run.folder.clone()), Some(letter('X'))));
    Vec::new()
}

/// Stops the run in a folder.
pub fn stop(state: &mut Whole, folder: PathBuf) -> Vec<Effect> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    state.message = Some(Message::info(format!("{name} stops after this step; c resumes it later")));
    vec![Effect::CancelRun(folder)]
}

/// Starts this program once more with these words; the run that comes of it gets the cursor.
pub fn start(state: &mut Whole, words: Vec<String>) -> Vec<Effect> {
    state.runs.awaited = Some(state.runs.list.iter().map(|run| run.folder.clone()).collect());
    vec![Effect::Start(words)]
}

/// Shows the command that resumes the chosen run, and asks.
pub fn resume(state: &mut Whole) -> Vec<Effect> {
    let Some(run) = state.runs.chosen() else { return Vec::new() };
    match resumed(run) {
        Ok(words) => {
            let question = format!("resume {} with `svh {}`?", run.name, words.join(" "));
            state.confirm = Some(Confirm::new(question, Confirmed::Start(words), Some(letter('c'))));
        }
        Err(reason) => state.message = Some(Message::info(reason)),
    }
    Vec::new()
}

/// The words after the program's name that resume a run: by the options that it kept, never by words of its file.
fn resumed(run: &Run) -> Result<Vec<String>, String> {
    match run.state {
        RunState::Running => return Err(format!("{} is running", run.name)),
        RunState::Finished => return Err(format!("{} is finished", run.name)),
        RunState::Failed | RunState::Cancelled | RunState::Interrupted => {}
    }
    match &run.info.options {
        Some(_) => Ok(vec!["resume".to_owned(), run.folder.display().to_string()]),
        // The workbench keeps its own results as a run, which no command resumes; earlier versions kept no options.
        None => Err(format!("{} keeps no options to resume it by; repeat its command with --out or --resume", run.name)),
    }
}
