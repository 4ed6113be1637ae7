//! What `svh evaluate` prints: the metrics of an evaluation gathered in one value, which is its JSON.

mod detection;
mod ram;
mod tables;

use std::collections::BTreeMap;

use serde::Serialize;
use svh_core::{JointGroup, Limb, Task};

pub use detection::{DetectionReport, EffectTally, ErrorReport};
pub use ram::ram_table;
pub use tables::{confusion_table, distribution_table, errors_table, joints_table, totals_table};

use crate::stats::{GradeWeights, Resamples};
use crate::{Agreement, Evaluation, Part, PatientTotal, Result, Scale, Scope, TotalsAgreement};

/// Every metric of a run.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// The run's name.
    pub run: Option<String>,
    /// The least score of a box that takes part in errors and in the best-box rule.
    pub threshold: f32,
    /// Patients that the run speaks of.
    pub patients: usize,
    /// Its films, and of these the ones that it could not read.
    pub films: usize,
    /// See `films`.
    pub films_failed: usize,
    /// By task; null where no film has labels.
    pub detection: BTreeMap<Task, Option<DetectionReport>>,
    /// By scale.
    pub grading: BTreeMap<Scale, GradingReport>,
    /// By part: `overall`, the tasks, the limbs.
    pub totals: BTreeMap<String, TotalsAgreement>,
    /// The same with open joints at the grade nearest to the expected one; absent where the run left none open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals_with_open: Option<BTreeMap<String, TotalsAgreement>>,
    /// The whole score of each patient.
    pub patient_totals: Vec<NamedTotal>,
    /// What was left out and why.
    pub problems: Vec<String>,
}

/// Grades of one scale.
#[derive(Clone, Debug, Serialize)]
pub struct GradingReport {
    /// All joints of the scale.
    #[serde(flatten)]
    pub agreement: Agreement,
    /// Expected calibration error of the model's confidence, over ten even bins.
    pub ece: Option<f64>,
    /// Brier score of the model's confidence in its grade.
    pub brier: Option<f64>,
    /// By joint group, without intervals.
    pub groups: BTreeMap<&'static str, Agreement>,
    /// Joints with a reference grade that the model left open, which no metric above counts.
    pub open: u64,
    /// The metrics with open joints at the grade nearest to the expected one; absent where none is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_open: Option<Agreement>,
}

/// A patient's total with the patient's name.
#[derive(Clone, Debug, Serialize)]
pub struct NamedTotal {
    /// The patient's id.
    pub id: String,
    /// The sums.
    #[serde(flatten)]
    pub total: PatientTotal,
    /// Model minus reference over the joints that both graded.
    pub difference: Option<i32>,
}

impl RunReport {
    /// Works out everything; `weights` adds weighted errors.
    ///
    /// # Errors
    /// Scores that are not numbers.
    pub fn of(evaluation: &Evaluation, threshold: f32, weights: Option<&GradeWeights>, resamples: Resamples) -> Result<Self> {
        let detection = |task: Task| Ok((task, DetectionReport::of(evaluation, task, threshold)?));
        let grading = |scale: Scale| Ok((scale, GradingReport::of(evaluation, scale, weights, resamples)?));
        let total =
            |total: PatientTotal| NamedTotal { id: evaluation.patients()[total.patient].clone(), difference: total.difference(), total };
        Ok(Self {
            run: evaluation.run().map(str::to_owned),
            threshold,
            patients: evaluation.patients().len(),
            films: evaluation.films().len(),
            films_failed: evaluation.films().iter().filter(|film| film.failed.is_some()).count(),
            detection: Task::ALL.into_iter().map(detection).collect::<Result<_>>()?,
            grading: Scale::ALL.into_iter().map(grading).collect::<Result<_>>()?,
            totals: parts().into_iter().map(|(name, part)| (name.to_owned(), evaluation.totals_agreement(part))).collect(),
            totals_with_open: totals_with_open(evaluation),
            patient_totals: evaluation.totals(Part::WHOLE).into_iter().map(total).collect(),
            problems: evaluation.problems().to_vec(),
        })
    }
}

fn totals_with_open(evaluation: &Evaluation) -> Option<BTreeMap<String, TotalsAgreement>> {
    let of = |(name, part): (&str, Part)| Some((name.to_owned(), TotalsAgreement::of(&evaluation.totals_with_open(part)?)));
    parts().into_iter().map(of).collect()
}

/// The parts that totals are reported for, with their names in JSON.
#[must_use]
pub fn parts() -> Vec<(&'static str, Part)> {
    let tasks = Task::ALL.map(|task| (task.name(), Part { task: Some(task), limb: None }));
    let limbs = Limb::ALL.map(|limb| (limb.code(), Part { task: None, limb: Some(limb) }));
    [("overall", Part::WHOLE)].into_iter().chain(tasks).chain(limbs).collect()
}

impl GradingReport {
    fn of(evaluation: &Evaluation, scale: Scale, weights: Option<&GradeWeights>, resamples: Resamples) -> Result<Self> {
        let scope = Scope::all(scale);
        let weighted = weights.map(|weights| evaluation.weighted(&scope, weights));
        let calibration = evaluation.reliability(&scope);
        let group = |group: JointGroup| (group.name(), evaluation.agreement(&Scope::group(scale, group), None));
        Ok(Self {
            agreement: Agreement { weighted, ..evaluation.agreement(&scope, Some(resamples)) },
            ece: calibration.as_ref().map(|found| found.ece),
            brier: calibration.as_ref().map(|found| found.brier),
            groups: scale.groups().iter().copied().map(group).collect(),
            open: evaluation.open_joints(&scope),
            with_open: evaluation.agreement_with_open(&scope, resamples),
        })
    }
}
