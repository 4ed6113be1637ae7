//! What can be done with a run: show it on all screens, stop it, resume it.

use svh_core::{RunKind, RunState};

use crate::tui::{action::Effect, active_run, message::Message, run::Run, state::State as Whole};

/// Shows the chosen scoring on all screens.
pub fn speak_of(state: &mut Whole) -> Vec<Effect> {
    let Some(run) = state.runs.chosen() else { return Vec::new() };
    if run.info.kind == RunKind::Train {
        state.message = Some(Message::info("a training has no grades; run `svh score --models` with its model"));
        return Vec::new();
    }
    let (name, folder) = (run.name.clone(), run.folder.clone());
    state.message = Some(Message::info(format!("all screens show {name} now")));
    active_run::choose(state, folder)
}

/// Stops the chosen run, at the second press.
pub fn cancel(state: &mut Whole) -> Vec<Effect> {
    let Some(run) = state.runs.chosen() else { return Vec::new() };
    if run.state != RunState::Running {
        state.message = Some(Message::info(format!("{} is not running", run.name)));
        return Vec::new();
    }
    let folder = run.folder.clone();
    if state.runs.ending.as_ref() == Some(&folder) {
        state.message = Some(Message::info(format!("{} stops after this step; u resumes it later", run.name)));
        state.runs.ending = None;
        return vec![Effect::CancelRun(folder)];
    }
    state.message = Some(Message::info(format!("x once more stops {}", run.name)));
    state.runs.ending = Some(folder);
    Vec::new()
}

/// Resumes the chosen run.
pub fn resume(state: &mut Whole) -> Vec<Effect> {
    let Some(run) = state.runs.chosen() else { return Vec::new() };
    match resumed(run) {
        Ok(words) => vec![Effect::Start(words)],
        Err(reason) => {
            state.message = Some(Message::info(reason));
            Vec::new()
        }
    }
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
        None => Err(format!("{} does not record the options to resume it; repeat its command with --out or --resume", run.name)),
    }
}
