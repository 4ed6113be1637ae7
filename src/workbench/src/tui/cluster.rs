//! The Slurm tasks of the runs that are looked at, asked for beside the loop: a busy controller may take its time to answer.

use std::{path::PathBuf, sync::mpsc::Sender, time::Duration};

use super::{
    event::Event,
    worker::{INTERNAL, Queue, Work},
};
use crate::slurm::{self, Request};

/// Between two questions to Slurm.
const PACE: Duration = Duration::from_secs(10);

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

impl Work for Cluster {
    type Job = Request;

    fn replaces(new: &Request, waiting: &Request) -> bool {
        matches!((new, waiting), (Request::Follow(_), Request::Follow(_)))
    }

    fn work(&mut self, job: &Request, _: &Queue<Request>) {
        if let Request::Follow(runs) = job {
            self.followed.clone_from(runs);
        }
        slurm::manage(job).into_iter().for_each(|done| drop(self.events.send(Event::Submitted(done))));
        self.look();
    }

    fn panicked(&mut self, job: Request) {
        if !matches!(job, Request::Follow(_)) {
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
