//! What a user says about foreign data.

use crate::{Limb, Task};

/// What the data do not say themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The limb of films whose names do not say it.
    pub limb: Option<Limb>,
    /// The task of boxes that could be of either.
    pub task: Option<Task>,
    /// Only these splits, where there are splits.
    pub splits: Vec<String>,
}
