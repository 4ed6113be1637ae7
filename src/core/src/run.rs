//! A run: one execution of models over films, or one training, as a folder that can be read while it is written.
//!
//! `run.json` says what ran, `events.jsonl` how it goes on, `results.jsonl` has one line a film or patient, `metrics.json` the figures.

mod event;
mod info;
mod jsonl;
mod reader;
mod writer;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use event::{ResultLine, RunEvent};
pub use info::{CohortRef, ModelUse, Process, RunInfo, RunKind, RunState, RunStatus, threshold};
pub use jsonl::{Damage, JsonLines, Tail};
pub use reader::{RunReader, RunResults, list};
pub use writer::RunWriter;

use crate::atomic::{self, WriteError};

const INFO: &str = "run.json";
const EVENTS: &str = "events.jsonl";
const RESULTS: &str = "results.jsonl";
const METRICS: &str = "metrics.json";
const CANCEL: &str = "cancel";

/// A run that cannot be read or written.
#[derive(Debug, Error)]
pub enum RunError {
    /// No `run.json`, or not the run's.
    #[error("{} is no run ({reason}); give a folder that holds a run.json", path.display())]
    NoRun {
        /// The folder.
        path: PathBuf,
        /// What was wrong with `run.json`.
        reason: String,
    },
    /// A new run was to be written where one is.
    #[error("{} holds a run already; resume it or choose another folder", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// Another process writes it.
    #[error("{} is being written by process {process}; wait for it, cancel it, or choose another folder", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
        /// Its number on this machine.
        process: u32,
    },
    /// It cannot be resumed, as it did other work.
    #[error("{} cannot be resumed with another {what}; choose another folder", path.display())]
    OtherWork {
        /// The folder.
        path: PathBuf,
        /// What differs: `cohort`, `models`...
        what: &'static str,
    },
    /// A file of it cannot be read.
    #[error("{} cannot be read ({reason}); check its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A file of it cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Asks the process that writes a run to end; it looks for this between films or steps.
///
/// # Errors
/// When the marker cannot be written.
pub fn request_cancel(folder: &Path) -> Result<(), WriteError> {
    atomic::write(&folder.join(CANCEL), b"")
}

/// Whether a run was asked to end.
#[must_use]
pub fn cancel_requested(folder: &Path) -> bool {
    folder.join(CANCEL).exists()
}
