//! The keys that several screens share.

use crossterm::event::KeyCode;

use super::{Binding, Place, binding, ctrl, letter, plain, shift};
use crate::tui::action::Action::{
    AutoWindow, Back, Bottom, ChooseCohort, ChooseRun, Contrast, Copy, Down, Explain, Gamma, Help, Invert, Level, NextDevice, NextItem,
    PageDown, PageUp, Palette, Pan, PreviousItem, Quit, Redraw, SaveFigure, Score, SortNext, SortPrevious, SortReverse, Suspend, Tag,
    Threshold, ToggleModel, ToggleReader, Top, Up, ZoomIn, ZoomOut,
};

/// With a patient at hand.
pub const PATIENT: &[Binding] = &[
    binding(Place::Patient, "s", "score", "find and grade the joints of the patient", &[(letter('s'), Score)]),
    binding(Place::Patient, "^G", "", "the next device for the networks: auto, cpu, cuda:N (Ctrl-G)", &[(ctrl('g'), NextDevice)]),
];

/// Where a film is looked at.
pub const VIEW: &[Binding] = &[
    binding(
        Place::View,
        "+ -",
        "",
        "zoom in and out (also the wheel)",
        &[(letter('+'), ZoomIn), (letter('='), ZoomIn), (letter('-'), ZoomOut), (letter('_'), ZoomOut)],
    ),
    binding(
        Place::View,
        "Shift-arrows",
        "",
        "move the view (also drag with the mouse)",
        &[
            (shift(KeyCode::Left), Pan(-0.2, 0.0)),
            (shift(KeyCode::Right), Pan(0.2, 0.0)),
            (shift(KeyCode::Up), Pan(0.0, -0.2)),
            (shift(KeyCode::Down), Pan(0.0, 0.2)),
        ],
    ),
];

/// Where pictures are looked at.
pub const LOOK: &[Binding] = &[
    binding(
        Place::Look,
        "t p",
        "",
        "show or hide the boxes of the reader and of the model",
        &[(letter('t'), ToggleReader), (letter('p'), ToggleModel)],
    ),
    binding(Place::Look, "( )", "", "darker and brighter (level)", &[(letter('('), Level(0.08)), (letter(')'), Level(-0.08))]),
    binding(Place::Look, "{ }", "", "less and more contrast (window)", &[(letter('{'), Contrast(1.2)), (letter('}'), Contrast(1.0 / 1.2))]),
    binding(Place::Look, "A", "", "the window that suits the film: 1st to 99.5th percentile", &[(letter('A'), AutoWindow)]),
    binding(Place::Look, "i", "", "invert", &[(letter('i'), Invert)]),
    binding(Place::Look, "^", "", "gamma: 1.4, 2, 0.5, 0.7, 1", &[(letter('^'), Gamma)]),
    binding(
        Place::Look,
        "h",
        "why",
        "why this grade: over the crop, which places raise and lower it; beside it, the most similar reference joints",
        &[(letter('h'), Explain)],
    ),
];

/// Where boxes are accepted or not by their score.
pub const THRESHOLD: &[Binding] = &[binding(
    Place::Threshold,
    "[ ]",
    "threshold",
    "the score above which a box is accepted, lower and higher by 0.05 (: types one)",
    &[(letter('['), Threshold(-5)), (letter(']'), Threshold(5))],
)];

/// Where metrics of a run are shown.
pub const RUN: &[Binding] = &[
    binding(Place::Run, "^R", "run", "choose the run that all screens show (Ctrl-R)", &[(ctrl('r'), ChooseRun)]),
    binding(Place::Run, "$", "", "save the figure of this screen as SVG or PNG", &[(letter('$'), SaveFigure)]),
];

/// In every list: what the film screen does as well, in the list that it was opened from.
pub const ITEMS: &[Binding] = &[binding(
    Place::Items,
    "n N",
    "next",
    "the next item of the list and the one before; the next match where you searched",
    &[(letter('n'), NextItem), (letter('N'), PreviousItem)],
)];

/// In every table.
pub const TABLE: &[Binding] = &[
    binding(
        Place::Table,
        "↑↓",
        "choose",
        "choose a line (also j k, the wheel, a click)",
        &[(plain(KeyCode::Up), Up), (plain(KeyCode::Down), Down), (letter('k'), Up), (letter('j'), Down)],
    ),
    binding(
        Place::Table,
        "< >",
        "sort",
        "sort by the column to the left or right (also a click on its head)",
        &[(letter('<'), SortPrevious), (letter('>'), SortNext), (letter(','), SortPrevious), (letter('.'), SortNext)],
    ),
    binding(Place::Table, "r", "", "reverse the sort order", &[(letter('r'), SortReverse)]),
    binding(
        Place::Table,
        "PgUp PgDn",
        "",
        "a page up or down (also Ctrl-B, Ctrl-F)",
        &[(plain(KeyCode::PageUp), PageUp), (plain(KeyCode::PageDown), PageDown), (ctrl('b'), PageUp), (ctrl('f'), PageDown)],
    ),
    binding(
        Place::Table,
        "Home End",
        "",
        "the first or last line (also G for the last)",
        &[(plain(KeyCode::Home), Top), (plain(KeyCode::End), Bottom), (letter('G'), Bottom)],
    ),
];

/// Everywhere.
pub const GLOBAL: &[Binding] = &[
    binding(
        Place::Global,
        "^P",
        "commands",
        "every command, screen, patient and run by a few of its letters (Ctrl-P)",
        &[(ctrl('p'), Palette)],
    ),
    binding(
        Place::Global,
        "Esc",
        "",
        "cancel a running job; else back within the screen, from a film to its list (also Backspace)",
        &[(plain(KeyCode::Esc), Back), (plain(KeyCode::Backspace), Back)],
    ),
    binding(
        Place::Global,
        "?",
        "help",
        "this help, the scoring scheme, the legend (also F1)",
        &[(letter('?'), Help), (plain(KeyCode::F(1)), Help)],
    ),
    binding(Place::Global, "q", "quit", "quit (also Ctrl-C)", &[(letter('q'), Quit), (ctrl('c'), Quit)]),
    binding(
        Place::Global,
        "Ctrl-O",
        "",
        "another cohort: show one that is open, or open a folder; each keeps its own runs, reviews and tags",
        &[(ctrl('o'), ChooseCohort)],
    ),
    binding(Place::Global, "Ctrl-R", "", "choose the run that all screens show", &[(ctrl('r'), ChooseRun)]),
    binding(
        Place::Global,
        "K",
        "",
        "tag what is at hand, or all that are marked: NAME adds, -NAME takes away, film:NAME and patient:NAME tag those; filters find tag:NAME",
        &[(letter('K'), Tag)],
    ),
    binding(Place::Global, "y", "", "copy the id, the place or the name at hand to the clipboard (OSC 52)", &[(letter('y'), Copy)]),
    binding(Place::Global, "Ctrl-L", "", "redraw the screen", &[(ctrl('l'), Redraw)]),
    binding(Place::Global, "Ctrl-Z", "", "suspend; `fg` resumes", &[(ctrl('z'), Suspend)]),
];
