//! The one table of keys: what a key does on which screen, what the footer hints at, and what help and palette say.
//!
//! The part of each screen stands in `screens`; what several share stands in `shared`.

mod keymap;
pub mod screens;
pub mod shared;
#[cfg(test)]
mod tests;

pub use keymap::{Keymap, ScreenKeys};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::action::{Action, ScreenId};

/// A key without modifiers.
#[must_use]
pub const fn plain(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

/// A printed character. Shift is in it already: crossterm's equality takes `G` for shift and `G`.
#[must_use]
pub const fn letter(letter: char) -> KeyEvent {
    plain(KeyCode::Char(letter))
}

/// Control and a letter, in lower case.
#[must_use]
pub const fn ctrl(letter: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)
}

/// A named key with shift.
#[must_use]
pub const fn shift(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::SHIFT)
}

/// A key as it is written in hints.
#[must_use]
pub fn label(key: KeyEvent) -> String {
    let name = match key.code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(letter) if key.modifiers.contains(KeyModifiers::CONTROL) => letter.to_ascii_uppercase().to_string(),
        KeyCode::Char(letter) => return letter.to_string(),
        KeyCode::Enter => "⏎".to_owned(),
        KeyCode::Up => "↑".to_owned(),
        KeyCode::Down => "↓".to_owned(),
        KeyCode::Left => "←".to_owned(),
        KeyCode::Right => "→".to_owned(),
        KeyCode::PageUp => "PgUp".to_owned(),
        KeyCode::PageDown => "PgDn".to_owned(),
        KeyCode::BackTab => "Tab".to_owned(),
        named => named.to_string(),
    };
    let held = [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")];
    let held: String = held.into_iter().filter(|(modifier, _)| key.modifiers.contains(*modifier)).map(|(_, name)| name).collect();
    held + &name
}

/// Where a key has its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A screen.
    On(ScreenId),
    /// The screen that a list of places is about.
    Here,
    /// Every screen with metrics of a run.
    Run,
    /// Every screen with a table.
    Table,
    /// Every screen with a list of items that are looked at one after the other.
    Items,
    /// Every screen that the operating threshold changes.
    Threshold,
    /// Every screen on which a film is looked at.
    View,
    /// Every screen with pictures.
    Look,
    /// Every screen with a patient at hand, whom the models can be asked about.
    Patient,
    /// A box in hand, among the reviews.
    Editing,
    /// The pages of help.
    Help,
    /// Everywhere.
    Global,
}

/// Some keys and their meaning, at a place.
#[derive(Debug)]
pub struct Binding {
    /// Where they mean it.
    pub place: Place,
    /// Keys and actions; those of one binding belong together, such as both directions.
    pub keys: &'static [(KeyEvent, Action)],
    /// The keys as they are written.
    pub label: &'static str,
    /// A word or two for the footer; empty for what only the help lists.
    pub hint: &'static str,
    /// A line for the help.
    pub help: &'static str,
}

/// The keys of a row.
#[derive(Debug)]
pub enum Keys {
    /// A printed character.
    One(char, Action),
    /// How they are written, and what each of them means.
    Several(&'static str, &'static [(KeyEvent, Action)]),
}

impl Keys {
    /// These keys as a row: a word or two for the footer, a line for the help.
    #[must_use]
    pub const fn row(self, hint: &'static str, help: &'static str) -> Row {
        Row { keys: self, hint, help }
    }
}

/// A row of the table: a [`Binding`] whose place is that of the list it stands in.
#[derive(Debug)]
pub struct Row {
    keys: Keys,
    hint: &'static str,
    help: &'static str,
}

impl Row {
    /// The row at a place. What is made here lives as long as the program, as the rows do.
    #[must_use]
    pub fn at(&self, place: Place) -> Binding {
        let (label, keys) = match self.keys {
            Keys::One(sign, action) => (&*label(letter(sign)).leak(), &*vec![(letter(sign), action)].leak()),
            Keys::Several(label, keys) => (label, keys),
        };
        Binding { place, keys, label, hint: self.hint, help: self.help }
    }
}

/// A row of one printed character.
#[must_use]
pub const fn one(sign: char, action: Action, hint: &'static str, help: &'static str) -> Row {
    Keys::One(sign, action).row(hint, help)
}

/// A row of several keys, or of one that is not a printed character.
#[must_use]
pub const fn several(label: &'static str, hint: &'static str, help: &'static str, keys: &'static [(KeyEvent, Action)]) -> Row {
    Keys::Several(label, keys).row(hint, help)
}
