//! Reviews: what readers correct, grade, flag and lock in a cohort, kept beside it and never in it.
//!
//! A review is a line that is appended, with its reader and its time; undoing one is a line as well, so nothing that anybody did is ever lost. Each
//! program start writes a file of its own under `reviews/`, as appends of several machines to one file are not safe on network file systems.
//! [`Reviews::read`] merges all files into one state, the same on every machine; [`Reviews::labels`] and [`Reviews::grades`] are the corrected reference.

mod apply;
mod check;
mod entry;
mod journal;
mod merge;
mod order;
pub mod queue;
mod read;
pub mod standing;
mod state;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use apply::holder_of_box;
pub use check::Refused;
pub use entry::{Before, Change, Entry, ReviewTarget, Time};
pub use journal::{Author, Journal};
pub use order::ReadingOrder;
pub use read::{Follower, Line, ReviewUpdate, Update};
pub use state::{Conflict, Decision, Flag, JointReview, Lock, Reviews};

use crate::Joint;

/// The folder of reviews in a cohort's folder.
const REVIEWS_FOLDER: &str = "reviews";

/// Reviews that could not be brought to the disk, or not be read.
#[derive(Debug, Error)]
pub enum ReviewError {
    /// The disk is full, the folder read-only...
    #[error("{} could not be written ({reason}); {waiting} {} in memory: free some space or make the folder writable, and the next change brings them there", path.display(), if *waiting == 1 { "change waits" } else { "changes wait" })]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
        /// Changes that are not on the disk.
        waiting: usize,
    },
    /// A file or the folder cannot be read.
    #[error("{} cannot be read ({reason}), so what readers wrote in it is missing; check its permissions", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
}

/// The folder of a cohort's reviews.
#[must_use]
pub fn folder(cohort: &Path) -> PathBuf {
    cohort.join(REVIEWS_FOLDER)
}

/// Two readers' answers to the same joint, both locked before they saw each other's.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair<'a> {
    /// The patient.
    pub patient: &'a str,
    /// The joint.
    pub joint: &'static Joint,
    /// The first reader's answer.
    pub first: &'a Lock,
    /// The second reader's answer.
    pub second: &'a Lock,
}

impl Pair<'_> {
    /// The second grade minus the first; `None` where one of them gave none.
    #[must_use]
    pub fn difference(&self) -> Option<i16> {
        Some(i16::from(self.second.grade?) - i16::from(self.first.grade?))
    }

    /// How far the boxes agree; `None` where one of them drew none.
    #[must_use]
    pub fn iou(&self) -> Option<f32> {
        Some(self.first.bbox?.iou(&self.second.bbox?))
    }

    /// Whether the answers differ: in the grade, in whether there is one, or in boxes of which less than half is common.
    #[must_use]
    pub fn differs(&self) -> bool {
        let boxes = match (self.first.bbox, self.second.bbox) {
            (Some(a), Some(b)) => a.iou(&b) < 0.5,
            (a, b) => a.is_some() != b.is_some(),
        };
        self.first.grade != self.second.grade || boxes
    }
}
