//! The columns of the table of changes.

use svh_analysis::Verdict;

use crate::tui::table;

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
    const ALL: &'static [Self] = &[
        Self::Name,
        Self::Joints,
        Self::Verdict(Verdict::Fixed),
        Self::Verdict(Verdict::Broken),
        Self::Verdict(Verdict::Better),
        Self::Verdict(Verdict::Worse),
        Self::Net,
        Self::Interval,
        Self::Points,
    ];

    fn head(self) -> &'static str {
        match self {
            Self::Name => "what",
            Self::Joints => "of",
            Self::Verdict(verdict) => verdict.name(),
            Self::Net => "net",
            Self::Interval => "95 % interval",
            Self::Points => "points",
        }
    }

    fn width(self) -> u16 {
        match self {
            Self::Name => 22,
            Self::Joints => 5,
            Self::Verdict(_) => 7,
            Self::Net => 5,
            Self::Interval => 13,
            Self::Points => 7,
        }
    }

    fn grows(self) -> u16 {
        if self == Self::Name { 8 } else { 0 }
    }

    fn gap(self) -> u16 {
        match self {
            Self::Name | Self::Verdict(_) => 0,
            _ => 1,
        }
    }

    fn is_metric(self) -> bool {
        self != Self::Name
    }

    fn rank(self) -> u8 {
        match self {
            Self::Points => 3,
            Self::Interval => 2,
            Self::Joints => 1,
            _ => 0,
        }
    }
}
