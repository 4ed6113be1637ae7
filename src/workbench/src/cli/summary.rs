//! `svh summary`: what a cohort holds.

use std::path::Path;

use svh_core::{Cohort, summary};

use super::{
    failure::{Failure, Outcome},
    out,
};

/// Counts a cohort and prints it. What is odd in it is part of the answer, not a failure.
pub fn run(cohort: &Path, json: bool) -> Outcome {
    let cohort = Cohort::open(cohort).map_err(Failure::user)?;
    let summary = summary::Summary::of(&cohort);
    if json { out::json(&summary) } else { out::line(summary.to_string().trim_end()) }
}
