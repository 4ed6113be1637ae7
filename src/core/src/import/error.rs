//! Why nothing is imported.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::staging::StagingError;
use crate::{CohortError, TableError, WriteError};

/// Why nothing is imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// A file or folder that cannot be read.
    #[error("{} cannot be read ({reason}); check the name and its permissions", path.display())]
    Unreadable {
        /// It.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A file that is not what its name says.
    #[error("{} is not a {what} ({reason}); save it again or leave it out", path.display())]
    Damaged {
        /// It.
        path: PathBuf,
        /// `COCO file`...
        what: &'static str,
        /// What was wrong.
        reason: String,
    },
    /// Nothing would be taken.
    #[error("{} holds nothing to import as {format}: {why}", path.display())]
    Nothing {
        /// The source.
        path: PathBuf,
        /// The format.
        format: &'static str,
        /// What was looked for, or the first reason for leaving something out.
        why: String,
    },
    /// Names that both tasks have.
    #[error("{} does not say whether its boxes are of narrowing or of erosion; give --task", path.display())]
    WhichTask {
        /// The file or folder.
        path: PathBuf,
    },
    /// A split that is not there.
    #[error("{} has no split {split}; it has {there}", path.display())]
    NoSplit {
        /// The source.
        path: PathBuf,
        /// As given.
        split: String,
        /// The names of those that are there.
        there: String,
    },
    /// No cohort's folder.
    #[error(transparent)]
    Cohort(#[from] CohortError),
    /// A faulty table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The place is taken, or somebody asked for an end.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The disk is full, the place read-only...
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl ImportError {
    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), reason: error.to_string() }
    }
}
