//! Reading the cohort and what a run says, and working out what is worth a look.

use std::{
    path::PathBuf,
    sync::{Arc, mpsc::Sender},
};

use svh_core::{
    Cohort,
    review::{
        queue::Queue as ReviewQueue,
        standing::{self, StandingBox},
    },
};

use super::{
    action::{Wanted, Writing},
    data::Catalogue,
    event::Event,
    output, result_recorder,
    results::Results,
    worker::{INTERNAL, Queue, Work},
};

/// What is to be read or worked out.
pub enum Job {
    /// The cohort.
    Cohort(PathBuf),
    /// The results of the run in this folder.
    Results(Arc<Catalogue>, PathBuf),
    /// What is worth a look.
    ReviewQueue(Arc<Catalogue>, Results),
    /// The boxes that a bulk action is about.
    Boxes(Arc<Catalogue>, Results, Wanted),
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

    fn work(&mut self, job: &Job, _: &Queue<Job>) {
        let event = match job {
            Job::Cohort(root) => {
                let read = Cohort::open(root).map(Catalogue::new).map_err(|error| error.to_string());
                Event::Cohort(read.map(Box::new))
            }
            Job::Results(catalogue, folder) => Event::RunResults(folder.clone(), Box::new(result_recorder::read_one(catalogue, folder))),
            Job::Write(catalogue, writing) => Event::Wrote(output::write(writing, catalogue.as_ref().map(|catalogue| &catalogue.cohort))),
            Job::ReviewQueue(catalogue, results) => Event::Queue(review_queue(catalogue, results)),
            Job::Boxes(catalogue, results, wanted) => Event::Boxes(*wanted, boxes(catalogue, results, *wanted)),
        };
        let _ = self.events.send(event);
    }

    fn panicked(&mut self, job: Job) {
        let (event, what) = match job {
            Job::Cohort(root) => {
                let _ = self.events.send(Event::Cohort(Err(format!("{} could not be read: {INTERNAL}", root.display()))));
                return;
            }
            Job::Results(_, folder) => {
                (Event::RunResults(folder.clone(), Box::default()), format!("the results in {} could not be read", folder.display()))
            }
            Job::Write(..) => {
                let _ = self.events.send(Event::Wrote(Err(format!("the file could not be written: {INTERNAL}"))));
                return;
            }
            Job::Boxes(_, _, wanted) => (Event::Boxes(wanted, Vec::new()), "the boxes could not be gathered".to_owned()),
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

/// The boxes that a bulk action is about.
#[must_use]
pub fn boxes(catalogue: &Catalogue, results: &Results, wanted: Wanted) -> Vec<StandingBox> {
    standing::boxes(&catalogue.cohort, |path| results.film(path), |joint| wanted.is_about(joint))
}
