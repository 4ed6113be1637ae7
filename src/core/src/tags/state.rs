//! All tags of a cohort as one state.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Subject, TagChange, TagLine};
use crate::review::{Time, Update};
use crate::{BBox, Joint, Limb};

/// By which lines are ordered: time, reader, file, line.
type Key = (Time, String, String, usize);

/// A value with the line that it comes from.
#[derive(Clone, Debug)]
struct Latest<T> {
    key: Key,
    value: T,
}

/// All tags of a cohort, and the filters kept under a name.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    /// By subject, and by tag: whether it has it.
    subjects: BTreeMap<Subject, BTreeMap<String, Latest<bool>>>,
    /// Patients with any subject.
    patients: BTreeMap<String, BTreeSet<Subject>>,
    /// By screen and name.
    filters: BTreeMap<(String, String), Latest<String>>,
    ids: HashSet<String>,
    latest: Time,
    problems: Vec<String>,
}

impl Tags {
    /// Takes a line in; one that is known already changes nothing. `file` and `line` say where it stands.
    pub fn insert(&mut self, file: &str, line: usize, entry: TagLine) {
        if let Err(reason) = entry.check() {
            self.problems.push(format!("{file}, line {line}: {reason}; the line is left out"));
            return;
        }
        if !self.ids.insert(entry.id) {
            return;
        }
        self.latest = self.latest.max(entry.time);
        let key = (entry.time, entry.reader, file.to_owned(), line);
        match entry.change {
            TagChange::Tag { on, tag } => self.set(on, tag, key, true),
            TagChange::Untag { on, tag } => self.set(on, tag, key, false),
            TagChange::SaveFilter { screen, name, filter } => keep(&mut self.filters, (screen, name), key, filter),
        }
    }

    fn set(&mut self, on: Subject, tag: String, key: Key, value: bool) {
        if let Some(patient) = &on.patient {
            self.patients.entry(patient.clone()).or_default().insert(on.clone());
        }
        keep(self.subjects.entry(on).or_default(), tag, key, value);
    }

    /// Takes in what a look at the files has brought.
    pub fn take(&mut self, news: Update<TagLine>) {
        self.problems.extend(news.problems);
        news.lines.into_iter().for_each(|(file, line, entry)| self.insert(&file, line, entry));
    }

    /// The tags of a subject itself, sorted.
    pub fn of(&self, subject: &Subject) -> impl Iterator<Item = &str> {
        let tags = self.subjects.get(subject).into_iter().flatten();
        tags.filter(|(_, latest)| latest.value).map(|(tag, _)| tag.as_str())
    }

    /// The tags of a film, a joint or a box, and of what it is part of: of the patient, the film, the joint, and of any of these boxes. Sorted, each once.
    #[must_use]
    pub fn of_place(&self, patient: &str, limb: Limb, joint: Option<&Joint>, boxes: impl IntoIterator<Item = BBox>) -> Vec<&str> {
        if !self.patients.contains_key(patient) {
            return Vec::new();
        }
        let film = Subject::film(patient, limb);
        let here = joint.map_or_else(|| film.clone(), |joint| Subject::joint(patient, limb, joint));
        let mut subjects = vec![Subject::patient(patient), film, here.clone()];
        subjects.extend(boxes.into_iter().map(|bbox| here.clone().with_box(bbox)));
        let found: BTreeSet<&str> = subjects.iter().flat_map(|subject| self.of(subject)).collect();
        found.into_iter().collect()
    }

    /// The tags of a patient and of everything that is the patient's. Sorted, each once.
    #[must_use]
    pub fn of_patient(&self, patient: &str) -> Vec<&str> {
        let subjects = self.patients.get(patient).into_iter().flatten();
        let found: BTreeSet<&str> = subjects.flat_map(|subject| self.of(subject)).collect();
        found.into_iter().collect()
    }

    /// The tags of a film: of the patient, its own, and of the joints and boxes on it. Sorted, each once.
    #[must_use]
    pub fn of_film(&self, patient: &str, limb: Limb) -> Vec<&str> {
        let subjects = self.patients.get(patient).into_iter().flatten();
        let here = subjects.filter(|subject| subject.limb.is_none_or(|other| other == limb));
        let found: BTreeSet<&str> = here.flat_map(|subject| self.of(subject)).collect();
        found.into_iter().collect()
    }

    /// Everything that has a tag, with its tags.
    pub fn tagged(&self) -> impl Iterator<Item = (&Subject, Vec<&str>)> {
        self.subjects.keys().map(|subject| (subject, self.of(subject).collect::<Vec<_>>())).filter(|(_, tags)| !tags.is_empty())
    }

    /// Every tag in use, with the number of things that have it.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for tag in self.tagged().flat_map(|(_, tags)| tags) {
            *counts.entry(tag).or_default() += 1;
        }
        counts
    }

    /// The filters that are kept for a screen: name and words, by name.
    pub fn filters(&self, screen: &str) -> impl Iterator<Item = (&str, &str)> {
        let kept = self.filters.iter().filter(move |((of, _), latest)| of == screen && !latest.value.is_empty());
        kept.map(|((_, name), latest)| (name.as_str(), latest.value.as_str()))
    }

    /// The time of the latest line.
    #[must_use]
    pub const fn latest(&self) -> Time {
        self.latest
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether nobody tagged anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// What could not be read or cannot count, one sentence each with its file and line.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.problems.iter().map(String::as_str)
    }
}

/// The latest line counts, in whatever order they come.
fn keep<K: Ord, T>(kept: &mut BTreeMap<K, Latest<T>>, name: K, key: Key, value: T) {
    match kept.entry(name) {
        std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(Latest { key, value })),
        std::collections::btree_map::Entry::Occupied(mut place) if place.get().key < key => drop(place.insert(Latest { key, value })),
        std::collections::btree_map::Entry::Occupied(_) => {}
    }
}
