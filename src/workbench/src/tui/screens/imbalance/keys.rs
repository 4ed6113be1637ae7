//! The keys of the imbalance.

use crate::tui::{
    action::{
        Action::{Balance, LogScale, NextView, PreviousView},
        ScreenId,
    },
    input::Key,
    keys::{Binding, Place, binding},
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
        "by limb (figure 8.6.1 of the paper), task, joint group, joint (Shift-Tab: the other way)",
        &[(Key::Tab, NextView), (Key::BackTab, PreviousView)],
    ),
    binding(HERE, "l", "log", "bars by count or by its logarithm, which shows the rare grades", &[(Key::Char('l'), LogScale)]),
    binding(
        HERE,
        "[ ]",
        "sampler",
        "the sampler's balance: 0 draws grades as they come, 1 all grades equally often (the paper's)",
        &[(Key::Char('['), Balance(-10)), (Key::Char(']'), Balance(10))],
    ),
];
