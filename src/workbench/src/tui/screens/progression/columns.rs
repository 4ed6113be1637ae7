//! The columns of the table of pairs of visits and of a pair's joints.

use svh_analysis::progression::Change;

use crate::tui::table::{self, Spec};

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
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Patient, Spec::words("patient", 10).gap(0).grows(8)),
        (Self::Baseline, Spec::words("from", 5).grows(12).rank(2)),
        (Self::FollowUp, Spec::words("to", 5).grows(12).rank(1)),
        (Self::Months, Spec::metric("months", 6)),
        (Self::Joints, Spec::metric("joints", 6)),
        (Self::Reader, Spec::metric("reader", 6)),
        (Self::Model, Spec::metric("model", 6)),
        (Self::ReaderPerYear, Spec::metric("R/year", 6)),
        (Self::ModelPerYear, Spec::metric("M/year", 6)),
        (Self::Progressed, Spec::words("prog", 4)),
    ];
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
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Limb, Spec::words("limb", 4).gap(0)),
        (Self::Joint, Spec::words("joint", 11)),
        (Self::Task, Spec::words("task", 9).rank(1)),
        (Self::Reader, Spec::metric("reader", 6)),
        (Self::Model, Spec::metric("model", 6)),
        (Self::Change, Spec::metric("R M", 7)),
    ];
}

/// A film set's name without that of the patient: within a patient only the rest tells sets apart.
pub fn visit<'a>(change: &Change, set: &'a str) -> &'a str {
    set.strip_prefix(&change.patient).map_or(set, |rest| rest.trim_start_matches(['-', '_']))
}
