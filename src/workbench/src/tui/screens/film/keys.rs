//! The keys of the film.

use crossterm::event::KeyCode;

use svh_core::Limb;

use crate::tui::{
    action::{
        Action::{
            self, AutoWindow, Detect, DetectAll, Down, Fit, Invert, NextLimb, NextPatient, Pan, PreviousLimb, PreviousPatient, SwitchTask,
            ToggleModel, ToggleReader, Up, ZoomJoint,
        },
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
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
        "choose a joint; its box is highlighted and named",
        &[(plain(KeyCode::Up), Up), (plain(KeyCode::Down), Down)],
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
        "patient",
        "next and previous patient, in the order of the table",
        &[(letter('n'), NextPatient), (letter('N'), PreviousPatient)],
    ),
    binding(
        HERE,
        "t p",
        "boxes",
        "show or hide the boxes of the reader and of the model",
        &[(letter('t'), ToggleReader), (letter('p'), ToggleModel)],
    ),
    binding(HERE, "i", "invert", "invert", &[(letter('i'), Invert)]),
    binding(
        HERE,
        "1-4",
        "",
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
        "h j k l",
        "",
        "move the view (also ← →)",
        &[
            (letter('h'), Pan(-0.2, 0.0)),
            (letter('l'), Pan(0.2, 0.0)),
            (letter('k'), Pan(0.0, -0.2)),
            (letter('j'), Pan(0.0, 0.2)),
            (plain(KeyCode::Left), Pan(-0.2, 0.0)),
            (plain(KeyCode::Right), Pan(0.2, 0.0)),
        ],
    ),
    binding(HERE, "0", "", "the whole film again", &[(letter('0'), Fit)]),
    binding(HERE, "a", "", "the window that suits the film: 1st to 99.5th percentile", &[(letter('a'), AutoWindow)]),
    binding(HERE, "D", "", "find the joints of all films of the patient", &[(letter('D'), DetectAll)]),
];
