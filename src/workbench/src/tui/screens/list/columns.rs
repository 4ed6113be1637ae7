//! The columns of the list.

use crate::tui::table;

/// A column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The place in the list: patient and limb.
    #[default]
    Place,
    /// The joint.
    Joint,
    /// The task.
    Task,
    /// The reader's grade.
    Reader,
    /// The model's grade.
    Model,
    /// The score of the box.
    Score,
    /// IoU with the reference.
    Iou,
    /// What is to be said of it.
    What,
}

impl table::Column for Column {
    const ALL: &'static [Self] = &[Self::Place, Self::Joint, Self::Task, Self::Reader, Self::Model, Self::Score, Self::Iou, Self::What];

    fn head(self) -> &'static str {
        match self {
            Self::Place => "film",
            Self::Joint => "joint",
            Self::Task => "task",
            Self::Reader => "reader",
            Self::Model => "model",
            Self::Score => "score",
            Self::Iou => "IoU",
            Self::What => "what",
        }
    }

    fn width(self) -> u16 {
        match self {
            Self::Place => 12,
            Self::Joint => 11,
            Self::Task => 9,
            Self::Reader => 6,
            Self::Model | Self::Score => 5,
            Self::Iou => 4,
            Self::What => 14,
        }
    }

    fn grows(self) -> u16 {
        match self {
            Self::Place => 12,
            Self::What => 60,
            _ => 0,
        }
    }

    fn gap(self) -> u16 {
        if self == Self::Place { 0 } else { 1 }
    }

    fn is_metric(self) -> bool {
        matches!(self, Self::Reader | Self::Model | Self::Score | Self::Iou)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Task => 2,
            Self::Iou => 1,
            _ => 0,
        }
    }
}
