//! The keys of the film.

use crossterm::event::KeyCode;

use svh_core::Limb;

use crate::tui::{
    action::{
        Action::{
            self, Beside, Clahe, Detect, DetectAll, Down, Fit, JointSpace, Magnify, NextItem, NextLimb, OpenList, OtherSide, Pan,
            PreviousItem, PreviousLimb, RawDetections, SameJoint, Sharpen, SwitchTask, Up, WindowOfBox, ZoomJoint,
        },
        ScreenId,
    },
    keys::{Binding, Place, binding, ctrl, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Film");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(
        HERE,
        "↑↓",
        "joint",
        "choose a joint; its box is highlighted and named (also j k)",
        &[(plain(KeyCode::Up), Up), (plain(KeyCode::Down), Down), (letter('k'), Up), (letter('j'), Down)],
    ),
    binding(HERE, "⏎", "zoom", "zoom to the joint, and back (also z)", &[(plain(KeyCode::Enter), ZoomJoint), (letter('z'), ZoomJoint)]),
    binding(
        HERE,
        "Tab",
        "limb",
        "next film of the patient (Shift-Tab: the one before)",
        &[(plain(KeyCode::Tab), NextLimb), (shift(KeyCode::BackTab), PreviousLimb)],
    ),
    binding(HERE, "d", "detect", "find the joints of this film", &[(letter('d'), Detect)]),
    binding(HERE, "e", "task", "narrowing or erosion", &[(letter('e'), SwitchTask)]),
    binding(
        HERE,
        "n N",
        "next",
        "the next item of the list that you came from, and the one before: a patient, an error, a crop",
        &[(letter('n'), NextItem), (letter('N'), PreviousItem)],
    ),
    binding(
        HERE,
        "*",
        "detections",
        "every detection of the film: which was accepted, and why the others were rejected",
        &[(letter('*'), RawDetections)],
    ),
    binding(
        HERE,
        "O",
        "",
        "while h says why: the reference joints that look most like this one, as a list of crops",
        &[(letter('O'), OpenList)],
    ),
    binding(
        HERE,
        "1-4",
        "limb",
        "left hand, right hand, left foot, right foot",
        &[
            (letter('1'), Action::Limb(Limb::LeftHand)),
            (letter('2'), Action::Limb(Limb::RightHand)),
            (letter('3'), Action::Limb(Limb::LeftFoot)),
            (letter('4'), Action::Limb(Limb::RightFoot)),
        ],
    ),
    binding(
        HERE,
        "← →",
        "",
        "move the view to the side (Shift-arrows: in every direction)",
        &[(plain(KeyCode::Left), Pan(-0.2, 0.0)), (plain(KeyCode::Right), Pan(0.2, 0.0))],
    ),
    binding(HERE, "H", "", "CLAHE: even out local contrast; for display only, the models see the film as it is", &[(letter('H'), Clahe)]),
    binding(HERE, "`", "", "sharpen with an unsharp mask; for display only", &[(letter('`'), Sharpen)]),
    binding(HERE, "^K", "", "the window that suits the joint's box", &[(ctrl('k'), WindowOfBox)]),
    binding(HERE, "'", "", "a magnifier at the joint, or where you click", &[(letter('\''), Magnify)]),
    binding(HERE, "|", "", "left beside right: the film of the other side, with linked zoom and window", &[(letter('|'), OtherSide)]),
    binding(HERE, "Space", "", "mark this film to stay beside the next ones, of any patient", &[(letter(' '), Beside)]),
    binding(HERE, "Q", "", "estimate the width of the joint space and draw its edges", &[(letter('Q'), JointSpace)]),
    binding(HERE, "Z", "", "this joint on all films, as a contact sheet to grade", &[(letter('Z'), SameJoint)]),
    binding(HERE, "w", "", "the whole film again", &[(letter('w'), Fit)]),
    binding(HERE, "D", "", "find the joints of all films of the patient", &[(letter('D'), DetectAll)]),
];
