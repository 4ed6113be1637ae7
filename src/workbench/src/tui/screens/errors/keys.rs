//! The keys of the errors.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{
            Filter, Jump, Left, NextView, Open, OpenList, PreviousView, Right, SwitchLimb, SwitchTask, ToggleKept, ToggleKind, ZoomJoint,
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
    binding(HERE, "⏎", "film", "open the film at this joint; in the view by joint: its errors", &[(plain(KeyCode::Enter), Open)]),
    binding(
        HERE,
        "Tab",
        "view",
        "list, contact sheet of crops, wrong grades, counts by joint (figures 8.5.1 and 8.5.2 of the paper); Shift-Tab: backwards",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(HERE, ":", "", "go to a line by its number, or type a threshold such as 0.37", &[(letter(':'), Jump)]),
    binding(
        HERE,
        "0-9",
        "kind",
        "show only errors of this kind, or no longer; 0 is wrong grades",
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
            (letter('0'), ToggleKind(9)),
        ],
    ),
    binding(
        HERE,
        "f",
        "filter",
        "show some errors only: kinds, grade, narrowing, LH, mcp_2, score>0.5, iou<0.3, points>1, confidence>0.8, entropy<0.5, accepted, an id",
        &[(letter('f'), Filter)],
    ),
    binding(HERE, "O", "list", "these errors as a list, to be written to a file", &[(letter('O'), OpenList)]),
    binding(HERE, "e", "", "both tasks, narrowing only, erosion only", &[(letter('e'), SwitchTask)]),
    binding(HERE, "l", "", "all limbs, or one of them", &[(letter('l'), SwitchLimb)]),
    binding(HERE, "v", "", "only accepted boxes and missed joints, or all errors", &[(letter('v'), ToggleKept)]),
    binding(HERE, "z", "", "the whole film beside the list, or the error from close by", &[(letter('z'), ZoomJoint)]),
    binding(HERE, "← →", "", "among crops and among joints: to the side", &[(plain(KeyCode::Left), Left), (plain(KeyCode::Right), Right)]),
];
