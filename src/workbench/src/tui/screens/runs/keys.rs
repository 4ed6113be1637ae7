//! The keys of the runs.

use crate::tui::{
    action::Action::{NextView, PreviousView},
    input::Key,
    keys::{Binding, Place, binding},
    state::Screen,
};

const HERE: Place = Place::On(Screen::Runs);

/// The keys.
pub const KEYS: &[Binding] = &[binding(
    HERE,
    "Tab",
    "curve",
    "another curve of the run: loss, accuracy, learning rate (Shift-Tab: the one before)",
    &[(Key::Tab, NextView), (Key::BackTab, PreviousView)],
)];
