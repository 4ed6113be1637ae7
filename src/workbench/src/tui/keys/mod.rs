//! The one table of keys: what a key does on which screen, what the footer hints at, and what help and palette say.
//!
//! Each screen brings its own part of the table; what several share stands in `shared`.

mod shared;
#[cfg(test)]
mod tests;

pub use shared::SCREENS;

use super::{
    action::Action,
    input::Key,
    screens::{confusion, errors, film, help, imbalance, patients, review, runs, totals},
    state::Screen,
};

/// Where a key has its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A screen.
    On(Screen),
    /// Every screen with figures of a run.
    Run,
    /// Every screen with a table.
    Table,
    /// Every screen on which a film is looked at.
    View,
    /// Every screen with a patient at hand, whom the models can be asked about.
    Patient,
    /// A box in hand, among the reviews.
    Editing,
    /// The pages of help.
    Help,
    /// Everywhere.
    Global,
}

impl Place {
    /// The places whose keys hold here: the earlier one's meaning comes first.
    #[must_use]
    pub const fn chain(self) -> &'static [Self] {
        match self {
            Self::On(Screen::Patients) => &[Self::Patient, Self::On(Screen::Patients), Self::Table, Self::Global],
            Self::On(Screen::Film) => &[Self::Patient, Self::On(Screen::Film), Self::View, Self::Global],
            Self::On(Screen::Errors) => &[Self::On(Screen::Errors), Self::Run, Self::Table, Self::Patient, Self::Global],
            Self::On(Screen::Totals) => &[Self::On(Screen::Totals), Self::Run, Self::Table, Self::Patient, Self::Global],
            Self::On(Screen::Confusion) => &[Self::On(Screen::Confusion), Self::Run, Self::Patient, Self::Global],
            Self::On(Screen::Imbalance) => &[Self::On(Screen::Imbalance), Self::Run, Self::Table, Self::Global],
            Self::On(Screen::Runs) => &[Self::On(Screen::Runs), Self::Table, Self::Global],
            Self::On(Screen::Review) => &[Self::On(Screen::Review), Self::View, Self::Patient, Self::Global],
            // Nothing leads away while a box is in hand.
            Self::Editing => &[Self::Editing],
            Self::Help => &[Self::Help, Self::Global],
            Self::Run | Self::Table | Self::View | Self::Patient | Self::Global => &[Self::Global],
        }
    }

    /// The heading over its keys in the help.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::On(Screen::Patients) => "In the table of patients",
            Self::On(Screen::Film) => "On a film",
            Self::On(Screen::Errors) => "Among the errors",
            Self::On(Screen::Totals) => "Among the totals",
            Self::On(Screen::Confusion) => "On the confusion matrices",
            Self::On(Screen::Imbalance) => "Among the distributions",
            Self::On(Screen::Runs) => "Among the runs",
            Self::On(Screen::Review) => "Among the reviews",
            Self::Editing => "With a box in hand",
            Self::Run => "Where figures of a run are shown",
            Self::Table => "In every table",
            Self::View => "Where a film is looked at",
            Self::Patient => "With a patient at hand",
            Self::Help => "In the help",
            Self::Global => "Everywhere",
        }
    }
}

/// Some keys and their meaning.
#[derive(Debug)]
pub struct Binding {
    /// Where they mean it.
    pub place: Place,
    /// Keys and actions; those of one binding belong together, such as both directions.
    pub keys: &'static [(Key, Action)],
    /// The keys as they are written.
    pub label: &'static str,
    /// A word or two for the footer; empty for what only the help tells.
    pub hint: &'static str,
    /// A line for the help.
    pub help: &'static str,
}

/// A row of the table.
#[must_use]
pub const fn binding(place: Place, label: &'static str, hint: &'static str, help: &'static str, keys: &'static [(Key, Action)]) -> Binding {
    Binding { place, keys, label, hint, help }
}

/// Every key, in the order of hints.
fn table() -> impl Iterator<Item = &'static Binding> {
    let screens = [patients::KEYS, film::KEYS, errors::KEYS, totals::KEYS, confusion::KEYS, imbalance::KEYS, runs::KEYS];
    let reviews = [review::KEYS, review::EDITING];
    let shared = [shared::RUN, shared::TABLE, shared::VIEW, shared::PATIENT, help::KEYS, shared::GLOBAL];
    screens.into_iter().chain(reviews).chain(shared).flatten()
}

/// The keys of a place alone.
pub fn of(place: Place) -> impl Iterator<Item = &'static Binding> {
    table().filter(move |binding| binding.place == place)
}

/// What a key means at a place.
#[must_use]
pub fn action(place: Place, key: Key) -> Option<Action> {
    let here = |place: &Place| of(*place).flat_map(|binding| binding.keys).find(|(bound, _)| *bound == key).map(|(_, action)| *action);
    place.chain().iter().find_map(here)
}

/// The bindings that hold at a place; those whose every key means something else here are left out.
pub fn at(place: Place) -> impl Iterator<Item = &'static Binding> {
    let all = place.chain().iter().flat_map(|part| of(*part));
    all.filter(move |binding| binding.keys.iter().any(|(key, meant)| action(place, *key) == Some(*meant)))
}

/// The first key that means this at a place.
#[must_use]
pub fn key_of(place: Place, wanted: Action) -> Option<Key> {
    let keys = at(place).flat_map(|binding| binding.keys);
    keys.filter(|(key, meant)| *meant == wanted && action(place, *key) == Some(wanted)).map(|(key, _)| *key).next()
}

/// The letter that leads to a screen.
#[must_use]
pub fn letter_of(screen: Screen) -> Option<char> {
    match key_of(Place::Global, Action::Go(screen))? {
        Key::Char(letter) => Some(letter),
        _ => None,
    }
}
