//! The columns of the table: what they are sorted by and how wide they are.

use crate::tui::{
    data::Row,
    table::{self, Spec},
    totals::Totals,
};
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

// Totals and ids stay where the window is narrow, and totals stay marked.
impl table::Column for Column {
    const ALL: &'static [(Self, Spec)] = &[
        (Id, Spec::words("patient", 10).gap(0).grows(14)),
        (Film(Limb::LeftHand), Spec::words(Limb::LeftHand.code(), 3).gap(2).rank(4)),
        (Film(Limb::RightHand), Spec::words(Limb::RightHand.code(), 3).rank(3)),
        (Film(Limb::LeftFoot), Spec::words(Limb::LeftFoot.code(), 3).rank(2)),
        (Film(Limb::RightFoot), Spec::words(Limb::RightFoot.code(), 3).rank(1)),
        (Graded, Spec::metric("graded", 6).gap(2).rank(5)),
        (ReaderNarrowing, Spec::metric("narr", 4).named("reader narrowing").gap(2).rank(9)),
        (ReaderErosion, Spec::metric("eros", 4).named("reader erosion").rank(8)),
        (Reader, Spec::metric("total", 5).named("reader total")),
        (ModelNarrowing, Spec::metric("narr", 4).named("model narrowing").gap(2).rank(7)),
        (ModelErosion, Spec::metric("eros", 4).named("model erosion").rank(6)),
        (Model, Spec::metric("total", 5).named("model total")),
        (Difference, Spec::metric("diff", 5).named("difference")),
        (Open, Spec::metric("open", 4).rank(10)),
        (Unfamiliar, Spec::metric("unf", 4).named("unfamiliar").rank(11)),
    ];
    const SORTS_HIDDEN: bool = true;
    const METRICS_FALL: bool = false;
}

impl Column {
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
