//! One line of a review file.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{BBox, Joint, Task, clock, joint};

/// A moment in milliseconds after 1970 began; in files RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(pub u64);

impl Time {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        Self(clock::now_millis())
    }

    /// The next moment.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&clock::utc_millis(self.0))
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        clock::parse(&text).map(Self).ok_or_else(|| format!("`{text}` is not a time in UTC"))
    }
}

/// What a review speaks of: a joint under a task, of a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewTarget {
    /// The patient's id.
    pub patient: String,
    /// The film's file name, where there is a film.
    pub film: Option<String>,
    /// The joint.
    pub joint: &'static Joint,
    /// Width and height of the upright film in pixels, where they are known: boxes must lie within.
    pub size: Option<(u32, u32)>,
}

/// What a reader did. Boxes are `x0 y0 x1 y1` in pixels of the film as displayed upright.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Change {
    /// Looked at a box, drawn or proposed, and found it right.
    Accept {
        /// It.
        #[serde(rename = "box")]
        bbox: BBox,
    },
    /// Moved or resized the box.
    Move {
        /// As it is now.
        #[serde(rename = "box")]
        bbox: BBox,
    },
    /// Drew a box where there was none.
    Draw {
        /// It.
        #[serde(rename = "box")]
        bbox: BBox,
    },
    /// Gave the box to another joint of the same film and task.
    Relabel {
        /// The label of that joint.
        to: String,
        /// The box, which that joint has now.
        #[serde(rename = "box")]
        bbox: BBox,
        /// The box that the other joint had and this one has now: the two were mixed up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        swapped: Option<BBox>,
    },
    /// Took the box away.
    Delete,
    /// Graded the joint; the same grade as before confirms it.
    Grade {
        /// The grade, or none where it cannot be told.
        grade: Option<u8>,
    },
    /// Asked for a second look.
    Flag {
        /// Why.
        note: String,
    },
    /// Settled flags.
    ClearFlag {
        /// The ids of the lines that raised them: a flag that was not seen stays.
        flags: Vec<String>,
    },
    /// Answered blindly; the answer stands.
    Lock {
        /// The box, where one was drawn.
        #[serde(rename = "box", default, skip_serializing_if = "Option::is_none")]
        bbox: Option<BBox>,
        /// The grade, where one was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grade: Option<u8>,
        /// The order in which the reader saw the films; earlier versions kept none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<super::ReadingOrder>,
    },
    /// Began to read blindly, or saw the labels of readers and models again; the joint is the one that was at hand.
    Blind {
        /// It began.
        on: bool,
    },
    /// Took back what the reader did before; a taken-back undo counts as never done.
    Undo {
        /// The id of that line.
        undoes: String,
    },
}

impl Change {
    /// Whether it says which box the joint has.
    #[must_use]
    pub const fn is_of_box(&self) -> bool {
        matches!(self, Self::Accept { .. } | Self::Move { .. } | Self::Draw { .. } | Self::Relabel { .. } | Self::Delete)
    }

    /// The boxes in it.
    pub(super) fn boxes(&self) -> impl Iterator<Item = BBox> {
        let (one, two) = match self {
            Self::Accept { bbox } | Self::Move { bbox } | Self::Draw { bbox } => (Some(*bbox), None),
            Self::Relabel { bbox, swapped, .. } => (Some(*bbox), *swapped),
            Self::Lock { bbox, .. } => (*bbox, None),
            Self::Delete | Self::Grade { .. } | Self::Flag { .. } | Self::ClearFlag { .. } | Self::Blind { .. } | Self::Undo { .. } => {
                (None, None)
            }
        };
        one.into_iter().chain(two)
    }

    /// In words, such as `moved the box`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Accept { .. } => "accepted the box".to_owned(),
            Self::Move { .. } => "moved the box".to_owned(),
            Self::Draw { .. } => "drew a box".to_owned(),
            Self::Relabel { to, swapped: None, .. } => format!("gave the box to {to}"),
            Self::Relabel { to, .. } => format!("exchanged the boxes with {to}"),
            Self::Delete => "deleted the box".to_owned(),
            Self::Grade { grade: Some(grade) } => format!("graded {grade}"),
            Self::Grade { grade: None } => "took the grade away".to_owned(),
            Self::Flag { note } => format!("flagged: {note}"),
            Self::ClearFlag { .. } => "settled the flag".to_owned(),
            Self::Lock { grade: Some(grade), .. } => format!("locked grade {grade}"),
            Self::Lock { .. } => "locked an answer".to_owned(),
            Self::Blind { on: true } => "began to read blindly".to_owned(),
            Self::Blind { on: false } => "ended blind reading".to_owned(),
            Self::Undo { .. } => "undid a change".to_owned(),
        }
    }
}

/// What the joint had before a change, as the reader saw it when the change was begun.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Before {
    /// Its box.
    #[serde(rename = "box", default, skip_serializing_if = "Option::is_none")]
    pub bbox: Option<BBox>,
    /// Its grade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<u8>,
    /// The ids of the lines that gave it those: see [`crate::Reviews::heads`]. Earlier versions kept none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saw: Option<Vec<String>>,
}

/// A line: who did what, when, to which joint, and what was there before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Unique in the cohort.
    pub id: String,
    /// When. Later than everything that the reader's program knew of, even where its clock is slow.
    pub time: Time,
    /// Who.
    pub reader: String,
    /// The patient's id.
    pub patient: String,
    /// The film's file name, where there is a film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub film: Option<String>,
    /// Width and height of that film in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
    /// Narrowing or erosion.
    pub task: Task,
    /// The joint's label.
    pub joint: String,
    /// What.
    #[serde(flatten)]
    pub change: Change,
    /// What was there.
    #[serde(default)]
    pub before: Before,
    /// Lines of one bulk action have the same name here: they are undone together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

impl Entry {
    /// The joint; `None` for a label that the task does not have.
    #[must_use]
    pub fn joint(&self) -> Option<&'static Joint> {
        joint::by_label(self.task, &self.joint)
    }
}
