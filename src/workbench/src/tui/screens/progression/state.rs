//! The state of the progression.

use svh_analysis::progression::{JointChange, Progression, Score};

use super::columns::{Column, JointColumn};
use crate::tui::table::{Opened, Table};

/// What is shown beside the table, or in its place if both do not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The table.
    #[default]
    Table,
    /// The cumulative probability plot.
    Probability,
}

impl View {
    /// All views in their order.
    pub const ALL: [Self; 2] = [Self::Table, Self::Probability];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Probability => "probability",
        }
    }
}

/// The joints of a pair of visits.
pub type Joints = Opened<JointColumn, JointChange>;

/// Whose change of what is shown, and where the cursor is.
#[derive(Clone, Debug)]
pub struct State {
    /// Total, narrowing or erosion.
    pub score: Score,
    /// The change above which a patient has progressed; `None` for the smallest detectable change.
    pub threshold: Option<f64>,
    /// The changes with their statistics, where the cohort has visits.
    pub found: Option<Progression>,
    /// Their order and the cursor.
    pub table: Table<Column>,
    /// What is shown.
    pub view: View,
    /// The joints of the pair that was opened.
    pub joints: Option<Joints>,
    /// How much of the film around a joint is shown, on both films alike: 1 as on contact sheets, less is closer.
    pub zoom: f32,
}

impl Default for State {
    fn default() -> Self {
        Self {
            score: Score::Total,
            threshold: None,
            found: None,
            table: Table::new(Column::Model, true),
            view: View::default(),
            joints: None,
            zoom: 1.0,
        }
    }
}
