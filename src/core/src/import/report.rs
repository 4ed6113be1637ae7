//! What an import took, and what it left out and why.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::Task;

/// Things that were left out for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// `film`, `box`, `grade`...
    pub thing: &'static str,
    /// How many.
    pub count: usize,
    /// One of them.
    pub example: String,
    /// Why.
    pub reason: String,
}

/// The account of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Patients with films, grades or both.
    pub patients: usize,
    /// Films.
    pub films: usize,
    /// Boxes by task.
    pub boxes: BTreeMap<Task, usize>,
    /// Grades by task.
    pub grades: BTreeMap<Task, usize>,
    /// What was not taken, the most frequent first.
    pub left_out: Vec<LeftOut>,
    /// What whoever uses the data should know.
    pub notes: Vec<String>,
}

impl Report {
    /// Keeps that something was left out.
    pub(super) fn leave(&mut self, thing: &'static str, what: &str, reason: impl Into<String>) {
        let reason = reason.into();
        match self.left_out.iter_mut().find(|known| known.thing == thing && known.reason == reason) {
            Some(known) => known.count += 1,
            None => self.left_out.push(LeftOut { thing, count: 1, example: what.to_owned(), reason }),
        }
    }

    /// Keeps a sentence once.
    pub(super) fn note(&mut self, sentence: &str) {
        if !self.notes.iter().any(|known| known == sentence) {
            self.notes.push(sentence.to_owned());
        }
    }

    /// The most frequent reason for leaving something out.
    pub(super) fn first_reason(&self) -> Option<String> {
        let first = self.left_out.iter().max_by_key(|left| left.count)?;
        Some(format!("{first}"))
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { thing, count, example, reason } = self;
        let ending = if thing.ends_with('x') { "es" } else { "s" };
        match count {
            1 => write!(f, "{thing} {example} left out: {reason}"),
            _ => write!(f, "{count} {thing}{ending} left out, such as {example}: {reason}"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |counts: &BTreeMap<Task, usize>| {
            let [narrowing, erosion] = Task::ALL.map(|task| counts.get(&task).copied().unwrap_or(0));
            format!("{} (narrowing {narrowing}, erosion {erosion})", narrowing + erosion)
        };
        writeln!(f, "patients {}, films {}, boxes {}, grades {}", self.patients, self.films, of(&self.boxes), of(&self.grades))?;
        self.left_out.iter().try_for_each(|left| writeln!(f, "{left}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))
    }
}
