//! The grades of one patient in 86 bytes.

use thiserror::Error;

use crate::totals::LimbTotals;
use crate::{Joint, Task, Totals, joint};

const MISSING: u8 = u8::MAX;

/// One grade a joint, by [`Joint::index`]; any may be missing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct GradeRow([u8; joint::COUNT]);

/// A grade that the joint's scale does not have.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("grade {grade} is out of range for {column}, which goes from 0 to {max}", column = joint.ra2_column, max = joint.max_grade)]
pub struct GradeTooHigh {
    /// The joint.
    pub joint: &'static Joint,
    /// What was given.
    pub grade: u8,
}

impl Default for GradeRow {
    fn default() -> Self {
        Self([MISSING; joint::COUNT])
    }
}

impl std::fmt::Debug for GradeRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.known().map(|(joint, grade)| (&joint.ra2_column, grade))).finish()
    }
}

impl GradeRow {
    /// One byte a joint, 255 where the grade is missing.
    pub(crate) const fn as_bytes(&self) -> &[u8; joint::COUNT] {
        &self.0
    }

    /// From [`GradeRow::as_bytes`]; `None` for a grade that the joint's scale does not have.
    pub(crate) fn from_bytes(bytes: [u8; joint::COUNT]) -> Option<Self> {
        static HIGHEST: std::sync::LazyLock<[u8; joint::COUNT]> = std::sync::LazyLock::new(|| {
            let mut highest = [0; joint::COUNT];
            joint::all().for_each(|joint| highest[joint.index()] = joint.max_grade);
            highest
        });
        let fits = |(grade, highest): (&u8, &u8)| grade <= highest || *grade == MISSING;
        bytes.iter().zip(HIGHEST.iter()).all(fits).then_some(Self(bytes))
    }

    /// The grade of a joint; `None` where it is missing.
    #[must_use]
    pub fn get(&self, joint: &Joint) -> Option<u8> {
        self.at(joint.index())
    }

    /// The grade at a place of [`joint::all`].
    #[must_use]
    pub fn at(&self, index: usize) -> Option<u8> {
        self.0.get(index).copied().filter(|grade| *grade != MISSING)
    }

    /// Sets the grade of a joint, or takes it away.
    ///
    /// # Errors
    /// A grade above the joint's highest; the row is unchanged.
    pub fn set(&mut self, joint: &'static Joint, grade: Option<u8>) -> Result<(), GradeTooHigh> {
        match grade {
            Some(grade) if grade > joint.max_grade => Err(GradeTooHigh { joint, grade }),
            grade => {
                self.0[joint.index()] = grade.unwrap_or(MISSING);
                Ok(())
            }
        }
    }

    /// Every joint with its grade, narrowing first.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Joint, Option<u8>)> + '_ {
        joint::all().map(|joint| (joint, self.get(joint)))
    }

    /// The joints that have a grade.
    pub fn known(&self) -> impl Iterator<Item = (&'static Joint, u8)> + '_ {
        self.iter().filter_map(|(joint, grade)| Some((joint, grade?)))
    }

    /// How many joints have a grade: what [`GradeRow::totals`] rests on.
    #[must_use]
    pub fn scored(&self) -> usize {
        self.0.iter().filter(|grade| **grade != MISSING).count()
    }

    /// Sums of the grades that are there.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for (joint, grade) in self.known() {
            totals.add(joint, grade);
        }
        totals
    }

    /// Sums over one limb; `None` where none of its joints has a grade.
    #[must_use]
    pub(crate) fn limb_totals(&self, limb: crate::Limb) -> Option<LimbTotals> {
        let mut found = None;
        for task in Task::ALL {
            for (joint, grade) in joint::of_limb(task, limb).filter_map(|joint| Some((joint, self.get(joint)?))) {
                found.get_or_insert_with(LimbTotals::default).add(joint.task, grade);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limb;

    #[test]
    fn totals_rest_on_the_joints_that_have_a_grade() {
        let mut row = GradeRow::default();
        assert_eq!((row.scored(), row.totals()), (0, Totals::default()));
        for (joint, _) in GradeRow::default().iter().filter(|(joint, _)| joint.limb == Limb::LeftFoot) {
            row.set(joint, Some(joint.max_grade)).unwrap();
        }
        assert_eq!((row.scored(), row.totals().overall), (12, Some(84)));
        assert_eq!(row.limb_totals(Limb::LeftFoot), Some(LimbTotals { narrowing: Some(24), erosion: Some(60) }));
        assert_eq!(row.limb_totals(Limb::RightFoot), None);
        assert_eq!(row.totals(), Totals::of(row.known().map(|(joint, grade)| (joint.ra2_column.as_str(), grade))));
    }

    #[test]
    fn a_grade_above_the_scale_is_refused_and_changes_nothing() {
        let joint = joint::by_column("LH_pip_J__2").unwrap();
        let mut row = GradeRow::default();
        row.set(joint, Some(4)).unwrap();
        let error = row.set(joint, Some(5)).unwrap_err();
        assert_eq!(error.to_string(), "grade 5 is out of range for LH_pip_J__2, which goes from 0 to 4");
        assert_eq!(row.get(joint), Some(4));
        row.set(joint, None).unwrap();
        assert_eq!(row.get(joint), None);
    }
}
