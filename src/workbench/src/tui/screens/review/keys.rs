//! The keys of the reviews, and those that hold while a box is in hand.

use crate::tui::{
    action::{
        Action::{
            Accept, AutoWindow, BlindReading, Bottom, ClearFlag, DeleteBox, Detect, Differences, Down, DrawBox, Fit, Flag, Grade, Invert,
            Leave, MoveBox, NextJoint, NextLimb, NextView, Nudge, OnFilm, PageDown, PageUp, PreviousJoint, PreviousLimb, PreviousView,
            Redo, Relabel, Resize, Search, Take, ToggleModel, ToggleTruth, Top, TypeGrade, Undo, Up, ZoomIn, ZoomJoint, ZoomOut,
        },
        ScreenId,
    },
    input::Key,
    keys::{Binding, Place, binding},
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
        &[(Key::Up, Up), (Key::Down, Down), (Key::Char('k'), Up), (Key::Char('j'), Down)],
    ),
    binding(
        HERE,
        "⏎",
        "accept",
        "accept the box or the grade as it stands; in blind reading, lock the answer (also a)",
        &[(Key::Enter, Accept), (Key::Char('a'), Accept)],
    ),
    binding(HERE, "m", "move", "take the box in hand: arrows and mouse move and resize it", &[(Key::Char('m'), MoveBox)]),
    binding(
        HERE,
        "0-9",
        "grade",
        "grade the joint",
        &[
            (Key::Char('0'), Grade(0)),
            (Key::Char('1'), Grade(1)),
            (Key::Char('2'), Grade(2)),
            (Key::Char('3'), Grade(3)),
            (Key::Char('4'), Grade(4)),
            (Key::Char('5'), Grade(5)),
            (Key::Char('6'), Grade(6)),
            (Key::Char('7'), Grade(7)),
            (Key::Char('8'), Grade(8)),
            (Key::Char('9'), Grade(9)),
        ],
    ),
    binding(
        HERE,
        "Tab",
        "list",
        "the next list: proposals, doubtful boxes and grades... (Shift-Tab: the one before)",
        &[(Key::Tab, NextView), (Key::BackTab, PreviousView)],
    ),
    binding(HERE, "u", "undo", "take back what you did last (Ctrl-R brings it again)", &[(Key::Char('u'), Undo), (Key::Ctrl('r'), Redo)]),
    binding(HERE, "f", "flag", "ask for a second look, with a note", &[(Key::Char('f'), Flag)]),
    binding(HERE, "g", "type grade", "type a grade: 10, or nothing where it cannot be told", &[(Key::Char('g'), TypeGrade)]),
    binding(HERE, "b", "draw", "draw a box where there is none", &[(Key::Char('b'), DrawBox)]),
    binding(HERE, "l", "relabel", "give the box to another joint; Tab completes its name", &[(Key::Char('l'), Relabel)]),
    binding(HERE, "x", "delete", "delete the box (also Delete)", &[(Key::Char('x'), DeleteBox), (Key::Delete, DeleteBox)]),
    binding(HERE, "F", "settle", "settle the flags of this joint", &[(Key::Char('F'), ClearFlag)]),
    binding(
        HERE,
        "B",
        "blind",
        "blind reading on and off: truth and model are hidden until you have answered",
        &[(Key::Char('B'), BlindReading)],
    ),
    binding(HERE, "D", "readers", "where the locked answers of two readers differ", &[(Key::Char('D'), Differences)]),
    binding(
        HERE,
        "← →",
        "",
        "the joint before or after, also one that is not in the list",
        &[(Key::Left, PreviousJoint), (Key::Right, NextJoint)],
    ),
    binding(HERE, "n N", "film", "the next and the previous film", &[(Key::Char('n'), NextLimb), (Key::Char('N'), PreviousLimb)]),
    binding(HERE, "/", "search", "search patients and joints while typing; / and ⏎ go on to the next", &[(Key::Char('/'), Search)]),
    binding(HERE, "z", "zoom", "look closely at the joint, and back", &[(Key::Char('z'), ZoomJoint)]),
    binding(HERE, "w", "", "the whole film again", &[(Key::Char('w'), Fit)]),
    binding(HERE, "o", "film screen", "the film on its own screen", &[(Key::Char('o'), OnFilm)]),
    binding(HERE, "d", "", "find the joints of this film", &[(Key::Char('d'), Detect)]),
    binding(
        HERE,
        "t p",
        "",
        "show or hide the reader's boxes (truth) and the model's (prediction)",
        &[(Key::Char('t'), ToggleTruth), (Key::Char('p'), ToggleModel)],
    ),
    binding(HERE, "i", "", "black for white", &[(Key::Char('i'), Invert)]),
    binding(HERE, "A", "", "the window that suits the film", &[(Key::Char('A'), AutoWindow)]),
    binding(HERE, "PgUp PgDn", "", "a page up or down", &[(Key::PageUp, PageUp), (Key::PageDown, PageDown)]),
    binding(HERE, "Home End", "", "the first or last line", &[(Key::Home, Top), (Key::End, Bottom), (Key::Char('G'), Bottom)]),
];

/// With a box in hand.
pub const EDITING: &[Binding] = &[
    binding(
        Place::Editing,
        "↑↓←→",
        "move",
        "move the box, or its right and lower edges; a step is half a cell (also h j k l)",
        &[
            (Key::Left, Nudge(-1, 0)),
            (Key::Right, Nudge(1, 0)),
            (Key::Up, Nudge(0, -1)),
            (Key::Down, Nudge(0, 1)),
            (Key::Char('h'), Nudge(-1, 0)),
            (Key::Char('l'), Nudge(1, 0)),
            (Key::Char('k'), Nudge(0, -1)),
            (Key::Char('j'), Nudge(0, 1)),
        ],
    ),
    binding(Place::Editing, "Tab", "move or resize", "move or resize (also m)", &[(Key::Tab, Resize), (Key::Char('m'), Resize)]),
    binding(Place::Editing, "⏎", "take it", "take the box as it is (also a)", &[(Key::Enter, Take), (Key::Char('a'), Take)]),
    binding(Place::Editing, "Esc", "leave it", "leave the box as it was", &[(Key::Esc, Leave), (Key::Backspace, Leave)]),
    binding(
        Place::Editing,
        "Shift-arrows",
        "by 5",
        "five steps at once",
        &[(Key::ShiftLeft, Nudge(-5, 0)), (Key::ShiftRight, Nudge(5, 0)), (Key::ShiftUp, Nudge(0, -5)), (Key::ShiftDown, Nudge(0, 5))],
    ),
    binding(
        Place::Editing,
        "+ -",
        "zoom",
        "closer and further away; steps follow",
        &[(Key::Char('+'), ZoomIn), (Key::Char('='), ZoomIn), (Key::Char('-'), ZoomOut), (Key::Char('_'), ZoomOut)],
    ),
    binding(Place::Editing, "w", "", "the whole film", &[(Key::Char('w'), Fit)]),
];
