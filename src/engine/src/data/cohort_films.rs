//! The labelled films of a cohort on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use svh_core::cohort::Cohort;
use svh_core::film::Film;
use svh_core::{BBox, Joint, Limb, Task};

use super::detector_films::{FilmSource, LabelledFilm};
use super::proposals::{Proposals, left_out};
use crate::{Error, Result};

/// Every film of a cohort that has boxes for a task. Boxes are read at once, films when they are asked for.
#[derive(Debug)]
pub struct CohortFilms {
    name: String,
    fingerprint: String,
    films: Vec<Entry>,
    problems: Vec<String>,
    /// Films that could not be read, by number.
    refused: Mutex<BTreeMap<usize, String>>,
}

#[derive(Debug)]
struct Entry {
    path: PathBuf,
    joints: Vec<(&'static Joint, BBox)>,
}

impl CohortFilms {
    /// Lists a cohort. Erosion is learned from hands only: the joints of feet are the same for both tasks and are taken over from narrowing.
    pub fn open(root: &Path, task: Task, proposals: Proposals) -> Result<Self> {
        let cohort = Cohort::open(root)?;
        let (mut films, mut problems, mut proposed) = (Vec::new(), cohort.problems().to_vec(), 0);
        for patient in cohort.patients() {
            for limb in Limb::ALL.into_iter().filter(|limb| task == Task::Narrowing || limb.is_hand()) {
                let Some(path) = cohort.film(patient, limb).filter(|_| patient.has_labels(task, limb)) else { continue };
                let labels = cohort.boxes(patient, limb);
                if !proposals.allow_film(&labels, task) {
                    proposed += 1;
                    continue;
                }
                let joints: Vec<_> = labels.of(task).iter().map(|truth| (truth.joint, truth.bbox)).collect();
                problems.extend(labels.problems);
                if !joints.is_empty() {
                    films.push(Entry { path, joints });
                }
            }
        }
        problems.extend(left_out(proposed, "films with boxes"));
        if films.is_empty() {
            let what = svh_core::cohort::labels_folder(task);
            return Err(Error::Data(format!(
                "{} has no film with boxes in {what}/{}; a detector learns from boxes",
                root.display(),
                if proposed > 0 { " that anybody has looked at (--proposals use takes a model's)" } else { "" }
            )));
        }
        Ok(Self { name: cohort.name(), fingerprint: cohort.fingerprint(), films, problems, refused: Mutex::default() })
    }

    /// The cohort's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cohort's fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// What is wrong with labels, one sentence each.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Films that could not be read so far, one sentence each.
    #[must_use]
    pub fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

impl FilmSource for CohortFilms {
    fn len(&self) -> usize {
        self.films.len()
    }

    fn film(&self, index: usize) -> Result<LabelledFilm> {
        let entry = &self.films[index];
        Ok(LabelledFilm { film: Film::open(&entry.path)?, joints: entry.joints.clone() })
    }

    fn refuse(&self, index: usize, why: &str) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.entry(index).or_insert_with(|| why.to_owned());
    }
}
