//! The state of the imbalance.

use svh_analysis::{Distribution, Scope, Split};

use super::columns::Column;
use crate::tui::table::Table;

/// The splits that can be chosen, in their order.
pub const SPLITS: [(Split, &str); 4] =
    [(Split::Limb, "by limb"), (Split::Scale, "by task"), (Split::Group, "by group"), (Split::Joint, "by joint")];

/// Which distributions are shown and how.
#[derive(Clone, Debug)]
pub struct State {
    /// The place of the split in [`SPLITS`].
    pub split: usize,
    /// The distributions of the split.
    pub rows: Vec<(Scope, Distribution)>,
    /// Their order and the cursor.
    pub table: Table<Column>,
    /// Bars by the logarithm of counts.
    pub log: bool,
    /// The sampler's balance in hundredths: 0 as they come, 100 all grades equally often.
    pub balance: u16,
}

impl Default for State {
    fn default() -> Self {
        Self { split: 0, rows: Vec::new(), table: Table::new(Column::Scope, false), log: false, balance: 100 }
    }
}

impl State {
    /// The chosen distribution.
    #[must_use]
    pub fn chosen(&self) -> Option<&(Scope, Distribution)> {
        self.rows.get(self.table.chosen()?)
    }

    /// The sampler's balance, 0 to 1.
    #[must_use]
    pub fn balance(&self) -> f64 {
        f64::from(self.balance) / 100.0
    }
}
