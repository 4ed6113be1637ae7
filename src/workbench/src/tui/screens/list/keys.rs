//! The keys of the list.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{Export, Go, Left, NextView, Open, PreviousView, Right},
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("List");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "⏎", "film", "open the film at this joint", &[(plain(KeyCode::Enter), Open)]),
    binding(
        HERE,
        "Tab",
        "view",
        "contact sheet of crops, or lines",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(
        HERE,
        "w",
        "write",
        "write the list to a file: .csv, .json (for --view), .coco.json, or name/ for a folder of VOC files",
        &[(letter('w'), Export)],
    ),
    binding(HERE, "← →", "", "among crops: to the side", &[(plain(KeyCode::Left), Left), (plain(KeyCode::Right), Right)]),
    binding(
        Place::Global,
        "L",
        "",
        "the list at hand: what was opened last behind a point, a bar, a cell or a file",
        &[(letter('L'), Go(ID))],
    ),
];
