//! `svh slurm`: a run as a job array of a cluster.

pub mod args;
mod script;

use std::path::{Path, PathBuf};

use serde_json::json;
use svh_core::run::{RunReader, RunState, Shard, shards};
use svh_core::{Cohort, atomic};

use super::failure::{Failure, Outcome};
use super::{out, run_recorder};
use crate::Options;
use crate::slurm;
use args::Slurm;

/// Does what was asked for.
pub fn run(command: &Slurm, options: &Options) -> Outcome {
    let run = std::path::absolute(&command.out).unwrap_or_else(|_| command.out.clone());
    match command {
        Slurm { status: true, .. } => status(&run, command.json),
        Slurm { cancel: true, .. } => cancel(&run),
        Slurm { resubmit: true, .. } => resubmit(&run, command),
        Slurm { finish: true, .. } => finish(&run),
        _ => begin(&run, command, options),
    }
}

/// Writes the scripts, and submits them or says how.
fn begin(run: &Path, command: &Slurm, options: &Options) -> Outcome {
    let (Some(cohort), Some(tasks)) = (&command.cohort, command.tasks) else {
        return Err(Failure::user("name a cohort and the number of tasks: svh slurm COHORT --out RUN_DIR --tasks N"));
    };
    let cohort = std::fs::canonicalize(cohort).map_err(|error| Failure::user(format!("{}: {error}; name a cohort", cohort.display())))?;
    Cohort::open(&cohort).map_err(Failure::user)?;
    for path in [run, &cohort] {
        if path.to_str().is_none_or(|text| text.contains(['"', '\n'])) {
            return Err(Failure::user(format!(
                "{} has quotes or bytes in its path that a batch script cannot hold; rename it",
                path.display()
            )));
        }
    }
    let all: Vec<Shard> = (1..=tasks).filter_map(|index| Shard::new(index, tasks)).collect();
    if let Ok(before) = RunReader::open(run) {
        match before.info().shards() {
            Some(count) if count == tasks => {}
            Some(count) => {
                return Err(Failure::user(format!("{} is in {count} shards; give --tasks {count}, or another folder", run.display())));
            }
            None => return Err(Failure::user(format!("{} holds a run in one piece; choose another folder", run.display()))),
        }
    }
    let program = program()?;
    let folder = slurm::folder(run);
    svh_core::access::make_folders(&folder).map_err(|error| Failure::user(atomic::WriteError::new(&folder, error)))?;
    let write = |name: &str, text: String| atomic::write(&folder.join(name), text.as_bytes()).map_err(Failure::user);
    write("score.sbatch", script::score(command, options, &program, &cohort, run, tasks))?;
    write("finish.sbatch", script::finish(command, &program, run))?;
    if command.submit {
        return lines(slurm::submit(run, &all, command.at_once));
    }
    out::line(format_args!("{} has the scripts; submit them with", folder.display()))?;
    for array in &slurm::arrays(&all, slurm::max_array()) {
        out::line(slurm::submit_array(array, command.at_once, run).join(" "))?;
    }
    out::line(slurm::submit_finish(&["JOB_IDS".to_owned()], run).join(" "))
}

/// This program, as the nodes find it.
fn program() -> Outcome<PathBuf> {
    std::env::current_exe().map_err(|error| Failure::program(format!("this program does not know where it lies: {error}")))
}

/// Prints the jobs that were submitted.
fn lines(submitted: Result<Vec<String>, String>) -> Outcome {
    submitted.map_err(Failure::user)?.into_iter().try_for_each(out::line)
}

fn status(run: &Path, as_json: bool) -> Outcome {
    let found = slurm::standings(run).map_err(Failure::user)?;
    let states = &found.shards;
    if as_json {
        let rows: Vec<_> = states
            .iter()
            .map(|of| {
                let progress = of.reached.map(|(done, total)| json!({"done": done, "total": total}));
                let state = of.state.map(|state| state.to_string());
                json!({"shard": of.shard.index(), "state": state, "progress": progress, "task": of.task})
            })
            .collect();
        let finished = found.count(Some(RunState::Finished));
        return out::json(&json!({"run": run, "shards": states.len(), "finished": finished, "tasks": rows, "problem": found.problem}));
    }
    out::line(format_args!(
        "{} of {} shards finished, {} running, {} not begun",
        found.count(Some(RunState::Finished)),
        states.len(),
        found.count(Some(RunState::Running)),
        found.count(None)
    ))?;
    for of in states {
        if of.state == Some(RunState::Finished) && !of.is_alive() {
            continue;
        }
        let state = of.state.map_or_else(|| "not begun".to_owned(), |state| state.to_string());
        let progress = of.reached.map(|(done, total)| format!("  {done} of {total} film sets")).unwrap_or_default();
        let task =
            of.task.as_ref().map(|task| format!("  job {} {} {} {}", task.job, task.state, task.time, task.place)).unwrap_or_default();
        out::line(format_args!("{}  {state}{progress}{task}", of.shard))?;
    }
    match &found.problem {
        Some(problem) => out::line(format_args!("the queue was not asked: {problem}")),
        None => Ok(()),
    }
}

fn cancel(run: &Path) -> Outcome {
    let ids = slurm::cancel(run).map_err(Failure::user)?;
    out::line(format_args!("jobs {} are cancelled; --resubmit resumes what is left", ids.join(", ")))
}

fn resubmit(run: &Path, command: &Slurm) -> Outcome {
    match slurm::resubmit(run, command.at_once) {
        Ok(jobs) if jobs.is_empty() => out::line("nothing is left to submit: every shard is finished, queued or running"),
        submitted => lines(submitted),
    }
}

/// Says that a run is finished, and makes its tables.
///
/// # Errors
/// Shards that are not finished.
pub fn finish(run: &Path) -> Outcome {
    let reader = RunReader::open(run).map_err(Failure::user)?;
    let states = shards::states(&reader);
    if states.is_empty() {
        return Err(Failure::user(format!("{} is a run in one piece, which no array scores; look at it with `svh runs`", run.display())));
    }
    shards::finish(&reader).map_err(Failure::user)?;
    run_recorder::keep(run)?;
    out::line(format_args!(
        "{} is finished: {} shards, tables in films.parquet, detections.parquet and grades.parquet",
        run.display(),
        states.len()
    ))
}
