//! `svh runs`: what a cohort keeps of the models' work.

use serde_json::json;
use svh_core::run::{self, ResultLine, RunEvent, RunReader};

use super::{
    args::Runs,
    failure::{Failure, Outcome},
    inputs, out,
};
use crate::places;

/// Lists the runs, the newest first.
pub fn run(command: &Runs) -> Outcome {
    let folder = match &command.cohort {
        Some(folder) => folder.clone(),
        None => places::demo().ok_or_else(inputs::no_demo)?,
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
    runs.iter().try_for_each(|run| {
        let results = run.read_results();
        let problem = results.as_ref().map_or_else(|error| Some(error.to_string()), |results| results.problem.clone());
        let counts = counts(&results.map(|results| results.lines).unwrap_or_default());
        if command.json { out::json(&as_json(run, counts, problem)) } else { in_words(run, counts, problem) }
    })
}

/// What the Runs screen draws: every loss of every step, and every metric.
fn curves(run: &RunReader) -> Outcome {
    out::line("kind,step,epoch,split,name,value")?;
    // A value that is no number is an empty cell.
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

/// How many films and patients have a line, and how many films failed.
fn counts(lines: &[ResultLine]) -> (usize, usize, usize) {
    let count = |of: fn(&ResultLine) -> bool| lines.iter().filter(|line| of(line)).count();
    (
        count(|line| matches!(line, ResultLine::Film(_))),
        count(|line| matches!(line, ResultLine::Patient(_))),
        count(|line| matches!(line, ResultLine::Failed { .. })),
    )
}

fn state(run: &RunReader) -> String {
    run.state().to_string()
}

fn as_json(run: &RunReader, (films, patients, failed): (usize, usize, usize), problem: Option<String>) -> serde_json::Value {
    let info = run.info();
    let progress = progress(run).map(|(done, total)| json!({"done": done, "total": total}));
    json!({
        "name": run.name(), "folder": run.folder(), "kind": info.kind, "state": state(run), "started": info.started, "finished": info.finished,
        "films": films, "patients": patients, "failed": failed, "models": info.models, "message": info.message, "settings": info.settings,
        "progress": progress, "problem": problem,
    })
}

fn in_words(run: &RunReader, (films, patients, failed): (usize, usize, usize), problem: Option<String>) -> Outcome {
    let kind = run.info().kind;
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    out::line(format_args!("{}  {kind}  {}  {}  {patients} patients, {films} films{failed}", run.name(), state(run), run.info().started))?;
    problem.map_or(Ok(()), |problem| out::line(format_args!("  {problem}")))
}
