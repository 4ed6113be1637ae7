//! The end of a run that is written.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::event::{film_key, patient_key};
use super::{CANCEL, EVENTS, INFO, JsonLines, METRICS, RESULTS, ResultLine, RunError, RunEvent, RunInfo, RunReader, RunState, RunStatus};
use crate::atomic::{self, WriteError};
use crate::{FilmDetections, PatientScore, clock};

/// Writes a run's folder. Dropped without [`RunWriter::finish`] the run counts as interrupted once its process is gone.
#[derive(Debug)]
pub struct RunWriter {
    folder: PathBuf,
    info: RunInfo,
    events: JsonLines,
    results: JsonLines,
    done: HashSet<String>,
    begin: Instant,
}

impl RunWriter {
    /// Begins a run in this folder, which is made if need be and must hold none.
    ///
    /// # Errors
    /// A folder that holds a run or cannot be written to.
    pub fn create(folder: &Path, info: RunInfo) -> Result<Self, RunError> {
        if folder.join(INFO).exists() {
            return Err(RunError::Exists { path: folder.to_owned() });
        }
        fs::create_dir_all(folder).map_err(|e| WriteError::new(folder, e))?;
        Self::begin(folder, info, HashSet::new())
    }

    /// Begins a run in a new folder of this one, named after its start and kind, such as `20251123-220544-score`.
    ///
    /// # Errors
    /// As [`RunWriter::create`].
    pub fn create_in(runs: &Path, info: RunInfo) -> Result<Self, RunError> {
        fs::create_dir_all(runs).map_err(|e| WriteError::new(runs, e))?;
        let stamp: String = info.started.chars().filter(char::is_ascii_digit).collect();
        let (date, time) = stamp.split_at(8.min(stamp.len()));
        let kind = format!("{:?}", info.kind).to_lowercase();
        for number in 1_u32.. {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let folder = runs.join(format!("{date}-{time}-{kind}{suffix}"));
            match fs::create_dir(&folder) {
                // Another run began in the same second.
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(WriteError::new(&folder, e).into()),
                Ok(()) => return Self::create(&folder, info),
            }
        }
        Err(RunError::Exists { path: runs.to_owned() })
    }

    /// Goes on with a run that was interrupted, cancelled or failed, or does nothing more to a finished one: what has a line is [`RunWriter::has_film`]
    /// or [`RunWriter::has_patient`].
    ///
    /// # Errors
    /// A folder without a run, a run that another process writes, or one that did other work.
    pub fn resume(folder: &Path, info: RunInfo) -> Result<Self, RunError> {
        let reader = RunReader::open(folder)?;
        let old = reader.info();
        if old.state() == RunState::Running && old.process != info.process {
            return Err(RunError::Busy { path: folder.to_owned(), process: old.process.id });
        }
        if let Some(what) = old.difference(&info) {
            return Err(RunError::OtherWork { path: folder.to_owned(), what });
        }
        let done = reader.results()?.iter().filter_map(ResultLine::key).collect();
        drop(fs::remove_file(folder.join(CANCEL)));
        Self::begin(folder, RunInfo { started: old.started.clone(), ..info }, done)
    }

    fn begin(folder: &Path, info: RunInfo, done: HashSet<String>) -> Result<Self, RunError> {
        let events = JsonLines::open(&folder.join(EVENTS))?;
        let results = JsonLines::open(&folder.join(RESULTS))?;
        let writer = Self { folder: folder.to_owned(), info, events, results, done, begin: Instant::now() };
        writer.save()?;
        Ok(writer)
    }

    fn save(&self) -> Result<(), WriteError> {
        json(&self.folder.join(INFO), &self.info)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What runs.
    #[must_use]
    pub fn info(&self) -> &RunInfo {
        &self.info
    }

    /// Seconds since this process began with the run, as events tell them.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }

    /// Whether a film of this name has a line.
    #[must_use]
    pub fn has_film(&self, film: &str) -> bool {
        self.done.contains(&film_key(film))
    }

    /// Whether a patient has a line.
    #[must_use]
    pub fn has_patient(&self, patient: &str) -> bool {
        self.done.contains(&patient_key(patient))
    }

    /// Keeps what was found on a film.
    ///
    /// # Errors
    /// As [`JsonLines::append`].
    pub fn film(&mut self, film: &FilmDetections) -> Result<(), WriteError> {
        self.results.append(film)?;
        self.done.insert(film_key(&film.film));
        Ok(())
    }

    /// Keeps the grades of a patient.
    ///
    /// # Errors
    /// As [`JsonLines::append`].
    pub fn patient(&mut self, patient: &PatientScore) -> Result<(), WriteError> {
        self.results.append(patient)?;
        self.done.insert(patient_key(&patient.patient));
        Ok(())
    }

    /// Keeps that a film could not be read; a resume tries it again.
    ///
    /// # Errors
    /// As [`JsonLines::append`].
    pub fn film_failed(&mut self, film: &str, message: &str) -> Result<(), WriteError> {
        self.results.append(&ResultLine::Failed { film: film.to_owned(), failed: message.to_owned() })
    }

    /// Keeps an event.
    ///
    /// # Errors
    /// As [`JsonLines::append`].
    pub fn event(&mut self, event: &RunEvent) -> Result<(), WriteError> {
        self.events.append(event)
    }

    /// Keeps a sentence for the run's readers.
    ///
    /// # Errors
    /// As [`JsonLines::append`].
    pub fn log(&mut self, message: &str) -> Result<(), WriteError> {
        let event = RunEvent::Log { message: message.to_owned(), seconds: self.seconds() };
        self.event(&event)
    }

    /// Replaces `metrics.json`.
    ///
    /// # Errors
    /// As [`atomic::write`].
    pub fn metrics(&self, metrics: &impl Serialize) -> Result<(), WriteError> {
        json(&self.folder.join(METRICS), metrics)
    }

    /// Whether somebody asked this run to end.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        super::cancel_requested(&self.folder)
    }

    /// Ends the run with this status, and a sentence where it failed.
    ///
    /// # Errors
    /// As [`atomic::write`].
    pub fn finish(mut self, status: RunStatus, message: Option<String>) -> Result<(), WriteError> {
        self.info.status = status;
        self.info.message = message;
        self.info.finished = Some(clock::utc_now());
        self.save()
    }
}

fn json(path: &Path, value: &impl Serialize) -> Result<(), WriteError> {
    atomic::write_with(path, |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        out.write_all(b"\n")
    })
}
