//! The keys that several screens share.

use super::{Binding, Place, binding};
use crate::tui::{
    action::Action::{
        Back, Bottom, ChooseRun, Contrast, Down, Help, Level, NextDevice, PageDown, PageUp, Palette, Pan, Quit, Redraw, Score, SortNext,
        SortPrevious, SortReverse, Suspend, Top, Up, ZoomIn, ZoomOut,
    },
    input::Key,
};

/// With a patient at hand.
pub const PATIENT: &[Binding] = &[
    binding(Place::Patient, "s", "score", "find and grade the joints of the patient", &[(Key::Char('s'), Score)]),
    binding(Place::Patient, "g", "", "the next device for the networks: auto, cpu, cuda:N", &[(Key::Char('g'), NextDevice)]),
];

/// Where a film is looked at.
pub const VIEW: &[Binding] = &[
    binding(
        Place::View,
        "+ -",
        "",
        "closer and further away (also the wheel)",
        &[(Key::Char('+'), ZoomIn), (Key::Char('='), ZoomIn), (Key::Char('-'), ZoomOut), (Key::Char('_'), ZoomOut)],
    ),
    binding(
        Place::View,
        "Shift-arrows",
        "",
        "move the view (also drag with the mouse)",
        &[
            (Key::ShiftLeft, Pan(-0.2, 0.0)),
            (Key::ShiftRight, Pan(0.2, 0.0)),
            (Key::ShiftUp, Pan(0.0, -0.2)),
            (Key::ShiftDown, Pan(0.0, 0.2)),
        ],
    ),
    binding(Place::View, "[ ]", "", "darker and brighter (level)", &[(Key::Char('['), Level(0.08)), (Key::Char(']'), Level(-0.08))]),
    binding(
        Place::View,
        "{ }",
        "",
        "less and more contrast (window)",
        &[(Key::Char('{'), Contrast(1.2)), (Key::Char('}'), Contrast(1.0 / 1.2))],
    ),
];

/// Where figures of a run are shown.
pub const RUN: &[Binding] =
    &[binding(Place::Run, "^R", "run", "choose the run that the screens speak of (Ctrl-R)", &[(Key::Ctrl('r'), ChooseRun)])];

/// In every table.
pub const TABLE: &[Binding] = &[
    binding(
        Place::Table,
        "↑↓",
        "choose",
        "choose a line (also j k, the wheel, a click)",
        &[(Key::Up, Up), (Key::Down, Down), (Key::Char('k'), Up), (Key::Char('j'), Down)],
    ),
    binding(
        Place::Table,
        "< >",
        "sort",
        "sort by the column to the left or right (also a click on its head)",
        &[(Key::Char('<'), SortPrevious), (Key::Char('>'), SortNext), (Key::Char(','), SortPrevious), (Key::Char('.'), SortNext)],
    ),
    binding(Place::Table, "r", "", "turn the order round", &[(Key::Char('r'), SortReverse)]),
    binding(
        Place::Table,
        "PgUp PgDn",
        "",
        "a page up or down (also Ctrl-B, Ctrl-F)",
        &[(Key::PageUp, PageUp), (Key::PageDown, PageDown), (Key::Ctrl('b'), PageUp), (Key::Ctrl('f'), PageDown)],
    ),
    binding(
        Place::Table,
        "Home End",
        "",
        "the first or last line (also G for the last)",
        &[(Key::Home, Top), (Key::End, Bottom), (Key::Char('G'), Bottom)],
    ),
];

/// Everywhere.
pub const GLOBAL: &[Binding] = &[
    binding(
        Place::Global,
        "^P",
        "commands",
        "every command, screen, patient and run by a few of its letters (Ctrl-P)",
        &[(Key::Ctrl('p'), Palette)],
    ),
    binding(
        Place::Global,
        "Esc",
        "",
        "give up a running job; else back to where you came from (also Backspace)",
        &[(Key::Esc, Back), (Key::Backspace, Back)],
    ),
    binding(
        Place::Global,
        "?",
        "help",
        "this help, the scoring scheme, the legend (also F1)",
        &[(Key::Char('?'), Help), (Key::F(1), Help)],
    ),
    binding(Place::Global, "q", "quit", "quit (also Ctrl-C)", &[(Key::Char('q'), Quit), (Key::Ctrl('c'), Quit)]),
    binding(Place::Global, "Ctrl-L", "", "paint the screen anew", &[(Key::Ctrl('l'), Redraw)]),
    binding(Place::Global, "Ctrl-Z", "", "stop for a while; `fg` goes on", &[(Key::Ctrl('z'), Suspend)]),
];
