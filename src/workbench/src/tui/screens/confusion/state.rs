//! The state of the confusion matrices.

use svh_analysis::{Agreement, GradedJoint, Scale, Scope, Split};

/// What stands in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Normal {
    /// How often the pair occurs.
    #[default]
    Count,
    /// Its share of the reference grade.
    Row,
    /// Its share of the model's grade.
    Column,
}

impl Normal {
    /// All of them in their order.
    pub const ALL: [Self; 3] = [Self::Count, Self::Row, Self::Column];

    /// What it is, in words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Count => "joints",
            Self::Row => "% of the reader's grade (row)",
            Self::Column => "% of the model's grade (column)",
        }
    }
}

/// The joints behind a cell.
#[derive(Clone, Debug)]
pub struct Crops {
    /// Grades of reader and model.
    pub cell: (u8, u8),
    /// The joints.
    pub rows: Vec<GradedJoint>,
    /// The chosen one.
    pub cursor: usize,
}

/// Which matrix is shown and how, and where the cursor is.
#[derive(Clone, Debug)]
pub struct State {
    /// The matrices: scales, then joint groups.
    pub scopes: Vec<Scope>,
    /// The chosen one.
    pub scope: usize,
    /// Its metrics without intervals.
    pub agreement: Option<Agreement>,
    /// What stands in a cell.
    pub normal: Normal,
    /// The diagonal is left out.
    pub hides_diagonal: bool,
    /// The chosen cell: grades of reader and model.
    pub cell: (u8, u8),
    /// The crops of a cell, when they are open.
    pub crops: Option<Crops>,
}

impl Default for State {
    fn default() -> Self {
        Self { scopes: scopes(), scope: 0, agreement: None, normal: Normal::default(), hides_diagonal: false, cell: (0, 0), crops: None }
    }
}

impl State {
    /// The chosen scope.
    #[must_use]
    pub fn chosen(&self) -> Scope {
        self.scopes.get(self.scope).copied().unwrap_or(Scope::all(Scale::Narrowing))
    }
}

/// Each scale followed by its joint groups; where a scale has one group only, that is the scale.
fn scopes() -> Vec<Scope> {
    let groups = |scale: Scale| Split::Group.scopes().into_iter().filter(move |scope| scope.scale == scale && scale.groups().len() > 1);
    Scale::ALL.into_iter().flat_map(|scale| std::iter::once(Scope::all(scale)).chain(groups(scale))).collect()
}
