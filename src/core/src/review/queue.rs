//! What is worth a reader's look, and in which order: proposals, suspected errors, what the model is unsure of, what is missing.
//!
//! The candidates follow from the cohort and from what models said; those that a reader has settled drop out by [`Queue::open`].

mod reason;

use std::path::Path;

use rayon::prelude::*;

pub use reason::{Kind, Reason};

use super::Reviews;
use crate::{
    BBox, Cohort, Detection, FilmDetections, FilmLabels, Joint, JointScore, Limb, Origin, Patient, PatientScore, Proposal, Task, joint,
};

/// Boxes of reader and model that have less in common are of different places.
pub const APART: f32 = 0.5;

/// A detection of at least this score is sure enough to doubt a reader's box.
const SURE_BOX: f32 = Proposal::SURE;

/// A distribution with a grade of at least this probability is sure enough to doubt a reader's grade...
const SURE_GRADE: f32 = 0.5;

/// ...from which its expectation is at least this far.
const FAR_GRADE: f32 = 1.0;

/// A distribution is unsure from this entropy on, where 1 is all grades alike.
const UNSURE: f32 = 0.5;

/// One joint to look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// The patient's place in the cohort.
    pub patient: u32,
    /// The joint.
    pub joint: &'static Joint,
    /// Why.
    pub why: Reason,
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
        _ => !review.box_conflicts.is_empty() || !review.grade_conflicts.is_empty(),
    });
    let why = if kind == Kind::Flagged { Reason::Flagged } else { Reason::Conflict };
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
            let labelled = drawn.of(task).iter().find(|labelled| labelled.joint == joint);
            let kept = found.and_then(|found| found.detections.iter().find(|d| d.kept && d.task == task && d.class_id == joint.class_id));
            let mut push = |why| items.push(Item { patient, joint, why });
            // What a label file proposes stands before what a model has said since: it is what accepting takes.
            let proposed = labelled.map_or_else(|| kept.map(proposal), |labelled| labelled.placed.proposal());
            match (proposed, labelled, kept) {
                (Some(proposed), ..) => proposal_items(proposed).for_each(push),
                (None, Some(labelled), Some(kept)) => box_doubt(labelled.bbox, kept).into_iter().for_each(push),
                (None, None, None) if started || found.is_some() => push(Reason::NoBox),
                _ => {}
            }
        }
    }
}

pub(super) fn proposal(kept: &Detection) -> Proposal {
    Proposal { score: kept.score, inferred: kept.from == Origin::Inferred, implausible: kept.implausible.is_some() }
}

/// A doubtful proposal is also among what the model is unsure of.
fn proposal_items(Proposal { score, inferred, implausible }: Proposal) -> impl Iterator<Item = Reason> {
    let unsure = (score < SURE_BOX || implausible).then_some(Reason::UnsureBox { score, implausible });
    [Reason::Proposal { score, inferred, implausible }].into_iter().chain(unsure)
}

fn box_doubt(labelled: BBox, kept: &Detection) -> Option<Reason> {
    let iou = labelled.iou(&kept.bbox);
    let sure = kept.score >= SURE_BOX && kept.implausible.is_none();
    (sure && iou < APART).then_some(Reason::BoxApart { iou, score: kept.score })
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
                push(Reason::UnsureGrade { grade: score.grade, entropy });
            }
        }
        if grade.is_none() && started && patient.has_film(joint.limb) {
            push(Reason::NoGrade);
        }
    }
}

fn grade_doubt(reader: u8, score: &JointScore) -> Option<Reason> {
    let sure = score.probabilities.get(usize::from(score.grade)).copied().unwrap_or(0.0);
    let far = (score.expected - f32::from(reader)).abs() >= FAR_GRADE;
    let apart = far && sure >= SURE_GRADE && score.grade != reader;
    apart.then_some(Reason::GradeApart { reader, model: score.grade, expected: score.expected, sure })
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
