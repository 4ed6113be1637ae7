//! The keys of the changes.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{Grade, NextView, Open, OpenList, PreviousView},
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Changes");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "⏎", "list", "the changes of this joint or patient as a list of crops", &[(plain(KeyCode::Enter), Open)]),
    binding(
        HERE,
        "Tab",
        "by",
        "grades or boxes, by joint or by patient (Shift-Tab: backwards)",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(
        HERE,
        "1-4",
        "only",
        "of this joint or patient: 1 what was fixed, 2 broken, 3 what became better, 4 worse, as a list",
        &[(letter('1'), Grade(1)), (letter('2'), Grade(2)), (letter('3'), Grade(3)), (letter('4'), Grade(4))],
    ),
    binding(HERE, "O", "all", "all changes of grades, or of boxes, as a list", &[(letter('O'), OpenList)]),
];
