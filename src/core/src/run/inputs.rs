//! What results were made of: `inputs.jsonl`, a line for each result that is done, so that a resume does again what rests on other films now.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{RunInfo, Tail};

/// The films of a result by their keys, with their sizes in bytes; `None` where a film cannot be looked at.
pub(super) type Films = BTreeMap<String, Option<u64>>;

/// A line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inputs {
    /// The patient that was graded; `None` of a film that was only looked at for joints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    pub films: Films,
}

/// These films as they are now.
pub(super) fn films<'a>(info: &RunInfo, paths: impl IntoIterator<Item = &'a Path>) -> Films {
    let size = |path: &Path| fs::metadata(path).ok().map(|data| data.len());
    paths.into_iter().map(|path| (info.film_key(&path.to_string_lossy()), size(path))).collect()
}

/// What the results of a run were made of: by patient, and by film.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub patients: HashMap<String, Films>,
    pub films: HashMap<String, Option<u64>>,
}

impl Made {
    /// Of the run that was written so far; what cannot be read is as if it was never written, so that it is done again.
    pub fn read(path: &Path) -> Self {
        let mut made = Self::default();
        Tail::new(path.to_owned()).read().unwrap_or_default().into_iter().for_each(|line| made.add(line));
        made
    }

    pub fn add(&mut self, line: Inputs) {
        match line.patient {
            Some(patient) => drop(self.patients.insert(patient, line.films)),
            None => self.films.extend(line.films),
        }
    }
}
