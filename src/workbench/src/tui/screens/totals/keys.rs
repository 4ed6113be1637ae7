//! The keys of the totals.

use crate::tui::{
    action::{
        Action::{NextMatch, NextView, Open, PreviousMatch, PreviousView, Search, SwitchLimb, SwitchTask},
        ScreenId,
    },
    input::Key,
    keys::{Binding, Place, binding},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Totals");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "⏎", "joints", "the joints that make the patient's difference; once more: the film at the joint", &[(Key::Enter, Open)]),
    binding(
        HERE,
        "Tab",
        "plot",
        "table, scatter plot, Bland-Altman plot (Shift-Tab: the other way)",
        &[(Key::Tab, NextView), (Key::BackTab, PreviousView)],
    ),
    binding(HERE, "e", "task", "both tasks together, narrowing only, erosion only", &[(Key::Char('e'), SwitchTask)]),
    binding(HERE, "l", "limb", "all limbs together, or one of them", &[(Key::Char('l'), SwitchLimb)]),
    binding(HERE, "/", "search", "search ids while typing", &[(Key::Char('/'), Search)]),
    binding(
        HERE,
        "n N",
        "",
        "next and previous patient that the search finds",
        &[(Key::Char('n'), NextMatch), (Key::Char('N'), PreviousMatch)],
    ),
];
