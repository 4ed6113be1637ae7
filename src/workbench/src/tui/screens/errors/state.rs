//! The state of the errors.

use svh_analysis::{ErrorCounts, ErrorFilter};
use svh_core::Task;

use super::columns::Column;
use crate::tui::table::Table;

/// What is shown of the errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// A list with the film beside it.
    #[default]
    List,
    /// Crops side by side.
    Sheet,
    /// False positives and missed joints by joint.
    Joints,
}

impl View {
    /// All views in their order.
    pub const ALL: [Self; 3] = [Self::List, Self::Sheet, Self::Joints];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Sheet => "crops",
            Self::Joints => "by joint",
        }
    }
}

/// Which errors are shown, how, and where the cursor is.
#[derive(Clone, Debug)]
pub struct State {
    /// The errors that pass, by their places in the list at hand, and the cursor.
    pub table: Table<Column>,
    /// Which errors pass.
    pub filter: ErrorFilter,
    /// How many errors there are of each kind, if kinds were not filtered.
    pub counts: ErrorCounts,
    /// What is shown.
    pub view: View,
    /// The whole film stands beside the list.
    pub whole: bool,
    /// The task of the view by joint.
    pub task: Task,
    /// The chosen joint of this view: line, and right instead of left.
    pub joint: (usize, bool),
}

impl Default for State {
    fn default() -> Self {
        Self {
            table: Table::new(Column::Effect, true),
            filter: ErrorFilter::default(),
            counts: ErrorCounts::default(),
            view: View::default(),
            whole: false,
            task: Task::Narrowing,
            joint: (0, false),
        }
    }
}
