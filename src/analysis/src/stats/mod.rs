//! Statistics of agreement on arrays and tables of counts. Nothing here knows a cohort; every figure is checked against another tool's.

mod binary;
mod bland_altman;
mod bootstrap;
mod calibration;
mod confusion;
mod figures;
mod icc;
mod interval;
mod ranks;
mod weights;

pub use binary::Binary;
pub use bland_altman::{BlandAltman, concordance, smallest_detectable_change};
pub use bootstrap::{Clusters, RESAMPLES, Resamples, SEED};
pub use calibration::{Calibration, calibration};
pub use confusion::Confusion;
pub use figures::{Baseline, Figures, NAMED_FIGURES};
pub use icc::{Icc, IccKind, icc};
pub use interval::Interval;
pub use weights::{GradeWeights, WeightError, Weighted};
