//! Why a joint is worth a look.

use crate::Proposal;

/// What kind of look an item asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A model found a joint that no person has boxed: in a run, or written into a label file that nobody has looked at.
    Proposal,
    /// A reader's box that the model doubts.
    BoxDoubt,
    /// A reader's grade that the model doubts.
    GradeDoubt,
    /// The model does not know.
    Unsure,
    /// The joint lacks a box or a grade that others of its film or patient have.
    Missing,
    /// A reader asked for a second look.
    Flagged,
    /// Two readers changed the same thing without seeing each other's change.
    Conflict,
}

impl Kind {
    /// All, in the order of work.
    pub const ALL: [Self; 7] =
        [Self::Proposal, Self::BoxDoubt, Self::GradeDoubt, Self::Unsure, Self::Missing, Self::Flagged, Self::Conflict];

    /// The name in lower case, as `--json` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposal => "proposal",
            Self::BoxDoubt => "box doubt",
            Self::GradeDoubt => "grade doubt",
            Self::Unsure => "unsure",
            Self::Missing => "missing",
            Self::Flagged => "flagged",
            Self::Conflict => "conflict",
        }
    }
}

/// Why an item is in the queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// A model's box without a person's.
    Proposal {
        /// The detector's score, 0 to 1.
        score: f32,
        /// Placed by the shape model.
        inferred: bool,
        /// The shape model finds the place unlikely.
        implausible: bool,
    },
    /// Reader's and model's boxes lie apart.
    BoxApart {
        /// What they have in common, 0 to 1.
        iou: f32,
        /// The detector's score.
        score: f32,
    },
    /// The model is sure of another grade.
    GradeApart {
        /// The reader's grade.
        reader: u8,
        /// The model's grade.
        model: u8,
        /// The expected grade.
        expected: f32,
        /// The probability of the model's grade.
        sure: f32,
    },
    /// The model's grades are about alike.
    UnsureGrade {
        /// The most probable one.
        grade: u8,
        /// Entropy, from 0 for one grade alone to 1 for all alike.
        entropy: f32,
    },
    /// The only box has a low score, or a place that the shape model doubts.
    UnsureBox {
        /// The detector's score; 0 for an inferred box.
        score: f32,
        /// The shape model finds the place unlikely.
        implausible: bool,
    },
    /// No box, though others of the film have one.
    NoBox,
    /// No grade, though others of the patient have one.
    NoGrade,
    /// See [`Kind::Flagged`].
    Flagged,
    /// See [`Kind::Conflict`].
    Conflict,
}

impl Reason {
    /// The kind of look.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Proposal { .. } => Kind::Proposal,
            Self::BoxApart { .. } => Kind::BoxDoubt,
            Self::GradeApart { .. } => Kind::GradeDoubt,
            Self::UnsureGrade { .. } | Self::UnsureBox { .. } => Kind::Unsure,
            Self::NoBox | Self::NoGrade => Kind::Missing,
            Self::Flagged => Kind::Flagged,
            Self::Conflict => Kind::Conflict,
        }
    }

    /// What within a kind comes first has more. Doubtful proposals come before the others; those and gaps have none: they come film by film.
    #[must_use]
    pub fn weight(&self) -> f32 {
        match self {
            Self::BoxApart { iou, score } => score * (1.0 - iou),
            Self::GradeApart { reader, expected, sure, .. } => (expected - f32::from(*reader)).abs() * sure,
            Self::UnsureGrade { entropy, .. } => *entropy,
            Self::UnsureBox { score, implausible } => {
                if *implausible {
                    1.0
                } else {
                    1.0 - score
                }
            }
            Self::Proposal { score, inferred, implausible } if *inferred || *implausible || *score < Proposal::SURE => {
                if *inferred || *implausible { 1.0 } else { 1.0 - score }
            }
            Self::Proposal { .. } | Self::NoBox | Self::NoGrade | Self::Flagged | Self::Conflict => 0.0,
        }
    }

    /// Whether it is about the box; the others are about the grade, flags and conflicts about either.
    #[must_use]
    pub const fn is_of_box(&self) -> bool {
        matches!(self, Self::Proposal { .. } | Self::BoxApart { .. } | Self::UnsureBox { .. } | Self::NoBox)
    }

    /// The reason in a few words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Proposal { inferred: true, .. } => "placed by the shape".to_owned(),
            Self::Proposal { implausible: true, .. } => "found in an unlikely place".to_owned(),
            Self::Proposal { score, .. } => format!("found, score {score:.2}"),
            Self::BoxApart { iou, score } => format!("box apart, IoU {iou:.2}, score {score:.2}"),
            Self::GradeApart { reader, expected, sure, .. } => format!("reader {reader}, model {expected:.1} ({:.0} %)", sure * 100.0),
            Self::UnsureGrade { grade, entropy } => format!("grade {grade}? entropy {entropy:.2}"),
            Self::UnsureBox { implausible: true, .. } => "box in an unlikely place".to_owned(),
            Self::UnsureBox { score, .. } => format!("box of score {score:.2}"),
            Self::NoBox => "no box".to_owned(),
            Self::NoGrade => "no grade".to_owned(),
            Self::Flagged => "flagged".to_owned(),
            Self::Conflict => "two readers' changes".to_owned(),
        }
    }
}
