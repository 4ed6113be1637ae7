//! The detectors that are loaded, and how they are used.

use std::collections::BTreeMap;
use std::path::PathBuf;

use svh_core::{Film, FilmError, Task};
use tch::{Device, Kind};

use crate::detector::{Detector, FilmFeatures};
use crate::models::{Found, Models};
use crate::{Error, Result};

/// How detection is done.
#[derive(Clone, Copy, Debug, Default)]
pub struct DetectOptions {
    /// See [`svh_core::protocol::Request::Detect`].
    pub raw: bool,
    /// See [`svh_core::protocol::Request::Detect`].
    pub threshold: Option<f32>,
    /// See [`svh_core::protocol::Request::Detect`].
    pub no_shape: bool,
}

/// The detectors that are loaded, and which of them does a task, narrowing first.
#[derive(Debug, Default)]
pub(crate) struct Detectors {
    loaded: Vec<(PathBuf, Detector)>,
    of: BTreeMap<Task, usize>,
}

impl Detectors {
    /// Reads the detector of each task; one that does both is read once.
    pub fn load(models: &Models, device: Device, kind: Kind) -> Result<Self> {
        let mut detectors = Self::default();
        for task in Task::ALL {
            let Some(Found { folder, .. }) = models.detector(task) else { continue };
            let known = detectors.loaded.iter().position(|(from, _)| from == folder);
            let place = match known {
                Some(place) => place,
                None => {
                    detectors.loaded.push((folder.clone(), Detector::load(folder, device)?.computing_in(kind)));
                    detectors.loaded.len() - 1
                }
            };
            detectors.of.insert(task, place);
        }
        Ok(detectors)
    }

    /// The detector that goes first.
    pub fn first(&self) -> Result<(Task, &Detector)> {
        self.all().next().ok_or_else(|| Error::Internal("no detector is loaded".to_owned()))
    }

    /// How many films are worth looking at together.
    pub(crate) fn at_once(&self) -> Result<usize> {
        Ok(self.first()?.1.batches().most())
    }

    /// What the first detector sees on films, all looked at together, each with its film; of those that could not be decoded the reason.
    pub fn forward_features(&self, films: Vec<Result<Film, FilmError>>) -> Result<Vec<Result<(Film, FilmFeatures<'_>)>>> {
        let decoded: Vec<&Film> = films.iter().filter_map(|film| film.as_ref().ok()).collect();
        let mut seen = self.first()?.1.forward_features_all(&decoded)?.into_iter();
        let with_seen = |film: Result<Film, FilmError>| {
            let film = film?;
            let seen = seen.next().ok_or_else(|| Error::Internal("a film was skipped".to_owned()))?;
            Ok((film, seen))
        };
        Ok(films.into_iter().map(with_seen).collect())
    }

    /// Each task with its detector.
    pub fn all(&self) -> impl Iterator<Item = (Task, &Detector)> {
        self.of.iter().map(|(task, place)| (*task, &self.loaded[*place].1))
    }

    /// Whether a task has a detector.
    pub(crate) fn has(&self, task: Task) -> bool {
        self.of.contains_key(&task)
    }

    /// Whether one network does both tasks.
    pub(crate) fn same(&self, one: Task, other: Task) -> bool {
        self.of.get(&one) == self.of.get(&other)
    }
}
