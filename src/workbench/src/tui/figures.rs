//! Figures that take their time: evaluations, errors at a threshold, intervals, comparisons. Worked out beside the loop by svh-analysis.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
};

use svh_analysis::{Evaluation, Scope, compare, stats::Resamples};
use svh_core::{Reviews, RunReader};

use super::{
    data::Catalogue,
    event::Event,
    question::{Answer, Question, Source},
    state::State,
};

/// A question with all that its answer needs.
enum Job {
    Evaluate(Arc<Catalogue>, Box<Reviews>, Source),
    Errors(Arc<Evaluation>, Source, f32),
    Agreement(Arc<Evaluation>, Source, Scope),
    Compare(Arc<Catalogue>, Box<Reviews>, PathBuf, PathBuf, f32),
}

fn job(state: &State, question: Question) -> Option<Job> {
    let evaluation = || state.active_run.evaluation().cloned();
    let source = || state.active_run.source().cloned();
    let reviews = || Box::new(state.desk.reviews().clone());
    Some(match question {
        Question::Evaluate(of) => Job::Evaluate(state.catalogue()?.clone(), reviews(), of),
        Question::Errors => Job::Errors(evaluation()?, source()?, state.active_run.threshold),
        Question::Agreement(scope) => Job::Agreement(evaluation()?, source()?, scope),
        Question::Compare(first, second) => Job::Compare(state.catalogue()?.clone(), reviews(), first, second, state.active_run.threshold),
    })
}

fn work(job: Job) -> Answer {
    match job {
        Job::Evaluate(catalogue, reviews, source) => {
            let read = catch_unwind(AssertUnwindSafe(|| evaluate(&catalogue, &reviews, source.as_ref())));
            let result = read.unwrap_or_else(|_| Err("the run could not be evaluated: svh made a mistake".to_owned()));
            Answer::Evaluated(source, result.map(Arc::new))
        }
        Job::Errors(evaluation, source, threshold) => {
            Answer::Errors(source, Arc::new(evaluation.errors(threshold)), evaluation.tallies(threshold))
        }
        Job::Agreement(evaluation, source, scope) => {
            Answer::Agreement(source, scope, Box::new(evaluation.agreement(&scope, Some(Resamples::default()))))
        }
        Job::Compare(catalogue, reviews, first, second, threshold) => {
            let one = |run| evaluate(&catalogue, &reviews, Some(run));
            let both = one(&first).and_then(|before| Ok((before, one(&second)?)));
            Answer::Compared(first, second, both.map(|(one, other)| Box::new(compare(&one, &other, threshold, Resamples::default()))))
        }
    }
}

/// Against what people say, as reviews correct it.
fn evaluate(catalogue: &Catalogue, reviews: &Reviews, run: Option<&PathBuf>) -> Result<Evaluation, String> {
    let Some(folder) = run else {
        return Evaluation::of_corrected(&catalogue.cohort, reviews).map_err(|error| error.to_string());
    };
    let reader = RunReader::open(folder).map_err(|error| error.to_string())?;
    Evaluation::load_corrected(&catalogue.cohort, &reader, reviews).map_err(|error| error.to_string())
}

/// Answers on the spot, for a workbench without threads.
pub fn answer(state: &State, question: Question) -> Option<Event> {
    job(state, question).map(|job| Event::Figures(work(job)))
}

/// The threads that work figures out: one for what a key waits for, one for what takes a second.
pub struct Figures {
    quick: Sender<Job>,
    slow: Sender<Job>,
}

impl Figures {
    /// Starts the threads.
    #[must_use]
    pub fn start(events: &Sender<Event>) -> Self {
        Self { quick: thread("figures", events.clone()), slow: thread("intervals", events.clone()) }
    }

    /// Asks a question about the state as it is.
    pub fn ask(&self, state: &State, question: Question) {
        let slow = matches!(question, Question::Agreement(_) | Question::Compare(..));
        if let Some(job) = job(state, question) {
            let _ = if slow { self.slow.send(job) } else { self.quick.send(job) };
        }
    }
}

fn thread(name: &str, events: Sender<Event>) -> Sender<Job> {
    let (sender, inbox) = channel::<Job>();
    let work_on = move || {
        while let Ok(first) = inbox.recv() {
            let mut jobs: Vec<Job> = std::iter::once(first).chain(inbox.try_iter()).collect();
            // A key held down asks for many thresholds: only the last one counts.
            let last = jobs.iter().rposition(|job| matches!(job, Job::Errors(..)));
            let mut place = 0;
            jobs.retain(|job| {
                place += 1;
                !matches!(job, Job::Errors(..)) || Some(place - 1) == last
            });
            for job in jobs {
                if events.send(Event::Figures(work(job))).is_err() {
                    return;
                }
            }
        }
    };
    // Without a thread no figure comes, which shows as waiting.
    let _ = std::thread::Builder::new().name(name.into()).spawn(work_on);
    sender
}
