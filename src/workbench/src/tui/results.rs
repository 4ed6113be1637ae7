//! Results of the models so far, in memory: detections by film, grades by patient.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use svh_core::{Detection, FilmDetections, Joint, PatientScore};

use super::totals::Totals;

/// The grades of a patient with their totals.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The grades.
    pub score: PatientScore,
    /// Their totals.
    pub totals: Option<Totals>,
    /// The run they were read from; absent for those of this session.
    pub run: Option<String>,
}

/// What the models have found: of one run, or of this session. A clone shares it.
#[derive(Clone, Debug, Default)]
pub struct Results {
    films: HashMap<PathBuf, Arc<FilmDetections>>,
    patients: HashMap<String, Arc<Scored>>,
}

impl Results {
    /// Takes the detections of a film in place of older ones.
    pub fn add_film(&mut self, path: PathBuf, result: FilmDetections) {
        self.films.insert(path, Arc::new(result));
    }

    /// Takes the grades of a patient, from a run or from this session, in place of older ones.
    pub fn add_patient(&mut self, score: PatientScore, run: Option<&str>) {
        let totals = Totals::of_model(&score);
        let run = run.map(str::to_owned);
        self.patients.insert(score.patient.clone(), Arc::new(Scored { score, totals, run }));
    }

    /// The detections of a film.
    #[must_use]
    pub fn film(&self, path: &Path) -> Option<&FilmDetections> {
        self.films.get(path).map(Arc::as_ref)
    }

    /// The grades of a patient.
    #[must_use]
    pub fn patient(&self, id: &str) -> Option<&Scored> {
        self.patients.get(id).map(Arc::as_ref)
    }

    /// How many patients have grades.
    #[must_use]
    pub fn scored(&self) -> usize {
        self.patients.len()
    }
}

/// The box that counts for a joint: the one kept of its class.
#[must_use]
pub fn kept<'a>(film: &'a FilmDetections, joint: &Joint) -> Option<&'a Detection> {
    film.detections.iter().find(|found| found.kept && found.task == joint.task && found.joint == joint.label)
}
