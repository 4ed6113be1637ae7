//! The keys of the reviews, and those that hold while a box is in hand.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{
            Accept, AcceptMany, BlindReading, Bottom, ClearFlag, DeleteBox, Detect, Differences, Down, DrawBox, Fit, Flag, Leave, MoveBox,
            NextItem, NextJoint, NextView, Nudge, OnFilm, PageDown, PageUp, PreviousItem, PreviousJoint, PreviousView, Redo, Relabel,
            Resize, SameJoint, Search, Take, Top, TypeGrade, Undo, Up, ZoomIn, ZoomJoint, ZoomOut,
        },
        ScreenId,
    },
    keys::{Binding, GRADES, Place, binding, ctrl, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Review");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(
        HERE,
        "↑↓",
        "choose",
        "choose a line (also j k, the wheel, a click)",
        &[(plain(KeyCode::Up), Up), (plain(KeyCode::Down), Down), (letter('k'), Up), (letter('j'), Down)],
    ),
    binding(
        HERE,
        "⏎",
        "accept",
        "accept the box or the grade as it stands; in blind reading, lock the answer",
        &[(plain(KeyCode::Enter), Accept)],
    ),
    binding(HERE, "m", "move", "edit the box: arrows and mouse move and resize it", &[(letter('m'), MoveBox)]),
    binding(HERE, "0-9", "grade", "grade the joint", GRADES),
    binding(
        HERE,
        "Tab",
        "list",
        "the next list: proposals, doubtful boxes and grades... (Shift-Tab: the one before)",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(
        HERE,
        "Y",
        "accept all",
        "accept many at once: ⏎ all proposals of this film, a score such as 0.9 those of all films with at least that score",
        &[(letter('Y'), AcceptMany)],
    ),
    binding(HERE, "Z", "crops", "this joint on all films, as a contact sheet to grade", &[(letter('Z'), SameJoint)]),
    binding(
        HERE,
        "u",
        "undo",
        "undo your last change, or the last bulk action as a whole (Ctrl-Y redoes it)",
        &[(letter('u'), Undo), (ctrl('y'), Redo)],
    ),
    binding(HERE, "!", "flag", "ask for a second look, with a note", &[(letter('!'), Flag)]),
    binding(HERE, "g", "type grade", "type a grade: 10, or nothing where it cannot be graded", &[(letter('g'), TypeGrade)]),
    binding(HERE, "b", "draw", "draw a box where there is none", &[(letter('b'), DrawBox)]),
    binding(HERE, ";", "relabel", "give the box to another joint; Tab completes its name", &[(letter(';'), Relabel)]),
    binding(HERE, "x", "delete", "delete the box (also Delete)", &[(letter('x'), DeleteBox), (plain(KeyCode::Delete), DeleteBox)]),
    binding(HERE, "F", "resolve", "resolve this joint's flags", &[(letter('F'), ClearFlag)]),
    binding(
        HERE,
        "B",
        "blind",
        "blind reading on and off: reader and model are hidden until you have answered",
        &[(letter('B'), BlindReading)],
    ),
    binding(HERE, "&", "readers", "where the locked answers of two readers differ", &[(letter('&'), Differences)]),
    binding(
        HERE,
        "← →",
        "",
        "the joint before or after, also one that is not in the list",
        &[(plain(KeyCode::Left), PreviousJoint), (plain(KeyCode::Right), NextJoint)],
    ),
    binding(HERE, "n N", "next", "the next film of the list, and the one before", &[(letter('n'), NextItem), (letter('N'), PreviousItem)]),
    binding(HERE, "/", "search", "search patients and joints while typing; / and ⏎ go to the next", &[(letter('/'), Search)]),
    binding(HERE, "z", "zoom", "zoom to the joint, and back", &[(letter('z'), ZoomJoint)]),
    binding(HERE, "w", "", "the whole film again", &[(letter('w'), Fit)]),
    binding(HERE, "o", "film screen", "the film on its own screen", &[(letter('o'), OnFilm)]),
    binding(HERE, "d", "", "find the joints of this film", &[(letter('d'), Detect)]),
    binding(HERE, "PgUp PgDn", "", "a page up or down", &[(plain(KeyCode::PageUp), PageUp), (plain(KeyCode::PageDown), PageDown)]),
    binding(
        HERE,
        "Home End",
        "",
        "the first or last line",
        &[(plain(KeyCode::Home), Top), (plain(KeyCode::End), Bottom), (letter('G'), Bottom)],
    ),
];

/// With a box in hand.
pub const EDITING: &[Binding] = &[
    binding(
        Place::Editing,
        "↑↓←→",
        "move",
        "move the box, or its right and lower edges; a step is half a cell (also j k)",
        &[
            (plain(KeyCode::Left), Nudge(-1, 0)),
            (plain(KeyCode::Right), Nudge(1, 0)),
            (plain(KeyCode::Up), Nudge(0, -1)),
            (plain(KeyCode::Down), Nudge(0, 1)),
            (letter('k'), Nudge(0, -1)),
            (letter('j'), Nudge(0, 1)),
        ],
    ),
    binding(Place::Editing, "Tab", "move or resize", "move or resize", &[(plain(KeyCode::Tab), Resize)]),
    binding(Place::Editing, "⏎", "apply", "apply the change", &[(plain(KeyCode::Enter), Take)]),
    binding(Place::Editing, "Esc", "cancel", "cancel the change", &[(plain(KeyCode::Esc), Leave), (plain(KeyCode::Backspace), Leave)]),
    binding(
        Place::Editing,
        "Shift-arrows",
        "by 5",
        "five steps at once",
        &[
            (shift(KeyCode::Left), Nudge(-5, 0)),
            (shift(KeyCode::Right), Nudge(5, 0)),
            (shift(KeyCode::Up), Nudge(0, -5)),
            (shift(KeyCode::Down), Nudge(0, 5)),
        ],
    ),
    binding(
        Place::Editing,
        "+ -",
        "zoom",
        "zoom in and out; steps follow",
        &[(letter('+'), ZoomIn), (letter('='), ZoomIn), (letter('-'), ZoomOut), (letter('_'), ZoomOut)],
    ),
    binding(Place::Editing, "w", "", "the whole film", &[(letter('w'), Fit)]),
];
