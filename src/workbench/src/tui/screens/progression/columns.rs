//! The columns of the table of pairs of visits and of a pair's joints.

use svh_analysis::progression::Change;

use crate::tui::table;

/// A column of the table of pairs of visits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The person.
    Patient,
    /// The film set of the first visit.
    Baseline,
    /// The film set of the next visit.
    FollowUp,
    /// Months between them.
    Months,
    /// Joints graded at both visits.
    Joints,
    /// The reader's change.
    Reader,
    /// The model's change.
    #[default]
    Model,
    /// The reader's change by year.
    ReaderPerYear,
    /// The model's change by year.
    ModelPerYear,
    /// Who has progressed: R by the reader, M by the model.
    Progressed,
}

impl table::Column for Column {
    const ALL: &'static [Self] = &[
        Self::Patient,
        Self::Baseline,
        Self::FollowUp,
        Self::Months,
        Self::Joints,
        Self::Reader,
        Self::Model,
        Self::ReaderPerYear,
        Self::ModelPerYear,
        Self::Progressed,
    ];

    fn head(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Baseline => "from",
            Self::FollowUp => "to",
            Self::Months => "months",
            Self::Joints => "joints",
            Self::Reader => "reader",
            Self::Model => "model",
            Self::ReaderPerYear => "R/year",
            Self::ModelPerYear => "M/year",
            Self::Progressed => "prog",
        }
    }

    fn width(self) -> u16 {
        match self {
            Self::Patient => 10,
            Self::Baseline | Self::FollowUp => 5,
            Self::Progressed => 4,
            _ => 6,
        }
    }

    fn grows(self) -> u16 {
        match self {
            Self::Patient => 8,
            Self::Baseline | Self::FollowUp => 12,
            _ => 0,
        }
    }

    fn gap(self) -> u16 {
        u16::from(self != Self::Patient)
    }

    fn is_metric(self) -> bool {
        !matches!(self, Self::Patient | Self::Baseline | Self::FollowUp | Self::Progressed)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Baseline => 2,
            Self::FollowUp => 1,
            _ => 0,
        }
    }
}

/// A column of a pair's joints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JointColumn {
    /// The limb.
    Limb,
    /// The joint.
    Joint,
    /// Narrowing or erosion.
    Task,
    /// The reader's grades, before and after.
    Reader,
    /// The model's grades, before and after.
    Model,
    /// The larger of both changes.
    #[default]
    Change,
}

impl table::Column for JointColumn {
    const ALL: &'static [Self] = &[Self::Limb, Self::Joint, Self::Task, Self::Reader, Self::Model, Self::Change];

    fn head(self) -> &'static str {
        match self {
            Self::Limb => "limb",
            Self::Joint => "joint",
            Self::Task => "task",
            Self::Reader => "reader",
            Self::Model => "model",
            Self::Change => "R M",
        }
    }

    fn width(self) -> u16 {
        match self {
            Self::Limb => 4,
            Self::Joint => 11,
            Self::Task => 9,
            Self::Reader | Self::Model => 6,
            Self::Change => 7,
        }
    }

    fn gap(self) -> u16 {
        u16::from(self != Self::Limb)
    }

    fn is_metric(self) -> bool {
        matches!(self, Self::Reader | Self::Model | Self::Change)
    }

    fn rank(self) -> u8 {
        u8::from(self == Self::Task)
    }
}

/// A film set's name without that of the patient: within a patient only the rest tells sets apart.
pub fn visit<'a>(change: &Change, set: &'a str) -> &'a str {
    set.strip_prefix(&change.patient).map_or(set, |rest| rest.trim_start_matches(['-', '_']))
}
