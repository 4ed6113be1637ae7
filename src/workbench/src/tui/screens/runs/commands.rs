//! What can be done with a run: show it on all screens, stop it, resume it.

use svh_core::{RunKind, RunState};

use crate::tui::{action::Effect, active_run, message::Message, run::Run, state::State as Whole};

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

/// The arguments that resume a run.
fn resumed(run: &Run) -> Result<Vec<String>, String> {
    match run.state {
        RunState::Running => return Err(format!("{} is running", run.name)),
        RunState::Finished => return Err(format!("{} is finished", run.name)),
        RunState::Failed | RunState::Cancelled | RunState::Interrupted => {}
    }
    let mut words = run.info.command.iter().skip(1).cloned();
    match (run.info.kind, words.next().as_deref()) {
        (RunKind::Train, Some("train")) => Ok(train_words(words.collect())),
        // The workbench keeps its own results as a run, which no command resumes.
        (RunKind::Score, Some("score")) => Ok(std::iter::once("score".to_owned()).chain(words).collect()),
        _ => Err(format!("{} was not made by `svh score --out` or `svh train`, so it cannot be resumed", run.name)),
    }
}

/// The engine's words as `svh train` takes them: options that it does not know itself stand behind `--`.
fn train_words(words: Vec<String>) -> Vec<String> {
    const KNOWN: [&str; 9] = ["--task", "--cohort", "--out", "--arch", "--init", "--epochs", "--seed", "--device", "--models"];
    let (mut own, mut more) = (vec!["train".to_owned()], Vec::new());
    let mut words = words.into_iter().filter(|word| word != "--resume" && word != "--").peekable();
    own.extend(words.next());
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        let target = if KNOWN.contains(&name) { &mut own } else { &mut more };
        target.push(word);
        while let Some(value) = words.next_if(|next| !next.starts_with("--")) {
            target.push(value);
        }
    }
    own.push("--resume".to_owned());
    if !more.is_empty() {
        own.push("--".to_owned());
        own.append(&mut more);
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_training_is_gone_on_with_by_svh_and_what_svh_does_not_know_stands_behind_two_dashes() {
        let before = words("scorer --task narrowing --cohort demo --out m --balance 0.5 --plain --device cpu --epochs 3");
        let expected =
            words("train scorer --task narrowing --cohort demo --out m --device cpu --epochs 3 --resume -- --balance 0.5 --plain");
        assert_eq!(train_words(before), expected);
        assert_eq!(train_words(words("detector --task erosion --resume")), words("train detector --task erosion --resume"));
    }
}
