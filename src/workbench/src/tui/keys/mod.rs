//! The one table of keys: what a key does on which screen, what the footer hints at, and what help and palette say.
//!
//! Each screen brings its own part of the table; what several share stands in `shared`.

mod keymap;
pub mod shared;
#[cfg(test)]
mod tests;

pub use keymap::{Keymap, ScreenKeys};

use super::{
    action::{Action, ScreenId},
    input::Key,
};

/// Where a key has its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A screen.
    On(ScreenId),
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
