//! The keys of the imbalance.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{Balance, LogScale, NextView, PreviousView},
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Imbalance");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(
        HERE,
        "Tab",
        "by",
        "by limb (figure 8.6.1 of the paper), task, joint group, joint (Shift-Tab: backwards)",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(HERE, "y", "log", "bars by count or by its logarithm, which shows the rare grades", &[(letter('y'), LogScale)]),
    binding(
        HERE,
        "← →",
        "sampler",
        "the sampler's balance: 0 draws grades as they come, 1 all grades equally often (the paper's)",
        &[(plain(KeyCode::Left), Balance(-10)), (plain(KeyCode::Right), Balance(10))],
    ),
];
