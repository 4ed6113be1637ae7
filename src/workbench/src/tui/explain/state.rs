//! What is known of why joints have their grades.

use std::{collections::BTreeMap, path::PathBuf};

use svh_core::{ExplainQuery, Explanation, SimilarJoint};

/// Answers that are kept; the oldest go.
const KEPT: usize = 64;

/// What has come of a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Answer<T> {
    /// Nobody has asked.
    #[default]
    Unasked,
    /// The request with this number is to answer it.
    Waiting(u64),
    /// The answer.
    Ready(T),
    /// There is none, and why.
    Failed(String),
}

impl<T> Answer<T> {
    /// The answer.
    pub const fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(answer) => Some(answer),
            _ => None,
        }
    }

    /// Whether it waits for this request.
    pub(super) fn is_of(&self, request: u64) -> bool {
        matches!(self, Self::Waiting(id) if *id == request)
    }
}

/// What is known of one joint.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The question.
    pub query: ExplainQuery,
    /// What its grade rests on.
    pub map: Answer<Explanation>,
    /// The reference joints that look like it.
    pub similar: Answer<Vec<SimilarJoint>>,
    /// Whose the films of the reference joints are.
    pub patients: BTreeMap<PathBuf, String>,
}

/// What is known of joints, the latest last.
#[derive(Clone, Debug, Default)]
pub struct Explanations(Vec<Entry>);

impl Explanations {
    /// What is known of a question.
    #[must_use]
    pub fn of(&self, query: &ExplainQuery) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.query == *query)
    }

    /// What is known of a question, with nothing asked yet where it is new.
    pub(super) fn entry(&mut self, query: &ExplainQuery) -> &mut Entry {
        let place = self.0.iter().position(|entry| entry.query == *query).unwrap_or_else(|| {
            if self.0.len() >= KEPT {
                self.0.remove(0);
            }
            self.0.push(Entry { query: query.clone(), map: Answer::Unasked, similar: Answer::Unasked, patients: BTreeMap::new() });
            self.0.len() - 1
        });
        &mut self.0[place]
    }

    /// Requests about other questions, which nobody waits for any more; they may be asked for again.
    pub(super) fn drop_others(&mut self, query: &ExplainQuery) -> Vec<u64> {
        let mut dropped = Vec::new();
        for entry in self.0.iter_mut().filter(|entry| entry.query != *query) {
            if let Answer::Waiting(id) = entry.map {
                entry.map = Answer::Unasked;
                dropped.push(id);
            }
            if let Answer::Waiting(id) = entry.similar {
                entry.similar = Answer::Unasked;
                dropped.push(id);
            }
        }
        dropped
    }

    /// All that is known.
    pub(super) fn all(&mut self) -> &mut [Entry] {
        &mut self.0
    }
}
