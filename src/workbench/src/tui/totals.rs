//! Totals of grades that always say how many joints they rest on, in a form small enough for a hundred thousand patients.

use svh_core::{GradeRow, Joint, Limb, PatientScore, Task, joint};

/// The mark of what is left open.
pub const OPEN: &str = "°";

/// Totals over some joints.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    /// Total of the narrowing grades.
    pub narrowing: u16,
    /// Total of the erosion grades.
    pub erosion: u16,
    /// Joints that have a grade.
    pub joints: u8,
    /// Joints that the model left open.
    pub open: u8,
    /// The sum of their expected grades.
    pub open_expected: f32,
    /// The sum of their highest grades.
    pub open_highest: u16,
}

impl Total {
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

    /// The total with the open joints at their highest grades.
    #[must_use]
    pub const fn highest(self) -> u16 {
        self.total() + self.open_highest
    }

    /// The total, marked where joints are open; a dot where nothing is graded, which is not 0.
    #[must_use]
    pub fn marked(self, what: u16) -> String {
        let number = if self.joints == 0 { "·".to_owned() } else { what.to_string() };
        if self.open > 0 { number + OPEN } else { number }
    }

    /// The total with the joints that it rests on and, where joints are open, what it may be: `23 (29 of 31, 23–60)`.
    #[must_use]
    pub fn told(self, of: usize) -> String {
        let number = if self.joints == 0 { "–".to_owned() } else { self.total().to_string() };
        let range = if self.open > 0 { format!(", {}–{}", self.total(), self.highest()) } else { String::new() };
        format!("{number} ({} of {of}{range})", self.joints)
    }

    fn add_open(&mut self, joint: &Joint, expected: f32) {
        self.open += 1;
        self.open_expected += expected;
        self.open_highest += u16::from(joint.max_grade);
    }

    fn add(&mut self, joint: &Joint, grade: u8) {
        match joint.task {
            Task::Narrowing => self.narrowing += u16::from(grade),
            Task::Erosion => self.erosion += u16::from(grade),
        }
        self.joints += 1;
    }
}

/// Totals of the four limbs and of all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    limbs: [Total; 4],
    /// Over all limbs.
    pub all: Total,
    /// Films whose joints have few pixels.
    pub coarse: u8,
    /// The highest unfamiliarity of any joint, 0 to 1; absent where the model cannot tell.
    pub unfamiliarity: Option<f32>,
}

impl Totals {
    fn collect<'a>(grades: impl Iterator<Item = (&'a Joint, u8)>) -> Option<Self> {
        let mut totals = Self::default();
        for (joint, grade) in grades {
            totals.all.add(joint, grade);
            totals.limbs[place(joint.limb)].add(joint, grade);
        }
        (totals.all.joints > 0).then_some(totals)
    }

    /// The totals of a reader's grades; `None` without any grade.
    #[must_use]
    pub fn of_reader(grades: &GradeRow) -> Option<Self> {
        Self::collect(grades.known())
    }

    /// The totals of a model's grades, with what it left open; `None` where it neither graded a joint nor left one open.
    #[must_use]
    pub fn of_model(score: &PatientScore) -> Option<Self> {
        let graded = score.joints.iter().filter_map(|(column, score)| Some((joint::by_column(column)?, score.grade)));
        let mut totals = Self::collect(graded).unwrap_or_default();
        for (joint, open) in score.open.iter().filter_map(|(column, open)| Some((joint::by_column(column)?, open))) {
            totals.all.add_open(joint, open.expected);
            totals.limbs[place(joint.limb)].add_open(joint, open.expected);
        }
        totals.coarse = u8::try_from(score.coarse.len()).unwrap_or(u8::MAX);
        let graded = score.joints.values().filter_map(|score| score.unfamiliarity);
        totals.unfamiliarity = graded.chain(score.open.values().map(|open| open.unfamiliarity)).reduce(f32::max);
        (totals.all.joints > 0 || totals.all.open > 0).then_some(totals)
    }

    /// The totals of one limb; `None` where nothing is graded or open.
    #[must_use]
    pub fn limb(&self, limb: Limb) -> Option<Total> {
        Some(self.limbs[place(limb)]).filter(|sum| sum.joints > 0 || sum.open > 0)
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
        assert_eq!(Totals::of_reader(&row), None);
        for joint in joint::of_limb(Task::Erosion, Limb::LeftFoot) {
            row.set(joint, Some(10)).unwrap();
        }
        let totals = Totals::of_reader(&row).unwrap();
        assert_eq!(totals.all, Total { narrowing: 0, erosion: 60, joints: 6, ..Total::default() });
        assert_eq!(totals.limb(Limb::LeftFoot), Some(totals.all));
        assert_eq!(totals.limb(Limb::LeftHand), None);
    }

    #[test]
    fn open_joints_widen_a_total_and_nothing_graded_is_no_zero() {
        let score = |grade: usize| svh_core::JointScore::from_probabilities((0..5).map(|g| f32::from(u8::from(g == grade))).collect());
        let joints = [("LH_mcp_J__2".to_owned(), score(3))].into();
        let open = [("LH_mcp_J__3", 1), ("RH_mcp_J__3", 2)]
            .map(|(column, grade)| (column.to_owned(), svh_core::OpenJoint::new(score(grade), "unfamiliar".to_owned())));
        let patient = PatientScore::with_open("A".to_owned(), joints, open.into(), &std::collections::BTreeSet::new(), 62);
        let totals = Totals::of_model(&patient).unwrap();
        assert_eq!(totals.all.told(62), "3 (1 of 62, 3–11)");
        assert_eq!((totals.all.open_expected, totals.unfamiliarity), (3.0, Some(1.0)));
        let right = totals.limb(Limb::RightHand).unwrap();
        assert_eq!((right.told(31), right.marked(right.total())), ("– (0 of 31, 0–4)".to_owned(), "·°".to_owned()));
        assert_eq!(totals.limb(Limb::LeftHand).unwrap().marked(3), "3°");
    }
}
