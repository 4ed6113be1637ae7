//! The end of a run that is read, finished or not.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Damage, EVENTS, INFO, METRICS, RESULTS, ResultLine, RunError, RunEvent, RunInfo, RunState, Tail, shards};
use crate::names::nfc;
use crate::{FilmDetections, PatientScore, intake};

/// A run's folder with what ran in it.
#[derive(Clone, Debug)]
pub struct RunReader {
    pub(super) folder: PathBuf,
    pub(super) info: RunInfo,
}

impl RunReader {
    /// Opens a run.
    ///
    /// # Errors
    /// A folder without a readable `run.json`.
    pub fn open(folder: &Path) -> Result<Self, RunError> {
        let no_run = |reason: String| RunError::NoRun { path: folder.to_owned(), reason };
        let bytes = intake::bytes(&folder.join(INFO), intake::MAX_SETTINGS).map_err(|e| no_run(format!("run.json: {e}")))?;
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

    /// What a reader remarked on the run, see [`super::annotate`].
    #[must_use]
    pub fn note(&self) -> Option<String> {
        super::files::note(&self.folder)
    }

    /// What ran, as it stood when the run was opened.
    #[must_use]
    pub fn info(&self) -> &RunInfo {
        &self.info
    }

    /// How the run stands, with a look at whether its process still lives. What another machine writes counts as being written: see [`super::Observer`].
    #[must_use]
    pub fn state(&self) -> RunState {
        super::state::at_once(&self.folder, &self.info)
    }

    /// All lines so far, without the damaged ones; [`RunReader::read_results`] tells of those.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn results(&self) -> Result<Vec<ResultLine>, RunError> {
        Ok(self.read_results()?.lines)
    }

    /// All lines so far. Of two lines for the same film or patient the later one counts; a film that failed and later succeeded did not fail. A line that is
    /// not a result is left out and told.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read_results(&self) -> Result<RunResults, RunError> {
        let mut read = Reading::default();
        let mut problems = Vec::new();
        for part in self.parts() {
            problems.extend(part.read_into(&mut read)?);
        }
        let problem = (!problems.is_empty()).then(|| problems.join("; "));
        Ok(RunResults { lines: read.lines.into_iter().flatten().collect(), problem })
    }

    /// The runs whose lines make up this one: its shards so far, or itself. A shard that cannot be read counts as one that has not begun.
    #[must_use]
    pub fn parts(&self) -> Vec<Self> {
        if self.info.shards().is_none() {
            return vec![self.clone()];
        }
        shards::begun(&self.folder, &self.info).iter().filter_map(|folder| Self::open(folder).ok()).collect()
    }

    /// The files that hold the results, in the order in which they are read. Not all of them need to be there yet.
    #[must_use]
    pub fn result_files(&self) -> Vec<PathBuf> {
        self.parts().iter().map(|part| part.folder.join(RESULTS)).collect()
    }

    /// Reads the lines of one folder; says what is damaged.
    fn read_into(&self, read: &mut Reading) -> Result<Option<String>, RunError> {
        let unsound = read.unsound;
        let mut tail = self.follow_results();
        let path = self.folder.join(RESULTS);
        let rest = tail
            .each(|_, line| read.take(line, &self.info))
            .map_err(|e| RunError::Unreadable { path: path.clone(), reason: e.to_string() })?;
        let mut damage = tail.damage().clone();
        damage.count += read.unsound - unsound;
        // While the run is at work, its last line may be on its way.
        if let Some(rest) = rest.filter(|_| self.state() != RunState::Running) {
            match serde_json::from_slice(&rest) {
                Ok(line) => read.take(line, &self.info),
                Err(_) => damage.add(tail.next_line()),
            }
        }
        Ok((damage.count > 0).then(|| damaged(&path, &damage)))
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

    /// All events so far, of a run in shards those of one shard after another.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn events(&self) -> Result<Vec<RunEvent>, RunError> {
        let mut events = Vec::new();
        for part in self.parts() {
            events.extend(part.read(&mut part.follow_events())?);
        }
        Ok(events)
    }

    /// Events from the start on, as they come.
    #[must_use]
    pub fn follow_events(&self) -> Tail<RunEvent> {
        Tail::new(self.folder.join(EVENTS))
    }

    /// Results from the start on, as they come; repeated ones are not joined.
    #[must_use]
    fn follow_results(&self) -> Tail<ResultLine> {
        Tail::new(self.folder.join(RESULTS))
    }

    /// `metrics.json`; `None` where there is none yet.
    ///
    /// # Errors
    /// A file that is not JSON.
    pub fn metrics(&self) -> Result<Option<serde_json::Value>, RunError> {
        let path = self.folder.join(METRICS);
        let bytes = match intake::bytes(&path, intake::MAX_JSON) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(|error| RunError::Unreadable { path: path.clone(), reason: error.to_string() })?,
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|e| RunError::Unreadable { path, reason: e.to_string() })
    }

    fn read<T: serde::de::DeserializeOwned>(&self, tail: &mut Tail<T>) -> Result<Vec<T>, RunError> {
        tail.read().map_err(|e| RunError::Unreadable { path: self.folder.clone(), reason: e.to_string() })
    }
}

/// What a run has found so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunResults {
    /// The lines that count.
    pub lines: Vec<ResultLine>,
    /// How many lines are damaged, in one sentence; `None` where none is.
    pub problem: Option<String>,
}

/// Lines in the making: the later one of a film or patient counts.
#[derive(Default)]
struct Reading {
    lines: Vec<Option<ResultLine>>,
    places: HashMap<String, usize>,
    unsound: usize,
}

impl Reading {
    fn take(&mut self, mut line: ResultLine, info: &RunInfo) {
        if !line.is_sound() {
            self.unsound += 1;
            return;
        }
        let name = match &mut line {
            ResultLine::Film(FilmDetections { film, .. }) | ResultLine::Failed { film, .. } => format!("film {}", info.film_key(film)),
            ResultLine::Patient(patient) => {
                patient.patient = nfc(&patient.patient).into_owned();
                format!("patient {}", patient.patient)
            }
        };
        if let Some(before) = self.places.insert(name, self.lines.len()) {
            self.lines[before] = None;
        }
        self.lines.push(Some(line));
    }
}

fn damaged(path: &Path, damage: &Damage) -> String {
    let numbers = damage.first.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let which = if damage.first.is_empty() {
        String::new()
    } else {
        format!(" (line {numbers}{})", if damage.count > damage.first.len() { "..." } else { "" })
    };
    let (lines, are) = if damage.count == 1 { ("line", "is") } else { ("lines", "are") };
    format!(
        "{}: {} {lines}{which} {are} damaged and left out, so what was found there is missing; run the same command again to redo it",
        path.display(),
        damage.count
    )
}

/// The runs in a folder such as `COHORT/runs`, the newest first; folders that are none are passed over, and no folder means no runs.
#[must_use]
pub fn list(runs: &Path) -> Vec<RunReader> {
    let entries = fs::read_dir(runs).into_iter().flatten();
    // Hidden folders are on their way or half deleted.
    let is_hidden = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with('.');
    let entries = entries.flatten().filter(|entry| !is_hidden(entry));
    let mut found: Vec<_> = entries.filter_map(|entry| RunReader::open(&entry.path()).ok()).collect();
    found.sort_by(|a, b| (&b.info.started, &b.folder).cmp(&(&a.info.started, &a.folder)));
    found
}
