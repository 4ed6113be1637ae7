//! The last stage of a scorer, fitted on patients with natural frequencies that its network has not seen: for each scale and each step from a grade to
//! the ones above it, a logistic regression on the network's own logit, the joint's group and its context.
//!
//! It mends overconfidence (the slope) and frequencies that differ between fingers, wrists and feet (the offsets). Two things happen only where they were asked
//! for, since on films unlike those of the fit they do harm: probabilities become surer than the network's (a slope above 1), and what the patient's other
//! joints show is used (the context). Where it was asked for, the grade is then chosen with some favour for rare ones: at nine zeros in ten the most
//! probable grade is 0 so often that totals come out too low.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use svh_core::{Joint, JointGroup, Task};

use super::context::{self, PARTS};
use super::head;

/// The calibration of all scales of a scorer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The mean context of the patients it was fitted on, which stands for parts that are missing.
    pub mean_context: [f32; PARTS],
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
    /// Weights of the context less its mean.
    pub context: [f32; PARTS],
}

impl CalibrationStep {
    /// Changes nothing.
    pub(crate) const IDENTITY: Self = Self { slope: 1.0, offsets: [0.0; 3], context: [0.0; PARTS] };
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
    /// The calibrated log-probabilities of one patient's joints, from those of the network.
    #[must_use]
    pub fn of_patient(&self, joints: &[(&'static Joint, Vec<f32>)]) -> Vec<Vec<f32>> {
        let severities: Vec<_> = joints.iter().map(|(joint, grades)| (*joint, severity(grades))).collect();
        let contexts = context::of_patient(&severities);
        joints.iter().zip(&contexts).map(|((joint, grades), context)| self.apply(joint, grades, context)).collect()
    }

    fn apply(&self, joint: &Joint, grades: &[f32], context: &[Option<f32>; PARTS]) -> Vec<f32> {
        let Some(steps) = self.scales.get(scale_name(joint)) else { return grades.to_vec() };
        let centred = self.centred(context);
        let group = group_index(joint.group());
        let logits = head::to_continuation(grades);
        // A scale of fewer steps than the joint has keeps the rest as it is.
        let all = steps.iter().copied().chain(std::iter::repeat(CalibrationStep::IDENTITY));
        let calibrated = logits.iter().zip(all).map(|(logit, step)| {
            let context: f32 = step.context.iter().zip(&centred).map(|(weight, part)| weight * part).sum();
            step.slope * logit + step.offsets[group] + context
        });
        head::from_continuation(&calibrated.collect::<Vec<_>>())
    }

    /// The grade of a joint with these log-probabilities; of equals the lower.
    #[must_use]
    pub fn grade(&self, joint: &Joint, log_probabilities: &[f32]) -> usize {
        let favour = self.favour.get(scale_name(joint)).map_or(&[][..], Vec::as_slice);
        favoured(log_probabilities, favour)
    }

    /// A context as the regressions take it: less the mean, 0 where it is missing.
    #[must_use]
    pub(crate) fn centred(&self, context: &[Option<f32>; PARTS]) -> [f32; PARTS] {
        let mut centred = [0.0; PARTS];
        for ((to, part), mean) in centred.iter_mut().zip(context).zip(self.mean_context) {
            *to = part.map_or(0.0, |part| part - mean);
        }
        centred
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

/// The expected grade of a distribution over the highest grade.
#[must_use]
pub fn severity(log_probabilities: &[f32]) -> f32 {
    let top = log_probabilities.len().saturating_sub(1).max(1) as f32;
    log_probabilities.iter().enumerate().map(|(grade, v)| grade as f32 * v.exp()).sum::<f32>() / top
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

    #[test]
    fn the_identity_changes_no_probability() {
        let calibration = Calibration {
            mean_context: [0.1; PARTS],
            scales: BTreeMap::from([("narrowing".to_owned(), vec![CalibrationStep::IDENTITY; 4])]),
            ..Calibration::default()
        };
        let before = grades(&[0.5, 0.2, 0.15, 0.1, 0.05]);
        let after = calibration.of_patient(&[(of("LH_mcp_2"), before.clone())]);
        assert!(before.iter().zip(&after[0]).all(|(a, b)| (a - b).abs() < 1e-4), "{before:?} {after:?}");
    }

    #[test]
    fn a_sick_limb_raises_its_joints_and_a_group_has_its_own_offset() {
        let step = CalibrationStep { context: [4.0, 0.0, 0.0], offsets: [0.0, 1.0, 0.0], ..CalibrationStep::IDENTITY };
        let scales = BTreeMap::from([("narrowing".to_owned(), vec![step])]);
        let calibration = Calibration { mean_context: [0.2, 0.0, 0.0], scales, ..Calibration::default() };
        let doubtful = grades(&[0.6, 0.1, 0.1, 0.1, 0.1]);
        let (well, sick) = (grades(&[0.96, 0.01, 0.01, 0.01, 0.01]), grades(&[0.01, 0.01, 0.01, 0.01, 0.96]));
        let above_0 = |label, other: &[f32]| {
            let found = calibration.of_patient(&[(of(label), doubtful.clone()), (of("LH_pip_4"), other.to_vec())]);
            assert!((found[0].iter().map(|v| v.exp()).sum::<f32>() - 1.0).abs() < 1e-5);
            1.0 - found[0][0].exp()
        };
        assert!(above_0("LH_mcp_2", &sick) > 0.4 && above_0("LH_mcp_2", &well) < 0.4);
        assert!(above_0("LH_wrist_cmc3", &well) > above_0("LH_mcp_2", &well));
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
