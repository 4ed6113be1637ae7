//! The keys of the help.

use crossterm::event::KeyCode;

use crate::tui::{
    action::Action::{Down, NextPage, PageDown, PageUp, PreviousPage, Up},
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(Place::Help, "→ Tab", "next page", "next page", &[(plain(KeyCode::Right), NextPage), (plain(KeyCode::Tab), NextPage)]),
    binding(
        Place::Help,
        "←",
        "previous page",
        "previous page",
        &[(plain(KeyCode::Left), PreviousPage), (shift(KeyCode::BackTab), PreviousPage)],
    ),
    binding(
        Place::Help,
        "↑↓",
        "scroll",
        "scroll",
        &[
            (plain(KeyCode::Up), Up),
            (plain(KeyCode::Down), Down),
            (letter('k'), Up),
            (letter('j'), Down),
            (plain(KeyCode::PageUp), PageUp),
            (plain(KeyCode::PageDown), PageDown),
        ],
    ),
];
