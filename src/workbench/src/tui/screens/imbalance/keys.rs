//! The keys of the imbalance.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{Balance, Grade, LogScale, NextView, Open, PreviousView},
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
    binding(HERE, "⏎", "crops", "the joints of this line, the rarest grade first", &[(plain(KeyCode::Enter), Open)]),
    binding(
        HERE,
        "0-9",
        "",
        "the joints of this line that the reader gave this grade: what a bar stands for",
        &[
            (letter('0'), Grade(0)),
            (letter('1'), Grade(1)),
            (letter('2'), Grade(2)),
            (letter('3'), Grade(3)),
            (letter('4'), Grade(4)),
            (letter('5'), Grade(5)),
            (letter('6'), Grade(6)),
            (letter('7'), Grade(7)),
            (letter('8'), Grade(8)),
            (letter('9'), Grade(9)),
        ],
    ),
    binding(HERE, "l", "log", "bars by count or by its logarithm, which shows the rare grades", &[(letter('l'), LogScale)]),
    binding(
        HERE,
        "[ ]",
        "sampler",
        "the sampler's balance: 0 draws grades as they come, 1 all grades equally often (the paper's)",
        &[(letter('['), Balance(-10)), (letter(']'), Balance(10))],
    ),
];
