//! The lists that a reader goes through, and what a line of them is.

use svh_core::{
    Joint, Reviews,
    review::queue::{Kind, Reason},
};

use crate::tui::data::Catalogue;

/// A list of joints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    /// What the queue holds of a kind.
    Of(Kind),
    /// Every joint of the film at hand.
    Film,
    /// The same, with reader and model hidden until an answer is locked.
    Blind,
    /// Where locked answers of two readers differ.
    Readers,
}

impl List {
    /// All of them in the order of work.
    pub const ALL: [Self; 10] = [
        Self::Of(Kind::Proposal),
        Self::Of(Kind::BoxDoubt),
        Self::Of(Kind::GradeDoubt),
        Self::Of(Kind::Unsure),
        Self::Of(Kind::Missing),
        Self::Of(Kind::Flagged),
        Self::Of(Kind::Conflict),
        Self::Film,
        Self::Blind,
        Self::Readers,
    ];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Of(Kind::Proposal) => "proposals",
            Self::Of(Kind::BoxDoubt) => "doubtful boxes",
            Self::Of(Kind::GradeDoubt) => "doubtful grades",
            Self::Of(Kind::Unsure) => "most uncertain",
            Self::Of(Kind::Missing) => "missing",
            Self::Of(Kind::Flagged) => "flagged",
            Self::Of(Kind::Conflict) => "conflicts",
            Self::Film => "this film",
            Self::Blind => "blind",
            Self::Readers => "readers differ",
        }
    }

    /// What is in it, and what to do where nothing is.
    #[must_use]
    pub const fn empty(self) -> &'static str {
        match self {
            Self::Of(Kind::Proposal) => {
                "No proposal is open: the model found nothing that readers have not boxed. s or d runs it on a patient, `svh score` on a whole cohort, `svh label` writes what it finds as label files."
            }
            Self::Of(Kind::BoxDoubt) => "No reader's box is far from a box that the model scores high.",
            Self::Of(Kind::GradeDoubt) => "No reader's grade is far from a grade that the model finds very probable.",
            Self::Of(Kind::Unsure) => "The model is uncertain of no joint, or has not run yet: s grades a patient.",
            Self::Of(Kind::Missing) => "Films that were started have all their boxes, patients all their grades.",
            Self::Of(Kind::Flagged) => "No joint is flagged; ! flags one.",
            Self::Of(Kind::Conflict) => "No two readers changed the same thing without seeing each other's change.",
            Self::Film | Self::Blind => "No film is open; open one from the table of patients.",
            Self::Readers => "No two readers have locked different answers for the same joint. B reads blindly.",
        }
    }
}

/// A line: a joint, and why it is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The patient's place in the cohort.
    pub patient: u32,
    /// The joint.
    pub joint: &'static Joint,
    /// Why, in the lists of the queue.
    pub why: Option<Reason>,
}

impl Line {
    /// Whether it speaks of the same joint.
    #[must_use]
    pub fn is_at(&self, patient: u32, joint: &Joint) -> bool {
        self.patient == patient && self.joint.index() == joint.index()
    }

    /// Whether a reader's decision has settled it.
    #[must_use]
    pub fn is_settled(&self, catalogue: &Catalogue, reviews: &Reviews) -> bool {
        let (Some(why), Some(patient)) = (self.why, catalogue.cohort.patients().get(self.patient as usize)) else { return false };
        let review = reviews.joint(&patient.id, self.joint);
        match why {
            Reason::Flagged => review.is_none_or(|review| review.flags.is_empty()),
            Reason::Conflict => review.is_none_or(|review| review.box_conflicts.is_empty() && review.grade_conflicts.is_empty()),
            why if why.is_of_box() => review.is_some_and(|review| review.bbox.is_some()),
            _ => review.is_some_and(|review| review.grade.is_some()),
        }
    }
}
