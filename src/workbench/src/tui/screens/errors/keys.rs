//! The keys of the errors.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{
            Down, Filter, Left, NextView, Open, OpenList, PreviousView, Right, SwitchLimb, SwitchTask, Threshold, ToggleKept, ToggleKind,
            Up, ZoomJoint,
        },
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Errors");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "n N", "next", "the next error and the one before (also ↑↓)", &[(letter('n'), Down), (letter('N'), Up)]),
    binding(HERE, "⏎", "film", "open the film at this joint; in the view by joint: its errors", &[(plain(KeyCode::Enter), Open)]),
    binding(
        HERE,
        "Tab",
        "view",
        "list, contact sheet of crops, counts by joint (figures 8.5.1 and 8.5.2 of the paper); Shift-Tab: backwards",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(
        HERE,
        "[ ]",
        "threshold",
        "the score above which a box is accepted, lower and higher by 0.05 ({ } by 0.01)",
        &[(letter('['), Threshold(-5)), (letter(']'), Threshold(5)), (letter('{'), Threshold(-1)), (letter('}'), Threshold(1))],
    ),
    binding(
        HERE,
        "1-9",
        "kind",
        "show only errors of this kind, or no longer",
        &[
            (letter('1'), ToggleKind(0)),
            (letter('2'), ToggleKind(1)),
            (letter('3'), ToggleKind(2)),
            (letter('4'), ToggleKind(3)),
            (letter('5'), ToggleKind(4)),
            (letter('6'), ToggleKind(5)),
            (letter('7'), ToggleKind(6)),
            (letter('8'), ToggleKind(7)),
            (letter('9'), ToggleKind(8)),
        ],
    ),
    binding(
        HERE,
        "f",
        "filter",
        "show some errors only: kinds, narrowing, LH, mcp_2, score>0.5, iou<0.3, accepted, a patient's id",
        &[(letter('f'), Filter)],
    ),
    binding(HERE, "o", "list", "these errors as a list, to be written to a file", &[(letter('o'), OpenList)]),
    binding(HERE, "e", "", "both tasks, narrowing only, erosion only", &[(letter('e'), SwitchTask)]),
    binding(HERE, "l", "", "all limbs, or one of them", &[(letter('l'), SwitchLimb)]),
    binding(HERE, "c", "", "only accepted boxes and missed joints, or all errors", &[(letter('c'), ToggleKept)]),
    binding(HERE, "z", "", "the whole film beside the list, or the error from close by", &[(letter('z'), ZoomJoint)]),
    binding(HERE, "← →", "", "among crops and among joints: to the side", &[(plain(KeyCode::Left), Left), (plain(KeyCode::Right), Right)]),
];
