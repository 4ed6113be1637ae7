//! One run over one cohort, loaded once and then asked.

mod agreement;
mod boxes;
mod coco;
mod counts;
mod distribution;
mod effect;
mod errors;
mod filter;
mod found;
mod grade_errors;
mod grades;
mod labels;
mod load;
mod part;
mod places;
mod recall;
mod reliability;
mod totals;

use std::collections::HashMap;
use std::path::PathBuf;

use svh_core::tags::Tags;
use svh_core::visits::Visits;
use svh_core::{Limb, Task};

pub use counts::ErrorCounts;
pub use distribution::Distribution;
pub use errors::{ErrorRow, Errors};
pub use filter::{ErrorFilter, ErrorOrder};
pub use found::{BINS, DetectorCurves, FoundRow};
pub use grade_errors::GradeErrors;
pub use grades::{GradeError, GradeFilter, GradedJoint};
pub use part::Part;
pub use places::JointPlace;
pub use recall::GradeRecall;
pub use totals::{JointDifference, Opened, PatientTotal, Summed, TotalsAgreement};

use crate::stats::Clusters;
use boxes::TaskBoxes;
use grades::Grades;
use places::Places;

/// A film of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluatedFilm {
    /// The patient's place in [`Evaluation::patients`].
    pub patient: usize,
    /// The limb, as the cohort has it.
    pub limb: Limb,
    /// The file.
    pub path: PathBuf,
    /// By task: whether people boxed it, or looked at every box that a model proposed, so that boxes can be right or wrong.
    pub labelled: [bool; 2],
    /// Why the run could not read it.
    pub failed: Option<String>,
    /// Width and height of the upright film as the run saw it.
    pub size: Option<(u32, u32)>,
}

/// A run over a cohort: reference boxes and grades beside found boxes and model's grades. Patients are those that the run speaks of.
///
/// Boxes of a task are compared on films that have a label file for it without proposals that nobody has looked at; a foot's erosion boxes are those of narrowing and are compared once. A
/// film that the run could not read counts: its joints are missed, and their grades are missing, never 0.
#[derive(Debug)]
pub struct Evaluation {
    run: Option<String>,
    patients: Vec<String>,
    /// By patient (a film set): the person of visits.csv.
    people: Vec<usize>,
    visits: Visits,
    places_of: HashMap<String, usize>,
    films: Vec<EvaluatedFilm>,
    problems: Vec<String>,
    /// By task.
    boxes: [TaskBoxes; 2],
    places: Places,
    grades: Grades,
    /// The same with open joints at the grade nearest to the expected one, where the run left joints open.
    with_open: Option<Grades>,
    tags: Tags,
}

impl Evaluation {
    /// The run's name; `None` for a cohort without one.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        self.run.as_deref()
    }

    /// The patients, sorted by id.
    #[must_use]
    pub fn patients(&self) -> &[String] {
        &self.patients
    }

    /// The person whose visit a patient (a film set) is, by number; without visits.csv each is a person.
    #[must_use]
    pub(crate) fn person(&self, patient: usize) -> usize {
        self.people.get(patient).copied().unwrap_or(patient)
    }

    /// Which film set is which visit of whom, as visits.csv says.
    #[must_use]
    pub const fn visits(&self) -> &Visits {
        &self.visits
    }

    /// The place of a patient.
    #[must_use]
    pub fn patient(&self, id: &str) -> Option<usize> {
        self.places_of.get(id).copied()
    }

    /// The films, patient by patient.
    #[must_use]
    pub fn films(&self) -> &[EvaluatedFilm] {
        &self.films
    }

    /// What was left out and why, one sentence each: label files that could not be used, films that the cohort does not have.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// How many reference boxes a task is measured on; 0 means that nothing can be said of its detector.
    #[must_use]
    pub fn reference_boxes(&self, task: Task) -> usize {
        self.boxes[task as usize].sample().reference.len()
    }

    /// Whether the run graded any joint.
    #[must_use]
    pub fn has_predictions(&self) -> bool {
        self.grades.has_predictions()
    }

    /// The same with these tags, for the lists that show them.
    #[must_use]
    pub fn with_tags(mut self, tags: Tags) -> Self {
        self.tags = tags;
        self
    }

    /// The tags of an error: of its patient, its film, its joint and its box.
    #[must_use]
    pub(crate) fn tags_of(&self, row: &ErrorRow) -> Vec<&str> {
        let Some(film) = self.films.get(row.film) else { return Vec::new() };
        let Some(patient) = self.patients.get(film.patient) else { return Vec::new() };
        self.tags.of_place(patient, film.limb, row.joint(), row.model_box)
    }

    /// Pairs of grades of a scope, gathered by patient, for statistics of one's own.
    #[must_use]
    pub fn clusters(&self, scope: &crate::Scope) -> Clusters {
        self.grades.clusters(scope)
    }
}
