//! Statistics of agreement on arrays and tables of counts. Nothing here knows a cohort; every metric is checked against another tool's.

mod binary;
mod bland_altman;
mod bootstrap;
mod calibration;
mod grade_weights;
mod icc;
mod interval;

pub use binary::Binary;
pub use bland_altman::{BlandAltman, concordance, smallest_detectable_change};
pub use bootstrap::{Clusters, RESAMPLES, Resamples, SEED};
pub use calibration::{BINS as CONFIDENCE_BINS, Calibration, bin as confidence_bin, calibration};
pub use grade_weights::{GradeWeights, WeightError, Weighted};
pub use icc::{Icc, IccKind, icc};
pub use interval::Interval;
pub use svh_core::metrics::{Baseline, Confusion, GradeMetrics, NAMED_METRICS};
