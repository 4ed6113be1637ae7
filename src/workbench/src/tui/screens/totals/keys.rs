//! The keys of the totals.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{NextView, Open, PreviousView, Search, SwitchLimb, SwitchTask},
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Totals");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(
        HERE,
        "⏎",
        "joints",
        "the joints that make the patient's difference; once more: the film at the joint",
        &[(plain(KeyCode::Enter), Open)],
    ),
    binding(
        HERE,
        "Tab",
        "plot",
        "table, scatter plot, Bland-Altman plot (Shift-Tab: backwards)",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(HERE, "e", "task", "both tasks together, narrowing only, erosion only", &[(letter('e'), SwitchTask)]),
    binding(HERE, "l", "limb", "all limbs together, or one of them", &[(letter('l'), SwitchLimb)]),
    binding(HERE, "/", "search", "search ids while typing", &[(letter('/'), Search)]),
];
