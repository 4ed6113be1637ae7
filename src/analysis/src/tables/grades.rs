//! What the tables of grades and of boxes share: the columns that say which joint of whom a row speaks of.

use polars::prelude::*;
use svh_core::Joint;

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
            self.groups.push(joint.group().name());
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
