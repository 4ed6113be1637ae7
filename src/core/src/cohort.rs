//! A cohort: a folder of patients' films, with grades and labels where they exist.
//!
//! Opening lists folders and reads the table of grades, or takes both from an index; no film and no label file is touched before it is asked for.

mod fingerprint;
mod index;
mod labels;
mod listing;
mod scan;
mod splits;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use labels::FilmLabels;
pub(crate) use labels::taken_over;
pub(crate) use scan::film_names;
pub use scan::table_path;
pub use splits::{SPLITS, Splits, splits};

use crate::names::nfc;
use crate::{GradeRow, GradeTable, Limb, TableError, Task};

/// The table of grades in a cohort's folder.
pub const TABLE_NAME: &str = "training.csv";

/// The folder of the films in a cohort's folder.
pub const FILMS_FOLDER: &str = "images";

/// The folder of runs in a cohort's folder.
pub const RUNS_FOLDER: &str = "runs";

/// The folder of a task's label files in a cohort's folder.
#[must_use]
pub const fn labels_folder(task: Task) -> &'static str {
    match task {
        Task::Narrowing => "narrowing_labels",
        Task::Erosion => "erosion_labels",
    }
}

/// A folder that is not a cohort.
#[derive(Debug, Error)]
pub enum CohortError {
    /// The folder is missing, a file, or may not be listed.
    #[error("{} cannot be opened as a cohort ({reason}); give a folder with films or a training.csv", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// Nothing in it.
    #[error("{} holds neither films (in it or in images/) nor a training.csv; {}", path.display(), if there.is_empty() { "give the folder of a cohort" } else { there })]
    Nothing {
        /// The folder.
        path: PathBuf,
        /// What is there and was not taken, and why.
        there: String,
    },
    /// A folder of label files that cannot be listed: its films are not without labels.
    #[error("the label folder {} cannot be read ({reason}); make it readable, or remove it if it holds no labels", path.display())]
    Labels {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The table of grades is faulty.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// The label file of a film and task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum LabelName {
    /// There is none.
    #[default]
    None,
    /// It is called as its film, with `.xml`.
    Usual,
    /// Its file name, where the ending is in other letters or the name in another Unicode form.
    Named(Box<str>),
}

/// One patient: id, films, and which of them have label files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patient {
    /// As in the table and in the films' names, in composed Unicode form (NFC); of a film whose name tells no limb, its stem.
    pub id: String,
    /// File names by [`Limb::ALL`].
    films: [Option<Box<str>>; 4],
    /// The file name of the film whose limb nobody told.
    limbless: Option<Box<str>>,
    /// By task, then by [`Limb::ALL`].
    labels: [[LabelName; 4]; 2],
}

impl Patient {
    /// Whether there is a film of this limb.
    #[must_use]
    pub fn has_film(&self, limb: Limb) -> bool {
        self.films[limb.index()].is_some()
    }

    /// Whether the film of this limb has a label file for the task.
    #[must_use]
    pub fn has_labels(&self, task: Task, limb: Limb) -> bool {
        self.labels[task as usize][limb.index()] != LabelName::None
    }

    /// How many films there are.
    #[must_use]
    pub fn film_count(&self) -> usize {
        self.films.iter().flatten().count() + usize::from(self.limbless.is_some())
    }
}

/// An opened cohort.
#[derive(Clone, Debug)]
pub struct Cohort {
    root: PathBuf,
    films_folder: PathBuf,
    patients: Vec<Patient>,
    grades: Option<GradeTable>,
    problems: Vec<String>,
}

impl Cohort {
    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The same cohort with these patients only, in films and in grades.
    #[must_use]
    pub fn only(&self, patients: &[String]) -> Self {
        let chosen: HashSet<&str> = patients.iter().map(String::as_str).collect();
        let keep = |id: &str| chosen.contains(id);
        Self {
            patients: self.patients.iter().filter(|patient| keep(&patient.id)).cloned().collect(),
            grades: self.grades.as_ref().map(|table| table.only(keep)),
            ..self.clone()
        }
    }

    /// The same cohort with these films only, and with the grades of their joints. A patient of whom neither is left is left out.
    #[must_use]
    pub fn only_films(&self, keep: impl Fn(&str, Limb) -> bool) -> Self {
        let patients = self.patients.iter().map(|patient| {
            let mut patient = patient.clone();
            for limb in Limb::ALL.into_iter().filter(|limb| !keep(&patient.id, *limb)) {
                patient.films[limb.index()] = None;
                patient.labels.iter_mut().for_each(|labels| labels[limb.index()] = LabelName::None);
            }
            patient.limbless = None;
            patient
        });
        let grades = self.grades.as_ref().map(|table| table.only_joints(|patient, joint| keep(patient, joint.limb)));
        let is_left = |patient: &Patient| {
            patient.film_count() > 0 || grades.as_ref().and_then(|table| table.get(&patient.id)).is_some_and(|row| row.scored() > 0)
        };
        Self { patients: patients.filter(is_left).collect(), grades, ..self.clone() }
    }

    /// The folder's name.
    #[must_use]
    pub fn name(&self) -> String {
        let full = std::fs::canonicalize(&self.root).unwrap_or_else(|_| self.root.clone());
        full.file_name().map_or_else(|| self.root.display().to_string(), |name| name.to_string_lossy().into_owned())
    }

    /// The patients, sorted by id.
    #[must_use]
    pub fn patients(&self) -> &[Patient] {
        &self.patients
    }

    /// The patient with this id.
    #[must_use]
    pub fn patient(&self, id: &str) -> Option<&Patient> {
        self.position(id).map(|place| &self.patients[place])
    }

    /// The place of a patient among [`Cohort::patients`].
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        let id = nfc(id);
        self.patients.binary_search_by(|patient| patient.id.as_str().cmp(&id)).ok()
    }

    /// The table of grades, where there is one.
    #[must_use]
    pub fn grades(&self) -> Option<&GradeTable> {
        self.grades.as_ref()
    }

    /// The grades of a patient, where the table has a line for it.
    #[must_use]
    pub fn grades_of(&self, patient: &Patient) -> Option<&GradeRow> {
        self.grades.as_ref()?.get(&patient.id)
    }

    /// The film of a limb.
    #[must_use]
    pub fn film(&self, patient: &Patient, limb: Limb) -> Option<PathBuf> {
        patient.films[limb.index()].as_deref().map(|name| self.films_folder.join(name))
    }

    /// All films of a patient with their limbs, in the order of [`Limb::ALL`], the one of unknown limb last.
    pub fn films<'a>(&'a self, patient: &'a Patient) -> impl Iterator<Item = (Option<Limb>, PathBuf)> + 'a {
        let known = Limb::ALL.into_iter().filter_map(|limb| Some((Some(limb), self.film(patient, limb)?)));
        known.chain(patient.limbless.as_deref().map(|name| (None, self.films_folder.join(name))))
    }

    /// Every film of every patient: patient, limb, path.
    pub fn all_films(&self) -> impl Iterator<Item = (&Patient, Option<Limb>, PathBuf)> {
        self.patients.iter().flat_map(|patient| self.films(patient).map(move |(limb, path)| (patient, limb, path)))
    }

    /// What is odd in the folder, one sentence each: two films of one limb, labels without a film.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The folder in which runs over this cohort are kept by default.
    #[must_use]
    pub fn runs_folder(&self) -> PathBuf {
        self.root.join(RUNS_FOLDER)
    }
}
