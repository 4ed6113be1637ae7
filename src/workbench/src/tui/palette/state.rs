//! The state of the palette.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};

use crate::tui::action::{Action, ScreenId};

/// What a palette offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offer {
    /// All there is.
    #[default]
    Everything,
    /// Runs, of which one is made the one in use.
    Runs,
    /// The open cohorts, and to open another.
    Cohorts,
}

/// The open palette.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// What is offered.
    pub offer: Offer,
    /// What was typed.
    pub text: String,
    /// What fits it, the best first.
    pub hits: Vec<Entry>,
    /// The chosen one of them.
    pub cursor: usize,
    /// The first one on the screen.
    pub offset: usize,
    /// The patients that fit what was typed, whom a longer text can only make fewer.
    pub patients: Vec<u32>,
}

/// Something that the palette can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entry {
    /// Go to a screen.
    Screen(ScreenId),
    /// Do what a key does.
    Command(Action),
    /// Go to a screen and do there what a key does.
    CommandOn(ScreenId, Action),
    /// Go to a run, by its place in the list of runs.
    Run(usize),
    /// Open a patient, by the place in the cohort.
    Patient(u32),
    /// Show an open cohort, by its place.
    Cohort(usize),
    /// Open the folder that was typed.
    Folder,
}

impl Entry {
    /// What kind of thing it is.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Screen(_) => "screen",
            Self::Command(_) | Self::CommandOn(..) => "command",
            Self::Run(_) => "run",
            Self::Patient(_) => "patient",
            Self::Cohort(_) | Self::Folder => "cohort",
        }
    }

    /// Where its kind stands among equals.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Screen(_) => 0,
            Self::Command(_) => 1,
            Self::Run(_) => 2,
            Self::Patient(_) => 3,
            Self::CommandOn(..) => 4,
            Self::Cohort(_) => 5,
            Self::Folder => 6,
        }
    }
}

/// The pattern that a text stands for: letters in their order, in any case, words apart.
pub fn pattern(text: &str) -> Pattern {
    Pattern::new(text, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy)
}
