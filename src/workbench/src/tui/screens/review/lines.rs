//! The lists that a reader goes through, and their lines.

use svh_core::{
    Joint, Reviews, Task,
    review::{
        Lock,
        queue::{Kind, Queue, Why},
    },
};

use crate::tui::{data::Catalogue, names, screens::film};

/// A list of joints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    /// What the queue holds of a kind.
    Of(Kind),
    /// Every joint of the film at hand.
    Film,
    /// The same, with truth and model hidden until an answer is locked.
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
                "No proposal is open: the model found nothing that people have not boxed. s or d on a patient asks it, `svh score` asks it about a whole cohort, `svh label` writes what it finds as label files."
            }
            Self::Of(Kind::BoxDoubt) => "No box of a reader lies where the model is sure of another place.",
            Self::Of(Kind::GradeDoubt) => "No grade of a reader is far from what the model is sure of.",
            Self::Of(Kind::Unsure) => "The model is unsure of nothing, or has not been asked yet: s grades a patient.",
            Self::Of(Kind::Missing) => "Films that were begun have all their boxes, patients all their grades.",
            Self::Of(Kind::Flagged) => "Nobody asked for a second look; f does.",
            Self::Of(Kind::Conflict) => "No two readers changed the same thing without seeing each other's change.",
            Self::Film | Self::Blind => "No film is at hand; open one in the table of patients.",
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
    pub why: Option<Why>,
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
            Why::Flagged => review.is_none_or(|review| review.flags.is_empty()),
            Why::Conflict => review.is_none_or(|review| review.box_conflicts.is_empty() && review.grade_conflicts.is_empty()),
            why if why.is_of_box() => review.is_some_and(|review| review.bbox.is_some()),
            _ => review.is_some_and(|review| review.grade.is_some()),
        }
    }
}

/// The lines of a kind.
#[must_use]
pub fn of_kind(kind: Kind, queue: &Queue, catalogue: &Catalogue, reviews: &Reviews) -> Vec<Line> {
    let items = queue.open(kind, &catalogue.cohort, reviews).into_iter();
    let lines = items.map(|item| Line { patient: item.patient, joint: item.joint, why: Some(item.why) });
    // A joint whose film is not there cannot be looked at.
    let has_film = |line: &Line| catalogue.cohort.patients().get(line.patient as usize).is_some_and(|p| p.has_film(line.joint.limb));
    lines.filter(has_film).collect()
}

/// The joints of the film at hand, of both tasks.
#[must_use]
pub fn of_film(current: &film::Current, patient: usize) -> Vec<Line> {
    let patient = u32::try_from(patient).unwrap_or(u32::MAX);
    let joints = Task::ALL.into_iter().flat_map(|task| current.joints(task));
    joints.map(|joint| Line { patient, joint, why: None }).collect()
}

/// Where answers differ, the widest apart first. A reader who reads blindly does not see answers to what is still to be read.
#[must_use]
pub fn of_readers(catalogue: &Catalogue, reviews: &Reviews, me: &str) -> Vec<Line> {
    let reads = reviews.joints().any(|(_, _, review)| review.lock_of(me).is_some());
    let mut lines: Vec<(i16, Line)> = Vec::new();
    for (patient, joint, review) in reviews.joints() {
        let open_to_me = !reads || review.lock_of(me).is_some();
        let (true, Some(patient)) = (open_to_me && differ(&review.locks), catalogue.cohort.position(patient)) else { continue };
        let line = Line { patient: u32::try_from(patient).unwrap_or(u32::MAX), joint, why: None };
        lines.push((spread(&review.locks).unwrap_or(0), line));
    }
    lines.sort_by_key(|(spread, _)| std::cmp::Reverse(*spread));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// How many joints at least two readers answered, as far as one may see them.
#[must_use]
pub fn answered_twice(reviews: &Reviews) -> usize {
    reviews.joints().filter(|(_, _, review)| review.locks.len() > 1).count()
}

/// Whether any two answers differ in grade or in the place of the box.
fn differ(locks: &[Lock]) -> bool {
    let apart = |a: &Lock, b: &Lock| match (a.bbox, b.bbox) {
        (Some(a), Some(b)) => a.iou(&b) < svh_core::review::queue::APART,
        (a, b) => a.is_some() != b.is_some(),
    };
    locks.iter().enumerate().any(|(place, a)| locks[..place].iter().any(|b| a.grade != b.grade || apart(a, b)))
}

/// The widest difference of grades.
#[must_use]
pub fn spread(locks: &[Lock]) -> Option<i16> {
    let grades = || locks.iter().filter_map(|lock| lock.grade);
    Some(i16::from(grades().max()?) - i16::from(grades().min()?))
}

/// The order of joints in lists, for going from joint to joint.
#[must_use]
pub fn place_of(joint: &Joint) -> Option<usize> {
    names::ordered(joint.task, joint.limb).iter().position(|other| other.index() == joint.index())
}
