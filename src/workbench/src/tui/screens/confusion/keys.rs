//! The keys of the confusion matrices.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{Diagonal, Down, Left, NextView, Normalise, Open, PageDown, PageUp, PreviousView, Right, Up},
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Confusion");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(
        HERE,
        "Tab",
        "joints",
        "the next task or joint group (Shift-Tab: the one before)",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(
        HERE,
        "↑↓←→",
        "cell",
        "choose a cell (also j k); among crops: a crop",
        &[
            (plain(KeyCode::Up), Up),
            (plain(KeyCode::Down), Down),
            (plain(KeyCode::Left), Left),
            (plain(KeyCode::Right), Right),
            (letter('k'), Up),
            (letter('j'), Down),
        ],
    ),
    binding(HERE, "⏎", "crops", "the crops of the cell; once more: the film at the crop", &[(plain(KeyCode::Enter), Open)]),
    binding(HERE, "%", "share", "counts, shares of the row (reader), shares of the column (model)", &[(letter('%'), Normalise)]),
    binding(HERE, "\\", "diagonal", "hide or show the diagonal, so that the errors stand out", &[(letter('\\'), Diagonal)]),
    binding(HERE, "PgUp PgDn", "", "a page of crops", &[(plain(KeyCode::PageUp), PageUp), (plain(KeyCode::PageDown), PageDown)]),
];
