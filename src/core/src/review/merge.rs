//! From the lines about a patient, in their order, to what its joints have now.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::state::{Head, PatientReviews, Placed};
use super::{Change, Conflict, Decision, Entry, Flag, JointReview, Lock};
use crate::{BBox, Joint, joint};

/// Works out which lines stand, and what follows from those.
pub(super) fn replay(of: &mut PatientReviews) {
    of.problems.clear();
    mark_undone(of);
    of.joints.clear();
    let known = known(&of.lines);
    for line in of.lines.iter().filter(|line| line.active) {
        if let Some(problem) = apply(&mut of.joints, &line.entry, &known) {
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
            Some((_, target)) if matches!(target.change, Change::Lock { .. }) => Some("it undoes a locked answer, and those are final"),
            Some((_, target)) if matches!(target.change, Change::Blind { .. }) => Some("it undoes blind reading, which the log keeps"),
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

/// What each line's reader had seen, directly or through the lines that those followed. Lines that were undone count here: they were seen.
fn known(lines: &[Placed]) -> HashMap<&str, HashSet<&str>> {
    let mut known: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (place, Placed { entry, .. }) in lines.iter().enumerate() {
        let mut seen = HashSet::new();
        let mut see = |id: &str| {
            if let Some((id, before)) = known.get_key_value(id) {
                seen.insert(*id);
                seen.extend(before);
            }
        };
        match &entry.before.saw {
            Some(saw) => saw.iter().for_each(|id| see(id)),
            None => seen_by_value(&lines[..place], entry).into_iter().for_each(|other| see(&other.id)),
        }
        known.insert(&entry.id, seen);
    }
    known
}

/// Lines of earlier versions name none. Their reader saw the last line that left what is noted as having been there. What another reader left shows that all
/// lines up to that one were at hand; what the same reader left shows no more than it did then.
fn seen_by_value<'a>(earlier: &'a [Placed], entry: &Entry) -> Vec<&'a Entry> {
    let lines = |joint: &'static Joint, value: Value| {
        let about = |line: &&Placed| value_of(&line.entry, joint).is_some_and(|left| left.is_about_the_same(value));
        let last = earlier.iter().rposition(|line| value_of(&line.entry, joint) == Some(value));
        match last.map(|last| (last, &earlier[last].entry)) {
            None => Vec::new(),
            Some((_, same)) if same.reader == entry.reader => vec![same],
            Some((last, _)) => earlier[..=last].iter().filter(about).map(|line| &line.entry).collect(),
        }
    };
    let Some(joint) = entry.joint() else { return Vec::new() };
    match &entry.change {
        Change::Grade { .. } => lines(joint, Value::Grade(entry.before.grade)),
        Change::Relabel { to, swapped, .. } => {
            let mut seen = lines(joint, Value::Box(entry.before.bbox));
            // What the other joint had before is what this one has now.
            seen.extend(joint::by_label(entry.task, to).into_iter().flat_map(|other| lines(other, Value::Box(*swapped))));
            seen
        }
        change if change.is_of_box() => lines(joint, Value::Box(entry.before.bbox)),
        _ => Vec::new(),
    }
}

/// What a line leaves a joint with.
#[derive(Clone, Copy, PartialEq)]
enum Value {
    Box(Option<BBox>),
    Grade(Option<u8>),
}

impl Value {
    fn is_about_the_same(self, other: Self) -> bool {
        matches!((self, other), (Self::Box(_), Self::Box(_)) | (Self::Grade(_), Self::Grade(_)))
    }
}

fn value_of(entry: &Entry, joint: &Joint) -> Option<Value> {
    let own = entry.task == joint.task && entry.joint == joint.label;
    match &entry.change {
        Change::Accept { bbox } | Change::Move { bbox } | Change::Draw { bbox } if own => Some(Value::Box(Some(*bbox))),
        Change::Delete if own => Some(Value::Box(None)),
        Change::Relabel { swapped, .. } if own => Some(Value::Box(*swapped)),
        Change::Relabel { to, bbox, .. } if entry.task == joint.task && *to == joint.label => Some(Value::Box(Some(*bbox))),
        Change::Grade { grade } if own => Some(Value::Grade(*grade)),
        _ => None,
    }
}

/// Applies a line that stands; says why where it cannot count.
fn apply(joints: &mut BTreeMap<usize, JointReview>, entry: &Entry, known: &HashMap<&str, HashSet<&str>>) -> Option<String> {
    // Lines were checked when they were taken in.
    let joint = entry.joint()?;
    // How somebody reads changes no joint.
    if matches!(entry.change, Change::Blind { .. }) {
        return None;
    }
    let nothing = HashSet::new();
    let seen = known.get(&*entry.id).unwrap_or(&nothing);
    let review = joints.entry(joint.index()).or_default();
    match &entry.change {
        Change::Accept { bbox } | Change::Move { bbox } | Change::Draw { bbox } => set_box(review, entry, Some(*bbox), seen),
        Change::Delete => set_box(review, entry, None, seen),
        Change::Relabel { to, bbox, swapped } => {
            set_box(review, entry, *swapped, seen);
            let other = joint::by_label(entry.task, to)?;
            set_box(joints.entry(other.index()).or_default(), entry, Some(*bbox), seen);
        }
        Change::Grade { grade } => {
            review.grade_conflicts = follow(&mut review.grade_heads, entry, *grade, seen);
            review.grade = Some(decision(entry, *grade));
        }
        Change::Flag { note } => {
            let (id, note, reader) = (entry.id.clone(), note.clone(), entry.reader.clone());
            review.flags.push(Flag { id, note, reader, time: entry.time });
        }
        Change::ClearFlag { flags } => review.flags.retain(|flag| !flags.contains(&flag.id)),
        Change::Lock { bbox, grade, order } => {
            if review.lock_of(&entry.reader).is_some() {
                return Some(format!("{} has locked an answer for {} before, and that answer is final", entry.reader, entry.joint));
            }
            review.locks.push(Lock { reader: entry.reader.clone(), time: entry.time, bbox: *bbox, grade: *grade, order: *order });
        }
        Change::Blind { .. } | Change::Undo { .. } => {}
    }
    None
}

fn set_box(review: &mut JointReview, entry: &Entry, value: Option<BBox>, seen: &HashSet<&str>) {
    review.box_conflicts = follow(&mut review.box_heads, entry, value, seen);
    review.bbox = Some(decision(entry, value));
}

fn decision<T>(entry: &Entry, value: T) -> Decision<T> {
    Decision { value, reader: entry.reader.clone(), time: entry.time, size: entry.size }
}

/// A change takes the place of the lines that its reader had seen. Another reader's change that was not seen and says something else is passed over: a conflict.
fn follow<T: Clone + PartialEq>(heads: &mut Vec<Head<T>>, entry: &Entry, value: T, seen: &HashSet<&str>) -> Vec<Conflict> {
    heads.retain(|head| !seen.contains(&*head.id));
    let mut conflicts: Vec<Conflict> = Vec::new();
    for head in heads.iter().filter(|head| head.reader != entry.reader && head.value != value) {
        let conflict = Conflict { first: head.reader.clone(), second: entry.reader.clone() };
        if !conflicts.contains(&conflict) {
            conflicts.push(conflict);
        }
    }
    heads.push(Head { id: entry.id.clone(), reader: entry.reader.clone(), value });
    conflicts
}
