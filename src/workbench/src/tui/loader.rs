//! Reading the cohort and what its runs say, and working out what is worth a look.

use std::{
    path::PathBuf,
    sync::{Arc, mpsc::Sender},
};

use svh_core::{Cohort, review::queue::Queue as ReviewQueue};

use super::{
    action::Writing,
    data::Catalogue,
    event::Event,
    output, result_recorder,
    results::Results,
    worker::{INTERNAL, Queue, Work},
};

/// What is to be read or worked out.
pub enum Job {
    /// The cohort, and then what its newest runs know.
    Cohort(PathBuf),
    /// What the cohort's newest runs know.
    NewestResults(Arc<Catalogue>),
    /// The results of the run in this folder.
    Results(Arc<Catalogue>, PathBuf),
    /// What is worth a look.
    ReviewQueue(Arc<Catalogue>, Results),
    /// A file that the user asked for.
    Write(Option<Arc<Catalogue>>, Box<Writing>),
}

/// Reads and works out.
pub struct Loader {
    /// Where the answers go.
    pub events: Sender<Event>,
}

impl Work for Loader {
    type Job = Job;

    fn replaces(new: &Job, waiting: &Job) -> bool {
        matches!((new, waiting), (Job::ReviewQueue(..), Job::ReviewQueue(..)))
    }

    fn work(&mut self, job: &Job, queue: &Queue<Job>) {
        let event = match job {
            Job::Cohort(root) => {
                let read = Cohort::open(root).map(Catalogue::new).map_err(|error| error.to_string());
                if let Ok(catalogue) = &read {
                    queue.push(Job::NewestResults(Arc::new(catalogue.clone())));
                }
                Event::Cohort(read.map(Box::new))
            }
            Job::NewestResults(catalogue) => Event::Results(Box::new(result_recorder::read(catalogue))),
            Job::Results(catalogue, folder) => Event::RunResults(Box::new(result_recorder::read_one(catalogue, folder))),
            Job::Write(catalogue, writing) => Event::Wrote(output::write(writing, catalogue.as_ref().map(|catalogue| &catalogue.cohort))),
            Job::ReviewQueue(catalogue, results) => Event::Queue(review_queue(catalogue, results)),
        };
        let _ = self.events.send(event);
    }

    fn panicked(&mut self, job: Job) {
        let (event, what) = match job {
            Job::Cohort(root) => {
                let _ = self.events.send(Event::Cohort(Err(format!("{} could not be read: {INTERNAL}", root.display()))));
                return;
            }
            Job::NewestResults(_) => (Event::Results(Box::default()), "the results of earlier runs could not be read".to_owned()),
            Job::Results(_, folder) => {
                (Event::RunResults(Box::default()), format!("the results in {} could not be read", folder.display()))
            }
            Job::Write(..) => {
                let _ = self.events.send(Event::Wrote(Err(format!("the file could not be written: {INTERNAL}"))));
                return;
            }
            Job::ReviewQueue(..) => (Event::Queue(Arc::default()), "the list of what to review could not be built".to_owned()),
        };
        let _ = self.events.send(event);
        let _ = self.events.send(Event::Internal(format!("{what}: {INTERNAL}")));
    }
}

/// What is worth a look.
#[must_use]
pub fn review_queue(catalogue: &Catalogue, results: &Results) -> Arc<ReviewQueue> {
    let scored = |patient: &str| results.patient(patient).map(|scored| &scored.score);
    Arc::new(ReviewQueue::build(&catalogue.cohort, |path| results.film(path), scored))
}
