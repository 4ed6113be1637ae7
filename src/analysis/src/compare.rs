//! Two runs over the same patients, with the uncertainty of their difference.

mod shared;

use std::collections::BTreeMap;

use serde::Serialize;
use svh_core::Task;

use crate::stats::{GradeMetrics, Interval, NAMED_METRICS, Resamples};
use crate::{Evaluation, Scale};
use shared::Shared;

/// A metric of two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricDifference {
    /// The metric's name, as in [`NAMED_FIGURES`]; of totals `total_mae`, `total_rmse`; of boxes `missed`, `false_positives`.
    pub name: &'static str,
    /// Of the first run.
    pub first: Option<f64>,
    /// Of the second run.
    pub second: Option<f64>,
    /// Second minus first.
    pub difference: Option<f64>,
    /// 95 % interval of the difference by bootstrap over patients, both runs on the same draws. Where it does not hold 0 the difference is beyond chance.
    pub ci95: Option<Interval>,
}

/// Two runs on what both of them read and graded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Patients that both runs speak of.
    pub patients: usize,
    /// Joints graded by the reader and both runs, by scale.
    pub joints: BTreeMap<Scale, u64>,
    /// Joints that the reader and only one of the runs graded, which are left out.
    pub only_one: OnlyOne,
    /// Metrics of grades by scale.
    pub grades: BTreeMap<Scale, Vec<MetricDifference>>,
    /// Mean absolute and root mean squared difference of the patients' totals in points, over the same joints.
    pub totals: Vec<MetricDifference>,
    /// Missed joints and false positives after the best-box rule, a patient, on the labelled films that both runs were given. Absent without any.
    pub boxes: BTreeMap<Task, Vec<MetricDifference>>,
}

/// Counts of what only one of two runs has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OnlyOne {
    /// Of the first run.
    pub first: u64,
    /// Of the second run.
    pub second: u64,
}

/// Both runs' values of a metric.
type Both = [Option<f64>; 2];

/// All metrics of one draw of patients.
struct Drawn {
    grades: Vec<[GradeMetrics; 2]>,
    totals: [Both; 2],
    boxes: [[Both; 2]; 2],
}

/// Compares two evaluations over the patients, films and joints that they share; `threshold` is the score from which a box counts.
#[must_use]
pub fn compare(first: &Evaluation, second: &Evaluation, threshold: f32, resamples: Resamples) -> Comparison {
    let shared = Shared::of(first, second, threshold);
    let patients = shared.patients();
    let metrics = |times: &[u32]| Drawn { grades: shared.metrics(times), totals: shared.totals(times), boxes: shared.boxes(times) };
    let whole = metrics(&vec![1; patients]);
    // One person drawn over and over says nothing of others.
    let people = shared.people();
    let drawn: Vec<Drawn> = if people < 2 { Vec::new() } else { resamples.map(people, |times| metrics(&shared.of_people(times))) };
    let row = |name, read: &dyn Fn(&Drawn) -> Both| difference(name, read(&whole), drawn.iter().map(read));
    let grades = Scale::ALL.into_iter().enumerate().map(|(place, scale)| {
        let metric =
            |(name, of): (&'static str, fn(&GradeMetrics) -> Option<f64>)| row(name, &|drawn| drawn.grades[place].each_ref().map(of));
        (scale, NAMED_METRICS.into_iter().map(metric).collect())
    });
    let boxes = Task::ALL.into_iter().filter(|task| shared.has_boxes(*task)).map(|task| {
        let metric = |(place, name)| row(name, &|drawn| drawn.boxes[task as usize][place]);
        (task, ["missed", "false_positives"].into_iter().enumerate().map(metric).collect())
    });
    Comparison {
        patients,
        joints: Scale::ALL.into_iter().enumerate().map(|(place, scale)| (scale, whole.grades[place][0].n)).collect(),
        only_one: shared.only_one,
        grades: grades.collect(),
        totals: ["total_mae", "total_rmse"].into_iter().enumerate().map(|(place, name)| row(name, &|drawn| drawn.totals[place])).collect(),
        boxes: boxes.collect(),
    }
}

fn difference(name: &'static str, whole: Both, drawn: impl Iterator<Item = Both>) -> MetricDifference {
    let minus = |[first, second]: Both| Some(second? - first?);
    let values: Vec<f64> = drawn.map(|both| minus(both).unwrap_or(f64::NAN)).collect();
    MetricDifference { name, first: whole[0], second: whole[1], difference: minus(whole), ci95: Interval::of_resamples(&values) }
}
