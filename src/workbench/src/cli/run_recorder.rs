//! The run that `svh score --out` and `svh detect --out` keep: begun or resumed, a line a film and patient as they are done.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use svh_core::{
    Cohort, Limb, PatientScore,
    cohort::FILMS_FOLDER,
    protocol::{Event, Fault, FilmRequest},
    run::{
        FilmOptions, ModelUse, RunClaim, RunError, RunEvent, RunInfo, RunKind, RunOptions, RunReader, RunState, RunStatus, RunWriter,
        Shard, shards, threshold,
    },
};

use super::{
    engine_session::Engine,
    failure::{Failure, Outcome},
    inputs::PatientFilms,
    progress::Progress,
};
use crate::Options;

/// What a run is to do.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// Finding joints, or grading them too.
    pub kind: RunKind,
    /// What was named on the command line.
    pub inputs: &'a [PathBuf],
    /// The patients that were picked; empty for all.
    pub patients: &'a [String],
    /// The limb that was told.
    pub limb: Option<Limb>,
    /// Without the shape of limbs.
    pub no_shape: bool,
    /// The score from which a box counts.
    pub threshold: f32,
}

/// A run in the making, or a shard of one.
pub struct RunRecorder {
    writer: RunWriter,
    /// The tables are made of a whole run.
    is_shard: bool,
}

/// What becomes of a task with a shard.
pub enum ShardTask {
    /// It has the shard to score.
    Begun(RunRecorder),
    /// There is nothing to do, for this reason.
    Idle(String),
}

impl RunRecorder {
    /// Begins a run in this folder, or resumes the one that is there. The folder is taken before the engine starts.
    ///
    /// # Errors
    /// A folder that cannot be written, or whose run did other work or is still at work; an engine that does not start.
    pub fn begin(folder: &Path, work: Work, options: &Options, engine: &Engine, progress: &Progress) -> Outcome<Self> {
        let claim = RunClaim::take(folder, info(work, options)).map_err(Failure::user)?;
        let writer = write(claim, folder, engine, progress, |_| Ok(()))?;
        Ok(Self { writer, is_shard: false })
    }

    /// Begins or resumes a shard of the run in this folder.
    ///
    /// # Errors
    /// As [`RunRecorder::begin`], and a run that is in another number of shards.
    pub fn begin_shard(
        run: &Path,
        shard: Shard,
        work: Work,
        options: &Options,
        engine: &Engine,
        progress: &Progress,
    ) -> Outcome<ShardTask> {
        let whole = info(work, options).in_shards(shard.count());
        shards::check(run, &whole).map_err(Failure::user)?;
        let (folder, part) = (shard.folder(run), info(work, options).of_shard(shard));
        let is_done = |before: &RunReader| before.state() == RunState::Finished && before.info().cohort == part.cohort;
        if RunReader::open(&folder).is_ok_and(|before| is_done(&before)) {
            return Ok(ShardTask::Idle(format!("shard {shard} of {} is scored already", run.display())));
        }
        let claim = match RunClaim::take(&folder, part) {
            // The same task was started twice: the first one does the work.
            Err(RunError::Busy { holder, .. }) => {
                return Ok(ShardTask::Idle(format!("shard {shard} of {} is being scored by {holder}", run.display())));
            }
            claim => claim.map_err(Failure::user)?,
        };
        let writer = write(claim, &folder, engine, progress, |part: &RunInfo| {
            let whole = RunInfo { models: part.models.clone(), versions: part.versions.clone(), ..whole };
            shards::join(run, &whole).map_err(Failure::user)
        })?;
        Ok(ShardTask::Begun(Self { writer, is_shard: true }))
    }

    /// Whether an earlier part of the run has read a film, which is as it was then.
    pub fn has_film(&self, film: &Path) -> bool {
        self.writer.has_film(film)
    }

    /// What an earlier part of the run has of a patient; one with a film that failed then, or that is another one now, is done again.
    pub fn earlier(&self, patient: &PatientFilms) -> Option<&PatientScore> {
        self.writer.earlier(&patient.patient, &paths(&patient.films))
    }

    /// Keeps what the engine said in answer to a request of these films. A film that is kept already stays as it is: an end between a film and its patient leaves
    /// the film's line, and the patient is graded again.
    pub fn keep(&mut self, event: &Event, films: &[FilmRequest]) -> Outcome {
        match event {
            Event::Film { result, .. } if self.has_film(Path::new(&result.film)) => Ok(()),
            Event::Film { result, .. } => self.writer.film(result),
            Event::Patient { result, .. } => self.writer.patient_on(result, &paths(films)),
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
            // Everything was tried; films that cannot be read are no reason to resume.
            Err(Failure::SomeFailed(message, Fault::User)) => (RunStatus::Finished, Some(message.clone())),
            Err(Failure::Message(message, _) | Failure::SomeFailed(message, _)) => (RunStatus::Failed, Some(message.clone())),
            Err(Failure::Told(_)) => (RunStatus::Failed, None),
            Err(Failure::ReaderGone) => (RunStatus::Cancelled, None),
        };
        let folder = self.writer.folder().to_path_buf();
        self.writer.finish(status, message).map_err(Failure::user)?;
        if status == RunStatus::Finished && !self.is_shard { keep(&folder) } else { Ok(()) }
    }
}

fn paths(films: &[FilmRequest]) -> Vec<&Path> {
    films.iter().map(|film| &*film.path).collect()
}

/// Starts the engine and begins to write what was claimed; `ready` sees what ran before anything is written.
fn write(
    claim: RunClaim,
    folder: &Path,
    engine: &Engine,
    progress: &Progress,
    ready: impl FnOnce(&RunInfo) -> Outcome,
) -> Outcome<RunWriter> {
    if let Ok(before) = RunReader::open(folder) {
        // Films and patients whose lines are damaged are done again.
        let results = before.read_results().map_err(Failure::user)?;
        results.problem.iter().for_each(|problem| progress.problem(problem));
    }
    let says = engine.start(progress)?;
    let versions = [("svh-engine", &says.version), ("libtorch", &says.libtorch)];
    let versions: BTreeMap<_, _> = versions.into_iter().map(|(name, version)| (name.to_owned(), version.clone())).collect();
    let models = says.models.iter().map(ModelUse::from).collect();
    let mut writer = claim.begin(models, versions).map_err(Failure::user)?;
    ready(writer.info())?;
    writer.log(&format!("svh-engine {} on {}", says.version, says.device)).map_err(Failure::user)?;
    Ok(writer)
}

/// The tables that screens and other programs read.
pub fn keep(folder: &Path) -> Outcome {
    let run = RunReader::open(folder).map_err(Failure::user)?;
    svh_analysis::keep(&run).map_err(super::evaluate::failure)
}

fn info(work: Work, options: &Options) -> RunInfo {
    let whole = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let asked = FilmOptions {
        inputs: work.inputs.iter().map(whole).collect(),
        patients: work.patients.to_vec(),
        limb: work.limb,
        threshold: Some(work.threshold),
        no_shape: work.no_shape,
        models: options.models.as_ref().map(whole),
        ignore_voi: options.ignore_voi,
        device: options.device.clone(),
        half: options.half,
    };
    let mut info = RunInfo::of_this_command(work.kind)
        .with_options(if work.kind == RunKind::Detect { RunOptions::Detect(asked) } else { RunOptions::Score(asked) })
        .with_version("svh", Some(env!("CARGO_PKG_VERSION")))
        .with_setting("shape", !work.no_shape)
        .with_setting("threshold", threshold(work.threshold));
    if let Some(limb) = work.limb {
        info = info.with_setting("limb", limb.code());
    }
    if options.half {
        info = info.with_setting("half", true);
    }
    if options.ignore_voi {
        info = info.with_setting("voi", "ignored");
    }
    match work.inputs {
        [input] => match cohort_of(input) {
            Some(cohort) => info.with_cohort(&cohort),
            None => info,
        },
        _ => info,
    }
}

/// The cohort that an input is: a cohort's folder, or its folder of films.
fn cohort_of(input: &Path) -> Option<Cohort> {
    let path = std::fs::canonicalize(input).unwrap_or_else(|_| input.to_path_buf());
    let whole = path.parent().filter(|_| path.ends_with(FILMS_FOLDER)).and_then(|parent| Cohort::open(parent).ok());
    whole.or_else(|| Cohort::open(&path).ok())
}
