//! The keys of the errors.

use crate::tui::{
    action::{
        Action::{
            Down, Filter, Left, NextView, Open, PreviousView, Right, SwitchLimb, SwitchTask, Threshold, ToggleKept, ToggleKind, Up,
            ZoomJoint,
        },
        ScreenId,
    },
    input::Key,
    keys::{Binding, Place, binding},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Errors");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "n N", "next", "the next error and the one before (also ↑↓)", &[(Key::Char('n'), Down), (Key::Char('N'), Up)]),
    binding(HERE, "⏎", "film", "open the film at this joint; in the figures by joint: its errors", &[(Key::Enter, Open)]),
    binding(
        HERE,
        "Tab",
        "view",
        "list, contact sheet of crops, figures by joint (8.5.1, 8.5.2 of the paper); Shift-Tab: the other way",
        &[(Key::Tab, NextView), (Key::BackTab, PreviousView)],
    ),
    binding(
        HERE,
        "[ ]",
        "threshold",
        "the score from which a box counts, lower and higher by 0.05 ({ } by 0.01)",
        &[(Key::Char('['), Threshold(-5)), (Key::Char(']'), Threshold(5)), (Key::Char('{'), Threshold(-1)), (Key::Char('}'), Threshold(1))],
    ),
    binding(
        HERE,
        "1-9",
        "kind",
        "show only errors of this kind, or no longer",
        &[
            (Key::Char('1'), ToggleKind(0)),
            (Key::Char('2'), ToggleKind(1)),
            (Key::Char('3'), ToggleKind(2)),
            (Key::Char('4'), ToggleKind(3)),
            (Key::Char('5'), ToggleKind(4)),
            (Key::Char('6'), ToggleKind(5)),
            (Key::Char('7'), ToggleKind(6)),
            (Key::Char('8'), ToggleKind(7)),
            (Key::Char('9'), ToggleKind(8)),
        ],
    ),
    binding(
        HERE,
        "f",
        "filter",
        "show some errors only: kinds, narrowing, LH, mcp_2, score>0.5, iou<0.3, counts, a patient's id",
        &[(Key::Char('f'), Filter)],
    ),
    binding(HERE, "e", "", "both tasks, narrowing only, erosion only", &[(Key::Char('e'), SwitchTask)]),
    binding(HERE, "l", "", "all limbs, or one of them", &[(Key::Char('l'), SwitchLimb)]),
    binding(
        HERE,
        "c",
        "",
        "only boxes that count after the best-box rule and missed joints, or all errors",
        &[(Key::Char('c'), ToggleKept)],
    ),
    binding(HERE, "z", "", "the whole film beside the list, or the error from close by", &[(Key::Char('z'), ZoomJoint)]),
    binding(HERE, "← →", "", "among crops and among joints: to the side", &[(Key::Left, Left), (Key::Right, Right)]),
];
