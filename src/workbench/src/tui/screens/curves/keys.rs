//! The keys of the curves.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{
            Best, Bottom, Down, Go, Left, LogScale, NextView, Open, PageDown, PageUp, PreviousView, Right, SwitchLimb, SwitchTask, Top, Up,
        },
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Curves");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(
        HERE,
        "Tab",
        "view",
        "precision-recall, AP by joint, F1 over the threshold, boxes by score and by IoU, confused joints, reliability (Shift-Tab: backwards)",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(
        HERE,
        "←→",
        "point",
        "along the curve, the bars or the lines (also ↑↓; PgUp and PgDn ten at a time)",
        &[
            (plain(KeyCode::Left), Left),
            (plain(KeyCode::Right), Right),
            (plain(KeyCode::Up), Up),
            (plain(KeyCode::Down), Down),
            (plain(KeyCode::PageUp), PageUp),
            (plain(KeyCode::PageDown), PageDown),
            (plain(KeyCode::Home), Top),
            (plain(KeyCode::End), Bottom),
        ],
    ),
    binding(HERE, "⏎", "boxes", "the boxes or joints behind the point, the bar or the line", &[(plain(KeyCode::Enter), Open)]),
    binding(HERE, "e", "task", "narrowing or erosion; of the reliability diagram the scale", &[(letter('e'), SwitchTask)]),
    binding(HERE, "b", "best", "take the threshold of the best F1", &[(letter('b'), Best)]),
    binding(HERE, "j", "joint", "the curves of the joint chosen in AP, or of all joints again", &[(letter('j'), SwitchLimb)]),
    binding(HERE, "l", "", "bars by count or by its logarithm", &[(letter('l'), LogScale)]),
    binding(
        Place::Global,
        "U",
        "",
        "curves of the detectors and scorers: precision-recall, AP, F1, histograms, confused joints, reliability",
        &[(letter('U'), Go(ID))],
    ),
];
