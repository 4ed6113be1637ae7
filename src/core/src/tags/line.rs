//! One line of a file of tags.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Subject;
use crate::names::nfc;
use crate::review::{Author, Line, Time};

/// The longest name in letters.
const LONGEST: usize = 40;

/// A tag or a name that is not taken.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TagRefused {
    /// It has no letter.
    #[error("a tag needs a name, such as blurred")]
    Empty,
    /// It cannot be told from the words around it.
    #[error("`{0}` cannot be a name: use at most 40 letters, digits, `-`, `_` and `.`, beginning with a letter or a digit")]
    Letters(String),
}

/// A name as it may be used for a tag or a saved filter.
///
/// # Errors
/// Why it cannot.
pub fn checked_name(text: &str) -> Result<String, TagRefused> {
    let name = nfc(text.trim()).into_owned();
    let Some(first) = name.chars().next() else { return Err(TagRefused::Empty) };
    let sound = name.chars().count() <= LONGEST && first.is_alphanumeric();
    if sound && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.')) {
        Ok(name)
    } else {
        Err(TagRefused::Letters(crate::printable::text(&name).into_owned()))
    }
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum TagChange {
    /// Gave something a tag.
    Tag {
        /// What has it.
        #[serde(flatten)]
        on: Subject,
        /// The tag.
        tag: String,
    },
    /// Took a tag away.
    Untag {
        /// What had it.
        #[serde(flatten)]
        on: Subject,
        /// The tag.
        tag: String,
    },
    /// Kept a filter of a screen under a name.
    SaveFilter {
        /// The screen's name.
        screen: String,
        /// The name.
        name: String,
        /// The words of the filter; empty once it is forgotten.
        filter: String,
    },
}

/// A line: who did what, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagLine {
    /// Unique in the cohort.
    pub id: String,
    /// When. Later than everything that the reader's program knew of, even where its clock is slow.
    pub time: Time,
    /// Who.
    pub reader: String,
    /// What.
    #[serde(flatten)]
    pub change: TagChange,
}

impl TagLine {
    /// A line of a reader, later than `latest`.
    #[must_use]
    pub fn new(author: &mut Author, latest: Time, change: TagChange) -> Self {
        Self { id: author.next_id(), time: Time::now().max(latest.next()), reader: author.reader().to_owned(), change }
    }

    /// Whether the line can count.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        match &self.change {
            TagChange::Tag { on, tag } | TagChange::Untag { on, tag } => {
                on.check()?;
                checked_name(tag).map(drop).map_err(|error| error.to_string())
            }
            TagChange::SaveFilter { name, .. } => checked_name(name).map(drop).map_err(|error| error.to_string()),
        }
    }
}

impl Line for TagLine {
    const NOUN: &'static str = "tag";

    fn folder(cohort: &Path) -> PathBuf {
        cohort.join(super::TAGS_FOLDER)
    }

    fn composed(mut self) -> Self {
        if let TagChange::Tag { on, .. } | TagChange::Untag { on, .. } = &mut self.change {
            on.compose();
        }
        self
    }
}
