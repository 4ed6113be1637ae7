//! The columns of the table of changes.

use svh_analysis::Verdict;

use crate::tui::table::{self, Spec};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The joint or the patient.
    Name,
    /// Joints that were compared.
    Joints,
    /// How many have this verdict.
    Verdict(Verdict),
    /// Fixed minus broken.
    Net,
    /// The interval of fixed minus broken.
    Interval,
    /// Points that the second run is further from the reader.
    Points,
}

impl table::Column for Column {
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Name, Spec::words("what", 25).gap(0).grows(8)),
        (Self::Joints, Spec::metric("of", 4).rank(1)),
        (Self::Verdict(Verdict::Fixed), Spec::metric(Verdict::Fixed.name(), 6).gap(0)),
        (Self::Verdict(Verdict::Broken), Spec::metric(Verdict::Broken.name(), 7).gap(0)),
        (Self::Verdict(Verdict::Better), Spec::metric(Verdict::Better.name(), 7).gap(0)),
        (Self::Verdict(Verdict::Worse), Spec::metric(Verdict::Worse.name(), 6).gap(0)),
        (Self::Net, Spec::metric("net", 5)),
        (Self::Interval, Spec::metric("95 % interval", 13).rank(2)),
        (Self::Points, Spec::metric("points", 7).rank(3)),
    ];
}
