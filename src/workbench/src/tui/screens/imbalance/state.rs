//! The state of the imbalance.

use svh_analysis::{Distribution, Scope, Split};

use super::group::Group;

use super::columns::Column;
use crate::tui::{names, table::Table};

/// What lines are divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A split of the method.
    Split(Split),
    /// Where films came from.
    Source,
    /// Tags.
    Tag,
}

/// What can be chosen, in its order.
pub const SPLITS: [(By, &str); 6] = [
    (By::Split(Split::Limb), "limb"),
    (By::Split(Split::Scale), "task"),
    (By::Split(Split::Group), "group"),
    (By::Split(Split::Joint), "joint"),
    (By::Source, "source"),
    (By::Tag, "tag"),
];

/// What a line is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The joints.
    pub scope: Scope,
    /// Of them only those of this source or with this tag.
    pub group: Option<Group>,
    /// How often each grade occurs.
    pub found: Distribution,
}

impl Line {
    /// In words: `narrowing, left hand`, `narrowing, #blurred`.
    #[must_use]
    pub fn name(&self) -> String {
        let scope = names::scope(&self.scope);
        self.group.as_ref().map_or_else(|| scope.clone(), |group| format!("{scope}, {}", group.name()))
    }
}

/// Which distributions are shown and how.
#[derive(Clone, Debug)]
pub struct State {
    /// The place of the split in [`SPLITS`].
    pub split: usize,
    /// The distributions of the split.
    pub rows: Vec<Line>,
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
    pub fn chosen(&self) -> Option<&Line> {
        self.rows.get(self.table.chosen()?)
    }

    /// The sampler's balance, 0 to 1.
    #[must_use]
    pub fn balance(&self) -> f64 {
        f64::from(self.balance) / 100.0
    }
}
