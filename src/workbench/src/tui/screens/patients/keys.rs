//! The keys of the table of patients.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{DetectAll, Filter, Jump, Open, Search},
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Patients");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "⏎", "open", "open the patient's films", &[(plain(KeyCode::Enter), Open)]),
    binding(HERE, "/", "search", "search ids while typing; ⏎ keeps the place, Esc goes back", &[(letter('/'), Search)]),
    binding(
        HERE,
        "f",
        "filter",
        "show some patients only: ids, graded, scored, open, coarse, unfamiliar>80, films<4, diff>10...",
        &[(letter('f'), Filter)],
    ),
    binding(HERE, "d", "detect", "find the joints of the patient's films", &[(letter('d'), DetectAll), (letter('D'), DetectAll)]),
    binding(HERE, ":", "jump", "go to a line by number, or to an id by its beginning", &[(letter(':'), Jump)]),
];
