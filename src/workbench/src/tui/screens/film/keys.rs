//! The keys of the film.

use svh_core::Limb;

use crate::tui::{
    action::{
        Action::{
            self, AutoWindow, Detect, DetectAll, Down, Fit, Invert, NextLimb, NextPatient, Pan, PreviousLimb, PreviousPatient, SwitchTask,
            ToggleModel, ToggleTruth, Up, ZoomJoint,
        },
        ScreenId,
    },
    input::Key,
    keys::{Binding, Place, binding},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Film");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "↑↓", "joint", "choose a joint; its box is highlighted and named", &[(Key::Up, Up), (Key::Down, Down)]),
    binding(HERE, "⏎", "zoom", "look closely at the joint, and back (also z)", &[(Key::Enter, ZoomJoint), (Key::Char('z'), ZoomJoint)]),
    binding(
        HERE,
        "Tab",
        "limb",
        "next film of the patient (Shift-Tab: the one before)",
        &[(Key::Tab, NextLimb), (Key::BackTab, PreviousLimb)],
    ),
    binding(HERE, "d", "detect", "find the joints of this film", &[(Key::Char('d'), Detect)]),
    binding(HERE, "e", "task", "narrowing or erosion", &[(Key::Char('e'), SwitchTask)]),
    binding(
        HERE,
        "n N",
        "patient",
        "next and previous patient, in the order of the table",
        &[(Key::Char('n'), NextPatient), (Key::Char('N'), PreviousPatient)],
    ),
    binding(
        HERE,
        "t p",
        "boxes",
        "show or hide the reader's boxes (truth) and the model's (prediction)",
        &[(Key::Char('t'), ToggleTruth), (Key::Char('p'), ToggleModel)],
    ),
    binding(HERE, "i", "invert", "black for white", &[(Key::Char('i'), Invert)]),
    binding(
        HERE,
        "1-4",
        "",
        "left hand, right hand, left foot, right foot",
        &[
            (Key::Char('1'), Action::Limb(Limb::LeftHand)),
            (Key::Char('2'), Action::Limb(Limb::RightHand)),
            (Key::Char('3'), Action::Limb(Limb::LeftFoot)),
            (Key::Char('4'), Action::Limb(Limb::RightFoot)),
        ],
    ),
    binding(
        HERE,
        "h j k l",
        "",
        "move the view (also ← →)",
        &[
            (Key::Char('h'), Pan(-0.2, 0.0)),
            (Key::Char('l'), Pan(0.2, 0.0)),
            (Key::Char('k'), Pan(0.0, -0.2)),
            (Key::Char('j'), Pan(0.0, 0.2)),
            (Key::Left, Pan(-0.2, 0.0)),
            (Key::Right, Pan(0.2, 0.0)),
        ],
    ),
    binding(HERE, "0", "", "the whole film again", &[(Key::Char('0'), Fit)]),
    binding(HERE, "a", "", "the window that suits the film: 1st to 99.5th percentile", &[(Key::Char('a'), AutoWindow)]),
    binding(HERE, "D", "", "find the joints of all films of the patient", &[(Key::Char('D'), DetectAll)]),
];
