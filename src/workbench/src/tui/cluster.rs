//! The Slurm tasks of the runs that are looked at, asked for beside the loop: a busy controller may take its time to answer.

use std::{path::PathBuf, sync::mpsc::Sender, time::Duration};

use super::{
    event::Event,
    worker::{INTERNAL, Queue, Work},
};
use crate::slurm::{self, Standings};

/// Between two questions to Slurm.
const PACE: Duration = Duration::from_secs(10);

/// What Slurm and the shards say of a run, or why they say nothing.
pub type Tasks = Result<Standings, String>;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Ask for the tasks of these runs, and of no others.
    Follow(Vec<PathBuf>),
    /// Stop the tasks of this run.
    Cancel(PathBuf),
    /// Submit again what is missing of this run.
    Resubmit(PathBuf),
}

/// Asks Slurm.
pub struct Cluster {
    followed: Vec<PathBuf>,
    events: Sender<Event>,
}

impl Cluster {
    /// Of no run yet.
    #[must_use]
    pub const fn new(events: Sender<Event>) -> Self {
        Self { followed: Vec::new(), events }
    }

    fn look(&self) {
        for run in &self.followed {
            let _ = self.events.send(Event::Tasks(run.clone(), slurm::standings(run)));
        }
    }
}

/// Stops the tasks of a run or submits them again; what was done, in a sentence, or why not.
///
/// # Errors
/// Why Slurm does not do it.
pub fn manage(job: &Job) -> Option<Result<String, String>> {
    match job {
        Job::Follow(_) => None,
        Job::Cancel(run) => Some(slurm::cancel(run).map(|ids| format!("scancel {}: the tasks end; c submits what is left", ids.join(" ")))),
        Job::Resubmit(run) => Some(slurm::resubmit(run, None).map(|jobs| match &jobs[..] {
            [] => "nothing is missing: every shard is finished, queued or running".to_owned(),
            jobs => jobs.join("; "),
        })),
    }
}

impl Work for Cluster {
    type Job = Job;

    fn replaces(new: &Job, waiting: &Job) -> bool {
        matches!((new, waiting), (Job::Follow(_), Job::Follow(_)))
    }

    fn work(&mut self, job: &Job, _: &Queue<Job>) {
        if let Job::Follow(runs) = job {
            self.followed.clone_from(runs);
        }
        manage(job).into_iter().for_each(|done| drop(self.events.send(Event::Submitted(done))));
        self.look();
    }

    fn panicked(&mut self, job: Job) {
        if !matches!(job, Job::Follow(_)) {
            let _ = self.events.send(Event::Internal(format!("Slurm was not asked: {INTERNAL}")));
        }
    }

    fn pace(&self) -> Option<Duration> {
        (!self.followed.is_empty()).then_some(PACE)
    }

    fn idle(&mut self) {
        self.look();
    }
}
