//! What the palette offers, in words.

use crossterm::event::KeyEvent;

use super::state::Entry;
use crate::tui::{action::Action, state::State as Whole};

impl Entry {
    /// The text that letters are looked for in.
    #[must_use]
    pub fn text(self, state: &Whole) -> String {
        match self {
            Self::Screen(screen) => format!("{}: {}", screen.0, state.registry.screen(screen).purpose()),
            Self::Command(action) => action.command().unwrap_or_default().to_owned(),
            Self::Run(place) => state.runs.list.get(place).map(|run| format!("{} {}", run.name, run.content())).unwrap_or_default(),
            Self::Patient(place) => {
                let patient = state.catalogue().and_then(|catalogue| catalogue.cohort.patients().get(place as usize));
                patient.map(|patient| patient.id.clone()).unwrap_or_default()
            }
        }
    }

    /// The key that does the same.
    #[must_use]
    pub fn key(self, state: &Whole) -> Option<KeyEvent> {
        match self {
            Self::Screen(screen) => state.registry.keys.key_of(state.place(), Action::Go(screen)),
            Self::Command(action) => state.registry.keys.key_of(state.place(), action),
            Self::Run(_) | Self::Patient(_) => None,
        }
    }
}

/// Screens and the commands that make sense here, in the order of the table of keys.
#[must_use]
pub fn fixed(state: &Whole) -> Vec<Entry> {
    let mut entries: Vec<Entry> = state.registry.tabs().filter(|screen| *screen != state.screen).map(Entry::Screen).collect();
    for (_, action) in state.registry.keys.at(state.place()).flat_map(|binding| binding.keys) {
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
        Action::Score | Action::Detect | Action::DetectAll => state.front().patient(state).is_some(),
        _ => true,
    }
}
