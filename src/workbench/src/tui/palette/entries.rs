//! What the palette offers, in words.

use super::state::Entry;
use crate::tui::{
    action::{Action, ScreenId},
    keys,
    state::State as Whole,
};

impl Entry {
    /// The text that letters are looked for in.
    #[must_use]
    pub fn text(self, state: &Whole) -> String {
        match self {
            Self::Screen(screen) => format!("{}: {}", screen.0, state.registry.screen(screen).0.purpose),
            Self::Command(action) => action.command().unwrap_or_default().to_owned(),
            Self::CommandOn(screen, action) => format!("{}: {}", screen.0, action.command().unwrap_or_default()),
            Self::Run(place) => state.runs.list.get(place).map(|run| format!("{} {}", run.name, run.content())).unwrap_or_default(),
            Self::Cohort(place) => {
                let shown = if place == state.cohorts.at { " (shown)" } else { "" };
                let root = state.cohorts.roots.get(place).map(|root| root.display().to_string()).unwrap_or_default();
                let label = state.cohorts.label(place).unwrap_or_else(|| state.name());
                format!("{label}{shown}  {root}")
            }
            Self::Folder => {
                let typed = state.palette.as_ref().map(|palette| palette.text.trim()).unwrap_or_default();
                if typed.is_empty() { "type the path of a folder to open it".to_owned() } else { format!("open {typed}") }
            }
            Self::Patient(place) => {
                let patient = state.catalogue().and_then(|catalogue| catalogue.cohort.patients().get(place as usize));
                patient.map(|patient| patient.id.clone()).unwrap_or_default()
            }
        }
    }

    /// The keys that do the same.
    #[must_use]
    pub fn key(self, state: &Whole) -> String {
        let keymap = &state.registry.keys;
        let at = |place, action| keymap.key_of(place, action).map(keys::label).unwrap_or_default();
        match self {
            Self::Screen(screen) => at(state.place(), Action::Go(screen)),
            Self::Command(action) => at(state.place(), action),
            Self::CommandOn(screen, action) => {
                let letter = keymap.letter_of(screen).map_or_else(String::new, |letter| format!("{letter} "));
                letter + &at(keys::Place::On(screen), action)
            }
            Self::Run(_) | Self::Patient(_) | Self::Cohort(_) | Self::Folder => String::new(),
        }
    }
}

/// Screens, the commands that make sense here, in the order of the table of keys, and then those of all other screens, which lead there first.
#[must_use]
pub fn fixed(state: &Whole) -> Vec<Entry> {
    let mut entries: Vec<Entry> = state.registry.tabs().filter(|screen| *screen != state.screen).map(Entry::Screen).collect();
    let mut here = Vec::new();
    for (_, action) in state.registry.keys.at(state.place()).flat_map(|binding| binding.keys) {
        if action.command().is_some() && makes_sense(state, *action) && !here.contains(action) {
            here.push(*action);
        }
    }
    entries.extend(here.iter().copied().map(Entry::Command));
    if state.session.blind {
        entries.retain(|entry| matches!(entry, Entry::Command(_)));
        return entries;
    }
    let has_films = state.catalogue().is_some();
    let is_offered = |screen: &ScreenId| *screen != state.screen && (has_films || !state.registry.screen(*screen).1.shows_film());
    for screen in state.registry.all().filter(is_offered) {
        let place = keys::Place::On(screen);
        // What all screens have is offered once.
        let own = state.registry.keys.at(place).filter(|binding| binding.place != keys::Place::Global);
        for (_, action) in own.flat_map(|binding| binding.keys) {
            let entry = Entry::CommandOn(screen, *action);
            if action.command().is_some() && makes_sense_there(*action) && !here.contains(action) && !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    entries
}

/// Whether an action could do anything just now.
fn makes_sense(state: &Whole, action: Action) -> bool {
    match action {
        Action::Score | Action::Detect | Action::DetectAll => state.front().patient(state).is_some(),
        _ => true,
    }
}

/// What is about the chosen thing of a screen is of use once one is there.
const fn makes_sense_there(action: Action) -> bool {
    !matches!(action, Action::NextItem | Action::PreviousItem)
}
