//! The columns of the table: what they are sorted by and how wide they are.

use crate::tui::{data::Row, totals::Totals};
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
    ReaderNarrowing,
    /// The reader's erosion.
    ReaderErosion,
    /// The reader's total.
    Reader,
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

use Column::{Difference, Film, Graded, Id, Model, ModelErosion, ModelNarrowing, Open, Reader, ReaderErosion, ReaderNarrowing, Unfamiliar};

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
        ReaderNarrowing,
        ReaderErosion,
        Reader,
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
            ReaderNarrowing | ModelNarrowing => "narr",
            ReaderErosion | ModelErosion => "eros",
            Reader | Model => "total",
            Difference => "diff",
            Open => "open",
            Unfamiliar => "unf",
        }
    }

    /// The name in the user's settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ReaderNarrowing => "reader narrowing",
            ReaderErosion => "reader erosion",
            Reader => "reader total",
            ModelNarrowing => "model narrowing",
            ModelErosion => "model erosion",
            Model => "model total",
            Difference => "difference",
            Unfamiliar => "unfamiliar",
            _ => self.head(),
        }
    }

    /// The width in cells without the gap before it; the id takes what is left.
    #[must_use]
    pub const fn width(self) -> u16 {
        match self {
            Id => 10,
            Film(_) => 3,
            Graded => 6,
            ReaderNarrowing | ReaderErosion | ModelNarrowing | ModelErosion => 4,
            Reader | Model => 5,
            Difference => 5,
            Open | Unfamiliar => 4,
        }
    }

    /// The cells between this column and the one before; wider where a group begins.
    #[must_use]
    pub const fn gap(self) -> u16 {
        match self {
            Id => 0,
            Film(Limb::LeftHand) | Graded | ReaderNarrowing | ModelNarrowing => 2,
            _ => 1,
        }
    }

    /// What a patient is sorted by; `None` comes last in either direction. Ids are sorted by their place in the cohort.
    #[must_use]
    pub fn key(self, row: &Row) -> Option<i64> {
        let of = |totals: Option<Totals>, what: fn(Totals) -> u16| {
            totals.filter(|totals| totals.all.joints > 0).map(|totals| i64::from(what(totals)))
        };
        match self {
            Id => i64::try_from(row.index).ok(),
            Film(limb) => {
                row.patient.has_film(limb).then(|| Task::ALL.iter().filter(|task| row.patient.has_labels(**task, limb)).count() as i64)
            }
            Graded => of(row.reference, |totals| u16::from(totals.all.joints)),
            ReaderNarrowing => of(row.reference, |totals| totals.all.narrowing),
            ReaderErosion => of(row.reference, |totals| totals.all.erosion),
            Reader => of(row.reference, |totals| totals.all.total()),
            ModelNarrowing => of(row.model, |totals| totals.all.narrowing),
            ModelErosion => of(row.model, |totals| totals.all.erosion),
            Model => of(row.model, |totals| totals.all.total()),
            Difference => row.difference().map(i64::abs),
            Open => row.model.map(|totals| i64::from(totals.all.open)),
            Unfamiliar => row.model.and_then(|totals| totals.unfamiliarity).map(percent),
        }
    }
}
