//! The tables of a cohort and of its runs as polars frames: one row a joint, queried lazily. A screen or a figure is a query over them.
//!
//! Columns that recur: `patient`, `limb` (`LH`..), `task` (`narrowing`, `erosion`), `joint` (`mcp_2`), `group` (`finger`, `wrist`, `foot`),
//! `grade` (missing where nobody graded).

mod course;
mod error;
mod grades;
mod kept;
mod query;
mod results;
mod training;

pub use course::{Bucket, Course, Measured, thinned};
pub use error::{AnalysisError, Result};
pub use grades::{predicted, truth};
pub use kept::{DETECTIONS, GRADES, keep, kept};
pub use query::{beside, distribution, totals};
pub use results::{MAX_GRADE, detections, scores};
pub use training::{curves, figures};
