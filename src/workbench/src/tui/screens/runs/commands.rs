//! What can be done with a run: show it on all screens, stop it, resume it.

use svh_analysis::Scale;
use svh_core::{RunKind, RunState};

use std::path::PathBuf;

use super::form::Form;
use crate::slurm;
use crate::tui::{
    action::Effect,
    active_run,
    confirm::{Confirm, Confirmed},
    format,
    keys::letter,
    keys::screens::RUNS,
    message::Message,
    navigation,
    prompt::{Prompt, Purpose, Typed},
    run::{Managed, Run},
    state::State as Whole,
};

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

/// Opens the form of a scorer's training on a scale, which draws grades with this balance.
pub fn train_scorer(state: &mut Whole, scale: Scale, balance: f64) -> Vec<Effect> {
    let effects = navigation::go(state, RUNS.id);
    if state.screen == RUNS.id {
        state.runs.form = Some(Form::of_scorer(&state.root, &state.engine.wanted, scale.name(), balance));
    }
    effects
}

/// Asks whether to stop the chosen run.
pub fn cancel(state: &mut Whole) -> Vec<Effect> {
    let Some(run) = state.runs.chosen() else { return Vec::new() };
    if run.on_cluster && run.state != RunState::Finished {
        let question = format!("stop {} and its Slurm jobs (scancel)? What is scored stays; c submits the rest again.", run.name);
        state.confirm = Some(Confirm::new(question, Confirmed::Cluster(slurm::Request::Cancel(run.folder.clone())), Some(letter('X'))));
        return Vec::new();
    }
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

/// Asks whether to delete the chosen run.
pub fn ask_delete(state: &mut Whole) {
    let Some(run) = state.runs.chosen() else { return };
    if run.state == RunState::Running {
        state.message = Some(Message::info(format!("{} is running; X stops it", run.name)));
        return;
    }
    let what = if run.info.kind == RunKind::Train { "its curves and settings; the model stays" } else { "its results and settings" };
    let question = format!("delete {} for good, with {what}?", run.name);
    state.confirm = Some(Confirm::new(question, Confirmed::Delete(run.folder.clone()), None));
}

/// Asks for a name or a note, to be edited from what there is.
pub fn ask(state: &mut Whole, purpose: Purpose) {
    let Some(run) = state.runs.chosen() else { return };
    let text = if purpose == Purpose::Rename { run.name.clone() } else { run.note.clone().unwrap_or_default() };
    // A note has one line here.
    state.prompt = Some(Prompt::new(purpose, &text.replace('\n', " "), state.runs.table.cursor));
}

/// Something was typed into the line at the foot.
pub fn typed(state: &mut Whole, typed: &Typed) -> Vec<Effect> {
    let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
    prompt.edit(typed);
    let folder = state.runs.chosen().map(|run| run.folder.clone());
    match (typed, folder) {
        (Typed::Cancel, _) | (_, None) => Vec::new(),
        (Typed::Accept, Some(folder)) => {
            let text = prompt.text.clone();
            let effect = if prompt.purpose == Purpose::Rename { Effect::RenameRun(folder, text) } else { Effect::NoteRun(folder, text) };
            // Whatever comes back closes the line, or says in it what is wrong.
            state.prompt = Some(prompt);
            vec![effect]
        }
        _ => {
            state.prompt = Some(prompt);
            Vec::new()
        }
    }
}

/// A run was deleted, renamed or annotated, or why not.
pub fn managed(state: &mut Whole, result: Result<Managed, String>) -> Vec<Effect> {
    let prompt = state.prompt.take_if(|prompt| matches!(prompt.purpose, Purpose::Rename | Purpose::Note));
    let managed = match (result, prompt) {
        (Ok(managed), _) => managed,
        (Err(reason), Some(prompt)) => {
            state.prompt = Some(prompt.refused(reason));
            return Vec::new();
        }
        (Err(reason), None) => {
            state.message = Some(Message::error(reason));
            return Vec::new();
        }
    };
    state.message = Some(Message::info(managed.text));
    // What is known under the old name is known under the new one.
    if let Some(now) = &managed.now {
        for run in state.runs.list.iter_mut().filter(|run| run.folder == managed.before) {
            run.folder.clone_from(now);
            run.name = now.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        }
    }
    for known in [&mut state.active_run.chosen, &mut state.active_run.session, &mut state.runs.beside] {
        if known.as_ref() == Some(&managed.before) {
            known.clone_from(&managed.now);
        }
    }
    if managed.now.is_none() {
        state.runs.list.retain(|run| run.folder != managed.before);
        if state.active_run.session.is_none() {
            state.active_run.live &= state.session_results.scored() > 0;
        }
    }
    super::rearranged(state)
}

/// Shows the command that resumes the chosen run, and asks.
pub fn resume(state: &mut Whole) -> Vec<Effect> {
    let Some(run) = state.runs.chosen() else { return Vec::new() };
    if run.on_cluster && run.state != RunState::Finished {
        resubmit(state);
        return Vec::new();
    }
    match resumed(run) {
        Ok(words) => {
            let question = format!("resume {} with `svh {}`?", run.name, words.join(" "));
            state.confirm = Some(Confirm::new(question, Confirmed::Start(words), Some(letter('c'))));
        }
        Err(reason) => state.message = Some(Message::info(reason)),
    }
    Vec::new()
}

/// Asks whether to submit again what is missing of the chosen run.
fn resubmit(state: &mut Whole) {
    let Some(run) = state.runs.chosen() else { return };
    let left = match state.runs.tasks.get(&run.folder) {
        Some(Ok(tasks)) => tasks.shards.iter().filter(|standing| standing.is_left()).count(),
        Some(Err(reason)) => {
            state.message = Some(Message::info(reason.clone()));
            return;
        }
        None => {
            state.message = Some(Message::info("Slurm is being asked how the tasks stand; press c again in a moment"));
            return;
        }
    };
    if left == 0 {
        state.message = Some(Message::info("nothing is missing: every shard is finished, queued or running"));
        return;
    }
    let question = format!("submit {} of {} again (sbatch)?", format::count(left, "shard"), run.name);
    state.confirm = Some(Confirm::new(question, Confirmed::Cluster(slurm::Request::Resubmit(run.folder.clone())), Some(letter('c'))));
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
