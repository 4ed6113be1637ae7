//! The keys of the confusion matrices.

use crate::tui::{
    action::{
        Action::{Diagonal, Down, Left, NextView, Normalise, Open, PageDown, PageUp, PreviousView, Right, Up},
        ScreenId,
    },
    input::Key,
    keys::{Binding, Place, binding},
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
        &[(Key::Tab, NextView), (Key::BackTab, PreviousView)],
    ),
    binding(
        HERE,
        "↑↓←→",
        "cell",
        "choose a cell (also h j k l); among crops: a crop",
        &[
            (Key::Up, Up),
            (Key::Down, Down),
            (Key::Left, Left),
            (Key::Right, Right),
            (Key::Char('k'), Up),
            (Key::Char('j'), Down),
            (Key::Char('h'), Left),
            (Key::Char('l'), Right),
        ],
    ),
    binding(HERE, "⏎", "crops", "the crops of the cell; once more: the film at the crop", &[(Key::Enter, Open)]),
    binding(HERE, "n", "share", "counts, shares of the row (reader), shares of the column (model)", &[(Key::Char('n'), Normalise)]),
    binding(HERE, "d", "diagonal", "hide or show the diagonal, so that the errors stand out", &[(Key::Char('d'), Diagonal)]),
    binding(HERE, "PgUp PgDn", "", "a page of crops", &[(Key::PageUp, PageUp), (Key::PageDown, PageDown)]),
];
