//! The cohort as the screens see it: patients in rows with their totals, and the films of one patient.

use std::path::PathBuf;

use svh_core::{
    GradeRow, Joint, LabelledBox, Limb, Reviews,
    cohort::{self, Cohort, FilmLabels, Patient, Splits},
    visits::Visits,
};

use super::{results::Results, totals::Totals};

/// A cohort with the totals of its reader.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The cohort.
    pub cohort: Cohort,
    /// Which film set is which visit of whom; nobody's where the table cannot be used, which the evaluation says.
    pub visits: Visits,
    /// The reader's totals of every patient, in the cohort's order.
    reference: Vec<Option<Totals>>,
    /// The split of a data set that each film was imported from, where the cohort says it.
    pub splits: Splits,
    /// What is odd in the folder, one sentence each.
    pub problems: Vec<String>,
}

/// One patient of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The place in the cohort.
    pub index: usize,
    /// Who.
    pub patient: &'a Patient,
    /// The reader's totals.
    pub reference: Option<Totals>,
    /// The model's totals.
    pub model: Option<Totals>,
}

impl Row<'_> {
    /// The model's total minus the reader's.
    #[must_use]
    pub fn difference(&self) -> Option<i64> {
        let model = self.model.filter(|totals| totals.all.joints > 0)?;
        Some(i64::from(model.all.total()) - i64::from(self.reference?.all.total()))
    }

    /// Whether any film has labels.
    #[must_use]
    pub fn is_labelled(&self) -> bool {
        Limb::ALL.iter().any(|limb| svh_core::Task::ALL.iter().any(|task| self.patient.has_labels(*task, *limb)))
    }
}

impl Catalogue {
    /// Adds up the grades of an opened cohort.
    #[must_use]
    pub fn new(cohort: Cohort) -> Self {
        let reference = cohort.patients().iter().map(|patient| cohort.grades_of(patient).and_then(Totals::of_reader)).collect();
        let visits = Visits::read(cohort.root()).unwrap_or_default();
        let (splits, unread) = match cohort::splits(cohort.root()) {
            Ok(splits) => (splits, None),
            Err(reason) => (Splits::new(), Some(reason)),
        };
        let problems = cohort.problems().iter().cloned().chain(unread).collect();
        Self { cohort, visits, reference, splits, problems }
    }

    /// How many patients there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reference.len()
    }

    /// Whether the cohort has no patients.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reference.is_empty()
    }

    /// The patient at a place; the reader's totals are those of the grades as reviews correct them.
    #[must_use]
    pub fn row<'a>(&'a self, index: usize, results: &Results, reviews: &Reviews) -> Option<Row<'a>> {
        let patient = self.cohort.patients().get(index)?;
        let model = results.patient(&patient.id).and_then(|scored| scored.totals);
        let mut reviewed = reviews.joints_of(&patient.id).filter(|(_, review)| review.grade.is_some()).peekable();
        let reference = match reviewed.peek() {
            None => self.reference[index],
            Some(_) => reviews.grades(&self.cohort, patient).as_ref().and_then(Totals::of_reader),
        };
        Some(Row { index, patient, reference, model })
    }

    /// The films of a patient, the one of unknown limb last.
    #[must_use]
    pub fn films(&self, index: usize) -> Vec<(Option<Limb>, PathBuf)> {
        self.cohort.patients().get(index).map(|patient| self.cohort.films(patient).collect()).unwrap_or_default()
    }

    /// The reader's grades of a patient.
    #[must_use]
    pub fn grades(&self, index: usize) -> Option<&GradeRow> {
        self.cohort.grades_of(self.cohort.patients().get(index)?)
    }
}

/// The box that the label file has for a joint.
#[must_use]
pub fn drawn<'a>(labels: &'a FilmLabels, joint: &Joint) -> Option<&'a LabelledBox> {
    labels.of(joint.task).iter().find(|reference| reference.joint.class_id == joint.class_id)
}
