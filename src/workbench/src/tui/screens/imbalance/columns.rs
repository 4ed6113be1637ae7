//! The columns of the list of distributions.

use crate::tui::table;

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
    const ALL: &'static [Self] =
        &[Self::Scope, Self::Joints, Self::Missing, Self::Zero, Self::Entropy, Self::Effective, Self::Reader, Self::Model];

    fn head(self) -> &'static str {
        match self {
            Self::Scope => "joints of",
            Self::Joints => "graded",
            Self::Missing => "missing",
            Self::Zero => "zeros",
            Self::Entropy => "entropy",
            Self::Effective => "effective",
            Self::Reader => "reader",
            Self::Model => "model",
        }
    }

    fn width(self) -> u16 {
        match self {
            Self::Scope => 23,
            Self::Joints | Self::Missing => 7,
            Self::Zero => 7,
            Self::Entropy => 8,
            Self::Effective => 9,
            Self::Reader | Self::Model => 11,
        }
    }

    fn grows(self) -> u16 {
        if self == Self::Scope { 10 } else { 0 }
    }

    fn gap(self) -> u16 {
        match self {
            Self::Scope => 0,
            Self::Reader | Self::Model => 2,
            _ => 1,
        }
    }

    fn is_metric(self) -> bool {
        !matches!(self, Self::Scope | Self::Reader | Self::Model)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Missing => 3,
            Self::Model => 2,
            Self::Entropy => 1,
            _ => 0,
        }
    }
}
