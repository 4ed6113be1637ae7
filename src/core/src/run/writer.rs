//! The end of a run that is written.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::done::Done;
use super::inputs::{self, Inputs};
use super::lease::Lease;
use super::{
    CohortRef, EVENTS, INFO, INPUTS, JsonLines, METRICS, RESULTS, ResultLine, RunClaim, RunError, RunEvent, RunInfo, RunReader, RunStatus,
};
use crate::access;
use crate::atomic::{self, WriteError};
use crate::names::nfc;
use crate::{FilmDetections, PatientScore, clock};

/// Writes a run's folder, as the only one that does. Dropped without [`RunWriter::finish`] the run counts as interrupted.
#[derive(Debug)]
pub struct RunWriter {
    folder: PathBuf,
    info: RunInfo,
    lease: Lease,
    events: JsonLines,
    results: JsonLines,
    inputs: JsonLines,
    done: Done,
    /// The cohort as it is now, where results of an earlier state of it may be left until the run is finished.
    cohort_now: Option<CohortRef>,
    begin: Instant,
}

impl RunWriter {
    /// Begins a run in this folder, which is made if need be and must hold none.
    ///
    /// # Errors
    /// A folder that holds a run, is written by another process, or cannot be written to.
    pub fn create(folder: &Path, info: RunInfo) -> Result<Self, RunError> {
        let is_new = |before: Option<&RunReader>| match before {
            Some(_) => Err(RunError::Exists { path: folder.to_owned() }),
            None => Ok(()),
        };
        RunClaim::take_if(folder, info, is_new)?.write()
    }

    /// Begins a run in a new folder of this one, named after its start and kind, such as `20251123-220544-score`.
    ///
    /// # Errors
    /// As [`RunWriter::create`].
    pub fn create_in(runs: &Path, info: RunInfo) -> Result<Self, RunError> {
        access::make_folders(runs).map_err(|e| WriteError::new(runs, e))?;
        let stamp: String = info.started.chars().filter(char::is_ascii_digit).collect();
        let (date, time) = stamp.split_at(8.min(stamp.len()));
        for number in 1_u32.. {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let folder = runs.join(format!("{date}-{time}-{}{suffix}", info.kind));
            match fs::create_dir(&folder) {
                // Another run began in the same second.
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(WriteError::new(&folder, e).into()),
                Ok(()) => {
                    access::folder_like_above(&folder);
                    return Self::create(&folder, info);
                }
            }
        }
        Err(RunError::Exists { path: runs.to_owned() })
    }

    /// Resumes a run that was interrupted, cancelled or failed, or does nothing more to a finished one: what is done is [`RunWriter::has_film`] or
    /// [`RunWriter::earlier`].
    ///
    /// # Errors
    /// A folder without a run, a run that another process writes, or one that did other work.
    pub fn resume(folder: &Path, info: RunInfo) -> Result<Self, RunError> {
        RunReader::open(folder)?;
        RunClaim::take(folder, info)?.write()
    }

    pub(super) fn begin(folder: &Path, mut info: RunInfo, before: Option<&RunReader>, lease: Lease) -> Result<Self, RunError> {
        info.folder = Some(fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()));
        let (mut done, mut cohort_now) = (Done::default(), None);
        if let Some(before) = before {
            let old = before.info();
            info.started.clone_from(&old.started);
            // The paths in the lines that are there lead from the folder in which the first attempt was started.
            info.cwd.clone_from(&old.cwd);
            done = Done::read(before, &info)?;
            if info.cohort != old.cohort {
                cohort_now = std::mem::replace(&mut info.cohort, old.cohort.clone());
            }
        }
        let [events, results, inputs] = [EVENTS, RESULTS, INPUTS].map(|name| JsonLines::open(&folder.join(name)));
        let (events, results, inputs) = (events?, results?, inputs?);
        let writer = Self { folder: folder.to_owned(), info, lease, events, results, inputs, done, cohort_now, begin: Instant::now() };
        writer.save()?;
        Ok(writer)
    }

    fn save(&self) -> Result<(), RunError> {
        self.lease.check()?;
        Ok(json(&self.folder.join(INFO), &self.info)?)
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

    /// Whether the joints of this film were found by now, the film being as it was then.
    #[must_use]
    pub fn has_film(&self, film: impl AsRef<Path>) -> bool {
        self.done.has_film(&self.info, film.as_ref())
    }

    /// Whether a patient has a line.
    #[must_use]
    pub fn has_patient(&self, patient: &str) -> bool {
        self.done.patients.contains_key(&*nfc(patient))
    }

    /// A patient's grades that an earlier attempt found on just these films, all of which could be read and are as they were then.
    #[must_use]
    pub fn earlier(&self, patient: &str, films: &[&Path]) -> Option<&PatientScore> {
        self.done.patient(&self.info, patient, films)
    }

    /// Keeps what was found on a film.
    ///
    /// # Errors
    /// As [`JsonLines::append`], and that another process took the run over.
    pub fn film(&mut self, film: &FilmDetections) -> Result<(), RunError> {
        self.lease.check()?;
        let films = inputs::films(&self.info, [Path::new(&film.film)]);
        let name = self.name_in_lines(&film.film);
        match name {
            Cow::Borrowed(_) => self.results.append(film)?,
            Cow::Owned(ref name) => self.results.append(&FilmDetections { film: name.clone(), ..film.clone() })?,
        }
        // After the result: if this line is lost, the film is looked at once more.
        let line = Inputs { patient: None, films };
        self.inputs.append(&line)?;
        self.done.films.extend(line.films.keys().cloned());
        self.done.made.add(line);
        Ok(())
    }

    /// Keeps the grades of a patient, of whose films nothing is known.
    ///
    /// # Errors
    /// As [`RunWriter::film`].
    pub fn patient(&mut self, patient: &PatientScore) -> Result<(), RunError> {
        self.lease.check()?;
        self.results.append(patient)?;
        self.done.patients.insert(nfc(&patient.patient).into_owned(), patient.clone());
        Ok(())
    }

    /// Keeps the grades of a patient that were found on these films.
    ///
    /// # Errors
    /// As [`RunWriter::film`].
    pub fn patient_on(&mut self, patient: &PatientScore, films: &[&Path]) -> Result<(), RunError> {
        let made = Inputs { patient: Some(nfc(&patient.patient).into_owned()), films: inputs::films(&self.info, films.iter().copied()) };
        self.patient(patient)?;
        self.inputs.append(&made)?;
        self.done.made.add(made);
        Ok(())
    }

    /// Keeps that a film could not be read; a resume tries it again.
    ///
    /// # Errors
    /// As [`RunWriter::film`].
    pub fn film_failed(&mut self, film: &str, message: &str) -> Result<(), RunError> {
        self.lease.check()?;
        let film = self.name_in_lines(film).into_owned();
        Ok(self.results.append(&ResultLine::Failed { film, failed: message.to_owned() })?)
    }

    /// A film's name as it stands in the run: a relative path of this attempt may lead from another folder than those of the first attempt.
    fn name_in_lines<'a>(&self, film: &'a str) -> Cow<'a, str> {
        let here = std::env::current_dir().ok();
        match here {
            Some(here) if Path::new(film).is_relative() && self.info.cwd.as_ref() != Some(&here) => {
                Cow::Owned(here.join(film).to_string_lossy().into_owned())
            }
            _ => Cow::Borrowed(film),
        }
    }

    /// Keeps an event.
    ///
    /// # Errors
    /// As [`RunWriter::film`].
    pub fn event(&mut self, event: &RunEvent) -> Result<(), RunError> {
        self.lease.check()?;
        Ok(self.events.append(event)?)
    }

    /// Keeps a sentence for the run's readers.
    ///
    /// # Errors
    /// As [`RunWriter::film`].
    pub fn log(&mut self, message: &str) -> Result<(), RunError> {
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
        self.lease.cancelled()
    }

    /// Ends the run with this status, and a sentence where it failed.
    ///
    /// # Errors
    /// As [`atomic::write`], and that another process took the run over.
    pub fn finish(mut self, status: RunStatus, message: Option<String>) -> Result<(), RunError> {
        if status == RunStatus::Finished && self.cohort_now.is_some() {
            self.info.cohort = self.cohort_now.take();
        }
        self.info.status = status;
        self.info.message = message;
        self.info.finished = Some(clock::utc_now());
        self.save()
    }
}

pub(super) fn json(path: &Path, value: &impl Serialize) -> Result<(), WriteError> {
    atomic::write_with(path, |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        out.write_all(b"\n")
    })
}
