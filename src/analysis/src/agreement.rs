//! Agreement of two readers' grades on one scale: all metrics, the baselines beside them, and intervals from a bootstrap over patients.

mod table;

use std::collections::BTreeMap;

use serde::Serialize;

pub use table::{AgreementTable, TableFault};

use crate::stats::{Baseline, Clusters, Confusion, GradeMetrics, Interval, Resamples, Weighted};

/// Every metric for the grades of one scale; `svh agreement --json` prints it as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// The metrics.
    #[serde(flatten)]
    pub metrics: GradeMetrics,
    /// The highest grade of the scale.
    pub max_grade: u8,
    /// Patients that the pairs come from; absent where nobody said.
    pub patients: Option<usize>,
    /// Joints left out because one of the two did not grade them.
    pub missing: u64,
    /// Reference in rows, the whole scale.
    pub confusion: Confusion,
    /// Always giving the commonest reference grade.
    pub majority: Baseline,
    /// Always giving 0.
    pub zero: Baseline,
    /// 95 % intervals of the main metrics by name (see [`crate::stats::NAMED_METRICS`]); absent without patients, or with one.
    pub ci95: Option<BTreeMap<&'static str, Interval>>,
    /// Weighted errors, where weights were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<Weighted>,
}

impl Agreement {
    /// Of a table of counts, without intervals.
    #[must_use]
    pub fn of(confusion: Confusion, missing: u64) -> Self {
        Self {
            metrics: confusion.metrics(),
            max_grade: u8::try_from(confusion.side() - 1).unwrap_or(u8::MAX),
            patients: None,
            missing,
            majority: confusion.baseline(confusion.majority()),
            zero: confusion.baseline(0),
            confusion,
            ci95: None,
            weighted: None,
        }
    }

    /// Of pairs gathered by patient, with intervals.
    #[must_use]
    pub fn of_patients(clusters: &Clusters, missing: u64, resamples: Resamples) -> Self {
        let intervals = clusters.intervals(resamples);
        Self { patients: Some(clusters.len()), ci95: (!intervals.is_empty()).then_some(intervals), ..Self::of(clusters.whole(), missing) }
    }
}
