//! What earlier attempts of a run have done, and what of it still holds.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::inputs::{self, Made};
use super::{INPUTS, ResultLine, RunError, RunInfo, RunReader};
use crate::PatientScore;
use crate::names::nfc;

#[derive(Debug, Default)]
pub(super) struct Done {
    pub films: HashSet<String>,
    pub patients: BTreeMap<String, PatientScore>,
    pub made: Made,
    /// Films that could not be read.
    failed: HashSet<String>,
    /// Whether results count of which nothing says what they were made of: earlier versions kept none of that.
    trusts_unknown: bool,
}

impl Done {
    /// Of the run that is there, which is to be resumed over films that may have changed since.
    pub fn read(run: &RunReader, now: &RunInfo) -> Result<Self, RunError> {
        let print = |info: &RunInfo| info.cohort.as_ref().map(|cohort| cohort.fingerprint.clone());
        let mut done =
            Self { made: Made::read(&run.folder().join(INPUTS)), trusts_unknown: print(run.info()) == print(now), ..Self::default() };
        for line in run.results()? {
            match line {
                ResultLine::Film(film) => drop(done.films.insert(now.film_key(&film.film))),
                ResultLine::Patient(patient) => drop(done.patients.insert(patient.patient.clone(), patient)),
                // A failed film is tried again.
                ResultLine::Failed { film, .. } => drop(done.failed.insert(now.film_key(&film))),
            }
        }
        Ok(done)
    }

    pub fn has_film(&self, info: &RunInfo, film: &Path) -> bool {
        let key = info.film_key(&film.to_string_lossy());
        self.films.contains(&key)
            && match self.made.films.get(&key) {
                Some(size) => inputs::films(info, [film]).get(&key) == Some(size),
                None => self.trusts_unknown,
            }
    }

    /// A patient's grades, where they rest on just these films as they are now and none of them failed.
    pub fn patient(&self, info: &RunInfo, id: &str, films: &[&Path]) -> Option<&PatientScore> {
        let id = nfc(id);
        let score = self.patients.get(&*id)?;
        let films = inputs::films(info, films.iter().copied());
        let holds = match self.made.patients.get(&*id) {
            Some(made) => *made == films,
            None => self.trusts_unknown,
        };
        (holds && !films.keys().any(|film| self.failed.contains(film))).then_some(score)
    }
}
