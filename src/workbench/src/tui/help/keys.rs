//! The keys of the help.

use crate::tui::{
    action::Action::{Down, NextPage, PageDown, PageUp, PreviousPage, Up},
    input::Key,
    keys::{Binding, Place, binding},
};

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(
        Place::Help,
        "→ Tab",
        "next page",
        "next page",
        &[(Key::Right, NextPage), (Key::Tab, NextPage), (Key::Char('l'), NextPage), (Key::Char(' '), NextPage)],
    ),
    binding(
        Place::Help,
        "←",
        "previous page",
        "previous page",
        &[(Key::Left, PreviousPage), (Key::BackTab, PreviousPage), (Key::Char('h'), PreviousPage)],
    ),
    binding(
        Place::Help,
        "↑↓",
        "scroll",
        "scroll",
        &[(Key::Up, Up), (Key::Down, Down), (Key::Char('k'), Up), (Key::Char('j'), Down), (Key::PageUp, PageUp), (Key::PageDown, PageDown)],
    ),
];
