//! The state of the list.

use super::columns::Column;
use crate::{selection::Selection, tui::table::Table};

/// What has been gathered, and where the cursor is.
#[derive(Clone, Debug)]
pub struct State {
    /// The entries.
    pub selection: Selection,
    /// Their order and the cursor.
    pub table: Table<Column>,
    /// Lines instead of crops.
    pub lines: bool,
}

impl Default for State {
    fn default() -> Self {
        Self { selection: Selection::default(), table: Table::new(Column::Place, false), lines: false }
    }
}
