//! The state of the changes.

use svh_analysis::{ChangesOf, Verdict};

use super::columns::Column;
use crate::tui::{changed::ChangedRuns, table::Table};

/// What a line is about, and whose grades or boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Boxes, not grades.
    pub boxes: bool,
    /// By patient, not by joint.
    pub by_patient: bool,
}

impl View {
    /// All views in their order.
    pub const ALL: [Self; 4] = [
        Self { boxes: false, by_patient: false },
        Self { boxes: false, by_patient: true },
        Self { boxes: true, by_patient: false },
        Self { boxes: true, by_patient: true },
    ];
    /// Their names.
    pub const NAMES: [&'static str; 4] = ["grades by joint", "grades by patient", "boxes by joint", "boxes by patient"];
    /// Their names in narrow windows.
    pub const SHORT: [&'static str; 4] = ["grades", "…by patient", "boxes", "…by patient"];
}

/// What changed, and where the cursor is.
#[derive(Clone, Debug)]
pub struct State {
    /// What changed between the two runs that were compared last.
    pub found: Option<ChangedRuns>,
    /// The place of the view in [`View::ALL`].
    pub view: usize,
    /// The lines in their order.
    pub table: Table<Column>,
}

impl Default for State {
    fn default() -> Self {
        Self { found: None, view: 0, table: Table::new(Column::Verdict(Verdict::Broken), true) }
    }
}

impl State {
    /// What is shown.
    #[must_use]
    pub fn view(&self) -> View {
        View::ALL[self.view % View::ALL.len()]
    }

    /// The lines of the view.
    #[must_use]
    pub fn lines(&self) -> &[ChangesOf] {
        let View { boxes, by_patient } = self.view();
        self.found.as_ref().map_or(&[], |found| found.lines(boxes, by_patient))
    }

    /// The chosen line.
    #[must_use]
    pub fn chosen(&self) -> Option<&ChangesOf> {
        self.lines().get(self.table.chosen()?)
    }
}
