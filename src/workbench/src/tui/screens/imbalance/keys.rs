//! The keys of the imbalance.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{Balance, LogScale, NextView, Open, PreviousView, Start},
        ScreenId,
    },
    keys::{Binding, GRADES, Place, binding, letter, plain, shift},
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
        "by limb (figure 8.6.1 of the paper), task, joint group, joint, source of the film, tag (Shift-Tab: backwards)",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(HERE, "⏎", "crops", "the joints of this line, the rarest grade first", &[(plain(KeyCode::Enter), Open)]),
    binding(
        HERE,
        "0-9",
        "grade",
        "the joints of this line that the reader gave this grade: what a bar stands for (also a click on it)",
        GRADES,
    ),
    binding(HERE, "#", "log", "bars by count or by its logarithm, which shows the rare grades", &[(letter('#'), LogScale)]),
    binding(HERE, "a", "train", "train a scorer with this balance: opens the form", &[(letter('a'), Start)]),
    binding(
        HERE,
        "← →",
        "sampler",
        "the sampler's balance: 0 draws grades as they come, 1 all grades equally often (the paper's)",
        &[(plain(KeyCode::Left), Balance(-10)), (plain(KeyCode::Right), Balance(10))],
    ),
];
