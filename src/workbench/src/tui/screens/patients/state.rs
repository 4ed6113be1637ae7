//! The state of the table.

use super::{columns::Column, filter::Filter};
use crate::tui::table::Table;

/// Which patients are shown in which order, and where the cursor is.
#[derive(Clone, Debug)]
pub struct State {
    /// Places in the catalogue, sorted and filtered, and the cursor.
    pub table: Table<Column>,
    /// Who is shown.
    pub filter: Filter,
    /// What was searched for last, in lower case.
    pub search: String,
}

impl Default for State {
    fn default() -> Self {
        Self { table: Table::new(Column::Id, false), filter: Filter::default(), search: String::new() }
    }
}
