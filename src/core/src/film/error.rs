//! Why a file is not read as a film: one sentence each with the file, the reason and the way out.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{MAX_PIXELS, MIN_SIDE};
use crate::intake::Kind;

/// A film that could not be read.
#[derive(Debug, Error)]
pub enum FilmError {
    /// The file is missing, a folder, or may not be read.
    #[error("{} cannot be read ({reason}); check the name and its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// No byte in it.
    #[error("{} is empty (0 bytes); copy it again from its source", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The content starts like none of the formats.
    #[error("{}", not_a_picture(path, *kind))]
    NotAPicture {
        /// The file.
        path: PathBuf,
        /// What it is, where that can be seen.
        kind: Option<Kind>,
    },
    /// More than one page could be the film.
    #[error("{} has {pages} pages that are films; save each page as a file of its own, named PATIENT-LIMB", path.display())]
    SeveralPages {
        /// The file.
        path: PathBuf,
        /// How many.
        pages: usize,
    },
    /// A DICOM file of several pictures.
    #[error("{} has {frames} frames, and a film is a single one; save the frame that is the film as a file of its own", path.display())]
    SeveralFrames {
        /// The file.
        path: PathBuf,
        /// How many.
        frames: u64,
    },
    /// It ends before the picture does.
    #[error("{} is cut short: the picture ends before its last row; copy it again from its source", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// The decoder stumbles over its content.
    #[error("{} is damaged ({reason}); copy it again from its source", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The decoder's words.
        reason: String,
    },
    /// A valid picture of a kind that is not read.
    #[error("{} is of a kind that svh does not read ({reason}); export it as an 8 or 16 bit grayscale PNG", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it is.
        reason: String,
    },
    /// Shorter than [`MIN_SIDE`] on a side.
    #[error("{} is {width} x {height} pixels, and a film needs at least {MIN_SIDE} a side; give the full film", path.display())]
    TooSmall {
        /// The file.
        path: PathBuf,
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
    },
    /// More than [`MAX_PIXELS`].
    #[error("{} is {width} x {height} pixels, more than the {} megapixels that are read; scale the film down", path.display(), MAX_PIXELS / 1_000_000)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
    },
}

impl FilmError {
    /// The file that was not read.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Unreadable { path, .. }
            | Self::Empty { path }
            | Self::NotAPicture { path, .. }
            | Self::SeveralPages { path, .. }
            | Self::SeveralFrames { path, .. }
            | Self::Truncated { path }
            | Self::Damaged { path, .. }
            | Self::Unsupported { path, .. }
            | Self::TooSmall { path, .. }
            | Self::TooLarge { path, .. } => path,
        }
    }
}

fn not_a_picture(path: &Path, kind: Option<Kind>) -> String {
    let path = path.display();
    match kind {
        Some(Kind { name, way_out }) => format!("{path} is {name}, which is not read as a film; {way_out}"),
        None => format!(
            "{path} is not a JPEG, PNG, TIFF, BMP or DICOM picture, whatever its name says; export the film in one of these formats"
        ),
    }
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> FilmError {
    FilmError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}

pub(super) fn damaged(path: &Path, reason: impl ToString) -> FilmError {
    FilmError::Damaged { path: path.to_owned(), reason: reason.to_string() }
}

pub(super) fn unsupported(path: &Path, reason: impl ToString) -> FilmError {
    FilmError::Unsupported { path: path.to_owned(), reason: reason.to_string() }
}

pub(super) fn of_io(path: &Path, error: &io::Error) -> FilmError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => FilmError::Truncated { path: path.to_owned() },
        _ => damaged(path, error),
    }
}
