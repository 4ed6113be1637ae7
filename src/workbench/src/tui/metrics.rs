//! Metrics that take their time: evaluations, errors at a threshold, intervals, comparisons. Worked out beside the loop by svh-analysis.

use std::{
    path::PathBuf,
    sync::{Arc, mpsc::Sender},
};

use svh_analysis::{Evaluation, Scope, compare, stats::Resamples};
use svh_core::{Reviews, RunReader, Task};

use super::{
    changed::ChangedRuns,
    data::Catalogue,
    event::Event,
    question::{Answer, Question, Source},
    screens::curves::state::Detector,
    state::State,
    worker::{INTERNAL, Queue, Work},
};

/// A question with all that its answer needs.
pub enum Job {
    /// The evaluation of a run against the readers, as reviews correct them.
    Evaluate(Arc<Catalogue>, Box<Reviews>, Source),
    /// The errors of an evaluation at a threshold.
    Errors(Arc<Evaluation>, Source, f32),
    /// The agreement of a scope.
    Agreement(Arc<Evaluation>, Source, Scope),
    /// What changed between two runs at a threshold.
    Changes(Arc<Catalogue>, Box<Reviews>, PathBuf, PathBuf, f32),
    /// The curves of a task's detector.
    Detector(Arc<Evaluation>, Source, Task),
    /// Two runs compared at a threshold.
    Compare(Arc<Catalogue>, Box<Reviews>, PathBuf, PathBuf, f32),
}

/// A question about the state as it is; `None` where what it is about is not there.
#[must_use]
pub fn job(state: &State, question: Question) -> Option<Job> {
    let evaluation = || state.active_run.evaluation().cloned();
    let source = || state.active_run.source().cloned();
    let reviews = || Box::new(state.session.reviews().clone());
    Some(match question {
        Question::Evaluate(of) => Job::Evaluate(state.catalogue()?.clone(), reviews(), of),
        Question::Errors => Job::Errors(evaluation()?, source()?, state.active_run.threshold),
        Question::Agreement(scope) => Job::Agreement(evaluation()?, source()?, scope),
        Question::Changes(first, second) => Job::Changes(state.catalogue()?.clone(), reviews(), first, second, state.active_run.threshold),
        Question::Detector(task) => Job::Detector(evaluation()?, source()?, task),
        Question::Compare(first, second) => Job::Compare(state.catalogue()?.clone(), reviews(), first, second, state.active_run.threshold),
    })
}

fn work(job: &Job) -> Answer {
    match job {
        Job::Evaluate(catalogue, reviews, source) => {
            Answer::Evaluated(source.clone(), evaluate(catalogue, reviews, source.as_ref()).map(Arc::new))
        }
        Job::Errors(evaluation, source, threshold) => {
            let errors = evaluation.errors(*threshold);
            let grades = evaluation.grade_errors(&errors);
            let tallies = evaluation.tallies(*threshold);
            Answer::Errors(source.clone(), Arc::new(errors), grades, tallies)
        }
        Job::Agreement(evaluation, source, scope) => {
            Answer::Agreement(source.clone(), *scope, Box::new(evaluation.agreement(scope, Some(Resamples::default()))))
        }
        Job::Changes(catalogue, reviews, first, second, threshold) => {
            let one = |run| evaluate(catalogue, reviews, Some(run));
            let both = one(first).and_then(|before| Ok((before, one(second)?)));
            Answer::Changes(both.map(|(one, other)| Box::new(ChangedRuns::of([first, second], [&one, &other], *threshold))))
        }
        Job::Detector(evaluation, source, task) => {
            let found = evaluation.coco(*task).map_err(|error| error.to_string());
            let curves = evaluation.detector_curves(*task, None);
            Answer::Detector(source.clone(), *task, found.map(|coco| Box::new(Detector { task: *task, coco, curves })))
        }
        Job::Compare(catalogue, reviews, first, second, threshold) => {
            let one = |run| evaluate(catalogue, reviews, Some(run));
            let both = one(first).and_then(|before| Ok((before, one(second)?)));
            let compared = both.map(|(one, other)| Box::new(compare(&one, &other, *threshold, Resamples::default())));
            Answer::Compared(first.clone(), second.clone(), compared)
        }
    }
}

/// Against the readers, as reviews correct them.
fn evaluate(catalogue: &Catalogue, reviews: &Reviews, run: Option<&PathBuf>) -> Result<Evaluation, String> {
    let Some(folder) = run else {
        return Evaluation::of_corrected(&catalogue.cohort, reviews).map_err(|error| error.to_string());
    };
    let reader = RunReader::open(folder).map_err(|error| error.to_string())?;
    Evaluation::load_corrected(&catalogue.cohort, &reader, reviews).map_err(|error| error.to_string())
}

/// Answers on the spot, for a workbench without threads.
pub fn answer(state: &State, question: Question) -> Option<Event> {
    job(state, question).map(|job| Event::Metrics(work(&job)))
}

/// Works questions out. There are two such threads: one for what a key waits for, one for what takes a second.
pub struct Metrics {
    /// Where the answers go.
    pub events: Sender<Event>,
}

impl Work for Metrics {
    type Job = Job;

    fn replaces(new: &Job, waiting: &Job) -> bool {
        // A key held down asks for many thresholds: only the last one is needed.
        matches!(
            (new, waiting),
            (Job::Errors(..), Job::Errors(..))
                | (Job::Evaluate(..), Job::Evaluate(..))
                | (Job::Compare(..), Job::Compare(..))
                | (Job::Detector(..), Job::Detector(..))
                | (Job::Changes(..), Job::Changes(..))
        )
    }

    fn work(&mut self, job: &Job, _: &Queue<Job>) {
        let _ = self.events.send(Event::Metrics(work(job)));
    }

    fn panicked(&mut self, job: Job) {
        let event = match job {
            Job::Evaluate(.., source) => {
                Event::Metrics(Answer::Evaluated(source, Err(format!("the run could not be evaluated: {INTERNAL}"))))
            }
            Job::Compare(.., first, second, _) => {
                Event::Metrics(Answer::Compared(first, second, Err(format!("the runs could not be compared: {INTERNAL}"))))
            }
            Job::Changes(..) => Event::Metrics(Answer::Changes(Err(format!("the runs could not be compared: {INTERNAL}")))),
            Job::Detector(_, source, task) => {
                Event::Metrics(Answer::Detector(source, task, Err(format!("the curves could not be computed: {INTERNAL}"))))
            }
            Job::Errors(..) => Event::Internal(format!("the errors could not be listed: {INTERNAL}")),
            Job::Agreement(..) => Event::Internal(format!("the intervals could not be computed: {INTERNAL}")),
        };
        let _ = self.events.send(event);
    }
}

/// Whether a question takes so long that no key should wait behind it.
#[must_use]
pub const fn is_slow(question: &Question) -> bool {
    matches!(question, Question::Agreement(_) | Question::Compare(..) | Question::Detector(_) | Question::Changes(..))
}
