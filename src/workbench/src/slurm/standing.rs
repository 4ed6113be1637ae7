//! How the shards of a run on a cluster stand, and what can be done about them.

use std::path::Path;

use svh_core::run::{self, RunEvent, RunReader, RunState, Shard, shards};

use super::{
    arrays::{arrays, folder, submit_array, submit_finish},
    jobs::{self, Task},
};

/// A shard and its task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The shard.
    pub shard: Shard,
    /// How its files say that it stands; `None` before it has begun.
    pub state: Option<RunState>,
    /// Film sets done and in all, once it has said so.
    pub reached: Option<(u64, u64)>,
    /// Its task, as far as Slurm knows it.
    pub task: Option<Task>,
}

impl Standing {
    /// Whether Slurm has it to run.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.task.as_ref().is_some_and(Task::is_alive)
    }

    /// Whether nobody works on it or will: it has to be submitted again.
    #[must_use]
    pub fn is_left(&self) -> bool {
        self.state != Some(RunState::Finished) && !self.is_alive()
    }
}

/// The shards of a run, and why Slurm's queue could not be asked, where it could not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standings {
    /// By their number.
    pub shards: Vec<Standing>,
    /// Why Slurm's queue could not be asked: no shard is known to be alive.
    pub problem: Option<String>,
}

impl Standings {
    /// How many shards files say stand so.
    #[must_use]
    pub fn count(&self, wanted: Option<RunState>) -> usize {
        self.shards.iter().filter(|standing| standing.state == wanted).count()
    }
}

/// How the shards of a run stand.
///
/// # Errors
/// A run in one piece, or one that has not begun.
pub fn standings(run: &Path) -> Result<Standings, String> {
    let reader = RunReader::open(run);
    let known = reader.as_ref().ok().map(shards::states).filter(|states| !states.is_empty());
    let states = known.ok_or_else(|| match reader {
        Ok(_) => format!("{} is a run in one piece, which no array scores; look at it with `svh runs`", run.display()),
        Err(_) => format!("{} has not begun: no task has loaded its models yet; `squeue` shows whether any is running", run.display()),
    })?;
    let (mut tasks, problem) = jobs::tasks(&jobs::of_run(run));
    let standing = |(shard, state): (Shard, Option<RunState>)| Standing {
        shard,
        state,
        // What is finished needs no reading.
        reached: state.filter(|state| *state != RunState::Finished).and_then(|_| reached(&shard.folder(run))),
        task: tasks.remove(&shard.index()),
    };
    Ok(Standings { shards: states.into_iter().map(standing).collect(), problem })
}

fn reached(shard: &Path) -> Option<(u64, u64)> {
    RunReader::open(shard).ok()?.events().ok()?.iter().rev().find_map(|event| match event {
        RunEvent::Progress { done, total, .. } => Some((*done as u64, *total as u64)),
        _ => None,
    })
}

/// Stops all tasks of a run; the numbers of their jobs.
///
/// # Errors
/// A run without jobs, or an scancel that refuses.
pub fn cancel(run: &Path) -> Result<Vec<String>, String> {
    let ids: Vec<String> = jobs::of_run(run).into_iter().map(|job| job.job).collect();
    if ids.is_empty() {
        return Err(format!("{} has no jobs that `svh slurm --submit` submitted", run.display()));
    }
    // First the tasks are asked, so that a task that Slurm does not kill at once is not taken for one that died.
    if RunReader::open(run).is_ok_and(|reader| reader.info().shards().is_some()) {
        run::request_cancel(run).map_err(|error| error.to_string())?;
    }
    // A job that has already ended is not an error.
    let words: Vec<String> = ["scancel".to_owned(), "--quiet".to_owned()].into_iter().chain(ids.iter().cloned()).collect();
    jobs::slurm(&words)?;
    Ok(ids)
}

/// Submits again what is neither finished nor queued nor running; a line a job, none where nothing is left.
///
/// # Errors
/// A run without scripts, a queue that cannot be asked, or an sbatch that refuses.
pub fn resubmit(run: &Path, at_once: Option<u32>) -> Result<Vec<String>, String> {
    if !folder(run).join("score.sbatch").is_file() {
        return Err(format!("{} has no scripts; repeat `svh slurm COHORT --out ... --tasks N --submit`", run.display()));
    }
    let found = standings(run)?;
    if let Some(problem) = found.problem {
        return Err(problem);
    }
    let left: Vec<Shard> = found.shards.iter().filter(|standing| standing.is_left()).map(|standing| standing.shard).collect();
    if left.is_empty() { Ok(Vec::new()) } else { submit(run, &left, at_once) }
}

/// Submits shards and the job that finishes the run; a line a job.
///
/// # Errors
/// An sbatch that refuses.
pub fn submit(run: &Path, wanted: &[Shard], at_once: Option<u32>) -> Result<Vec<String>, String> {
    let (mut ids, mut lines) = (Vec::new(), Vec::new());
    for array in arrays(wanted, jobs::max_array()) {
        let id = submitted(&submit_array(&array, at_once, run))?;
        jobs::keep(run, &id, Some(&array))?;
        let offset = if array.offset > 0 { format!(" (+{})", array.offset) } else { String::new() };
        lines.push(format!("job {id}: shards {}{offset}", array.tasks));
        ids.push(id);
    }
    let id = submitted(&submit_finish(&ids, run))?;
    jobs::keep(run, &id, None)?;
    lines.push(format!("job {id}: finishes the run once they have ended"));
    Ok(lines)
}

/// The number that sbatch gave, without the cluster's name.
fn submitted(words: &[String]) -> Result<String, String> {
    let says = jobs::slurm(words)?;
    Ok(says.trim().split(';').next().unwrap_or_default().to_owned())
}
