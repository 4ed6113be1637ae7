//! Cohorts as others read them: Pascal VOC, COCO, the challenge's CSV. What is written is the corrected reference, or what a run found.
//!
//! Nothing is overwritten: a target folder must be new or empty, and appears when it is complete.

mod challenge;
mod coco;
mod run_predictions;
mod voc;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use challenge::challenge;
pub use coco::coco;
pub use run_predictions::RunPredictions;
pub use voc::voc;

use crate::atomic::{self, WriteError};
use crate::cohort::{FILMS_FOLDER, TABLE_NAME};
use crate::link_mode::LinkMode;
use crate::staging::{Staging, StagingError};
use crate::{Cohort, FilmLabels, GradeRow, GradeTable, Limb, Patient, Reviews, Task};

/// What cannot be exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// Nothing of the kind is there.
    #[error("{} has no {what}, so there is nothing to export{}", path.display(), nothing_because(*run, why.as_deref()))]
    Nothing {
        /// The cohort or the run.
        path: PathBuf,
        /// `boxes`, `grades`...
        what: &'static str,
        /// It is a run.
        run: bool,
        /// The first reason for leaving something out.
        why: Option<String>,
    },
    /// A file is in the way.
    #[error("{} is there already; name another file", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
    },
    /// A label file that must be copied cannot be read.
    #[error(transparent)]
    Voc(#[from] crate::VocError),
    /// The place is taken, or somebody asked for an end.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The disk is full, the place read-only...
    #[error(transparent)]
    Write(#[from] WriteError),
}

fn nothing_because(run: bool, why: Option<&str>) -> String {
    match why {
        Some(why) => format!(" ({why})"),
        None if run => "; name another run".to_owned(),
        None => String::new(),
    }
}

/// What was written, and what was left out and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Films with boxes.
    pub films: usize,
    /// Boxes of both tasks.
    pub boxes: usize,
    /// Those of them that a model proposed and nobody has looked at; they stay proposals.
    pub proposed: usize,
    /// Patients with grades.
    pub patients: usize,
    /// Grades.
    pub grades: usize,
    /// One sentence each.
    pub left_out: Vec<String>,
}

/// A further file of an export, such as the tags of what is exported.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// Its name in the folder.
    pub name: &'static str,
    /// What is in it.
    pub bytes: &'a [u8],
}

impl Beside<'_> {
    /// Writes it into the folder.
    ///
    /// # Errors
    /// A full disk, a place that is read-only.
    pub fn write(&self, folder: &Path) -> Result<(), WriteError> {
        atomic::write(&folder.join(self.name), self.bytes)
    }
}

/// Whose boxes and grades are exported.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// People's, as corrected by these reviews.
    Reference(&'a Reviews),
    /// A model's.
    Run(&'a RunPredictions),
    /// A model's boxes with people's grades: what a scorer learns from where a detector goes before it.
    Found(&'a RunPredictions, &'a Reviews),
}

impl Source<'_> {
    /// The boxes of a film.
    fn labels(&self, cohort: &Cohort, patient: &Patient, limb: Limb) -> FilmLabels {
        match self {
            Self::Reference(reviews) => reviews.labels(cohort, patient, limb),
            Self::Run(predictions) | Self::Found(predictions, _) => predictions.labels(cohort, patient, limb),
        }
    }

    /// Whether the boxes of a film are those of its own label files.
    const fn is_labelled(&self) -> bool {
        matches!(self, Self::Reference(_))
    }

    /// What of a run could not be read.
    fn problem(&self) -> Option<String> {
        match self {
            Self::Reference(_) => None,
            Self::Run(predictions) | Self::Found(predictions, _) => predictions.problem().map(str::to_owned),
        }
    }

    /// The table of grades; `None` without any.
    fn table(&self, cohort: &Cohort) -> Option<GradeTable> {
        match self {
            Self::Reference(reviews) | Self::Found(_, reviews) => reviews.table(cohort),
            Self::Run(predictions) => predictions.table(),
        }
    }

    /// The error for having nothing of a kind.
    fn nothing(&self, cohort: &Cohort, what: &'static str, left_out: &[String]) -> ExportError {
        let why = left_out.first().cloned();
        match self {
            Self::Reference(_) => ExportError::Nothing { path: cohort.root().to_owned(), what, run: false, why },
            Self::Run(predictions) | Self::Found(predictions, _) => {
                ExportError::Nothing { path: predictions.folder().to_owned(), what, run: true, why }
            }
        }
    }
}

impl Exported {
    /// Counts a film with the boxes that were written.
    fn count(&mut self, boxes: usize, problems: &[String]) {
        self.films += 1;
        self.boxes += boxes;
        self.left_out.extend(problems.iter().cloned());
    }

    /// Writes the table into a folder, where there is one.
    fn add_table(&mut self, source: Source, cohort: &Cohort, folder: &Path) -> Result<(), ExportError> {
        if let Some(table) = source.table(cohort) {
            self.patients = table.len();
            self.grades = table.rows().iter().map(GradeRow::scored).sum();
            table.write(&folder.join(TABLE_NAME))?;
        }
        Ok(())
    }
}

/// The films of a cohort whose limb is known, with their boxes, in the order of the cohort.
fn films<'a>(cohort: &'a Cohort, source: Source<'a>) -> impl Iterator<Item = (&'a Patient, Limb, PathBuf, FilmLabels)> {
    let known = cohort.all_films().filter_map(|(patient, limb, path)| Some((patient, limb?, path)));
    known.map(move |(patient, limb, path)| (patient, limb, path, source.labels(cohort, patient, limb)))
}

/// Films whose name tells no limb stay behind, and are told.
fn limbless(cohort: &Cohort) -> Vec<String> {
    let unknown = cohort.all_films().filter(|(_, limb, _)| limb.is_none());
    unknown
        .map(|(_, _, path)| format!("{} is left out, as its name does not say the limb; rename it to PATIENT-LH", path.display()))
        .collect()
}

/// Brings the films into the folder of films; gives back which are left behind and why.
fn bring_films(cohort: &Cohort, bring: LinkMode, staging: &Staging) -> Result<Vec<String>, ExportError> {
    let mut left_out = Vec::new();
    if bring == LinkMode::No {
        return Ok(left_out);
    }
    let images = staging.path().join(FILMS_FOLDER);
    make(&images)?;
    for (_, limb, path) in cohort.all_films() {
        staging.go_on()?;
        if let (Some(_), Some(name)) = (limb, path.file_name()) {
            left_out.extend(bring.file(&path, &images.join(name))?);
        }
    }
    Ok(left_out)
}

fn make(folder: &Path) -> Result<(), WriteError> {
    crate::access::make_folders(folder).map_err(|error| WriteError::new(folder, error))
}

/// Whether a task's boxes of a film are those of narrowing, which are written once.
fn is_taken_over(patient: &Patient, task: Task, limb: Limb, labels: &FilmLabels) -> bool {
    let places = |task| labels.of(task).iter().map(|labelled| (&labelled.joint.label, labelled.bbox));
    let of_foot = task == Task::Erosion && !limb.is_hand() && !patient.has_labels(Task::Erosion, limb);
    of_foot && places(Task::Erosion).eq(places(Task::Narrowing))
}
