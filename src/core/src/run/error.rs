//! What can be wrong with a run.

use std::path::PathBuf;

use thiserror::Error;

use crate::atomic::WriteError;

/// The most characters of a note.
pub const MAX_NOTE: usize = 2000;

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
    #[error("{} was resumed by another process, which this one must not disturb; see `svh runs`", path.display())]
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
    #[error("the note has {characters} characters, and at most {} are kept; shorten it", MAX_NOTE)]
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
