//! Totals of patients, reader beside model. A missing grade is missing: differences are taken over the joints that both graded, and every sum says how
//! many joints it rests on.

use serde::Serialize;
use svh_core::Joint;

use super::grades::Sums;
use super::part::{Part, SMALLEST};
use super::{Evaluation, GradeFilter, GradedJoint};
use crate::stats::{BlandAltman, Icc, IccKind, concordance, icc, smallest_detectable_change};
use crate::{Scale, Scope};

/// A sum of grades with the number of joints that it rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summed {
    /// Points.
    pub points: u32,
    /// Joints that have a grade.
    pub joints: u32,
}

/// Joints that the model left open, and what they could add to a total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Opened {
    /// How many.
    pub joints: u32,
    /// The sum of their expected grades.
    pub expected: f32,
    /// The sum of their highest grades.
    pub highest: u32,
}

/// The total of one patient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PatientTotal {
    /// The patient's place in [`Evaluation::patients`].
    pub patient: usize,
    /// The reader's grades; absent where there is none.
    #[serde(rename = "truth")]
    pub reference: Option<Summed>,
    /// The model's grades; absent where there is none.
    #[serde(rename = "predicted")]
    pub model: Option<Summed>,
    /// The sum of the expected grades under the model's probabilities, over the same joints as `model`.
    pub expected: Option<f32>,
    /// Both sums over the joints that both graded: reference, then model.
    #[serde(serialize_with = "named")]
    pub both: Option<(Summed, Summed)>,
    /// The joints that the model left open; absent where there is none.
    pub open: Option<Opened>,
    /// Joints that the part has: what `joints` of the sums is out of.
    pub joints: u32,
}

/// Both sums by name.
#[allow(clippy::ref_option)] // serde's signature
fn named<S: serde::Serializer>(both: &Option<(Summed, Summed)>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Both {
        truth: Summed,
        predicted: Summed,
    }
    both.map(|(truth, predicted)| Both { truth, predicted }).serialize(serializer)
}

impl PatientTotal {
    /// Model minus reference over the joints that both graded.
    #[must_use]
    pub fn difference(&self) -> Option<i32> {
        self.both.map(|(reference, model)| model.points as i32 - reference.points as i32)
    }

    /// The mean of both over the joints that both graded: the abscissa of a Bland-Altman plot.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.both.map(|(reference, model)| f64::from(reference.points + model.points) / 2.0)
    }

    /// The least and the greatest that the model's total can be, open joints at 0 and at their highest grades; `None` where it neither graded a joint nor left
    /// one open.
    #[must_use]
    pub fn range(&self) -> Option<(u32, u32)> {
        let low = self.model.map_or(0, |sum| sum.points);
        (self.model.is_some() || self.open.is_some()).then(|| (low, low + self.open.map_or(0, |open| open.highest)))
    }

    /// Whether both graded every joint of the part.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.both.is_some_and(|(reference, _)| reference.joints == self.joints)
    }
}

/// A joint's share of a patient's difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointDifference {
    /// The joint with both grades.
    pub graded: GradedJoint,
    /// Model minus reference; absent where one of them is missing.
    pub difference: Option<i32>,
}

/// How well totals agree.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TotalsAgreement {
    /// Patients with at least one joint that both graded; the metrics rest on these, over those joints.
    pub n: usize,
    /// Of these, patients of whom both graded every joint.
    pub complete: usize,
    /// Mean absolute difference in points.
    pub mae: Option<f64>,
    /// Root of the mean squared difference in points.
    pub rmse: Option<f64>,
    /// Root of the mean square of the true totals: what predicting 0 everywhere would come to.
    pub rmse_zero: Option<f64>,
    /// ICC(A,1), absolute agreement.
    pub icc_agreement: Option<Icc>,
    /// ICC(C,1), consistency.
    pub icc_consistency: Option<Icc>,
    /// Lin's concordance correlation coefficient.
    pub ccc: Option<f64>,
    /// Differences, model minus reference.
    pub bland_altman: Option<BlandAltman>,
    /// Smallest detectable change of a single reader in points, 1.96 standard deviations of the differences, if errors at two times are independent.
    pub sdc95: Option<f64>,
}

impl TotalsAgreement {
    /// Of some patients.
    #[must_use]
    pub fn of(totals: &[PatientTotal]) -> Self {
        let known = totals.iter().filter_map(|total| total.both);
        let pairs: Vec<(f64, f64)> = known.map(|(reference, model)| (reference.points.into(), model.points.into())).collect();
        let differences: Vec<f64> = pairs.iter().map(|(reference, model)| model - reference).collect();
        let n = pairs.len();
        let mean = |values: &mut dyn Iterator<Item = f64>| (n > 0).then(|| values.sum::<f64>() / n as f64);
        let forms = icc(&pairs.iter().map(|(reference, model)| vec![*reference, *model]).collect::<Vec<_>>());
        let form =
            |kind: IccKind| forms.and_then(|forms| forms.into_iter().find(|form| form.kind == kind)).filter(|form| form.value.is_finite());
        let bland_altman = BlandAltman::of(&differences);
        Self {
            n,
            complete: totals.iter().filter(|total| total.is_complete()).count(),
            mae: mean(&mut differences.iter().map(|difference| difference.abs())),
            rmse: mean(&mut differences.iter().map(|difference| difference * difference)).map(f64::sqrt),
            rmse_zero: mean(&mut pairs.iter().map(|(reference, _)| reference * reference)).map(f64::sqrt),
            icc_agreement: form(IccKind::Agreement),
            icc_consistency: form(IccKind::Consistency),
            ccc: concordance(&pairs),
            // Two changes, each of two readings: the difference of changes has sqrt(2) times the spread of one difference.
            sdc95: bland_altman.as_ref().map(|found| smallest_detectable_change(found.sd * std::f64::consts::SQRT_2, 1, 1.96)),
            bland_altman,
        }
    }
}

impl Evaluation {
    /// The totals of all patients for a part, in the order of [`Evaluation::patients`].
    #[must_use]
    pub fn totals(&self, part: Part) -> Vec<PatientTotal> {
        let smallest: Vec<usize> = part.smallest().collect();
        let joints = part.joints().count() as u32;
        self.grades.sums.iter().enumerate().map(|(patient, sums)| total(patient, sums, &smallest, joints)).collect()
    }

    /// The totals with open joints at the grade nearest to the expected one; `None` where the run left no joint open.
    #[must_use]
    pub fn totals_with_open(&self, part: Part) -> Option<Vec<PatientTotal>> {
        let smallest: Vec<usize> = part.smallest().collect();
        let joints = part.joints().count() as u32;
        let sums = &self.with_open.as_ref()?.sums;
        Some(sums.iter().enumerate().map(|(patient, sums)| total(patient, sums, &smallest, joints)).collect())
    }

    /// How well the totals of a part agree.
    #[must_use]
    pub fn totals_agreement(&self, part: Part) -> TotalsAgreement {
        TotalsAgreement::of(&self.totals(part))
    }

    /// The joints of a patient that make the difference of a part, the largest first, then those that one of the two did not grade.
    #[must_use]
    pub fn joint_differences(&self, patient: usize, part: Part) -> Vec<JointDifference> {
        let mut found = Vec::new();
        for scale in Scale::ALL {
            let scope = Scope { limb: part.limb, ..Scope::all(scale) };
            if part.task.is_none_or(|task| task == scale.task()) {
                found.extend(self.graded(&GradeFilter { scope, reference: None, model: None, patient: Some(patient) }));
            }
        }
        let difference = |graded: &GradedJoint| Some(i32::from(graded.model?) - i32::from(graded.reference?));
        let mut found: Vec<JointDifference> =
            found.into_iter().map(|graded| JointDifference { difference: difference(&graded), graded }).collect();
        found.sort_by_key(|joint| std::cmp::Reverse(joint.difference.map_or(-1, i32::abs)));
        found
    }

    /// The grades of one joint of a patient.
    #[must_use]
    pub fn grades_of(&self, patient: usize, joint: &Joint) -> (Option<u8>, Option<u8>) {
        (self.grades.reference(patient, joint), self.grades.model(patient, joint))
    }
}

fn total(patient: usize, sums: &[Sums; SMALLEST], parts: &[usize], joints: u32) -> PatientTotal {
    let sum = |of: fn(&Sums) -> i32| u32::try_from(parts.iter().map(|part| of(&sums[*part])).sum::<i32>()).unwrap_or(0);
    let summed = |points: u32, joints: u32| (joints > 0).then_some(Summed { points, joints });
    let model = summed(sum(|s| s.model), sum(|s| s.model_count));
    let (both, opens) = (sum(|s| s.both), sum(|s| s.opens));
    let open =
        Opened { joints: opens, expected: parts.iter().map(|part| sums[*part].open_expected).sum(), highest: sum(|s| s.open_highest) };
    PatientTotal {
        patient,
        reference: summed(sum(|s| s.reference), sum(|s| s.reference_count)),
        model,
        expected: model.map(|_| parts.iter().map(|part| sums[*part].expected).sum()),
        both: summed(sum(|s| s.both_reference), both).zip(summed(sum(|s| s.both_model), both)),
        open: (opens > 0).then_some(open),
        joints,
    }
}
