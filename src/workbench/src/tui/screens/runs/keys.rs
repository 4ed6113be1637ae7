//! The keys of the runs.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{Beside, Cancel, Changes, NextView, Open, PreviousView, Resume, SaveFigure, Start},
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Runs");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "n", "new", "start a scoring or a training", &[(letter('n'), Start)]),
    binding(HERE, "⏎", "use", "show this scoring on all screens", &[(plain(KeyCode::Enter), Open)]),
    binding(
        HERE,
        "Tab",
        "curve",
        "another curve of the run: loss, accuracy, learning rate (Shift-Tab: the one before)",
        &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)],
    ),
    binding(
        HERE,
        "m",
        "compare",
        "mark this run; another one chosen then is shown beside it, with the interval of the difference",
        &[(letter('m'), Beside)],
    ),
    binding(HERE, "c", "changes", "what changed between the marked run and this one, joint by joint", &[(letter('c'), Changes)]),
    binding(HERE, "p", "", "save the training curves as SVG or PNG", &[(letter('p'), SaveFigure)]),
    binding(HERE, "x", "", "stop the run (press twice)", &[(letter('x'), Cancel)]),
    binding(HERE, "u", "", "resume an interrupted run", &[(letter('u'), Resume)]),
];
