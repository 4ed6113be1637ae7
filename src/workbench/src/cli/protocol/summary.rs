//! What a protocol came to: the metrics of its evaluations in one value, as JSON and as a table.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use svh_analysis::report::{DetectionReport, RunReport};
use svh_analysis::{Agreement, Scale};
use svh_core::{Split, Task};

use super::super::metrics::number;
use super::plan::{Family, Plan};

/// The content of `protocol.json`.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The settings.
    plan: Plan,
    /// Patients learned from.
    training: usize,
    /// Patients held out, on whom everything is measured.
    held_out: usize,
    /// By task; null where no film has labels.
    detection: BTreeMap<Task, Option<Boxes>>,
    /// By network and scale.
    grading: BTreeMap<Family, BTreeMap<Scale, Grades>>,
    /// By network: the whole score of a patient.
    totals: BTreeMap<Family, Totals>,
    /// Where the runs are kept: trainings, scorings.
    runs: RunFolders,
    /// The version of svh.
    version: &'static str,
}

/// Where the runs are.
#[derive(Debug, Serialize)]
struct RunFolders {
    training: PathBuf,
    held_out: PathBuf,
}

/// A detector's metrics.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Boxes {
    films: usize,
    #[serde(rename = "true_boxes")]
    reference_boxes: usize,
    ap: Option<f64>,
    ap50: Option<f64>,
    ap75: Option<f64>,
    /// Joints without a box, and boxes that are on no joint, after the best-box rule.
    missed: u32,
    false_positives: u32,
}

/// A scorer's metrics on one scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Grades {
    n: u64,
    /// Joints that no crop was found of.
    missing: u64,
    accuracy: Option<f64>,
    balanced_accuracy: Option<f64>,
    within1: Option<f64>,
    qwk: Option<f64>,
    /// Accuracy of always giving the commonest grade.
    majority_accuracy: Option<f64>,
}

/// Totals of patients, over the joints that both graded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Totals {
    patients: usize,
    rmse: Option<f64>,
    /// Of always giving 0.
    rmse_zero: Option<f64>,
    icc: Option<f64>,
}

impl Summary {
    /// Gathers the metrics. The boxes are those of the first report: all of them were found by the same detectors.
    pub fn of(plan: &Plan, split: &Split, reports: &[(Family, RunReport)], folder: &Path) -> Self {
        let boxes = |report: &DetectionReport| {
            let statistic = |place: usize| report.all.stats.get(place).copied().filter(|value| *value >= 0.0);
            Boxes {
                films: report.films,
                reference_boxes: report.reference_boxes,
                ap: statistic(0),
                ap50: statistic(1),
                ap75: statistic(2),
                missed: report.missed,
                false_positives: report.false_positives,
            }
        };
        let first = reports.first().map(|(_, report)| &report.detection);
        let grades = |agreement: &Agreement| Grades {
            n: agreement.metrics.n,
            missing: agreement.missing,
            accuracy: agreement.metrics.accuracy,
            balanced_accuracy: agreement.metrics.balanced_accuracy,
            within1: agreement.metrics.within1,
            qwk: agreement.metrics.qwk,
            majority_accuracy: agreement.majority.metrics.accuracy,
        };
        let of_scales = |report: &RunReport| report.grading.iter().map(|(scale, found)| (*scale, grades(&found.agreement))).collect();
        let totals = |report: &RunReport| {
            let whole = report.totals.get("overall")?;
            Some(Totals { patients: whole.n, rmse: whole.rmse, rmse_zero: whole.rmse_zero, icc: whole.icc_agreement.map(|icc| icc.value) })
        };
        Self {
            plan: plan.clone(),
            training: split.training.len(),
            held_out: split.held_out.len(),
            detection: first.into_iter().flatten().map(|(task, report)| (*task, report.as_ref().map(boxes))).collect(),
            grading: reports.iter().map(|(family, report)| (*family, of_scales(report))).collect(),
            totals: reports.iter().filter_map(|(family, report)| Some((*family, totals(report)?))).collect(),
            runs: RunFolders { training: folder.join("training/runs"), held_out: folder.join("held-out/runs") },
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    fn folder(&self) -> &Path {
        self.runs.training.ancestors().nth(2).unwrap_or(Path::new("."))
    }

    fn network(&self, family: Family) -> &'static str {
        match family {
            Family::EfficientNet if self.plan.full => "EfficientNet-B4",
            Family::EfficientNet => "EfficientNet-B0, cut short",
            Family::ConvNet => "the appendix's network",
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, cohort) = (if self.plan.full { "the paper's networks" } else { "small networks" }, self.plan.cohort.display());
        writeln!(f, "{cohort}: {} patients learned from, {} held out, {size}", self.training, self.held_out)?;
        writeln!(f, "\n{:<14}{:>7}{:>9}{:>9}{:>9}{:>9}{:>18}", "DETECTORS", "films", "AP50", "AP75", "AP", "missed", "false positives")?;
        for (task, boxes) in &self.detection {
            match boxes {
                Some(found) => {
                    let [ap50, ap75, ap] = [found.ap50, found.ap75, found.ap].map(number);
                    let (films, missed, wrong) = (found.films, found.missed, found.false_positives);
                    writeln!(f, "{:<14}{films:>7}{ap50:>9}{ap75:>9}{ap:>9}{missed:>9}{wrong:>18}", task.name())?;
                }
                None => writeln!(f, "{:<14}no film has labels", task.name())?,
            }
        }
        for (family, scales) in &self.grading {
            let title = self.network(*family);
            writeln!(f, "\n{title:<28}{:>7}{:>10}{:>10}{:>10}{:>10}", "joints", "accuracy", "balanced", "kappa q", "majority")?;
            for (scale, found) in scales {
                let columns = [found.accuracy, found.balanced_accuracy, found.qwk, found.majority_accuracy].map(number);
                let cells: String = columns.iter().map(|cell| format!("{cell:>10}")).collect();
                writeln!(f, "{:<28}{:>7}{cells}", scale.describe(), found.n)?;
            }
            if let Some(totals) = self.totals.get(family) {
                let [rmse, zero, icc] = [totals.rmse, totals.rmse_zero, totals.icc].map(number);
                writeln!(f, "totals of {} patients: RMSE {rmse} (always 0: {zero}), ICC {icc}", totals.patients)?;
            }
        }
        writeln!(f, "\nevery figure: evaluation-*.json in {0}; curves: svh {0}/training", self.folder().display())
    }
}
