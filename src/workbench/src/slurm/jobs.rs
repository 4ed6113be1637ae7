//! The jobs of a run, and what Slurm says of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use svh_core::clock;
use svh_core::run::{JsonLines, Tail};

use super::arrays::{Array, USUAL_ARRAY, folder};

const FILE: &str = "jobs.jsonl";

/// A job that was submitted, a line of `slurm/jobs.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Slurm's number.
    pub job: String,
    /// What is added to a task's number to get its shard; `None` of the job that finishes the run.
    pub offset: Option<u32>,
    /// Its tasks.
    #[serde(default)]
    pub tasks: String,
    /// When it was submitted, UTC.
    pub submitted: String,
}

/// A task as Slurm shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// `JOB_TASK`.
    pub job: String,
    /// `RUNNING`, `PENDING`, and so on.
    pub state: String,
    /// How long it has been running.
    pub time: String,
    /// Its node, or why it waits.
    pub place: String,
}

impl Task {
    /// Whether Slurm still has it to run.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        matches!(
            self.state.as_str(),
            "RUNNING" | "PENDING" | "CONFIGURING" | "COMPLETING" | "REQUEUED" | "REQUEUE_HOLD" | "SUSPENDED" | "RESIZING"
        )
    }
}

/// The jobs of a run so far.
#[must_use]
pub fn of_run(run: &Path) -> Vec<Job> {
    Tail::new(folder(run).join(FILE)).read().unwrap_or_default()
}

/// Whether jobs were submitted for a run.
#[must_use]
pub fn has_jobs(run: &Path) -> bool {
    folder(run).join(FILE).is_file()
}

/// Keeps a job.
///
/// # Errors
/// A file that cannot be written.
pub fn keep(run: &Path, job: &str, array: Option<&Array>) -> Result<(), String> {
    let line = Job {
        job: job.to_owned(),
        offset: array.map(|array| array.offset),
        tasks: array.map(|array| array.tasks.clone()).unwrap_or_default(),
        submitted: clock::utc_now(),
    };
    let lines = JsonLines::open(&folder(run).join(FILE));
    lines.and_then(|mut lines| lines.append(&line)).map_err(|error| error.to_string())
}

/// Runs a command of Slurm's and gives its output.
///
/// # Errors
/// A command that is not there, or that refuses; what it says is in the sentence.
pub fn slurm(words: &[String]) -> Result<String, String> {
    let [program, rest @ ..] = words else { return Err("a command without words".to_owned()) };
    let output = Command::new(program).args(rest).stdin(Stdio::null()).output().map_err(|error| {
        format!("{program} could not be started ({error}); run svh on a machine of the cluster, where Slurm's commands are")
    })?;
    if !output.status.success() {
        let says = String::from_utf8_lossy(&output.stderr);
        let says = says.trim().lines().last().unwrap_or("no reason given").to_owned();
        return Err(format!("{program} refused: {says}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The number that task numbers stay below on this cluster.
#[must_use]
pub fn max_array() -> u32 {
    let words = ["scontrol", "show", "config"].map(str::to_owned);
    let config = slurm(&words).unwrap_or_default();
    let value = config.lines().find_map(|line| line.trim_start().strip_prefix("MaxArraySize")?.split('=').nth(1)?.trim().parse().ok());
    value.unwrap_or(USUAL_ARRAY)
}

/// What Slurm knows of the tasks of these jobs, by shard: of its queue, and of its accounting where there is one. The newest job of a shard counts. The second part says why the queue
/// could not be asked.
#[must_use]
pub fn tasks(jobs: &[Job]) -> (BTreeMap<u32, Task>, Option<String>) {
    let arrays: Vec<&Job> = jobs.iter().filter(|job| job.offset.is_some()).collect();
    let mut found = BTreeMap::new();
    if arrays.is_empty() {
        return (found, None);
    }
    let ids = arrays.iter().map(|job| job.job.as_str()).collect::<Vec<_>>().join(",");
    let place_of = |id: &str| arrays.iter().position(|job| job.job == id);
    let mut newest: BTreeMap<u32, usize> = BTreeMap::new();
    let mut add = |array: &str, task: &str, state: &str, time: &str, place: &str| {
        let Some((at, task)) = place_of(array).zip(task.parse::<u32>().ok()) else { return };
        let shard = task + arrays[at].offset.unwrap_or(0);
        if newest.get(&shard).is_none_or(|known| *known <= at) {
            newest.insert(shard, at);
            let job = format!("{array}_{task}");
            found.insert(shard, Task { job, state: state.to_owned(), time: time.to_owned(), place: place.to_owned() });
        }
    };
    let sacct = ["sacct", "-n", "-P", "-X", "-j", &ids, "-o", "JobID,State,Elapsed,NodeList"].map(str::to_owned);
    // Without accounting it fails, and the queue is all there is.
    for line in slurm(&sacct).unwrap_or_default().lines() {
        if let [job, state, time, node] = line.split('|').collect::<Vec<_>>()[..]
            && let Some((array, task)) = job.split_once('_')
        {
            add(array, task, state.split(' ').next().unwrap_or(state), time, node);
        }
    }
    // Job numbers that Slurm has forgotten make it refuse, so it is asked for all of the user's.
    let squeue = ["squeue", "-h", "-r", "--me", "-o", "%F|%K|%T|%M|%R"].map(str::to_owned);
    let queue = slurm(&squeue);
    for line in queue.as_deref().unwrap_or_default().lines() {
        if let [array, task, state, time, place] = line.split('|').collect::<Vec<_>>()[..] {
            add(array, task, state, time, place);
        }
    }
    (found, queue.err())
}
