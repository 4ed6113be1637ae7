//! What is worth a reader's look, and in which order: proposals, suspected errors, what the model is unsure of, what is missing.
//!
//! The candidates follow from the cohort and from what models said; those that a reader has settled drop out by [`Queue::open`].

use std::path::Path;

use rayon::prelude::*;

use super::Reviews;
use crate::{BBox, Cohort, Detection, FilmDetections, FilmLabels, Joint, JointScore, Limb, Origin, Patient, PatientScore, Task, joint};

/// Boxes of reader and model that have less in common are of different places.
pub const APART: f32 = 0.5;

/// A detection of at least this score is sure enough to doubt a reader's box.
pub const SURE_BOX: f32 = 0.5;

/// A distribution with a grade of at least this probability is sure enough to doubt a reader's grade...
pub const SURE_GRADE: f32 = 0.5;

/// ...from which its expectation is at least this far.
pub const FAR_GRADE: f32 = 1.0;

/// A distribution is unsure from this entropy on, where 1 is all grades alike.
pub const UNSURE: f32 = 0.5;

/// What kind of look an item asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The model found a joint that nobody boxed.
    Proposal,
    /// A reader's box that the model doubts.
    BoxDoubt,
    /// A reader's grade that the model doubts.
    GradeDoubt,
    /// The model does not know.
    Unsure,
    /// There is no box, or no grade, where others of the film or patient are.
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
pub enum Why {
    /// A detection without a person's box.
    Proposal {
        /// The detector's score, 0 to 1.
        score: f32,
        /// Placed by the shape model.
        inferred: bool,
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

impl Why {
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

    /// What within a kind comes first has more. Proposals and gaps have none: they come film by film.
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
    pub fn words(&self) -> String {
        match self {
            Self::Proposal { inferred: true, .. } => "placed by the shape".to_owned(),
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

/// One joint to look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// The patient's place in the cohort.
    pub patient: u32,
    /// The joint.
    pub joint: &'static Joint,
    /// Why.
    pub why: Why,
}

/// The candidates by kind, each kind in the order of work.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    items: Vec<Item>,
}

impl Queue {
    /// Looks through a cohort. `found` and `scored` say what models know of a film and of a patient. Reads the label files of every film, in parallel.
    pub fn build<'a>(
        cohort: &Cohort,
        found: impl Fn(&Path) -> Option<&'a FilmDetections> + Sync,
        scored: impl Fn(&str) -> Option<&'a PatientScore> + Sync,
    ) -> Self {
        let of = |(place, patient): (usize, &Patient)| {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            let mut items = Vec::new();
            for limb in Limb::ALL {
                if let Some(path) = cohort.film(patient, limb) {
                    boxes(place, limb, &cohort.boxes(patient, limb), patient.has_labels(Task::Erosion, limb), found(&path), &mut items);
                }
            }
            grades(place, cohort, patient, scored(&patient.id), &mut items);
            items
        };
        let mut items: Vec<Item> = cohort.patients().par_iter().enumerate().flat_map_iter(of).collect();
        // Stable: what weighs the same stays in the order of the cohort.
        items.sort_by(|a, b| a.why.kind().cmp(&b.why.kind()).then(b.why.weight().total_cmp(&a.why.weight())));
        Self { items }
    }

    /// Everything, settled or not, by kind.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The items of a kind that nobody has settled: box items by any decision about the box, grade items by any about the grade, flags by being
    /// cleared, conflicts by a change that saw both.
    #[must_use]
    pub fn open(&self, kind: Kind, cohort: &Cohort, reviews: &Reviews) -> Vec<Item> {
        if matches!(kind, Kind::Flagged | Kind::Conflict) {
            return reviewed(kind, cohort, reviews);
        }
        let start = self.items.partition_point(|item| item.why.kind() < kind);
        let end = self.items.partition_point(|item| item.why.kind() <= kind);
        let settled = |item: &Item| {
            let Some(patient) = cohort.patients().get(item.patient as usize) else { return true };
            let Some(review) = reviews.joint(&patient.id, item.joint) else { return false };
            if item.why.is_of_box() { review.bbox.is_some() } else { review.grade.is_some() }
        };
        self.items[start..end].iter().filter(|item| !settled(item)).copied().collect()
    }
}

/// The items that follow from reviews alone.
fn reviewed(kind: Kind, cohort: &Cohort, reviews: &Reviews) -> Vec<Item> {
    let wanted = reviews.joints().filter(|(_, _, review)| match kind {
        Kind::Flagged => !review.flags.is_empty(),
        _ => review.box_conflict.is_some() || review.grade_conflict.is_some(),
    });
    let why = if kind == Kind::Flagged { Why::Flagged } else { Why::Conflict };
    let item = |(patient, joint, _)| Some(Item { patient: u32::try_from(cohort.position(patient)?).ok()?, joint, why });
    wanted.filter_map(item).collect()
}

/// The box items of one film.
fn boxes(patient: u32, limb: Limb, drawn: &FilmLabels, erosion_file: bool, found: Option<&FilmDetections>, items: &mut Vec<Item>) {
    let found = found.filter(|found| found.limb == limb);
    for task in Task::ALL {
        // A foot's erosion boxes are those of narrowing unless it has its own.
        if task == Task::Erosion && !limb.is_hand() && !erosion_file {
            continue;
        }
        let started = !drawn.of(task).is_empty();
        for joint in joint::of_limb(task, limb) {
            let truth = drawn.of(task).iter().find(|truth| truth.joint == joint).map(|truth| truth.bbox);
            let kept = found.and_then(|found| found.detections.iter().find(|d| d.kept && d.task == task && d.class_id == joint.class_id));
            let mut push = |why| items.push(Item { patient, joint, why });
            match (truth, kept) {
                (Some(truth), Some(kept)) => box_doubt(truth, kept).into_iter().for_each(push),
                (None, Some(kept)) => {
                    let inferred = kept.from == Origin::Inferred;
                    push(Why::Proposal { score: kept.score, inferred });
                    if kept.score < SURE_BOX || kept.implausible.is_some() {
                        push(Why::UnsureBox { score: kept.score, implausible: kept.implausible.is_some() });
                    }
                }
                (None, None) if started || found.is_some() => push(Why::NoBox),
                (_, None) => {}
            }
        }
    }
}

fn box_doubt(truth: BBox, kept: &Detection) -> Option<Why> {
    let iou = truth.iou(&kept.bbox);
    let sure = kept.score >= SURE_BOX && kept.implausible.is_none();
    (sure && iou < APART).then_some(Why::BoxApart { iou, score: kept.score })
}

/// The grade items of one patient.
fn grades(place: u32, cohort: &Cohort, patient: &Patient, scored: Option<&PatientScore>, items: &mut Vec<Item>) {
    let row = cohort.grades_of(patient);
    let started = row.is_some_and(|row| row.scored() > 0);
    for joint in joint::all() {
        let grade = row.and_then(|row| row.get(joint));
        let score = scored.and_then(|scored| scored.joints.get(&joint.ra2_column));
        let mut push = |why| items.push(Item { patient: place, joint, why });
        if let Some(score) = score {
            grade.and_then(|grade| grade_doubt(grade, score)).into_iter().for_each(&mut push);
            let entropy = entropy(&score.probabilities);
            if entropy >= UNSURE {
                push(Why::UnsureGrade { grade: score.grade, entropy });
            }
        }
        if grade.is_none() && started && patient.has_film(joint.limb) {
            push(Why::NoGrade);
        }
    }
}

fn grade_doubt(reader: u8, score: &JointScore) -> Option<Why> {
    let sure = score.probabilities.get(usize::from(score.grade)).copied().unwrap_or(0.0);
    let far = (score.expected - f32::from(reader)).abs() >= FAR_GRADE;
    let apart = far && sure >= SURE_GRADE && score.grade != reader;
    apart.then_some(Why::GradeApart { reader, model: score.grade, expected: score.expected, sure })
}

/// Entropy of a distribution over that of a flat one of the same length: 0 for one grade alone, 1 for all alike.
#[must_use]
pub fn entropy(probabilities: &[f32]) -> f32 {
    if probabilities.len() < 2 {
        return 0.0;
    }
    let sum: f32 = probabilities.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
    sum / (probabilities.len() as f32).ln()
}
