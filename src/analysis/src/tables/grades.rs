//! Tidy grades: one row a patient and joint, of the table of grades or of a reader that is a model.

use polars::prelude::*;
use svh_core::{Cohort, Joint, PatientScore, joint};

use crate::{Result, group_name};

/// The grades of the cohort's table: `patient, limb, task, joint, group, grade`, 86 rows a patient of the table, none without one.
///
/// # Errors
/// None that the data could cause.
pub fn reference(cohort: &Cohort) -> Result<LazyFrame> {
    let mut rows = Joints::default();
    let mut grades: Vec<Option<u8>> = Vec::new();
    if let Some(table) = cohort.grades() {
        for (patient, row) in table.patients().iter().zip(table.rows()) {
            rows.patient(patient, joint::all());
            grades.extend(row.iter().map(|(_, grade)| grade));
        }
    }
    Ok(rows.frame(vec![Column::new("grade".into(), small(&grades))])?.lazy())
}

/// The grades of a run: `patient, limb, task, joint, group, grade, expected`, one row a graded joint.
///
/// # Errors
/// None that the data could cause.
pub fn model(patients: &[PatientScore]) -> Result<LazyFrame> {
    let mut rows = Joints::default();
    let (mut grades, mut expected) = (Vec::new(), Vec::new());
    for patient in patients {
        let known = joint::all().filter_map(|joint| Some((joint, patient.joints.get(&joint.ra2_column)?)));
        for (joint, score) in known {
            rows.patient(&patient.patient, std::iter::once(joint));
            grades.push(Some(score.grade));
            expected.push(score.expected);
        }
    }
    Ok(rows.frame(vec![Column::new("grade".into(), small(&grades)), Column::new("expected".into(), expected)])?.lazy())
}

/// Grades as polars keeps them here: `Int32`, as sums of narrower types overflow and narrower types are not compiled in.
pub(super) fn small(grades: &[Option<u8>]) -> Vec<Option<i32>> {
    grades.iter().map(|grade| grade.map(i32::from)).collect()
}

/// The columns that say which joint of whom a row speaks of.
#[derive(Default)]
pub(crate) struct Joints {
    patients: Vec<String>,
    limbs: Vec<&'static str>,
    tasks: Vec<&'static str>,
    joints: Vec<&'static str>,
    groups: Vec<&'static str>,
}

impl Joints {
    pub(crate) fn patient(&mut self, patient: &str, joints: impl Iterator<Item = &'static Joint>) {
        for joint in joints {
            self.patients.push(patient.to_owned());
            self.limbs.push(joint.limb.code());
            self.tasks.push(joint.task.name());
            self.joints.push(&joint.joint);
            self.groups.push(group_name(joint.group()));
        }
    }

    pub(crate) fn frame(self, more: Vec<Column>) -> PolarsResult<DataFrame> {
        let text = |name: &str, values: Vec<&'static str>| Column::new(name.into(), values);
        let mut columns = vec![Column::new("patient".into(), self.patients)];
        columns.push(text("limb", self.limbs));
        columns.push(text("task", self.tasks));
        columns.push(text("joint", self.joints));
        columns.push(text("group", self.groups));
        columns.extend(more);
        DataFrame::new_infer_height(columns)
    }
}
