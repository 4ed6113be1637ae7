//! The keys that several screens share.

use crossterm::event::KeyCode;

use super::{Binding, Place, binding, ctrl, letter, plain, shift};
use crate::tui::action::Action::{
    Back, Bottom, ChooseRun, Contrast, Copy, Down, Help, Level, NextDevice, PageDown, PageUp, Palette, Pan, Quit, Redraw, SaveFigure,
    Score, SortNext, SortPrevious, SortReverse, Suspend, Top, Up, ZoomIn, ZoomOut,
};

/// With a patient at hand.
pub const PATIENT: &[Binding] = &[
    binding(Place::Patient, "s", "score", "find and grade the joints of the patient", &[(letter('s'), Score)]),
    binding(Place::Patient, "g", "", "the next device for the networks: auto, cpu, cuda:N", &[(letter('g'), NextDevice)]),
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
    binding(Place::View, "[ ]", "", "darker and brighter (level)", &[(letter('['), Level(0.08)), (letter(']'), Level(-0.08))]),
    binding(Place::View, "{ }", "", "less and more contrast (window)", &[(letter('{'), Contrast(1.2)), (letter('}'), Contrast(1.0 / 1.2))]),
];

/// Where metrics of a run are shown.
pub const RUN: &[Binding] = &[
    binding(Place::Run, "^R", "run", "choose the run that all screens show (Ctrl-R)", &[(ctrl('r'), ChooseRun)]),
    binding(Place::Run, "p", "", "save the figure of this screen as SVG or PNG", &[(letter('p'), SaveFigure)]),
];

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
        "cancel a running job; else back to where you came from (also Backspace)",
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
    binding(Place::Global, "y", "", "copy the id, the place or the name at hand to the clipboard (OSC 52)", &[(letter('y'), Copy)]),
    binding(Place::Global, "Ctrl-L", "", "redraw the screen", &[(ctrl('l'), Redraw)]),
    binding(Place::Global, "Ctrl-Z", "", "suspend; `fg` resumes", &[(ctrl('z'), Suspend)]),
];
