//! `svh [COHORT]`: the workbench.

use std::{io::IsTerminal, path::Path};

use super::{
    failure::{Failure, Outcome},
    inputs, summary,
};
use crate::{Options, places, tui};

/// Opens the workbench on a cohort, or on the demo; without a terminal it prints the cohort's summary.
///
/// # Errors
/// A folder that is not there, and a terminal that goes away.
pub fn run(cohort: Option<&Path>, options: &Options) -> Outcome {
    let cohort = match cohort {
        Some(cohort) => cohort.to_path_buf(),
        None => places::demo().ok_or_else(inputs::no_demo)?,
    };
    if !cohort.is_dir() {
        return Err(Failure::user(format!("{} is no folder; give the folder of a cohort or of films", cohort.display())));
    }
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return summary::run(&cohort, false);
    }
    tui::run(cohort, options).map_err(|error| match error.kind() {
        // Nobody is there to read an error.
        std::io::ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::program(format!("the terminal has failed: {error}")),
    })
}
