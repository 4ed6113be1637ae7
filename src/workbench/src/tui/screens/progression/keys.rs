//! The keys of the progression.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{Go, NextView, Open, PreviousView, SwitchTask, TypeThreshold, ZoomIn, ZoomOut},
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Progression");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(
        HERE,
        "⏎",
        "joints",
        "the joints of the pair of visits, with both films side by side; once more: the film of the later visit",
        &[(plain(KeyCode::Enter), Open)],
    ),
    binding(
        HERE,
        "Tab",
        "plot",
        "table, cumulative probability plot (Shift-Tab: backwards)",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(HERE, "e", "task", "total score, narrowing, erosion", &[(letter('e'), SwitchTask)]),
    binding(
        HERE,
        ":",
        "cut-off",
        "the change above which a patient has progressed; the smallest detectable change unless you type one",
        &[(letter(':'), TypeThreshold)],
    ),
    binding(
        HERE,
        "+ -",
        "",
        "zoom both films of a joint in and out together",
        &[(letter('+'), ZoomIn), (letter('='), ZoomIn), (letter('-'), ZoomOut), (letter('_'), ZoomOut)],
    ),
    binding(Place::Global, "S", "", "change between visits: who progressed, by reader and model (visits.csv)", &[(letter('S'), Go(ID))]),
];
