//! A last stage of a scorer, fitted on patients with natural frequencies that its network has not seen: for each scale and each step from a grade to
//! the ones above it, a logistic regression on the network's own logit and the joint's group.
//!
//! It mends overconfidence (the slope) and frequencies that differ between fingers, wrists and feet (the offsets). Only where it was asked for do
//! probabilities become surer than the network's (a slope above 1), since on films unlike those of the fit that does harm. Where it was asked for, the
//! grade is then chosen with some favour for rare ones: at nine zeros in ten the most probable grade is 0 so often that totals come out too low.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use svh_core::{Joint, JointGroup, Task};

use super::head;

/// The calibration of all scales of a scorer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The steps of each scale (`narrowing`, `hand_erosion`, `foot_erosion`), from grade 0 up.
    pub scales: BTreeMap<String, Vec<CalibrationStep>>,
    /// What a scale's grades have added to their log-probabilities when the grade is chosen; where there is nothing, it is the most probable one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub favour: BTreeMap<String, Vec<f32>>,
}

/// The step from a grade to those above it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationStep {
    /// Factor on the network's logit.
    pub slope: f32,
    /// Added for fingers, wrists and feet.
    pub offsets: [f32; 3],
}

impl CalibrationStep {
    /// Changes nothing.
    pub(crate) const IDENTITY: Self = Self { slope: 1.0, offsets: [0.0; 3] };
}

/// The name under which a joint's scale is reported: grades on different scales are never pooled.
#[must_use]
pub fn scale_name(joint: &Joint) -> &'static str {
    match (joint.task, joint.limb.is_hand()) {
        (Task::Narrowing, _) => "narrowing",
        (Task::Erosion, true) => "hand_erosion",
        (Task::Erosion, false) => "foot_erosion",
    }
}

/// The place of a group among the offsets.
#[must_use]
pub const fn group_index(group: JointGroup) -> usize {
    match group {
        JointGroup::Finger => 0,
        JointGroup::Wrist => 1,
        JointGroup::Foot => 2,
    }
}

impl Calibration {
    /// The calibrated log-probabilities of a joint's grades, from those of the network.
    #[must_use]
    pub fn apply(&self, joint: &Joint, grades: &[f32]) -> Vec<f32> {
        let Some(steps) = self.scales.get(scale_name(joint)) else { return grades.to_vec() };
        let group = group_index(joint.group());
        let logits = head::to_continuation(grades);
        // A scale of fewer steps than the joint has keeps the rest as it is.
        let all = steps.iter().copied().chain(std::iter::repeat(CalibrationStep::IDENTITY));
        let calibrated = logits.iter().zip(all).map(|(logit, step)| step.slope * logit + step.offsets[group]);
        head::from_continuation(&calibrated.collect::<Vec<_>>())
    }

    /// The grade of a joint with these log-probabilities; of equals the lower.
    #[must_use]
    pub fn grade(&self, joint: &Joint, log_probabilities: &[f32]) -> usize {
        let favour = self.favour.get(scale_name(joint)).map_or(&[][..], Vec::as_slice);
        favoured(log_probabilities, favour)
    }
}

/// The grade whose log-probability and favour together are the greatest; of equals the lower.
#[must_use]
pub fn favoured(log_probabilities: &[f32], favour: &[f32]) -> usize {
    let favour = favour.iter().copied().chain(std::iter::repeat(0.0));
    let (mut grade, mut best) = (0, f32::NEG_INFINITY);
    for (index, value) in log_probabilities.iter().zip(favour).map(|(p, favour)| p + favour).enumerate() {
        if value > best {
            (grade, best) = (index, value);
        }
    }
    grade
}

#[cfg(test)]
mod tests {
    use svh_core::joint;

    use super::*;

    fn grades(values: &[f32]) -> Vec<f32> {
        values.iter().map(|v| v.ln()).collect()
    }

    fn of(label: &str) -> &'static Joint {
        joint::by_label(Task::Narrowing, label).unwrap()
    }

    fn calibration(step: CalibrationStep, steps: usize) -> Calibration {
        Calibration { scales: BTreeMap::from([("narrowing".to_owned(), vec![step; steps])]), ..Calibration::default() }
    }

    #[test]
    fn the_identity_changes_no_probability() {
        let before = grades(&[0.5, 0.2, 0.15, 0.1, 0.05]);
        let after = calibration(CalibrationStep::IDENTITY, 4).apply(of("LH_mcp_2"), &before);
        assert!(before.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-4), "{before:?} {after:?}");
    }

    #[test]
    fn a_slope_below_1_makes_less_sure_and_a_group_has_its_own_offset() {
        let calibration = calibration(CalibrationStep { slope: 0.5, offsets: [0.0, 1.0, 0.0] }, 1);
        let above_0 = |label| {
            let found = calibration.apply(of(label), &grades(&[0.9, 0.025, 0.025, 0.025, 0.025]));
            assert!((found.iter().map(|v| v.exp()).sum::<f32>() - 1.0).abs() < 1e-5);
            1.0 - found[0].exp()
        };
        // Odds of 1 to 9 become 1 to 3.
        assert!((above_0("LH_mcp_2") - 0.25).abs() < 1e-4 && above_0("LH_wrist_cmc3") > above_0("LH_mcp_2"));
    }

    #[test]
    fn a_favoured_grade_is_given_before_it_is_the_most_probable() {
        let favour = BTreeMap::from([("narrowing".to_owned(), vec![-1.0, 0.0, 0.5])]);
        let calibration = Calibration { favour, ..Calibration::default() };
        let doubtful = grades(&[0.6, 0.3, 0.04, 0.03, 0.03]);
        assert_eq!(Calibration::default().grade(of("LH_mcp_2"), &doubtful), 0);
        assert_eq!(calibration.grade(of("LH_mcp_2"), &doubtful), 1);
        assert_eq!(calibration.grade(joint::by_label(Task::Erosion, "LH_mcp_2").unwrap(), &doubtful), 0, "another scale");
    }
}
