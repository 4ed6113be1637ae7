//! A line being typed at the foot of the screen.

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What the line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Search while typing.
    Search,
    /// Show some patients only.
    Filter,
    /// Go to a line or an id.
    Jump,
    /// Grade a joint.
    Grade,
    /// Ask for a second look.
    Flag,
    /// Give a box to another joint.
    Relabel,
    /// Give a run another name.
    Rename,
    /// Note something about a run.
    Note,
    /// Tag what is at hand.
    Tag,
    /// Accept the boxes of a film, or all above a score.
    AcceptMany,
    /// Write the list to a file.
    Export,
    /// Save a figure.
    Figure,
    /// The change above which a patient has progressed.
    Change,
}

impl Purpose {
    /// What stands before the line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Search => "search ",
            Self::Filter => "filter ",
            Self::Jump => "go to ",
            Self::Grade => "grade ",
            Self::Flag => "flag ",
            Self::Relabel => "joint ",
            Self::Rename => "name ",
            Self::Note => "note ",
            Self::Tag => "tag ",
            Self::AcceptMany => "accept ",
            Self::Export => "write to ",
            Self::Figure => "figure to ",
            Self::Change => "progressed above ",
        }
    }

    /// What may be typed.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Search => "part of an id",
            Self::Filter => "part of an id, graded, ungraded, scored, unscored, labelled, films<4, reader>50, model>50, diff>10, tag:NAME",
            Self::Jump => "a line's number or the beginning of an id",
            Self::Grade => "a number, or nothing where it cannot be graded",
            Self::Flag => "why somebody should look again",
            Self::Tag => "NAME adds a tag, -NAME takes it away",
            Self::AcceptMany => "⏎ this film's proposals; a score such as 0.9: those of all films with at least that score",
            Self::Export => "a name ending in .csv, .json, .coco.json, or / for a folder of VOC files",
            Self::Figure => "a name ending in .svg or .png",
            Self::Change => "units of change; empty: the smallest detectable change",
            Self::Relabel => "such as MCP 3 or ulna; Tab completes, a joint that has a box is exchanged with",
            Self::Rename => "the name of the run's folder",
            Self::Note => "what is worth knowing of this run; empty takes the note away",
        }
    }
}

/// The line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// What was typed.
    pub text: String,
    /// Where the table's cursor was before.
    pub origin: usize,
    /// What may be typed, where it is not what the purpose usually takes.
    hint: Option<Cow<'static, str>>,
    /// Why what was typed cannot be taken; gone with the next key.
    pub error: Option<String>,
}

/// Something typed into the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Text.
    Text(String),
    /// Backspace.
    Erase,
    /// Everything away (Ctrl-U).
    Clear,
    /// Return.
    Accept,
    /// Tab.
    Complete,
    /// Escape.
    Cancel,
}

impl Typed {
    /// What a key means while a line is typed; `None` where it means nothing.
    #[must_use]
    pub fn of(key: KeyEvent) -> Option<Self> {
        Some(match (key.modifiers, key.code) {
            (KeyModifiers::CONTROL, KeyCode::Char('u')) => Self::Clear,
            (KeyModifiers::NONE | KeyModifiers::SHIFT, KeyCode::Char(letter)) => Self::Text(letter.to_string()),
            (_, KeyCode::Backspace) => Self::Erase,
            (_, KeyCode::Enter) => Self::Accept,
            (_, KeyCode::Tab) => Self::Complete,
            (_, KeyCode::Esc) => Self::Cancel,
            _ => return None,
        })
    }
}

/// Longest line.
const LONGEST: usize = 200;

impl Prompt {
    /// An empty line, or one to edit further.
    #[must_use]
    pub fn new(purpose: Purpose, text: &str, origin: usize) -> Self {
        Self { purpose, text: text.to_owned(), origin, hint: None, error: None }
    }

    /// The line with another hint.
    #[must_use]
    pub fn hinting(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What may be typed.
    #[must_use]
    pub fn hint(&self) -> &str {
        self.hint.as_deref().unwrap_or_else(|| self.purpose.hint())
    }

    /// The line as it was typed, with what is wrong in it.
    #[must_use]
    pub fn refused(mut self, reason: impl Into<String>) -> Self {
        self.error = Some(reason.into());
        self
    }

    /// Changes the text.
    pub fn edit(&mut self, typed: &Typed) {
        self.error = None;
        match typed {
            Typed::Text(text) => self.text.extend(text.chars().take(LONGEST.saturating_sub(self.text.chars().count()))),
            Typed::Erase => drop(self.text.pop()),
            Typed::Clear => self.text.clear(),
            Typed::Accept | Typed::Complete | Typed::Cancel => {}
        }
    }
}
