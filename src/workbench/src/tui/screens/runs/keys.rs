//! The keys of the runs.

use crossterm::event::KeyCode;

use crate::tui::{
    action::{
        Action::{Beside, Cancel, Changes, DeleteRun, NextView, NoteRun, Open, PreviousView, RenameRun, Resume, SaveFigure, Start},
        ScreenId,
    },
    keys::{Binding, Place, binding, letter, plain, shift},
};

/// The screen.
pub const ID: ScreenId = ScreenId("Runs");
const HERE: Place = Place::On(ID);

/// The keys.
pub const KEYS: &[Binding] = &[
    binding(HERE, "a", "add", "start a scoring or a training", &[(letter('a'), Start)]),
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
        "Space",
        "compare",
        "mark this run; another one chosen then is shown beside it, with the interval of the difference",
        &[(letter(' '), Beside)],
    ),
    binding(HERE, "~", "changes", "what changed between the marked run and this one, joint by joint", &[(letter('~'), Changes)]),
    binding(HERE, "$", "", "save the training curves as SVG or PNG", &[(letter('$'), SaveFigure)]),
    binding(
        HERE,
        "x",
        "delete",
        "delete the run, after a question (also Delete)",
        &[(letter('x'), DeleteRun), (plain(KeyCode::Delete), DeleteRun)],
    ),
    binding(HERE, "M", "rename", "give the run another name", &[(letter('M'), RenameRun)]),
    binding(HERE, "\"", "note", "note something about the run", &[(letter('"'), NoteRun)]),
    binding(HERE, "X", "stop", "stop the run, after a question", &[(letter('X'), Cancel)]),
    binding(HERE, "c", "continue", "resume an interrupted run, after a look at the command", &[(letter('c'), Resume)]),
];
