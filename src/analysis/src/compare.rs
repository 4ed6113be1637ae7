//! Two runs over the same patients, with the uncertainty of their difference.

use std::collections::BTreeMap;

use serde::Serialize;
use svh_core::joint;

use crate::stats::{Clusters, Figures, Interval, NAMED_FIGURES, Resamples};
use crate::{Evaluation, Scale};

/// A figure of two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigureDifference {
    /// The figure's name, as in [`NAMED_FIGURES`], or `total_mae`, `total_rmse`.
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

/// Two runs on what both of them graded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Patients with joints graded by the reader and both runs.
    pub patients: usize,
    /// Joints graded by the reader and both runs, by scale.
    pub joints: BTreeMap<Scale, u64>,
    /// Joints that the reader and only one of the runs graded, left out: of the first, of the second.
    pub only_one: (u64, u64),
    /// Figures of grades by scale.
    pub grades: BTreeMap<Scale, Vec<FigureDifference>>,
    /// Figures of totals, over the same joints.
    pub totals: Vec<FigureDifference>,
}

/// Compares two evaluations over the patients and joints that they share.
#[must_use]
pub fn compare(first: &Evaluation, second: &Evaluation, resamples: Resamples) -> Comparison {
    let shared = Shared::of(first, second);
    let patients = shared.totals.len();
    let figures = |times: &[u32]| -> Vec<[Figures; 2]> {
        shared.scales.iter().map(|pair| pair.each_ref().map(|clusters| clusters.drawn(times).main_figures())).collect()
    };
    let all = vec![1; patients];
    let (whole, whole_totals) = (figures(&all), total_errors(&shared.totals, &all));
    let drawn: Vec<(Vec<[Figures; 2]>, TotalErrors)> = match patients {
        // One patient drawn over and over says nothing of others.
        0 | 1 => Vec::new(),
        _ => resamples.map(patients, |times| (figures(times), total_errors(&shared.totals, times))),
    };
    let mut grades = BTreeMap::new();
    let mut joints = BTreeMap::new();
    for (place, scale) in Scale::ALL.into_iter().enumerate() {
        joints.insert(scale, whole[place][0].n);
        let row = |(name, read): (&'static str, fn(&Figures) -> Option<f64>)| {
            let both = |figures: &[Figures; 2]| figures.each_ref().map(read);
            difference(name, both(&whole[place]), drawn.iter().map(|(figures, _)| both(&figures[place])))
        };
        grades.insert(scale, NAMED_FIGURES.into_iter().map(row).collect());
    }
    let total = |place: usize, name| difference(name, whole_totals[place], drawn.iter().map(|(_, totals)| totals[place]));
    Comparison { patients, joints, only_one: shared.only_one, grades, totals: vec![total(0, "total_mae"), total(1, "total_rmse")] }
}

fn difference(name: &'static str, whole: [Option<f64>; 2], drawn: impl Iterator<Item = [Option<f64>; 2]>) -> FigureDifference {
    let minus = |[first, second]: [Option<f64>; 2]| Some(second? - first?);
    let values: Vec<f64> = drawn.map(|both| minus(both).unwrap_or(f64::NAN)).collect();
    FigureDifference { name, first: whole[0], second: whole[1], difference: minus(whole), ci95: Interval::of_resamples(&values) }
}

/// What both runs graded, patient by patient.
struct Shared {
    /// By scale: the clusters of each run, patients alike.
    scales: Vec<[Clusters; 2]>,
    /// By patient: the difference of the total of each run.
    totals: Vec<[i32; 2]>,
    only_one: (u64, u64),
}

impl Shared {
    fn of(first: &Evaluation, second: &Evaluation) -> Self {
        let empty = |scale: Scale| [Clusters::new(scale.max_grade()), Clusters::new(scale.max_grade())];
        let mut shared = Self { scales: Scale::ALL.into_iter().map(empty).collect(), totals: Vec::new(), only_one: (0, 0) };
        for (place, id) in first.patients().iter().enumerate() {
            if let Some(other) = second.patient(id) {
                shared.patient(first, second, (place, other));
            }
        }
        shared
    }

    fn patient(&mut self, first: &Evaluation, second: &Evaluation, (one, other): (usize, usize)) {
        let mut pairs: [Vec<[(u8, u8); 2]>; 3] = Default::default();
        let mut totals = [0; 2];
        for joint in joint::all() {
            let (truth, a) = first.grades_of(one, joint);
            let (_, b) = second.grades_of(other, joint);
            match (truth, a, b) {
                (Some(truth), Some(a), Some(b)) => {
                    pairs[Scale::of(joint) as usize].push([(truth, a), (truth, b)]);
                    totals[0] += i32::from(a) - i32::from(truth);
                    totals[1] += i32::from(b) - i32::from(truth);
                }
                (Some(_), Some(_), None) => self.only_one.0 += 1,
                (Some(_), None, Some(_)) => self.only_one.1 += 1,
                _ => {}
            }
        }
        if pairs.iter().all(Vec::is_empty) {
            return;
        }
        for (clusters, pairs) in self.scales.iter_mut().zip(&pairs) {
            for (run, clusters) in clusters.iter_mut().enumerate() {
                clusters.push(pairs.iter().map(|pair| pair[run]));
            }
        }
        self.totals.push(totals);
    }
}

/// Mean absolute, then root mean squared difference of the totals, each of both runs.
type TotalErrors = [[Option<f64>; 2]; 2];

/// Over patients drawn so many times each.
fn total_errors(totals: &[[i32; 2]], times: &[u32]) -> TotalErrors {
    let n: u32 = times.iter().sum();
    let mean = |run: usize, of: fn(f64) -> f64| {
        let sum: f64 = totals.iter().zip(times).map(|(total, times)| f64::from(*times) * of(f64::from(total[run]))).sum();
        (n > 0).then(|| sum / f64::from(n))
    };
    [[0, 1].map(|run| mean(run, f64::abs)), [0, 1].map(|run| mean(run, |difference| difference * difference).map(f64::sqrt))]
}
