//! The columns of the list of errors.

use crate::tui::table;

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
    const ALL: &'static [Self] = &[Self::Kind, Self::Film, Self::Joint, Self::Task, Self::Score, Self::Iou, Self::Counts, Self::Effect];

    fn head(self) -> &'static str {
        match self {
            Self::Kind => "error",
            Self::Film => "film",
            Self::Joint => "joint",
            Self::Task => "task",
            Self::Score => "score",
            Self::Iou => "IoU",
            Self::Counts => "used",
            Self::Effect => "effect",
        }
    }

    fn width(self) -> u16 {
        match self {
            Self::Kind => 12,
            Self::Film => 9,
            Self::Joint => 13,
            Self::Task => 9,
            Self::Score | Self::Iou => 5,
            Self::Counts => 4,
            Self::Effect => 6,
        }
    }

    fn grows(self) -> u16 {
        if self == Self::Film { 8 } else { 0 }
    }

    fn gap(self) -> u16 {
        match self {
            Self::Kind => 0,
            Self::Task | Self::Effect => 2,
            _ => 1,
        }
    }

    fn is_metric(self) -> bool {
        matches!(self, Self::Score | Self::Iou | Self::Counts | Self::Effect)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Task => 3,
            Self::Counts => 2,
            Self::Iou => 1,
            _ => 0,
        }
    }
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
    const ALL: &'static [Self] =
        &[Self::Film, Self::Joint, Self::Task, Self::Reader, Self::Model, Self::Expected, Self::Points, Self::Confidence, Self::Entropy];

    fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Model => "model",
            Self::Expected => "expected",
            Self::Confidence => "confidence",
            Self::Entropy => "entropy",
            _ => self.head(),
        }
    }

    fn head(self) -> &'static str {
        match self {
            Self::Film => "film",
            Self::Joint => "joint",
            Self::Task => "task",
            Self::Reader => "R",
            Self::Model => "M",
            Self::Expected => "exp",
            Self::Points => "points",
            Self::Confidence => "conf",
            Self::Entropy => "H",
        }
    }

    fn width(self) -> u16 {
        match self {
            Self::Film => 9,
            Self::Joint => 11,
            Self::Task => 9,
            Self::Reader | Self::Model => 2,
            Self::Expected | Self::Confidence | Self::Entropy => 4,
            Self::Points => 6,
        }
    }

    fn grows(self) -> u16 {
        if self == Self::Film { 8 } else { 0 }
    }

    fn gap(self) -> u16 {
        match self {
            Self::Film => 0,
            Self::Points => 2,
            _ => 1,
        }
    }

    fn is_metric(self) -> bool {
        !matches!(self, Self::Film | Self::Joint | Self::Task)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Task => 1,
            _ => 0,
        }
    }
}
