//! What a screen asks of Slurm.

use std::path::PathBuf;

use super::standing::{Standings, cancel, resubmit};

/// What Slurm and the shards say of a run, or why they say nothing.
pub type Tasks = Result<Standings, String>;

/// What is asked of Slurm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Ask for the tasks of these runs, and of no others.
    Follow(Vec<PathBuf>),
    /// Stop the tasks of this run.
    Cancel(PathBuf),
    /// Submit again what is missing of this run.
    Resubmit(PathBuf),
}

/// Stops the tasks of a run or submits them again; what was done, in a sentence, or why not. `None` of a request that changes nothing.
#[must_use]
pub fn manage(request: &Request) -> Option<Result<String, String>> {
    match request {
        Request::Follow(_) => None,
        Request::Cancel(run) => Some(cancel(run).map(|ids| format!("scancel {}: the tasks end; c submits what is left", ids.join(" ")))),
        Request::Resubmit(run) => Some(resubmit(run, None).map(|jobs| match &jobs[..] {
            [] => "nothing is missing: every shard is finished, queued or running".to_owned(),
            jobs => jobs.join("; "),
        })),
    }
}
