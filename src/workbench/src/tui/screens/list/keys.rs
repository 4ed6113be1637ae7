//! The keys of the list.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{
            AcceptMany, Export, Filter, Go, Left, Mark, NextItem, NextView, Open, PreviousItem, PreviousView, Redo, Right, SameJoint,
            SwitchTask, TypeGrade, Undo,
        },
        ScreenId,
    },
    keys::{Binding, GRADES, Place, binding, ctrl, letter, plain, shift},
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
        "Space",
        "mark",
        "mark this entry, or no longer; what is done next is done to all marked ones (Esc: none)",
        &[(letter(' '), Mark)],
    ),
    binding(HERE, "0-9", "grade", "grade the marked joints, or the one at the cursor", GRADES),
    binding(
        HERE,
        "Y",
        "accept page",
        "accept the marked crops, or all of this page, as shown: the reader's grade, or else the model's, and the box that a model proposed",
        &[(letter('Y'), AcceptMany)],
    ),
    binding(
        HERE,
        "u",
        "undo",
        "undo the last change, or the last bulk action as a whole (Ctrl-Y redoes it)",
        &[(letter('u'), Undo), (ctrl('y'), Redo)],
    ),
    binding(HERE, "Z", "joint", "the joint of this entry on all films, to be graded in one pass", &[(letter('Z'), SameJoint)]),
    binding(
        HERE,
        "n N",
        "next joint",
        "in a pass: the next joint and the one before",
        &[(letter('n'), NextItem), (letter('N'), PreviousItem)],
    ),
    binding(HERE, "e", "task", "in a pass: the other task of the joint", &[(letter('e'), SwitchTask)]),
    binding(
        HERE,
        "f",
        "filter",
        "show some entries only: tag:NAME, marked, reviewed, narrowing, LH, mcp_2, part of an id",
        &[(letter('f'), Filter)],
    ),
    binding(HERE, "g", "", "type a grade: 10, or nothing where it cannot be graded", &[(letter('g'), TypeGrade)]),
    binding(
        HERE,
        "W",
        "write",
        "write the list to a file: .csv, .json (for --view), .coco.json, or name/ for a folder of VOC files",
        &[(letter('W'), Export)],
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
