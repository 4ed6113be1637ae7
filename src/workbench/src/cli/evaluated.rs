//! A cohort with its reviews and an evaluation of one of its runs: what figures and reports are made from.

use std::path::{Path, PathBuf};

use svh_analysis::Evaluation;
use svh_core::{Cohort, Reviews, RunKind, RunReader, RunState, cohort::RUNS_FOLDER, run};

use super::{
    evaluate::failure,
    failure::{Failure, Outcome},
    inputs,
    progress::Progress,
};
use svh_core::places;

/// What is evaluated.
pub struct Evaluated {
    /// The cohort.
    pub cohort: Cohort,
    /// What its readers corrected.
    pub reviews: Reviews,
    /// The run; absent where the cohort has none.
    pub run: Option<RunReader>,
    /// The run against the readers, or the cohort alone.
    pub evaluation: Evaluation,
}

/// The folder of the cohort: as named, else the demo.
pub fn cohort_folder(named: Option<&Path>) -> Outcome<PathBuf> {
    named.map(Path::to_path_buf).or_else(places::demo).ok_or_else(inputs::no_demo)
}

/// The run's folder: as it was named, or of that name among the cohort's runs.
pub fn run_folder(cohort: &Path, run: &Path) -> PathBuf {
    let kept = cohort.join(RUNS_FOLDER).join(run);
    if !run.exists() && kept.is_dir() { kept } else { run.to_path_buf() }
}

/// The newest finished scoring or detection of a cohort, else the newest that has not finished.
pub fn newest_run(cohort: &Path) -> Option<RunReader> {
    let mut runs = run::list(&cohort.join(RUNS_FOLDER));
    runs.retain(|run| matches!(run.info().kind, RunKind::Score | RunKind::Detect));
    let place = runs.iter().position(|run| run.state() == RunState::Finished).or_else(|| (!runs.is_empty()).then_some(0))?;
    Some(runs.swap_remove(place))
}

impl Evaluated {
    /// Opens a cohort and one of its runs: the one that was named, else the newest.
    pub fn open(folder: &Path, run: Option<&Path>, progress: &Progress) -> Outcome<Self> {
        let cohort = inputs::cohort(folder, progress)?;
        let run = match run {
            Some(run) => Some(RunReader::open(&run_folder(folder, run)).map_err(Failure::user)?),
            None => newest_run(folder),
        };
        progress.what("reading labels and results");
        let reviews = Reviews::read(cohort.root());
        reviews.problems().for_each(|problem| progress.problem(problem));
        let evaluation = match &run {
            Some(run) => Evaluation::load_corrected(&cohort, run, &reviews),
            None => Evaluation::of_corrected(&cohort, &reviews),
        };
        let evaluation = evaluation.map_err(failure)?;
        evaluation.problems().iter().for_each(|problem| progress.note(problem));
        Ok(Self { cohort, reviews, run, evaluation })
    }
}
