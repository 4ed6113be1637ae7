//! The end of a run that is read, finished or not.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{EVENTS, INFO, METRICS, RESULTS, ResultLine, RunError, RunEvent, RunInfo, Tail};
use crate::{FilmDetections, PatientScore};

/// A run's folder with what ran in it.
#[derive(Clone, Debug)]
pub struct RunReader {
    folder: PathBuf,
    info: RunInfo,
}

impl RunReader {
    /// Opens a run.
    ///
    /// # Errors
    /// A folder without a readable `run.json`.
    pub fn open(folder: &Path) -> Result<Self, RunError> {
        let no_run = |reason: String| RunError::NoRun { path: folder.to_owned(), reason };
        let bytes = fs::read(folder.join(INFO)).map_err(|e| no_run(format!("run.json: {e}")))?;
        let info = serde_json::from_slice(&bytes).map_err(|e| no_run(format!("run.json: {e}")))?;
        Ok(Self { folder: folder.to_owned(), info })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// What ran, as it stood when the run was opened.
    #[must_use]
    pub fn info(&self) -> &RunInfo {
        &self.info
    }

    /// All lines so far. Of two lines for the same film or patient the later one counts; a film that failed and later succeeded did not fail.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn results(&self) -> Result<Vec<ResultLine>, RunError> {
        let mut lines: Vec<Option<ResultLine>> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for line in self.read(&mut self.follow_results())? {
            let name = match &line {
                ResultLine::Film(FilmDetections { film, .. }) | ResultLine::Failed { film, .. } => super::event::film_key(film),
                ResultLine::Patient(patient) => super::event::patient_key(&patient.patient),
            };
            if let Some(before) = places.insert(name, lines.len()) {
                lines[before] = None;
            }
            lines.push(Some(line));
        }
        Ok(lines.into_iter().flatten().collect())
    }

    /// What was found on each film so far.
    ///
    /// # Errors
    /// As [`RunReader::results`].
    pub fn films(&self) -> Result<Vec<FilmDetections>, RunError> {
        Ok(self.results()?.into_iter().filter_map(|line| if let ResultLine::Film(film) = line { Some(film) } else { None }).collect())
    }

    /// The grades of each patient so far.
    ///
    /// # Errors
    /// As [`RunReader::results`].
    pub fn patients(&self) -> Result<Vec<PatientScore>, RunError> {
        Ok(self
            .results()?
            .into_iter()
            .filter_map(|line| if let ResultLine::Patient(patient) = line { Some(patient) } else { None })
            .collect())
    }

    /// All events so far.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn events(&self) -> Result<Vec<RunEvent>, RunError> {
        self.read(&mut self.follow_events())
    }

    /// Events from the start on, as they come.
    #[must_use]
    pub fn follow_events(&self) -> Tail<RunEvent> {
        Tail::new(self.folder.join(EVENTS))
    }

    /// Results from the start on, as they come; repeated ones are not joined.
    #[must_use]
    pub fn follow_results(&self) -> Tail<ResultLine> {
        Tail::new(self.folder.join(RESULTS))
    }

    /// `metrics.json`; `None` where there is none yet.
    ///
    /// # Errors
    /// A file that is no JSON.
    pub fn metrics(&self) -> Result<Option<serde_json::Value>, RunError> {
        let path = self.folder.join(METRICS);
        let Ok(bytes) = fs::read(&path) else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|e| RunError::Unreadable { path, reason: e.to_string() })
    }

    fn read<T: serde::de::DeserializeOwned>(&self, tail: &mut Tail<T>) -> Result<Vec<T>, RunError> {
        tail.read().map_err(|e| RunError::Unreadable { path: self.folder.clone(), reason: e.to_string() })
    }
}

/// The runs in a folder such as `COHORT/runs`, the newest first; folders that are none are passed over, and no folder means no runs.
#[must_use]
pub fn list(runs: &Path) -> Vec<RunReader> {
    let entries = fs::read_dir(runs).into_iter().flatten();
    let mut found: Vec<_> = entries.filter_map(|entry| RunReader::open(&entry.ok()?.path()).ok()).collect();
    found.sort_by(|a, b| (&b.info.started, &b.folder).cmp(&(&a.info.started, &a.folder)));
    found
}
