//! From a DICOM archive to a cohort: hands and feet by patient and visit, under pseudonyms, with shifted dates.
//!
//! [`scan`] reads headers and says which file may be a film of which limb; [`Plan::of`] groups them into visits; [`make`] writes the cohort and searches it
//! for everything that names a patient before it appears. A [`Journal`] lets the same command resume an import that was stopped. What ties pseudonyms to people is written beside the key, never into the cohort.

mod blank;
mod group;
mod header;
mod journal;
mod limbs;
mod pseudonym;
mod search;
mod sheet;
mod write;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use group::{FileOutcome, Film, How, Part, Plan, Recognise, Seen};
pub use header::{Found, Identity, scan};
pub use journal::Journal;
pub use pseudonym::Pseudonyms;
pub use write::{Outcome, make};

use crate::WriteError;
use crate::staging::StagingError;

/// Writes the picture of a file, or of a part of it, as the cohort would have it.
///
/// # Errors
/// A file that cannot be read, a place that cannot be written to.
pub fn picture_of(file: &Path, part: Part, to: &Path) -> Result<(), ArchiveError> {
    Ok(write::png(to, &write::picture(file, part)?, crate::Film::spacing(file))?)
}

/// Why nothing is imported from an archive.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// A file or folder that cannot be read.
    #[error("{} cannot be read ({reason}); check the name and its permissions", path.display())]
    Unreadable {
        /// It.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A key that is none.
    #[error("{} is not a key ({reason}); name a file that does not exist yet, and a key is made in it", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The key would lie in the cohort.
    #[error("{} lies in the cohort, and whoever has both can undo the pseudonyms; put the key elsewhere", path.display())]
    KeyInside {
        /// The file.
        path: PathBuf,
    },
    /// A table of pseudonyms that is none, or that leaves patients out.
    #[error("{}: {reason}", path.display())]
    Table {
        /// The table.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Nothing would be taken.
    #[error("{} holds no film of a hand or foot that can be taken: {why}", path.display())]
    Nothing {
        /// The source.
        path: PathBuf,
        /// The most frequent reason.
        why: String,
    },
    /// The output names somebody.
    #[error(
        "{count} values of the archive's headers stand in what was written, the first in {place} (a value of {tag}); nothing was kept: if a table gives the pseudonyms, choose others, else please report it, with the layout of that file"
    )]
    Leak {
        /// How many.
        count: usize,
        /// The file in the cohort.
        place: String,
        /// The name of the attribute.
        tag: &'static str,
    },
    /// Somebody asked for an end.
    #[error("{} is not complete, as the import was stopped; rerun the same command to resume it", out.display())]
    Stopped {
        /// The cohort.
        out: PathBuf,
    },
    /// The detector cannot be asked.
    #[error("the detector cannot look at the films ({reason}); --no-detector leaves out those whose header does not tell the limb")]
    Detector {
        /// The engine's words.
        reason: String,
    },
    /// A film that cannot be turned into a picture.
    #[error(transparent)]
    Film(#[from] crate::FilmError),
    /// The place is taken, or somebody asked for an end.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The disk is full, the place read-only...
    #[error(transparent)]
    Write(#[from] WriteError),
}
