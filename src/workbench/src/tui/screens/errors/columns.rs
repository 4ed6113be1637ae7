//! The columns of the list of errors.

use crate::tui::table::{self, Spec};

/// A column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// What is wrong.
    Kind,
    /// The film: patient and limb.
    Film,
    /// The joint that it is filed under.
    Joint,
    /// Narrowing or erosion.
    Task,
    /// The box's score.
    Score,
    /// The overlap of the two boxes.
    Iou,
    /// Whether the box counts after the best-box rule.
    Counts,
    /// What it adds to the patient's total, in points.
    #[default]
    Effect,
}

impl table::Column for Column {
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Kind, Spec::words("error", 12).gap(0)),
        (Self::Film, Spec::words("film", 9).grows(8)),
        (Self::Joint, Spec::words("joint", 13)),
        (Self::Task, Spec::words("task", 9).gap(2).rank(3)),
        (Self::Score, Spec::metric("score", 5)),
        (Self::Iou, Spec::metric("IoU", 5).rank(1)),
        (Self::Counts, Spec::metric("used", 4).rank(2)),
        (Self::Effect, Spec::metric("effect", 6).gap(2)),
    ];
}

/// A column of the list of wrong grades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradeColumn {
    /// The film: patient and limb.
    Film,
    /// The joint.
    Joint,
    /// Narrowing or erosion.
    Task,
    /// The reader's grade.
    Reader,
    /// The model's grade.
    Model,
    /// The mean of the model's probabilities.
    Expected,
    /// The model's grade minus the reader's.
    #[default]
    Points,
    /// The probability of the model's grade.
    Confidence,
    /// How evenly the model's probabilities are spread.
    Entropy,
}

impl table::Column for GradeColumn {
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Film, Spec::words("film", 9).gap(0).grows(8)),
        (Self::Joint, Spec::words("joint", 13)),
        (Self::Task, Spec::words("task", 9).rank(1)),
        (Self::Reader, Spec::metric("R", 2).named("reader")),
        (Self::Model, Spec::metric("M", 2).named("model")),
        (Self::Expected, Spec::metric("exp", 4).named("expected")),
        (Self::Points, Spec::metric("points", 6).gap(2)),
        (Self::Confidence, Spec::metric("conf", 4).named("confidence")),
        (Self::Entropy, Spec::metric("H", 4).named("entropy")),
    ];
}
