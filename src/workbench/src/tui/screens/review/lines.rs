//! What stands in the lists that a reader goes through.

use svh_core::{
    Joint, Reviews, Task,
    review::{
        Lock,
        queue::{Kind, Queue},
    },
};

use super::line::Line;
use crate::tui::{data::Catalogue, names, screens::film};

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
