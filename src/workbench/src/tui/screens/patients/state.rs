//! The state of the table.

use super::{columns::Column, filter::Filter};

/// Which patients are shown in which order, and where the cursor is.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Places in the catalogue, sorted and filtered.
    pub shown: Vec<u32>,
    /// The chosen line.
    pub cursor: usize,
    /// The first line on the screen.
    pub offset: usize,
    /// The column that the lines are sorted by.
    pub sort: Column,
    /// From the largest to the smallest.
    pub reversed: bool,
    /// Who is shown.
    pub filter: Filter,
    /// What was searched for last, in lower case.
    pub search: String,
}

impl State {
    /// The place of the chosen patient in the catalogue.
    #[must_use]
    pub fn chosen(&self) -> Option<usize> {
        self.shown.get(self.cursor).map(|index| *index as usize)
    }
}
