//! What the scorers say of one patient: the line that `svh score --json` prints and that runs keep.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Totals;

/// A joint's grade with the distribution it was taken from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JointScore {
    /// The grade: the most probable one, or what a model that favours rare grades makes of the distribution.
    pub grade: u8,
    /// The expected grade under `probabilities`.
    pub expected: f32,
    /// One probability a grade, 0 up to the joint's maximum; they sum to 1.
    pub probabilities: Vec<f32>,
}

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
        let expected = probabilities.iter().enumerate().map(|(g, p)| g as f32 * p).sum();
        Self { grade: u8::try_from(grade).unwrap_or(u8::MAX), expected, probabilities }
    }
}

/// The grades of one patient. Joints without a grade are left out of `joints`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatientScore {
    /// The patient's id.
    pub patient: String,
    /// RA2 column to score.
    pub joints: BTreeMap<String, JointScore>,
    /// Sums of the grades.
    pub totals: Totals,
    /// How many joints have a grade.
    pub scored: usize,
    /// How many the given films can hold: 31 a hand, 12 a foot, 86 in all.
    pub expected_joints: usize,
}

impl PatientScore {
    /// Adds totals to grades; `expected_joints` is what the given films can hold.
    #[must_use]
    pub fn new(patient: String, joints: BTreeMap<String, JointScore>, expected_joints: usize) -> Self {
        let totals = Totals::of(joints.iter().map(|(column, score)| (column.as_str(), score.grade)));
        Self { patient, scored: joints.len(), joints, totals, expected_joints }
    }
}
