//! Errors counted by kind and by joint.

use svh_core::joint;

use super::errors::Errors;
use crate::detection::ErrorKind;

/// Counts of some errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCounts {
    /// By kind, in the order of [`ErrorKind::ALL`].
    pub kinds: [usize; ErrorKind::ALL.len()],
    /// By joint and kind, in the order of [`joint::all`]; an error is filed under the joint that [`super::ErrorRow::joint`] tells.
    pub joints: Vec<[usize; ErrorKind::ALL.len()]>,
}

impl Default for ErrorCounts {
    fn default() -> Self {
        Self { kinds: [0; ErrorKind::ALL.len()], joints: vec![[0; ErrorKind::ALL.len()]; joint::COUNT] }
    }
}

impl ErrorCounts {
    /// The number of errors of a kind.
    #[must_use]
    pub fn of(&self, kind: ErrorKind) -> usize {
        self.kinds[kind.index()]
    }

    /// All.
    #[must_use]
    pub fn total(&self) -> usize {
        self.kinds.iter().sum()
    }
}

impl Errors {
    /// Counts the errors at these places, such as [`Errors::select`] gives.
    #[must_use]
    pub fn counts(&self, places: &[usize]) -> ErrorCounts {
        let mut counts = ErrorCounts::default();
        for row in places.iter().filter_map(|place| self.rows.get(*place)) {
            counts.kinds[row.kind.index()] += 1;
            if let Some(joint) = row.joint() {
                counts.joints[joint.index()][row.kind.index()] += 1;
            }
        }
        counts
    }
}
