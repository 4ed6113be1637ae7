//! The columns of the table of totals and of a patient's joints.

use svh_core::Limb;

use crate::tui::table::{self, Spec};

/// A column of the table of totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The id.
    Patient,
    /// The reader's total.
    Reader,
    /// The model's total.
    Model,
    /// The sum of the expected grades.
    Expected,
    /// Model minus reader over the joints that both graded.
    #[default]
    Difference,
    /// Joints that both graded, of all.
    Joints,
    /// Joints that the model left open.
    Open,
    /// Both totals of a limb.
    Limb(Limb),
}

impl table::Column for Column {
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Patient, Spec::words("patient", 8).gap(0).grows(10)),
        (Self::Reader, Spec::metric("reader", 6)),
        (Self::Model, Spec::metric("model", 6)),
        (Self::Expected, Spec::metric("expected", 8).rank(2)),
        (Self::Difference, Spec::metric("diff", 5)),
        (Self::Joints, Spec::metric("joints", 6)),
        (Self::Open, Spec::metric("open", 4).rank(3)),
        (Self::Limb(Limb::LeftHand), Spec::metric(Limb::LeftHand.code(), 7).gap(2).rank(1)),
        (Self::Limb(Limb::RightHand), Spec::metric(Limb::RightHand.code(), 7).rank(1)),
        (Self::Limb(Limb::LeftFoot), Spec::metric(Limb::LeftFoot.code(), 7).rank(1)),
        (Self::Limb(Limb::RightFoot), Spec::metric(Limb::RightFoot.code(), 7).rank(1)),
    ];
}

/// A column of a patient's joints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JointColumn {
    /// The limb.
    Limb,
    /// The joint.
    Joint,
    /// Narrowing or erosion.
    Task,
    /// The reader's grade.
    Reader,
    /// The model's grade.
    Model,
    /// The expected grade.
    Expected,
    /// How sure the model is of its grade.
    Sure,
    /// How unlike what the model knows the joint looks.
    Unfamiliar,
    /// Model minus reader.
    #[default]
    Difference,
}

impl table::Column for JointColumn {
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Limb, Spec::words("limb", 4).gap(0)),
        (Self::Joint, Spec::words("joint", 11)),
        (Self::Task, Spec::words("task", 9)),
        (Self::Reader, Spec::metric("reader", 6)),
        (Self::Model, Spec::metric("model", 5)),
        (Self::Expected, Spec::metric("exp", 4).rank(3)),
        (Self::Sure, Spec::metric("prob", 5).rank(2)),
        (Self::Unfamiliar, Spec::metric("unf", 4).rank(1)),
        (Self::Difference, Spec::metric("diff", 5)),
    ];
}
