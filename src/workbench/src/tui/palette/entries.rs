//! What the palette offers, in words.

use crate::tui::{
    action::Action,
    input::Key,
    keys,
    state::{Screen, State as Whole},
};

/// Something that the palette can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entry {
    /// Go to a screen.
    Screen(Screen),
    /// Do what a key does.
    Command(Action),
    /// Go to a run, by its place in the list of runs.
    Run(usize),
    /// Open a patient, by the place in the cohort.
    Patient(u32),
}

impl Entry {
    /// What kind of thing it is.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Screen(_) => "screen",
            Self::Command(_) => "command",
            Self::Run(_) => "run",
            Self::Patient(_) => "patient",
        }
    }

    /// Where its kind stands among equals.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Screen(_) => 0,
            Self::Command(_) => 1,
            Self::Run(_) => 2,
            Self::Patient(_) => 3,
        }
    }

    /// The text that letters are looked for in.
    #[must_use]
    pub fn text(self, state: &Whole) -> String {
        match self {
            Self::Screen(screen) => format!("{}: {}", screen.name(), screen.purpose()),
            Self::Command(action) => action.command().unwrap_or_default().to_owned(),
            Self::Run(place) => state.runs.list.get(place).map(|run| format!("{} {}", run.name, run.subject())).unwrap_or_default(),
            Self::Patient(place) => {
                let patient = state.catalogue().and_then(|catalogue| catalogue.cohort.patients().get(place as usize));
                patient.map(|patient| patient.id.clone()).unwrap_or_default()
            }
        }
    }

    /// The key that does the same.
    #[must_use]
    pub fn key(self, state: &Whole) -> Option<Key> {
        match self {
            Self::Screen(screen) => keys::key_of(state.place(), Action::Go(screen)),
            Self::Command(action) => keys::key_of(state.place(), action),
            Self::Run(_) | Self::Patient(_) => None,
        }
    }
}

/// Screens and the commands that make sense here, in the order of the table of keys.
#[must_use]
pub fn fixed(state: &Whole) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Screen::TABS.into_iter().filter(|screen| *screen != state.screen).map(Entry::Screen).collect();
    for (_, action) in keys::at(state.place()).flat_map(|binding| binding.keys) {
        let entry = Entry::Command(*action);
        if action.command().is_some() && makes_sense(state, *action) && !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    entries
}

/// Whether an action could do anything just now.
fn makes_sense(state: &Whole, action: Action) -> bool {
    match action {
        Action::NextMatch | Action::PreviousMatch => !state.patients.search.is_empty(),
        Action::Score | Action::Detect | Action::DetectAll => crate::tui::screens::patient(state).is_some(),
        _ => true,
    }
}
