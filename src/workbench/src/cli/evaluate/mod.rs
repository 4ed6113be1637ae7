//! `svh evaluate`: how well a run did, or any detector whose boxes are in COCO files.

mod coco;
mod text;

use std::path::Path;

use svh_analysis::report::{self, RunReport};
use svh_analysis::stats::{GradeWeights, Resamples};
use svh_analysis::{AnalysisError, DataFrame, Evaluation, compare, is_kept, keep, write_csv};
use svh_core::protocol::DEFAULT_THRESHOLD;
use svh_core::tags::FilmFilter;
use svh_core::{Reviews, RunReader, RunState, atomic};

use super::{
    args::{Evaluate, Table},
    failure::{Failure, Outcome},
    inputs, out,
    progress::Progress,
};
use crate::Options;

/// Evaluates and prints.
pub fn run(command: &Evaluate, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    if let Some([reference, found]) = command.coco.as_deref() {
        return coco::run(reference, found, command, &progress);
    }
    let Some(cohort) = &command.cohort else {
        return Err(Failure::user("name a cohort, or two files with --coco"));
    };
    let weights = command.weights.as_deref().map(GradeWeights::read).transpose().map_err(Failure::user)?;
    let run = inputs::run(cohort, command.run.as_deref(), &progress)?;
    let other = command.against.as_deref().map(|other| inputs::run(cohort, Some(other), &progress)).transpose()?;
    let cohort = inputs::cohort(cohort, &progress)?;
    if run.info().cohort.as_ref().is_some_and(|made_over| made_over.fingerprint != cohort.fingerprint()) {
        progress.note("the cohort has changed since the run was made: its films, labels or grades are others now");
    }
    keep_tables(&run, &progress);
    progress.set(0, 2, "reading labels and results");
    let reviews = if command.without_reviews { Reviews::default() } else { Reviews::read(cohort.root()) };
    reviews.problems().for_each(|problem| progress.problem(problem));
    if !reviews.is_empty() {
        progress.note(&format!("truth is as {} lines of reviews correct it; --without-reviews leaves them out", reviews.len()));
    }
    let tags = inputs::tags(cohort.root(), &progress);
    let filter = FilmFilter::new(tags.clone(), &command.films.tag, &command.films.without_tag).map_err(Failure::user)?;
    let keep = |patient: &str, limb| filter.keeps(patient, limb);
    let evaluation = Evaluation::load_films(&cohort, &run, &reviews, &keep).map_err(failure)?.with_tags(tags);
    if !filter.is_empty() {
        if evaluation.patients().is_empty() {
            return Err(Failure::user(format!("the run has no film {}", command.films.words())));
        }
        let films = evaluation.films().len();
        progress.note(&format!("only films {}: {films}, of {} patients", command.films.words(), evaluation.patients().len()));
    }
    progress.set(1, 2, "working out the figures");
    let threshold = command.threshold.unwrap_or(DEFAULT_THRESHOLD);
    evaluation.problems().iter().for_each(|problem| progress.note(problem));
    if let Some(other) = other {
        keep_tables(&other, &progress);
        let other = Evaluation::load_films(&cohort, &other, &reviews, &keep).map_err(failure)?;
        other.problems().iter().filter(|problem| !evaluation.problems().contains(problem)).for_each(|problem| progress.note(problem));
        let comparison = compare(&evaluation, &other, threshold, Resamples::default());
        progress.clear();
        return if command.json {
            out::json(&comparison)
        } else {
            out::line(text::comparison(&comparison, &evaluation, &other).trim_end())
        };
    }
    if let Some(path) = &command.csv {
        let table = table(&evaluation, command.table, threshold).and_then(write_csv).map_err(failure)?;
        progress.clear();
        return write(path, &table);
    }
    let report = RunReport::of(&evaluation, threshold, weights.as_ref(), Resamples::default()).map_err(failure)?;
    progress.clear();
    if command.json { out::json(&report) } else { out::line(text::of(&report).trim_end()) }
}

/// A run that has ended gets its tables, if it does not have them or went on since. A folder that may only be read is evaluated all the same.
fn keep_tables(run: &RunReader, progress: &Progress) {
    if run.state() != RunState::Running
        && !is_kept(run)
        && let Err(error) = keep(run)
    {
        progress.note(&error.to_string());
    }
}

fn table(evaluation: &Evaluation, table: Table, threshold: f32) -> Result<DataFrame, AnalysisError> {
    match table {
        Table::Grades => report::ram_table(evaluation),
        Table::Errors => report::errors_table(evaluation, &evaluation.errors(threshold)),
        Table::Joints => report::joints_table(evaluation, threshold),
        Table::Imbalance => report::distribution_table(evaluation),
        Table::Confusion => report::confusion_table(evaluation),
        Table::Totals => report::totals_table(evaluation),
    }
}

fn write(path: &Path, table: &[u8]) -> Outcome {
    if path == Path::new("-") {
        return out::line(String::from_utf8_lossy(table).trim_end());
    }
    atomic::write(path, table).map_err(Failure::user)
}

/// Whose fault it is: runs, cohorts and boxes are the user's, queries are ours.
pub fn failure(error: AnalysisError) -> Failure {
    match error {
        AnalysisError::Polars(_) => Failure::program(error),
        _ => Failure::user(error),
    }
}
