//! The columns of the table: what they are sorted by and how wide they are.

use crate::tui::{data::Row, sums::Sums};
use svh_core::{Limb, Task};

/// A column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The id.
    #[default]
    Id,
    /// Film and labels of a limb.
    Film(Limb),
    /// Joints with a reader's grade.
    Graded,
    /// The reader's narrowing.
    TruthNarrowing,
    /// The reader's erosion.
    TruthErosion,
    /// The reader's total.
    Truth,
    /// The model's narrowing.
    ModelNarrowing,
    /// The model's erosion.
    ModelErosion,
    /// The model's total.
    Model,
    /// Model's total minus reader's.
    Difference,
    /// Joints that the model left open.
    Open,
    /// The highest unfamiliarity of the patient's joints.
    Unfamiliar,
}

use Column::{Difference, Film, Graded, Id, Model, ModelErosion, ModelNarrowing, Open, Truth, TruthErosion, TruthNarrowing, Unfamiliar};

/// A share of 1 in percent.
#[must_use]
pub fn percent(share: f32) -> i64 {
    (share * 100.0).round() as i64
}

impl Column {
    /// Whether it gives way where the window is narrow; the total stays marked.
    #[must_use]
    pub const fn gives_way(self) -> bool {
        matches!(self, Open | Unfamiliar)
    }

    /// All columns from left to right.
    pub const ALL: [Self; 15] = [
        Id,
        Film(Limb::LeftHand),
        Film(Limb::RightHand),
        Film(Limb::LeftFoot),
        Film(Limb::RightFoot),
        Graded,
        TruthNarrowing,
        TruthErosion,
        Truth,
        ModelNarrowing,
        ModelErosion,
        Model,
        Difference,
        Open,
        Unfamiliar,
    ];

    /// The head.
    #[must_use]
    pub const fn head(self) -> &'static str {
        match self {
            Id => "patient",
            Film(limb) => limb.code(),
            Graded => "graded",
            TruthNarrowing | ModelNarrowing => "narr",
            TruthErosion | ModelErosion => "eros",
            Truth | Model => "total",
            Difference => "diff",
            Open => "open",
            Unfamiliar => "unf",
        }
    }

    /// The width in cells without the gap before it; the id takes what is left.
    #[must_use]
    pub const fn width(self) -> u16 {
        match self {
            Id => 10,
            Film(_) => 3,
            Graded => 6,
            TruthNarrowing | TruthErosion | ModelNarrowing | ModelErosion => 4,
            Truth | Model => 5,
            Difference => 5,
            Open | Unfamiliar => 4,
        }
    }

    /// The cells between this column and the one before; wider where a group begins.
    #[must_use]
    pub const fn gap(self) -> u16 {
        match self {
            Id => 0,
            Film(Limb::LeftHand) | Graded | TruthNarrowing | ModelNarrowing => 2,
            _ => 1,
        }
    }

    /// What a patient is sorted by; `None` comes last in either direction. Ids are sorted by their place in the cohort.
    #[must_use]
    pub fn key(self, row: &Row) -> Option<i64> {
        let of = |sums: Option<Sums>, what: fn(Sums) -> u16| sums.filter(|sums| sums.all.joints > 0).map(|sums| i64::from(what(sums)));
        match self {
            Id => i64::try_from(row.index).ok(),
            Film(limb) => {
                row.patient.has_film(limb).then(|| Task::ALL.iter().filter(|task| row.patient.has_labels(**task, limb)).count() as i64)
            }
            Graded => of(row.truth, |sums| u16::from(sums.all.joints)),
            TruthNarrowing => of(row.truth, |sums| sums.all.narrowing),
            TruthErosion => of(row.truth, |sums| sums.all.erosion),
            Truth => of(row.truth, |sums| sums.all.total()),
            ModelNarrowing => of(row.model, |sums| sums.all.narrowing),
            ModelErosion => of(row.model, |sums| sums.all.erosion),
            Model => of(row.model, |sums| sums.all.total()),
            Difference => row.difference().map(i64::abs),
            Open => row.model.map(|sums| i64::from(sums.all.open)),
            Unfamiliar => row.model.and_then(|sums| sums.unfamiliarity).map(percent),
        }
    }
}
