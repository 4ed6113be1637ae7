//! `svh slurm`: a run as a job array of a cluster.

pub mod args;
mod jobs;
mod script;

use std::path::{Path, PathBuf};

use serde_json::json;
use svh_core::run::{self, RunReader, RunState, Shard, shards};
use svh_core::{Cohort, atomic};

use super::failure::{Failure, Outcome};
use super::{out, run_recorder};
use crate::Options;
use args::Slurm;
use jobs::Task;

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
    let folder = script::folder(run);
    svh_core::access::make_folders(&folder).map_err(|error| Failure::user(atomic::WriteError::new(&folder, error)))?;
    let write = |name: &str, text: String| atomic::write(&folder.join(name), text.as_bytes()).map_err(Failure::user);
    write("score.sbatch", script::score(command, options, &program, &cohort, run, tasks))?;
    write("finish.sbatch", script::finish(command, &program, run))?;
    if command.submit {
        return submit(run, &all, command.at_once);
    }
    out::line(format_args!("{} has the scripts; submit them with", folder.display()))?;
    let arrays = script::arrays(&all, jobs::max_array());
    for array in &arrays {
        out::line(script::submit_array(array, command.at_once, run).join(" "))?;
    }
    out::line(script::submit_finish(&["JOB_IDS".to_owned()], run).join(" "))
}

/// This program, as the nodes find it.
fn program() -> Outcome<PathBuf> {
    std::env::current_exe().map_err(|error| Failure::program(format!("this program does not know where it lies: {error}")))
}

fn submit(run: &Path, wanted: &[Shard], at_once: Option<u32>) -> Outcome {
    let mut ids = Vec::new();
    for array in script::arrays(wanted, jobs::max_array()) {
        let id = submitted(&script::submit_array(&array, at_once, run))?;
        jobs::keep(run, &id, Some(&array))?;
        out::line(format_args!(
            "job {id}: shards {}{}",
            array.tasks,
            if array.offset > 0 { format!(" (+{})", array.offset) } else { String::new() }
        ))?;
        ids.push(id);
    }
    let id = submitted(&script::submit_finish(&ids, run))?;
    jobs::keep(run, &id, None)?;
    out::line(format_args!("job {id}: finishes the run once they have ended"))
}

/// The number that sbatch gave, without the cluster's name.
fn submitted(words: &[String]) -> Outcome<String> {
    let says = jobs::slurm(words)?;
    Ok(says.trim().split(';').next().unwrap_or_default().to_owned())
}

/// The shards of a run, which may not have begun.
fn shards_of(run: &Path) -> Outcome<Vec<(Shard, Option<RunState>)>> {
    let reader = RunReader::open(run);
    let known = reader.as_ref().ok().map(shards::states).filter(|states| !states.is_empty());
    known.ok_or_else(|| {
        Failure::user(match reader {
            Ok(_) => format!("{} is a run in one piece, which no array scores; see `svh runs`", run.display()),
            Err(_) => format!("{} has not begun: no task has loaded its models yet; `squeue` shows whether any is running", run.display()),
        })
    })
}

fn status(run: &Path, as_json: bool) -> Outcome {
    let states = shards_of(run)?;
    let tasks = jobs::tasks(&jobs::of_run(run));
    let count = |wanted: Option<RunState>| states.iter().filter(|(_, state)| *state == wanted).count();
    let reached = |shard: Shard| RunReader::open(&shard.folder(run)).ok().and_then(|part| super::runs::progress(&part));
    if as_json {
        let rows: Vec<_> = states
            .iter()
            .map(|(shard, state)| {
                let progress = reached(*shard).map(|(done, total)| json!({"done": done, "total": total}));
                let state = state.map(|state| state.to_string());
                json!({"shard": shard.index(), "state": state, "progress": progress, "task": tasks.get(&shard.index())})
            })
            .collect();
        return out::json(&json!({"run": run, "shards": states.len(), "finished": count(Some(RunState::Finished)), "tasks": rows}));
    }
    out::line(format_args!(
        "{} of {} shards finished, {} running, {} not begun",
        count(Some(RunState::Finished)),
        states.len(),
        count(Some(RunState::Running)),
        count(None)
    ))?;
    for (shard, state) in &states {
        let task = tasks.get(&shard.index());
        if *state == Some(RunState::Finished) && !task.is_some_and(Task::is_alive) {
            continue;
        }
        let state = state.map_or_else(|| "not begun".to_owned(), |state| state.to_string());
        let progress = reached(*shard).map(|(done, total)| format!("  {done} of {total} film sets")).unwrap_or_default();
        let task = task.map(|task| format!("  job {} {} {} {}", task.job, task.state, task.time, task.place)).unwrap_or_default();
        out::line(format_args!("{shard}  {state}{progress}{task}"))?;
    }
    Ok(())
}

fn cancel(run: &Path) -> Outcome {
    let ids: Vec<String> = jobs::of_run(run).into_iter().map(|job| job.job).collect();
    if ids.is_empty() {
        return Err(Failure::user(format!("{} has no jobs that `svh slurm --submit` submitted", run.display())));
    }
    // First the tasks are asked, so that a task that Slurm does not kill at once is not taken for one that died.
    if RunReader::open(run).is_ok_and(|reader| reader.info().shards().is_some()) {
        run::request_cancel(run).map_err(Failure::user)?;
    }
    // A job that has already ended is not an error.
    let words: Vec<String> = ["scancel".to_owned(), "--quiet".to_owned()].into_iter().chain(ids.iter().cloned()).collect();
    jobs::slurm(&words)?;
    out::line(format_args!("jobs {} are cancelled; --resubmit resumes what is left", ids.join(", ")))
}

fn resubmit(run: &Path, command: &Slurm) -> Outcome {
    if !script::folder(run).join("score.sbatch").is_file() {
        return Err(Failure::user(format!("{} has no scripts; repeat `svh slurm COHORT --out ... --tasks N --submit`", run.display())));
    }
    let tasks = jobs::tasks(&jobs::of_run(run));
    let is_left = |(shard, state): &(Shard, Option<RunState>)| {
        *state != Some(RunState::Finished) && !tasks.get(&shard.index()).is_some_and(Task::is_alive)
    };
    let left: Vec<Shard> = shards_of(run)?.into_iter().filter(is_left).map(|(shard, _)| shard).collect();
    if left.is_empty() {
        return out::line("nothing is left to submit: every shard is finished, queued or running");
    }
    submit(run, &left, command.at_once)
}

/// Says that a run is finished, and makes its tables.
///
/// # Errors
/// Shards that are not finished.
pub fn finish(run: &Path) -> Outcome {
    let states = shards_of(run)?;
    let reader = RunReader::open(run).map_err(Failure::user)?;
    shards::finish(&reader).map_err(Failure::user)?;
    run_recorder::keep(run)?;
    out::line(format_args!(
        "{} is finished: {} shards, tables in films.parquet, detections.parquet and grades.parquet",
        run.display(),
        states.len()
    ))
}
