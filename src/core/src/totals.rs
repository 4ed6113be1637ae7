//! Sums of grades. A total always travels with the number of joints it rests on (see [`crate::PatientScore`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Joint, Limb, Task, joint};

/// The two sums of one limb.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimbTotals {
    /// Sum of the narrowing grades.
    pub narrowing: u32,
    /// Sum of the erosion grades.
    pub erosion: u32,
}

impl LimbTotals {
    /// Adds one more grade.
    pub fn add(&mut self, task: Task, grade: u8) {
        match task {
            Task::Narrowing => self.narrowing += u32::from(grade),
            Task::Erosion => self.erosion += u32::from(grade),
        }
    }
}

/// The Sharp/van der Heijde sums of one patient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Narrowing over all limbs, at most 168.
    pub narrowing: u32,
    /// Erosion over all limbs, at most 280.
    pub erosion: u32,
    /// Both, at most 448.
    pub overall: u32,
    /// The limbs that have at least one grade.
    pub limbs: BTreeMap<Limb, LimbTotals>,
}

impl Totals {
    /// Sums grades given by RA2 column; other columns are passed over.
    #[must_use]
    pub fn of<'a>(grades: impl IntoIterator<Item = (&'a str, u8)>) -> Self {
        let mut totals = Self::default();
        for (column, grade) in grades {
            if let Some(joint) = joint::by_column(column) {
                totals.add(joint, grade);
            }
        }
        totals
    }

    /// Adds the grade of one more joint.
    pub fn add(&mut self, joint: &Joint, grade: u8) {
        self.limbs.entry(joint.limb).or_default().add(joint.task, grade);
        match joint.task {
            Task::Narrowing => self.narrowing += u32::from(grade),
            Task::Erosion => self.erosion += u32::from(grade),
        }
        self.overall += u32::from(grade);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_joints_at_their_maximum_sum_to_448() {
        let totals = Totals::of(joint::all().map(|j| (j.ra2_column.as_str(), j.max_grade)));
        assert_eq!((totals.narrowing, totals.erosion, totals.overall), (168, 280, 448));
        assert_eq!(totals.limbs[&Limb::LeftFoot], LimbTotals { narrowing: 24, erosion: 60 });
    }
}
