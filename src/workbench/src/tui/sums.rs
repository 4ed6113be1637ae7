//! Sums of grades that always say how many joints they rest on, in a form small enough for a hundred thousand patients.

use svh_core::{GradeRow, Joint, Limb, PatientScore, Task, joint};

/// Sums over some joints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Sum of the narrowing grades.
    pub narrowing: u16,
    /// Sum of the erosion grades.
    pub erosion: u16,
    /// Joints that have a grade.
    pub joints: u8,
}

impl Sum {
    /// Narrowing and erosion together.
    #[must_use]
    pub const fn total(self) -> u16 {
        self.narrowing + self.erosion
    }

    /// The sum of one task.
    #[must_use]
    pub const fn of(self, task: Task) -> u16 {
        match task {
            Task::Narrowing => self.narrowing,
            Task::Erosion => self.erosion,
        }
    }

    fn add(&mut self, joint: &Joint, grade: u8) {
        match joint.task {
            Task::Narrowing => self.narrowing += u16::from(grade),
            Task::Erosion => self.erosion += u16::from(grade),
        }
        self.joints += 1;
    }
}

/// Sums of the four limbs and of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    limbs: [Sum; 4],
    /// Over all limbs.
    pub all: Sum,
}

impl Sums {
    fn collect<'a>(grades: impl Iterator<Item = (&'a Joint, u8)>) -> Option<Self> {
        let mut sums = Self::default();
        for (joint, grade) in grades {
            sums.all.add(joint, grade);
            sums.limbs[place(joint.limb)].add(joint, grade);
        }
        (sums.all.joints > 0).then_some(sums)
    }

    /// The sums of a reader's grades; `None` without any grade.
    #[must_use]
    pub fn of_reader(grades: &GradeRow) -> Option<Self> {
        Self::collect(grades.known())
    }

    /// The sums of a model's grades; `None` without any grade.
    #[must_use]
    pub fn of_model(score: &PatientScore) -> Option<Self> {
        Self::collect(score.joints.iter().filter_map(|(column, score)| Some((joint::by_column(column)?, score.grade))))
    }

    /// The sums of one limb; `None` without any grade.
    #[must_use]
    pub fn limb(&self, limb: Limb) -> Option<Sum> {
        Some(self.limbs[place(limb)]).filter(|sum| sum.joints > 0)
    }
}

fn place(limb: Limb) -> usize {
    Limb::ALL.iter().position(|other| *other == limb).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_says_how_many_joints_it_rests_on() {
        let mut row = GradeRow::default();
        assert_eq!(Sums::of_reader(&row), None);
        for joint in joint::of_limb(Task::Erosion, Limb::LeftFoot) {
            row.set(joint, Some(10)).unwrap();
        }
        let sums = Sums::of_reader(&row).unwrap();
        assert_eq!(sums.all, Sum { narrowing: 0, erosion: 60, joints: 6 });
        assert_eq!(sums.limb(Limb::LeftFoot), Some(sums.all));
        assert_eq!(sums.limb(Limb::LeftHand), None);
    }
}
