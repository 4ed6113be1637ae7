//! `svh runs`: what a cohort keeps of the models' work.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde_json::json;
use svh_core::run::{self, ResultLine, RunEvent, RunReader, RunState};

use super::{
    args::{Runs, RunsAction},
    failure::{Failure, Outcome},
    inputs, out,
    progress::Progress,
};
use crate::Options;

/// Lists the runs, the newest first, or changes one.
pub fn run(command: &Runs, options: &Options) -> Outcome {
    match &command.action {
        Some(RunsAction::Delete { runs }) => runs.iter().try_for_each(|run| delete(run)),
        Some(RunsAction::Rename { run, name }) => {
            let renamed = run::rename(run, name).map_err(Failure::user)?;
            out::line(format_args!("{} is now {}", run.display(), renamed.display()))
        }
        Some(RunsAction::Annotate { run, note }) => run::annotate(run, note).map_err(Failure::user),
        None => list(command, options),
    }
}

fn delete(run: &Path) -> Outcome {
    let left = run::delete(run).map_err(Failure::user)?;
    let name = run.display();
    if left.is_empty() {
        return out::line(format_args!("deleted {name}"));
    }
    out::line(format_args!("deleted the run in {name}; other files stay there: {}", left.join(", ")))
}

fn list(command: &Runs, options: &Options) -> Outcome {
    let folder = match &command.cohort {
        Some(folder) => folder.clone(),
        None => svh_core::places::demo().ok_or_else(inputs::no_demo)?,
    };
    if !folder.is_dir() {
        return Err(Failure::user(format!("{} is not a folder; name a cohort", folder.display())));
    }
    let kept = folder.join(svh_core::cohort::RUNS_FOLDER);
    if let Some(name) = &command.curves {
        let named = kept.join(name);
        return curves(&RunReader::open(if named.is_dir() { &named } else { name }).map_err(Failure::user)?);
    }
    let runs = run::list(&kept);
    if runs.is_empty() && !command.json {
        return out::line(format_args!(
            "{} keeps no runs; `svh score {} --out {0}/runs/NAME` makes one",
            folder.display(),
            folder.display()
        ));
    }
    let progress = Progress::new(options.quiet);
    let mut told = false;
    let states = run::settle(&runs, |count| {
        if !std::mem::replace(&mut told, true) {
            progress.note(&format!(
                "{count} of the runs belong to another machine; watching for their heartbeat, for a minute and a half at most"
            ));
        }
        std::thread::sleep(Duration::from_secs(1));
        Instant::now()
    });
    drop(progress);
    runs.iter().zip(states).try_for_each(|(run, state)| {
        let results = run.read_results();
        let problem = results.as_ref().map_or_else(|error| Some(error.to_string()), |results| results.problem.clone());
        let counts = counts(&results.map(|results| results.lines).unwrap_or_default());
        if command.json { out::json(&as_json(run, state, counts, problem)) } else { in_words(run, state, counts, problem) }
    })
}

/// What the Runs screen draws: every loss of every step, and every metric.
fn curves(run: &RunReader) -> Outcome {
    out::line("kind,step,epoch,split,name,value")?;
    // A value that is not a number is an empty cell.
    let number = |value: f64| if value.is_finite() { value.to_string() } else { String::new() };
    for event in run.events().map_err(Failure::user)? {
        match event {
            RunEvent::Step { step, epoch, losses, .. } => {
                losses.iter().try_for_each(|(name, value)| out::line(format_args!("loss,{step},{epoch},,{name},{}", number(*value))))?;
            }
            RunEvent::Metrics { step, epoch, split, values, .. } => {
                values
                    .iter()
                    .try_for_each(|(name, value)| out::line(format_args!("figure,{step},{epoch},{split},{name},{}", number(*value))))?;
            }
            RunEvent::Progress { .. } | RunEvent::Log { .. } => {}
        }
    }
    Ok(())
}

/// How far the run's events say that it is: done and total.
fn progress(run: &RunReader) -> Option<(u64, u64)> {
    run.events().ok()?.iter().rev().find_map(|event| match event {
        RunEvent::Step { step, total_steps, .. } => Some((*step, *total_steps)),
        RunEvent::Progress { done, total, .. } => Some((*done as u64, *total as u64)),
        _ => None,
    })
}

/// Films, patients, failed films.
type Counts = (usize, usize, usize);

/// How many films and patients have a line, and how many films failed.
fn counts(lines: &[ResultLine]) -> Counts {
    let count = |of: fn(&ResultLine) -> bool| lines.iter().filter(|line| of(line)).count();
    (
        count(|line| matches!(line, ResultLine::Film(_))),
        count(|line| matches!(line, ResultLine::Patient(_))),
        count(|line| matches!(line, ResultLine::Failed { .. })),
    )
}

fn as_json(run: &RunReader, state: RunState, (films, patients, failed): Counts, problem: Option<String>) -> serde_json::Value {
    let info = run.info();
    let progress = progress(run).map(|(done, total)| json!({"done": done, "total": total}));
    json!({
        "name": run.name(), "folder": run.folder(), "kind": info.kind, "state": state.to_string(), "started": info.started,
        "finished": info.finished, "films": films, "patients": patients, "failed": failed, "models": info.models, "message": info.message,
        "note": run.note(), "settings": info.settings, "progress": progress, "problem": problem,
    })
}

fn in_words(run: &RunReader, state: RunState, (films, patients, failed): Counts, problem: Option<String>) -> Outcome {
    let kind = run.info().kind;
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    out::line(format_args!("{}  {kind}  {state}  {}  {patients} patients, {films} films{failed}", run.name(), run.info().started))?;
    run.note().map_or(Ok(()), |note| out::line(format_args!("  {}", note.replace('\n', "\n  "))))?;
    problem.map_or(Ok(()), |problem| out::line(format_args!("  {problem}")))
}
