//! From the lines about a patient, in their order, to what its joints have now.

use std::collections::HashMap;

use super::state::PatientReviews;
use super::{Before, Change, Conflict, Decision, Entry, Flag, JointReview, Lock};
use crate::{BBox, joint};

/// Works out which lines stand, and what follows from those.
pub(super) fn replay(of: &mut PatientReviews) {
    of.problems.clear();
    mark_undone(of);
    of.joints.clear();
    for line in of.lines.iter().filter(|line| line.active) {
        if let Some(problem) = apply(&mut of.joints, &line.entry) {
            of.problems.push(format!("{}, line {}: {problem}; the line is left out", line.file, line.line));
        }
    }
    of.joints.retain(|_, review| *review != JointReview::default());
}

/// From the last line to the first: an undo that stands takes its line away, which then undoes nothing itself.
fn mark_undone(of: &mut PatientReviews) {
    let places: HashMap<String, usize> = of.lines.iter().enumerate().map(|(place, line)| (line.entry.id.clone(), place)).collect();
    of.lines.iter_mut().for_each(|line| line.active = true);
    for place in (0..of.lines.len()).rev() {
        let line = &of.lines[place];
        let Change::Undo { undoes } = &line.entry.change else { continue };
        if !line.active {
            continue;
        }
        let target = places.get(undoes).map(|at| (*at, &of.lines[*at].entry));
        let why = match target {
            None => Some("it undoes a line that is not there"),
            Some((_, target)) if target.reader != line.entry.reader => Some("it undoes another reader's line"),
            Some((_, target)) if matches!(target.change, Change::Lock { .. }) => Some("it undoes a locked answer, which stands"),
            Some(_) => None,
        };
        match (why, target.map(|(at, _)| at)) {
            (None, Some(at)) => of.lines[at].active = false,
            (why, _) => {
                let why = why.unwrap_or("it undoes nothing");
                let problem = format!("{}, line {}: {why}; the line is left out", line.file, line.line);
                of.problems.push(problem);
            }
        }
    }
}

/// Applies a line that stands; says why where it cannot count.
fn apply(joints: &mut std::collections::BTreeMap<usize, JointReview>, entry: &Entry) -> Option<String> {
    // Lines were checked when they were taken in.
    let joint = entry.joint()?;
    let Before { bbox: before, grade: grade_before } = entry.before;
    let review = joints.entry(joint.index()).or_default();
    match &entry.change {
        Change::Accept { bbox } | Change::Move { bbox } | Change::Draw { bbox } => set_box(review, entry, Some(*bbox), before),
        Change::Delete => set_box(review, entry, None, before),
        Change::Relabel { to, bbox, swapped } => {
            set_box(review, entry, *swapped, before);
            let other = joint::by_label(entry.task, to)?;
            // What the other joint had before is what this one has now.
            set_box(joints.entry(other.index()).or_default(), entry, Some(*bbox), *swapped);
        }
        Change::Grade { grade } => {
            review.grade_conflict = conflict(review.grade.as_ref(), entry, &grade_before);
            review.grade = Some(decision(entry, *grade));
        }
        Change::Flag { note } => {
            let (id, note, reader) = (entry.id.clone(), note.clone(), entry.reader.clone());
            review.flags.push(Flag { id, note, reader, time: entry.time });
        }
        Change::ClearFlag { flags } => review.flags.retain(|flag| !flags.contains(&flag.id)),
        Change::Lock { bbox, grade } => {
            if review.lock_of(&entry.reader).is_some() {
                return Some(format!("{} has locked an answer for {} before, and that one stands", entry.reader, entry.joint));
            }
            review.locks.push(Lock { reader: entry.reader.clone(), time: entry.time, bbox: *bbox, grade: *grade });
        }
        Change::Undo { .. } => {}
    }
    None
}

fn set_box(review: &mut JointReview, entry: &Entry, value: Option<BBox>, before: Option<BBox>) {
    review.box_conflict = conflict(review.bbox.as_ref(), entry, &before);
    review.bbox = Some(decision(entry, value));
}

fn decision<T>(entry: &Entry, value: T) -> Decision<T> {
    Decision { value, reader: entry.reader.clone(), time: entry.time, size: entry.size }
}

/// A change over another reader's decision that this reader had not seen, and that is not what was seen anyway.
fn conflict<T: PartialEq>(now: Option<&Decision<T>>, entry: &Entry, before: &T) -> Option<Conflict> {
    let now = now.filter(|now| now.reader != entry.reader && now.value != *before)?;
    Some(Conflict { first: now.reader.clone(), second: entry.reader.clone() })
}
