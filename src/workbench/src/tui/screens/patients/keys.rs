//! The keys of the table of patients.

use crate::tui::{
    action::{
        Action::{DetectAll, Filter, Jump, NextMatch, Open, PreviousMatch, Search},
        ScreenId,
    },
    input::Key,
    keys::{Binding, Place, binding},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Patients");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "⏎", "open", "open the patient's films (also l, →)", &[(Key::Enter, Open), (Key::Right, Open), (Key::Char('l'), Open)]),
    binding(HERE, "/", "search", "search ids while typing; ⏎ keeps the place, Esc goes back", &[(Key::Char('/'), Search)]),
    binding(
        HERE,
        "f",
        "filter",
        "show some patients only: ids, graded, scored, open, unfamiliar>80, films<4, diff>10...",
        &[(Key::Char('f'), Filter)],
    ),
    binding(HERE, "d", "detect", "find the joints of the patient's films", &[(Key::Char('d'), DetectAll), (Key::Char('D'), DetectAll)]),
    binding(HERE, ":", "jump", "go to a line by number, or to an id by its beginning", &[(Key::Char(':'), Jump)]),
    binding(
        HERE,
        "n N",
        "",
        "next and previous patient that the search finds",
        &[(Key::Char('n'), NextMatch), (Key::Char('N'), PreviousMatch)],
    ),
];
