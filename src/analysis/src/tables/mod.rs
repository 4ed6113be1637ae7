//! The tables of a cohort and of its runs as polars frames, one row a thing; what is kept as Parquet beside a run.
//!
//! Columns that recur: `patient`, `limb` (`LH`..), `task` (`narrowing`, `erosion`), `joint` (`mcp_2`), `group` (`finger`, `wrist`, `foot`),
//! `grade` (missing where nobody graded).

mod export;
mod grades;
mod kept;
mod results;
mod seal;
mod training;

pub use export::{BOXES, parquet, run_parquet};
pub use kept::{DETECTIONS, FILMS, GRADES, is_kept, keep, kept, write_csv};
pub(crate) use kept::{RunTables, in_memory};
pub use results::{MAX_GRADE, detections, films, scores};
pub use training::{curves, metrics};
