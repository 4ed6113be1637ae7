//! The columns of the list of distributions.

use crate::tui::table::{self, Spec};

/// A column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// Task, limb, group or joint.
    #[default]
    Scope,
    /// Graded joints.
    Joints,
    /// Joints without a grade.
    Missing,
    /// The share of grade 0.
    Zero,
    /// The entropy in bits.
    Entropy,
    /// The effective number of grades.
    Effective,
    /// The reader's distribution as columns.
    Reader,
    /// The distribution of the model as columns.
    Model,
}

impl table::Column for Column {
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Scope, Spec::words("joints of", 23).gap(0).grows(10)),
        (Self::Joints, Spec::metric("graded", 7)),
        (Self::Missing, Spec::metric("missing", 7).rank(3)),
        (Self::Zero, Spec::metric("zeros", 7)),
        (Self::Entropy, Spec::metric("entropy", 8).rank(1)),
        (Self::Effective, Spec::metric("effective", 9)),
        (Self::Reader, Spec::words("reader", 11).gap(2)),
        (Self::Model, Spec::words("model", 11).gap(2).rank(2)),
    ];
}
