//! The keys of the runs.

use crate::tui::{
    action::{
        Action::{Beside, Cancel, NextView, Open, PreviousView, Resume, Start},
        ScreenId,
    },
    input::Key,
    keys::{Binding, Place, binding},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Runs");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "n", "new", "start a scoring or a training", &[(Key::Char('n'), Start)]),
    binding(HERE, "⏎", "use", "let all screens speak of this scoring", &[(Key::Enter, Open)]),
    binding(
        HERE,
        "Tab",
        "curve",
        "another curve of the run: loss, accuracy, learning rate (Shift-Tab: the one before)",
        &[(Key::Tab, NextView), (Key::BackTab, PreviousView)],
    ),
    binding(
        HERE,
        "m",
        "compare",
        "mark this run; another one chosen then is shown beside it, with the interval of the difference",
        &[(Key::Char('m'), Beside)],
    ),
    binding(HERE, "x", "", "ask the run to end in good order (twice)", &[(Key::Char('x'), Cancel)]),
    binding(HERE, "u", "", "go on with a run that was broken off", &[(Key::Char('u'), Resume)]),
];
