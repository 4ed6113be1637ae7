//! The columns of the list.

use crate::tui::table::{self, Spec};

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
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Place, Spec::words("film", 11).gap(0).grows(12)),
        (Self::Joint, Spec::words("joint", 11)),
        (Self::Task, Spec::words("task", 9).rank(2)),
        (Self::Reader, Spec::metric("R", 3).named("reader")),
        (Self::Model, Spec::metric("M", 2).named("model")),
        (Self::Score, Spec::metric("score", 5)),
        (Self::Iou, Spec::metric("IoU", 4).rank(1)),
        (Self::What, Spec::words("what", 24).grows(60)),
    ];
}
