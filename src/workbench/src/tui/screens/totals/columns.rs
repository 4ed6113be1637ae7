//! The columns of the table of totals and of a patient's joints.

use svh_core::Limb;

use crate::tui::table;

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
    const ALL: &'static [Self] = &[
        Self::Patient,
        Self::Reader,
        Self::Model,
        Self::Expected,
        Self::Difference,
        Self::Joints,
        Self::Open,
        Self::Limb(Limb::LeftHand),
        Self::Limb(Limb::RightHand),
        Self::Limb(Limb::LeftFoot),
        Self::Limb(Limb::RightFoot),
    ];

    fn head(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Reader => "reader",
            Self::Model => "model",
            Self::Expected => "expected",
            Self::Difference => "diff",
            Self::Joints => "joints",
            Self::Open => "open",
            Self::Limb(limb) => limb.code(),
        }
    }

    fn width(self) -> u16 {
        match self {
            Self::Patient => 8,
            Self::Reader | Self::Model | Self::Joints => 6,
            Self::Expected => 8,
            Self::Difference => 5,
            Self::Open => 4,
            Self::Limb(_) => 7,
        }
    }

    fn grows(self) -> u16 {
        if self == Self::Patient { 10 } else { 0 }
    }

    fn gap(self) -> u16 {
        match self {
            Self::Patient => 0,
            Self::Limb(Limb::LeftHand) => 2,
            _ => 1,
        }
    }

    fn is_metric(self) -> bool {
        self != Self::Patient
    }

    fn rank(self) -> u8 {
        match self {
            Self::Open => 3,
            Self::Expected => 2,
            Self::Limb(_) => 1,
            _ => 0,
        }
    }
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
    const ALL: &'static [Self] =
        &[Self::Limb, Self::Joint, Self::Task, Self::Reader, Self::Model, Self::Expected, Self::Sure, Self::Unfamiliar, Self::Difference];

    fn head(self) -> &'static str {
        match self {
            Self::Limb => "limb",
            Self::Joint => "joint",
            Self::Task => "task",
            Self::Reader => "reader",
            Self::Model => "model",
            Self::Expected => "exp",
            Self::Sure => "prob",
            Self::Unfamiliar => "unf",
            Self::Difference => "diff",
        }
    }

    fn width(self) -> u16 {
        match self {
            Self::Limb | Self::Expected | Self::Unfamiliar => 4,
            Self::Joint => 11,
            Self::Task => 9,
            Self::Reader => 6,
            Self::Model | Self::Sure | Self::Difference => 5,
        }
    }

    fn gap(self) -> u16 {
        u16::from(self != Self::Limb)
    }

    fn is_metric(self) -> bool {
        !matches!(self, Self::Limb | Self::Joint | Self::Task)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Expected => 3,
            Self::Sure => 2,
            Self::Unfamiliar => 1,
            _ => 0,
        }
    }
}
