//! The run that `svh score --out` and `svh detect --out` keep: begun or gone on with, a line a film and patient as they are done.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use svh_core::{
    Cohort, Limb, PatientScore,
    card::ModelCard,
    cohort::FILMS_FOLDER,
    intake,
    protocol::Event,
    run::{CohortRef, ModelUse, ResultLine, RunError, RunEvent, RunInfo, RunKind, RunReader, RunResults, RunStatus, RunWriter, threshold},
};

use super::{
    drive::Ready,
    failure::{Failure, Outcome},
    inputs::PatientFilms,
    progress::Progress,
};
use crate::{Options, places};

/// What a run is to do.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// Finding joints, or grading them too.
    pub kind: RunKind,
    /// What was named on the command line.
    pub inputs: &'a [PathBuf],
    /// The limb that was told.
    pub limb: Option<Limb>,
    /// Without the shape of limbs.
    pub no_shape: bool,
    /// The score from which a box counts.
    pub threshold: f32,
}

/// A run in the making.
pub struct Kept {
    writer: RunWriter,
    before: BTreeMap<String, PatientScore>,
    failed_before: BTreeSet<String>,
}

impl Kept {
    /// Begins a run in this folder, or goes on with the one that is there.
    ///
    /// # Errors
    /// A folder that cannot be written, or whose run did other work or is still at work.
    pub fn begin(folder: &Path, work: Work, options: &Options, ready: &Ready, progress: &Progress) -> Outcome<Self> {
        let info = info(work, options, ready);
        let mut kept = if folder.join("run.json").exists() {
            let (before, failed_before) = results(folder, progress).map_err(Failure::user)?;
            Self { writer: RunWriter::resume(folder, info).map_err(Failure::user)?, before, failed_before }
        } else {
            Self {
                writer: RunWriter::create(folder, info).map_err(Failure::user)?,
                before: BTreeMap::new(),
                failed_before: BTreeSet::new(),
            }
        };
        kept.writer.log(&format!("svh-engine {} on {}", ready.version, ready.device)).map_err(Failure::user)?;
        Ok(kept)
    }

    /// Whether an earlier part of the run has read a film.
    pub fn has_film(&self, film: &Path) -> bool {
        self.writer.has_film(&film.display().to_string())
    }

    /// What an earlier part of the run has of a patient; one with a film that failed then is done again.
    pub fn earlier(&self, patient: &PatientFilms) -> Option<&PatientScore> {
        let failed = patient.films.iter().any(|film| self.failed_before.contains(&*film.path.to_string_lossy()));
        self.before.get(&patient.patient).filter(|_| !failed)
    }

    /// Keeps what the engine said.
    pub fn keep(&mut self, event: &Event) -> Outcome {
        match event {
            Event::Film { result, .. } => self.writer.film(result),
            Event::Patient { result, .. } => self.writer.patient(result),
            Event::FilmFailed { film, message, .. } => self.writer.film_failed(&film.to_string_lossy(), message),
            _ => Ok(()),
        }
        .map_err(Failure::user)
    }

    /// Keeps how far the run is.
    pub fn progress(&mut self, done: usize, total: usize, what: &str) -> Outcome {
        let event = RunEvent::Progress { done, total, what: what.to_owned(), seconds: self.writer.seconds() };
        self.writer.event(&event).map_err(Failure::user)
    }

    /// Whether somebody asked the run to end.
    pub fn cancelled(&self) -> bool {
        self.writer.cancelled()
    }

    /// Ends the run as the command ends.
    pub fn end(self, outcome: &Outcome, cancelled: bool) -> Outcome {
        let (status, message) = match outcome {
            _ if cancelled => (RunStatus::Cancelled, None),
            Ok(()) => (RunStatus::Finished, None),
            Err(Failure::Said(message, _)) => (RunStatus::Failed, Some(message.clone())),
            Err(Failure::Told(_)) => (RunStatus::Failed, None),
            Err(Failure::ReaderGone) => (RunStatus::Cancelled, None),
        };
        let folder = self.writer.folder().to_path_buf();
        self.writer.finish(status, message).map_err(Failure::user)?;
        if status == RunStatus::Finished { keep(&folder) } else { Ok(()) }
    }
}

/// The tables that screens and other programs read.
fn keep(folder: &Path) -> Outcome {
    let run = RunReader::open(folder).map_err(Failure::user)?;
    svh_analysis::keep(&run).map_err(super::evaluate::failure)
}

type Results = (BTreeMap<String, PatientScore>, BTreeSet<String>);

fn results(folder: &Path, progress: &Progress) -> Result<Results, RunError> {
    let (mut patients, mut failed) = Results::default();
    let RunResults { lines, problem } = RunReader::open(folder)?.read_results()?;
    // Films and patients whose lines are damaged are done again.
    problem.iter().for_each(|problem| progress.problem(problem));
    for line in lines {
        match line {
            ResultLine::Patient(patient) => drop(patients.insert(patient.patient.clone(), patient)),
            ResultLine::Failed { film, .. } => drop(failed.insert(film)),
            ResultLine::Film(_) => {}
        }
    }
    Ok((patients, failed))
}

fn info(work: Work, options: &Options, ready: &Ready) -> RunInfo {
    let mut info = RunInfo::new(work.kind, std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect());
    info.models = models(options, ready);
    info.versions = BTreeMap::from([
        ("svh".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("svh-engine".to_owned(), ready.version.clone()),
        ("libtorch".to_owned(), ready.libtorch.clone()),
    ]);
    if let Some(limb) = work.limb {
        info.settings.insert("limb".to_owned(), limb.code().into());
    }
    info.settings.insert("shape".to_owned(), (!work.no_shape).into());
    info.settings.insert("threshold".to_owned(), threshold(work.threshold));
    if let [input] = work.inputs {
        info.cohort = cohort_of(input);
    }
    info
}

/// The cohort that an input is: a cohort's folder, or its folder of films.
fn cohort_of(input: &Path) -> Option<CohortRef> {
    let path = std::fs::canonicalize(input).unwrap_or_else(|_| input.to_path_buf());
    let whole = path.parent().filter(|_| path.ends_with(FILMS_FOLDER)).and_then(|parent| Cohort::open(parent).ok());
    let cohort = whole.or_else(|| Cohort::open(&path).ok())?;
    Some(CohortRef { path: cohort.root().to_path_buf(), fingerprint: cohort.fingerprint() })
}

/// The models in use, each with the whole hash of its card.
fn models(options: &Options, ready: &Ready) -> Vec<ModelUse> {
    let folder = places::models(options.models.as_deref()).unwrap_or_default();
    let hash = |name: &str| {
        let card = intake::bytes(&folder.join(name).join("card.json"), intake::MAX_SETTINGS).ok()?;
        Some(serde_json::from_slice::<ModelCard>(&card).ok()?.sha256)
    };
    let of = |model: &svh_core::protocol::ModelSummary| ModelUse {
        name: model.name.clone(),
        task: model.task.clone(),
        arch: model.arch.clone(),
        sha256: hash(&model.name).unwrap_or_else(|| model.sha256.clone()),
    };
    ready.models.iter().map(of).collect()
}
