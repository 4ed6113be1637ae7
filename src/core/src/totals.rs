//! Sums of grades. A total always travels with the number of joints it rests on (see [`crate::PatientScore`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Joint, JointScore, Limb, OpenJoint, Task, joint};

/// The two sums of one limb; `None` where no joint of the task has a grade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimbTotals {
    /// Sum of the narrowing grades.
    pub narrowing: Option<u32>,
    /// Sum of the erosion grades.
    pub erosion: Option<u32>,
}

impl LimbTotals {
    /// Adds one more grade.
    pub fn add(&mut self, task: Task, grade: u8) {
        match task {
            Task::Narrowing => add(&mut self.narrowing, grade),
            Task::Erosion => add(&mut self.erosion, grade),
        }
    }
}

/// The Sharp/van der Heijde sums of one patient; `None` where no joint has a grade, which is not a sum of 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Narrowing over all limbs, at most 168.
    pub narrowing: Option<u32>,
    /// Erosion over all limbs, at most 280.
    pub erosion: Option<u32>,
    /// Both, at most 448.
    pub overall: Option<u32>,
    /// The limbs that have at least one grade, or a film that was read.
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
            Task::Narrowing => add(&mut self.narrowing, grade),
            Task::Erosion => add(&mut self.erosion, grade),
        }
        add(&mut self.overall, grade);
    }
}

fn add(sum: &mut Option<u32>, grade: u8) {
    *sum = Some(sum.unwrap_or(0) + u32::from(grade));
}

/// What a total may be where joints were left open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Joints with a grade.
    pub graded: usize,
    /// Joints left open.
    pub open: usize,
    /// The sum of the grades: open joints at 0.
    pub low: u32,
    /// The sum with open joints at their expected grades.
    pub expected: f32,
    /// The sum with open joints at their highest grades.
    pub high: u32,
}

impl Span {
    /// Of the joints of a part; `None` where none of them is graded or open.
    #[must_use]
    pub fn of(joints: &BTreeMap<String, JointScore>, open: &BTreeMap<String, OpenJoint>, part: impl Fn(&Joint) -> bool) -> Option<Self> {
        let mut span = Self::default();
        for (_, score) in joints.iter().filter(|(column, _)| joint::by_column(column).is_some_and(&part)) {
            span.graded += 1;
            span.low += u32::from(score.grade);
        }
        (span.expected, span.high) = (span.low as f32, span.low);
        for (joint, score) in open.iter().filter_map(|(column, score)| Some((joint::by_column(column)?, score))) {
            if part(joint) {
                span.open += 1;
                span.expected += score.expected;
                span.high += u32::from(joint.max_grade);
            }
        }
        (span.graded + span.open > 0).then_some(span)
    }
}

/// The spans of one limb.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LimbRange {
    /// Narrowing.
    pub narrowing: Option<Span>,
    /// Erosion.
    pub erosion: Option<Span>,
}

/// The spans of all totals of one patient.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TotalsRange {
    /// Narrowing over all limbs.
    pub narrowing: Option<Span>,
    /// Erosion over all limbs.
    pub erosion: Option<Span>,
    /// Both.
    pub overall: Span,
    /// The limbs with a joint that is graded or open.
    pub limbs: BTreeMap<Limb, LimbRange>,
}

impl TotalsRange {
    /// Of a patient's joints.
    #[must_use]
    pub fn of(joints: &BTreeMap<String, JointScore>, open: &BTreeMap<String, OpenJoint>) -> Self {
        let of = |limb: Option<Limb>, task: Option<Task>| {
            Span::of(joints, open, |joint| limb.is_none_or(|limb| limb == joint.limb) && task.is_none_or(|task| task == joint.task))
        };
        let limb = |limb: Limb| {
            let [narrowing, erosion] = Task::ALL.map(|task| of(Some(limb), Some(task)));
            (narrowing.is_some() || erosion.is_some()).then_some((limb, LimbRange { narrowing, erosion }))
        };
        let [narrowing, erosion] = Task::ALL.map(|task| of(None, Some(task)));
        Self { narrowing, erosion, overall: of(None, None).unwrap_or_default(), limbs: Limb::ALL.into_iter().filter_map(limb).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_joints_at_their_maximum_sum_to_448() {
        let totals = Totals::of(joint::all().map(|j| (j.ra2_column.as_str(), j.max_grade)));
        assert_eq!((totals.narrowing, totals.erosion, totals.overall), (Some(168), Some(280), Some(448)));
        assert_eq!(totals.limbs[&Limb::LeftFoot], LimbTotals { narrowing: Some(24), erosion: Some(60) });
    }

    #[test]
    fn without_grades_there_is_no_total() {
        assert_eq!(Totals::of([]).overall, None);
        assert_eq!(Totals::of([("LH_mcp_J__2", 0)]).narrowing, Some(0));
    }
}
