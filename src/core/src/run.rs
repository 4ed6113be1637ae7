//! A run: one execution of models over films, or one training, as a folder that can be read while it is written.
//!
//! `run.json` says what ran, `events.jsonl` how it goes on, `results.jsonl` has one line a film or patient, `inputs.jsonl` the films that each of those rests on,
//! `metrics.json` the metrics, and `attempts/` who may write all that. A run in shards has a folder of this kind a shard: see [`shards`].

mod claim;
mod done;
mod event;
mod info;
mod inputs;
mod jsonl;
mod lease;
mod manage;
mod options;
mod process;
mod reader;
pub mod shards;
mod state;
mod writer;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use claim::RunClaim;
pub use event::{ResultLine, RunEvent};
pub use info::{CohortRef, ModelUse, RunInfo, RunKind, RunStatus, threshold};
pub use jsonl::{Damage, JsonLines, Tail};
pub use lease::Lease;
pub use manage::{MAX_NOTE, annotate, delete, rename};
pub use options::{FilmOptions, RunOptions};
pub use process::{Liveness, Process};
pub use reader::{RunReader, RunResults, list};
pub use shards::Shard;
pub use state::{Observer, RunState, settle};
pub use writer::RunWriter;

use crate::atomic::WriteError;

const INFO: &str = "run.json";
const EVENTS: &str = "events.jsonl";
const INPUTS: &str = "inputs.jsonl";
const RESULTS: &str = "results.jsonl";
const METRICS: &str = "metrics.json";
const CANCEL: &str = "cancel";

/// A run that cannot be read or written.
#[derive(Debug, Error)]
pub enum RunError {
    /// No `run.json`, or not the run's.
    #[error("{} is not a run ({reason}); give a folder that holds a run.json", path.display())]
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
    #[error("{} is being written by {holder}; wait for it, cancel it, or choose another folder", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
        /// Its number, and its machine where that is not this one.
        holder: String,
    },
    /// Another process took this one for dead, and resumed the run.
    #[error("{} was resumed by another process, which this one must not disturb; look at it with `svh runs`", path.display())]
    TakenOver {
        /// The folder.
        path: PathBuf,
    },
    /// It cannot be resumed, as it did other work.
    #[error("{} cannot be resumed with {what}; choose another folder", path.display())]
    OtherWork {
        /// The folder.
        path: PathBuf,
        /// What differs: `another cohort`, `other settings (...)`.
        what: String,
    },
    /// A run in shards that is not done.
    #[error("{} has shards that are not finished: {missing} of {count}; submit them again with `svh slurm --out {} --resubmit`, or finish them here with `svh resume {}`", path.display(), path.display(), path.display())]
    Unfinished {
        /// The folder.
        path: PathBuf,
        /// The numbers of the shards, such as `1-3,7`.
        missing: String,
        /// How many shards there are.
        count: u32,
    },
    /// Files of a run without the `run.json` that says what they are.
    #[error("{} holds {file} without a run.json, the remains of another run; delete it or choose another folder", path.display())]
    Remains {
        /// The folder.
        path: PathBuf,
        /// Which file.
        file: &'static str,
    },
    /// A name that a run cannot get.
    #[error("the run cannot be called `{name}`: {reason}")]
    Name {
        /// The name.
        name: String,
        /// Why not, and what to do.
        reason: &'static str,
    },
    /// A note that is too long.
    #[error("the note has {characters} characters, and at most {} are kept; shorten it", manage::MAX_NOTE)]
    LongNote {
        /// How many it has.
        characters: usize,
    },
    /// A run that stays.
    #[error("{} could not be deleted whole ({reason}); check its permissions", path.display())]
    NotDeleted {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        reason: String,
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

/// Asks the process that writes a run to end; it looks for this between films or steps. A later attempt of the run does not see it.
///
/// # Errors
/// When the marker cannot be written.
pub fn request_cancel(folder: &Path) -> Result<(), WriteError> {
    match RunReader::open(folder) {
        Ok(run) if run.info().shards().is_some() => shards::request_cancel(&run),
        _ => lease::request_cancel(folder),
    }
}

/// Whether the newest attempt of a run was asked to end.
#[must_use]
pub fn cancel_requested(folder: &Path) -> bool {
    lease::cancel_requested(folder)
}
