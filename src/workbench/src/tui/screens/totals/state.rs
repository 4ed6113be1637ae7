//! The state of the totals.

use svh_analysis::{JointDifference, Part, PatientTotal, TotalsAgreement};

use super::columns::{Column, JointColumn};
use crate::tui::table::{Opened, Table};

/// What is shown beside the table, or in its place if both do not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The table.
    #[default]
    Table,
    /// Model against reader.
    Scatter,
    /// Difference against mean.
    BlandAltman,
}

impl View {
    /// All views in their order.
    pub const ALL: [Self; 3] = [Self::Table, Self::Scatter, Self::BlandAltman];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Scatter => "scatter",
            Self::BlandAltman => "Bland-Altman",
        }
    }
}

/// The joints of one patient, the largest difference first.
pub type Joints = Opened<JointColumn, JointDifference>;

/// Whose totals of what are shown, and where the cursor is.
#[derive(Clone, Debug)]
pub struct State {
    /// What a total covers.
    pub part: Part,
    /// The totals of all patients of the evaluation.
    pub totals: Vec<PatientTotal>,
    /// The same by limb.
    pub limbs: [Vec<PatientTotal>; 4],
    /// How well they agree.
    pub agreement: Option<TotalsAgreement>,
    /// Their order and the cursor.
    pub table: Table<Column>,
    /// What is shown.
    pub view: View,
    /// The joints of the patient that was opened.
    pub joints: Option<Joints>,
    /// What was searched for last, in lower case.
    pub search: String,
}

impl Default for State {
    fn default() -> Self {
        Self {
            part: Part::WHOLE,
            totals: Vec::new(),
            limbs: Default::default(),
            agreement: None,
            table: Table::new(Column::Difference, true),
            view: View::default(),
            joints: None,
            search: String::new(),
        }
    }
}
