//! What the scorers say of one patient: the line that `svh score --json` prints and that runs keep.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::totals::{Span, TotalsRange};
use crate::{Joint, Limb, Totals, joint};

/// A joint's grade with the distribution it was taken from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JointScore {
    /// The grade: the most probable one, or what a model that favours rare grades makes of the distribution.
    pub grade: u8,
    /// The expected grade under `probabilities`.
    pub expected: f32,
    /// One probability a grade, 0 up to the joint's maximum; they sum to 1.
    pub probabilities: Vec<f32>,
    /// How unlike the joints that the scorer learned from this one looks, 0 to 1; above [`OPEN_ABOVE`] a joint is left open. Absent where the scorer
    /// cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfamiliarity: Option<f32>,
    /// The expected grade by the crop alone, where the scorer also goes by the patient's other joints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<f32>,
}

/// A joint whose unfamiliarity is above this is left open, and a film refused.
pub const OPEN_ABOVE: f32 = 0.9;

/// A graded joint whose unfamiliarity is above this is marked.
pub const MARKED_ABOVE: f32 = 0.75;

impl JointScore {
    /// The most probable grade (the lower of equals) with its distribution.
    #[must_use]
    pub fn from_probabilities(probabilities: Vec<f32>) -> Self {
        let mut grade = 0;
        for (index, p) in probabilities.iter().enumerate() {
            if *p > probabilities[grade] {
                grade = index;
            }
        }
        Self::chosen(grade, probabilities)
    }

    /// A grade with the distribution that it was chosen from.
    #[must_use]
    pub fn chosen(grade: usize, probabilities: Vec<f32>) -> Self {
        let expected = expected(&probabilities);
        Self { grade: u8::try_from(grade).unwrap_or(u8::MAX), expected, probabilities, unfamiliarity: None, alone: None }
    }

    /// The expected grade by the crop alone, where the patient's other joints moved it by 0.1 or more.
    #[must_use]
    pub fn moved_from(&self) -> Option<f32> {
        self.alone.filter(|alone| (alone - self.expected).abs() >= 0.1)
    }
}

/// The mean of a distribution over grades.
#[must_use]
pub fn expected(probabilities: &[f32]) -> f32 {
    probabilities.iter().enumerate().map(|(grade, p)| grade as f32 * p).sum()
}

/// A joint that was found and is left without a grade, because it looks like nothing that the scorer knows. That is not a low grade: what the scorer would
/// have said is kept, for ranges and for those who want it all the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenJoint {
    /// Why, in a few words.
    pub reason: String,
    /// See [`JointScore::unfamiliarity`].
    pub unfamiliarity: f32,
    /// The expected grade under `probabilities`.
    pub expected: f32,
    /// One probability a grade, 0 up to the joint's maximum; they sum to 1.
    pub probabilities: Vec<f32>,
}

impl OpenJoint {
    /// A joint that would have had this score.
    #[must_use]
    pub fn new(score: JointScore, reason: String) -> Self {
        let unfamiliarity = score.unfamiliarity.unwrap_or(1.0);
        Self { reason, unfamiliarity, expected: score.expected, probabilities: score.probabilities }
    }
}

/// The grades of one patient. Joints without a grade are left out of `joints`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatientScore {
    /// The patient's id.
    pub patient: String,
    /// RA2 column to score.
    pub joints: BTreeMap<String, JointScore>,
    /// RA2 column of the joints that were found and left open; none of them is in `joints`.
    #[serde(default)]
    pub open: BTreeMap<String, OpenJoint>,
    /// Sums of the grades.
    pub totals: Totals,
    /// What the totals may be, with the open joints at 0, at their expected grades, and at their highest; absent where no joint is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<TotalsRange>,
    /// How many joints have a grade.
    pub scored: usize,
    /// How many the given films can hold: 31 a hand, 12 a foot, 86 in all.
    pub expected_joints: usize,
    /// The limbs whose film was refused, with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<Limb, String>,
    /// The limbs whose film is coarse, with the median side of its joints in pixels (see [`crate::coarse`]).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub coarse: BTreeMap<Limb, f32>,
}

impl PatientScore {
    /// The grades on these films only, with their totals; `None` where none is left.
    #[must_use]
    pub(crate) fn only_limbs(self, keep: impl Fn(&str, Limb) -> bool) -> Option<Self> {
        let stays = |column: &String| joint::by_column(column).is_some_and(|joint| keep(&self.patient, joint.limb));
        let read: BTreeSet<Limb> = self.totals.limbs.keys().copied().collect();
        let limbs: BTreeSet<Limb> = read.iter().copied().filter(|limb| keep(&self.patient, *limb)).collect();
        if limbs == read {
            return Some(self);
        }
        let lost: usize = read.difference(&limbs).map(|limb| joint::all().filter(|joint| joint.limb == *limb).count()).sum();
        let joints: BTreeMap<_, _> =
            self.joints.iter().filter(|(column, _)| stays(column)).map(|(column, score)| (column.clone(), score.clone())).collect();
        let open: BTreeMap<_, _> =
            self.open.iter().filter(|(column, _)| stays(column)).map(|(column, open)| (column.clone(), open.clone())).collect();
        let left_out =
            self.left_out.iter().filter(|(limb, _)| keep(&self.patient, **limb)).map(|(limb, why)| (*limb, why.clone())).collect();
        let expected = self.expected_joints.saturating_sub(lost);
        (!limbs.is_empty()).then(|| Self { left_out, ..Self::with_open(self.patient.clone(), joints, open, &limbs, expected) })
    }

    /// Adds totals to grades; `expected_joints` is what the given films can hold.
    #[must_use]
    pub fn new(patient: String, joints: BTreeMap<String, JointScore>, expected_joints: usize) -> Self {
        Self::with_open(patient, joints, BTreeMap::new(), &BTreeSet::new(), expected_joints)
    }

    /// The same with open joints. `limbs` are those of the films that were read; they have totals even where nothing on them was graded, which are then null.
    #[must_use]
    pub fn with_open(
        patient: String,
        joints: BTreeMap<String, JointScore>,
        open: BTreeMap<String, OpenJoint>,
        limbs: &BTreeSet<Limb>,
        expected_joints: usize,
    ) -> Self {
        let mut totals = Totals::of(joints.iter().map(|(column, score)| (column.as_str(), score.grade)));
        let of_open = open.keys().filter_map(|column| Some(joint::by_column(column)?.limb));
        for limb in limbs.iter().copied().chain(of_open) {
            totals.limbs.entry(limb).or_default();
        }
        let range = (!open.is_empty()).then(|| TotalsRange::of(&joints, &open));
        Self {
            patient,
            scored: joints.len(),
            joints,
            open,
            totals,
            range,
            expected_joints,
            left_out: BTreeMap::new(),
            coarse: BTreeMap::new(),
        }
    }

    /// What the total of some joints may be; `None` where none of them is graded or open.
    #[must_use]
    pub fn span(&self, part: impl Fn(&Joint) -> bool) -> Option<Span> {
        Span::of(&self.joints, &self.open, part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(probabilities: &[f32]) -> JointScore {
        JointScore::from_probabilities(probabilities.to_vec())
    }

    #[test]
    fn open_joints_are_in_the_range_and_not_in_the_total() {
        let joints = BTreeMap::from([("LH_mcp_J__2".to_owned(), score(&[0.1, 0.1, 0.8, 0.0, 0.0]))]);
        let uncertain = score(&[0.5, 0.0, 0.0, 0.0, 0.5, 0.0]);
        let open = BTreeMap::from([("RH_mcp_E__2".to_owned(), OpenJoint::new(uncertain, "looks like nothing known".into()))]);
        let patient = PatientScore::with_open("A".into(), joints, open, &BTreeSet::from([Limb::LeftFoot]), 74);
        assert_eq!((patient.totals.narrowing, patient.totals.erosion, patient.totals.overall), (Some(2), None, Some(2)));
        let range = patient.range.unwrap();
        assert_eq!((range.overall.low, range.overall.expected, range.overall.high), (2, 4.0, 7));
        let erosion = range.erosion.unwrap();
        assert_eq!((erosion.graded, erosion.open, erosion.low, erosion.high), (0, 1, 0, 5));
        let hand = patient.totals.limbs[&Limb::RightHand];
        assert_eq!((hand.narrowing, hand.erosion), (None, None), "nothing graded is not 0");
        assert!(patient.totals.limbs.contains_key(&Limb::LeftFoot) && !patient.totals.limbs.contains_key(&Limb::RightFoot));
    }

    #[test]
    fn a_line_of_an_earlier_version_is_read() {
        let line = r#"{"patient":"A","joints":{"LH_mcp_J__2":{"grade":1,"expected":1.0,"probabilities":[0,1,0,0,0]}},
            "totals":{"narrowing":1,"erosion":0,"overall":1,"limbs":{"LH":{"narrowing":1,"erosion":0}}},"scored":1,"expected_joints":31}"#;
        let patient: PatientScore = serde_json::from_str(line).unwrap();
        assert_eq!((patient.totals.erosion, patient.open.len(), patient.range), (Some(0), 0, None));
        assert_eq!(patient.joints["LH_mcp_J__2"].unfamiliarity, None);
    }
}
