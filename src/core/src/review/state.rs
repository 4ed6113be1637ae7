//! All reviews of a cohort as one state: what each joint has now, who decided it, what is flagged, locked, or in conflict.

use std::collections::{BTreeMap, HashSet};

use super::{Change, Entry, Pair, ReviewUpdate, Time, merge};
use crate::{BBox, Joint, Limb, joint};

/// A value that a reader decided on.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<T> {
    /// It.
    pub value: T,
    /// Who.
    pub reader: String,
    /// When.
    pub time: Time,
    /// Width and height of the film that the reader saw, where the line says it: boxes lie in that frame.
    pub size: Option<(u32, u32)>,
}

/// A request for a second look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The id of the line that raised it.
    pub id: String,
    /// Why.
    pub note: String,
    /// Who.
    pub reader: String,
    /// When.
    pub time: Time,
}

/// A blind answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    /// Who.
    pub reader: String,
    /// When.
    pub time: Time,
    /// The box, where one was drawn.
    pub bbox: Option<BBox>,
    /// The grade, where one was given.
    pub grade: Option<u8>,
    /// The order in which the reader saw the films, where it was noted.
    pub order: Option<super::ReadingOrder>,
}

/// A line that nobody who changed the same thing later has seen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Head<T> {
    pub id: String,
    pub reader: String,
    pub value: T,
}

/// Two readers changed the same thing without seeing each other's change; the later one counts, nothing is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Whose change was passed over.
    pub first: String,
    /// Whose change counts.
    pub second: String,
}

/// What readers said of one joint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JointReview {
    /// The box now, or that there is none; absent where nobody reviewed it.
    pub bbox: Option<Decision<Option<BBox>>>,
    /// The grade now, or that there is none; absent where nobody reviewed it.
    pub grade: Option<Decision<Option<u8>>>,
    /// Flags that nobody settled, the earliest first.
    pub flags: Vec<Flag>,
    /// Blind answers, one a reader, the earliest first.
    pub locks: Vec<Lock>,
    /// About the box: each reader whose change was passed over unseen. They follow from the lines, and end with a change by somebody who saw them all.
    pub box_conflicts: Vec<Conflict>,
    /// About the grade.
    pub grade_conflicts: Vec<Conflict>,
    pub(super) box_heads: Vec<Head<Option<BBox>>>,
    pub(super) grade_heads: Vec<Head<Option<u8>>>,
}

impl JointReview {
    /// The answer that a reader locked.
    #[must_use]
    pub fn lock_of(&self, reader: &str) -> Option<&Lock> {
        self.locks.iter().find(|lock| lock.reader == reader)
    }
}

/// A line with its place, by which lines of the same moment are ordered.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub file: String,
    pub line: usize,
    pub entry: Entry,
    /// Nobody undid it. Follows from the other lines.
    pub active: bool,
}

impl Placed {
    fn key(&self) -> (Time, &str, &str, usize) {
        (self.entry.time, &self.entry.reader, &self.file, self.line)
    }
}

/// The lines about one patient, in order, and what follows from them.
#[derive(Clone, Debug, Default)]
pub(super) struct PatientReviews {
    pub lines: Vec<Placed>,
    pub joints: BTreeMap<usize, JointReview>,
    pub problems: Vec<String>,
}

/// All reviews of a cohort.
#[derive(Clone, Debug, Default)]
pub struct Reviews {
    patients: BTreeMap<String, PatientReviews>,
    ids: HashSet<String>,
    latest: Time,
    problems: Vec<String>,
}

impl Reviews {
    /// Takes a line in at its place in the order; one that is known already changes nothing. `file` and `line` say where it stands.
    pub fn insert(&mut self, file: &str, line: usize, entry: Entry) {
        self.insert_all([(file.to_owned(), line, entry)]);
    }

    /// Takes many lines in: what follows from them is worked out once a patient.
    pub fn insert_all(&mut self, lines: impl IntoIterator<Item = (String, usize, Entry)>) {
        let mut changed = HashSet::new();
        for (file, line, entry) in lines {
            if let Err(refusal) = entry.check() {
                self.problems.push(format!("{file}, line {line}: {refusal}; the line is left out"));
                continue;
            }
            if !self.ids.insert(entry.id.clone()) {
                // A copy of a file brings the same lines again.
                if self.entry(&entry.patient, &entry.id) != Some(&entry) {
                    self.problems.push(format!("{file}, line {line}: another line has the id {}; this one is left out", entry.id));
                }
                continue;
            }
            self.latest = self.latest.max(entry.time);
            changed.insert(entry.patient.clone());
            let of = self.patients.entry(entry.patient.clone()).or_default();
            let placed = Placed { file, line, entry, active: true };
            let place = of.lines.partition_point(|other| other.key() < placed.key());
            of.lines.insert(place, placed);
        }
        for patient in changed {
            if let Some(of) = self.patients.get_mut(&patient) {
                merge::replay(of);
            }
        }
    }

    /// Takes in what a look at the files has brought.
    pub fn take(&mut self, news: ReviewUpdate) {
        self.problems.extend(news.problems);
        self.insert_all(news.lines);
    }

    /// What readers said of a joint; `None` where nobody said anything that counts.
    #[must_use]
    pub fn joint(&self, patient: &str, joint: &Joint) -> Option<&JointReview> {
        self.patients.get(patient)?.joints.get(&joint.index())
    }

    /// The ids of the lines that a look at a joint shows: the last change of its box and of its grade, and those that this one passed over unseen.
    #[must_use]
    pub fn heads(&self, patient: &str, joint: &Joint) -> Vec<String> {
        let Some(review) = self.joint(patient, joint) else { return Vec::new() };
        let boxes = review.box_heads.iter().map(|head| &head.id);
        boxes.chain(review.grade_heads.iter().map(|head| &head.id)).cloned().collect()
    }

    /// Whether a line is the last one, or one that was passed over, about a joint's box or about its grade.
    pub(super) fn is_head(&self, patient: &str, joint: &Joint, id: &str, of_box: bool) -> bool {
        self.joint(patient, joint).is_some_and(|review| match of_box {
            true => review.box_heads.iter().any(|head| head.id == id),
            false => review.grade_heads.iter().any(|head| head.id == id),
        })
    }

    /// Every joint that somebody reviewed: patients sorted by id, joints as in [`joint::all`].
    pub fn joints(&self) -> impl Iterator<Item = (&str, &'static Joint, &JointReview)> {
        self.patients.iter().flat_map(|(patient, of)| {
            of.joints.iter().filter_map(move |(index, review)| Some((patient.as_str(), joint::at(*index)?, review)))
        })
    }

    /// The reviewed joints of one patient.
    pub fn joints_of(&self, patient: &str) -> impl Iterator<Item = (&'static Joint, &JointReview)> {
        let of = self.patients.get(patient).into_iter().flat_map(|of| &of.joints);
        of.filter_map(|(index, review)| Some((joint::at(*index)?, review)))
    }

    /// Every line, undone ones included, in the order in which they count within each patient.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.patients.values().flat_map(|of| of.lines.iter().map(|line| &line.entry))
    }

    /// The lines about one patient, in their order.
    pub fn entries_of(&self, patient: &str) -> impl Iterator<Item = &Entry> {
        self.patients.get(patient).into_iter().flat_map(|of| &of.lines).map(|line| &line.entry)
    }

    /// What follows from the lines for these films only; the lines themselves stay.
    #[must_use]
    pub fn only_films(&self, keep: impl Fn(&str, Limb) -> bool) -> Self {
        let mut only = self.clone();
        for (patient, of) in &mut only.patients {
            of.joints.retain(|index, _| joint::at(*index).is_some_and(|joint| keep(patient, joint.limb)));
        }
        only
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether nobody reviewed anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The time of the latest line.
    #[must_use]
    pub const fn latest(&self) -> Time {
        self.latest
    }

    /// What could not be read or cannot count, one sentence each with its file and line.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.problems.iter().chain(self.patients.values().flat_map(|of| &of.problems)).map(String::as_str)
    }

    /// What the reader's next undo takes back: the latest change that stands. Locked answers stay.
    #[must_use]
    pub fn undoable(&self, reader: &str) -> Option<&Entry> {
        let changes =
            self.standing(reader).filter(|entry| !matches!(entry.change, Change::Undo { .. } | Change::Lock { .. } | Change::Blind { .. }));
        changes.max_by_key(|entry| entry.time)
    }

    /// What the reader's next redo takes back: the latest undo, unless a change came after it.
    #[must_use]
    pub fn redoable(&self, reader: &str) -> Option<&Entry> {
        let mut entries: Vec<&Entry> = self.standing(reader).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.time));
        let undoes_undo = |entry: &&Entry| match &entry.change {
            Change::Undo { undoes } => self.entry(&entry.patient, undoes).is_some_and(|of| matches!(of.change, Change::Undo { .. })),
            _ => false,
        };
        let first = entries.into_iter().find(|entry| !undoes_undo(entry))?;
        matches!(first.change, Change::Undo { .. }).then_some(first)
    }

    /// What the reader's next undo takes back: [`Reviews::undoable`] with all of the same bulk action that still stand.
    #[must_use]
    pub fn undoable_batch(&self, reader: &str) -> Vec<&Entry> {
        self.undoable(reader).map_or_else(Vec::new, |entry| self.with_batch(reader, entry))
    }

    /// What the reader's next redo takes back: [`Reviews::redoable`] with all of the same bulk undo.
    #[must_use]
    pub fn redoable_batch(&self, reader: &str) -> Vec<&Entry> {
        self.redoable(reader).map_or_else(Vec::new, |entry| self.with_batch(reader, entry))
    }

    fn with_batch<'a>(&'a self, reader: &str, entry: &'a Entry) -> Vec<&'a Entry> {
        match &entry.batch {
            None => vec![entry],
            batch => self.standing(reader).filter(|other| other.batch == *batch).collect(),
        }
    }

    /// The lines of a reader that nobody undid.
    fn standing<'a, 'r>(&'a self, reader: &'r str) -> impl Iterator<Item = &'a Entry> + use<'a, 'r> {
        let lines = self.patients.values().flat_map(|of| &of.lines);
        lines.filter(move |line| line.active && line.entry.reader == reader).map(|line| &line.entry)
    }

    /// The line with this id about a patient.
    #[must_use]
    pub fn entry(&self, patient: &str, id: &str) -> Option<&Entry> {
        self.patients.get(patient)?.lines.iter().find(|line| line.entry.id == id).map(|line| &line.entry)
    }

    /// Everyone who reviewed, sorted, with the number of their lines.
    #[must_use]
    pub fn readers(&self) -> BTreeMap<&str, usize> {
        let mut readers = BTreeMap::new();
        for entry in self.entries() {
            *readers.entry(entry.reader.as_str()).or_default() += 1;
        }
        readers
    }

    /// The joints that both of two readers answered blindly, with their answers.
    pub fn pairs<'a>(&'a self, first: &'a str, second: &'a str) -> impl Iterator<Item = Pair<'a>> {
        self.joints().filter_map(move |(patient, joint, review)| {
            Some(Pair { patient, joint, first: review.lock_of(first)?, second: review.lock_of(second)? })
        })
    }
}
