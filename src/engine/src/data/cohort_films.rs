//! The labelled films of a cohort on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use svh_core::cohort::Cohort;
use svh_core::film::Film;
use svh_core::{BBox, Joint, Limb, Task, proportions};

use super::detector_films::{FilmSource, LabelledFilm};
use crate::detector::DetectorTask;
use crate::{Error, Result};
use svh_core::training::{Proposals, left_out};

/// Every film of a cohort that has boxes for a detector's tasks. Boxes are read at once, films when they are asked for.
#[derive(Debug)]
pub struct CohortFilms {
    name: String,
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
    /// Lists a cohort; a film needs boxes for one of the tasks at least. Erosion is learned from hands only: the joints of feet are the same for both tasks and
    /// are taken over from narrowing.
    pub fn open(root: &Path, task: DetectorTask, proposals: Proposals) -> Result<Self> {
        let cohort = Cohort::open(root)?;
        let (mut films, mut problems, mut proposed) = (Vec::new(), cohort.problems().to_vec(), 0);
        for patient in cohort.patients() {
            for limb in Limb::ALL {
                let learned = |of: &Task| (*of == Task::Narrowing || limb.is_hand()) && patient.has_labels(*of, limb);
                let tasks: Vec<Task> = task.tasks().into_iter().filter(learned).collect();
                let Some(path) = cohort.film(patient, limb).filter(|_| !tasks.is_empty()) else { continue };
                let labels = cohort.boxes(patient, limb);
                let (tasks, open): (Vec<Task>, Vec<Task>) = tasks.into_iter().partition(|task| proposals.allow_film(&labels, *task));
                proposed += usize::from(!open.is_empty());
                let boxes = tasks.iter().flat_map(|task| labels.of(*task));
                let joints: Vec<_> = boxes.map(|labelled| (labelled.joint, labelled.bbox)).collect();
                problems.extend(labels.problems);
                if !joints.is_empty() {
                    films.push(Entry { path, joints });
                }
            }
        }
        problems.extend(left_out(proposed, "films with boxes"));
        if films.is_empty() {
            let folders: Vec<_> = task.tasks().into_iter().map(|task| format!("{}/", svh_core::cohort::labels_folder(task))).collect();
            let what = folders.join(" or ");
            return Err(Error::Data(format!(
                "{} has no film with boxes in {what}{}; a detector learns from boxes",
                root.display(),
                if proposed > 0 { " that a reader has reviewed (--proposals use takes a model's)" } else { "" }
            )));
        }
        Ok(Self { name: cohort.name(), films, problems, refused: Mutex::default() })
    }

    /// The cohort's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How far its boxes deviate from the proportions of a limb; `None` where no film has boxes enough.
    #[must_use]
    pub(crate) fn box_spread(&self) -> Option<f32> {
        proportions::spread(self.films.iter().map(|film| film.joints.as_slice()))
    }

    /// What is wrong with labels, one sentence each.
    #[must_use]
    pub(crate) fn problems(&self) -> &[String] {
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
