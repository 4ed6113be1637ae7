//! What each screen brings to the table of keys: its name, its letter, what it is about, and its keys. A key means one thing on every screen that has it.

use crossterm::event::KeyCode;
use svh_core::Limb;

use super::{
    Place, ScreenKeys, ctrl, letter, one, plain, several,
    shared::{ENDS, GRADES, LINES, NEXT, OPEN, PAGES, SIDES, UNDO, VIEWS, ZOOM},
    shift,
};
use crate::tui::action::{
    Action::{
        self, Accept, AcceptMany, Balance, Beside, Best, BlindReading, Bottom, Cancel, Changes, Clahe, ClearFlag, DeleteBox, DeleteRun,
        Detect, DetectAll, Diagonal, Differences, Down, DrawBox, Export, Filter, Fit, Flag, Go, Grade, JointSpace, Jump, Left, LogScale,
        Magnify, Mark, MoveBox, NextJoint, NextLimb, Normalise, NoteRun, OnFilm, OpenList, OtherSide, PageDown, PageUp, Pan, PreviousJoint,
        PreviousLimb, RawDetections, Relabel, RenameRun, Resume, Right, SameJoint, SaveFigure, Search, Sharpen, Start, SwitchLimb,
        SwitchTask, ToggleKept, ToggleKind, Top, TypeGrade, TypeThreshold, Up, WindowOfBox, ZoomJoint,
    },
    ScreenId,
};

/// Of the table of patients.
pub const PATIENTS: ScreenKeys = ScreenKeys {
    id: ScreenId("Patients"),
    letter: Some('P'),
    heading: "In the table of patients",
    purpose: "films, labels, grades and totals of every patient",
    chain: &[Place::Patient, Place::Here, Place::Items, Place::Table, Place::Global],
    everywhere: &[],
    rows: &[
        OPEN.row("open", "open the patient's films"),
        one('/', Search, "search", "search ids while typing; ⏎ keeps the place, Esc goes back"),
        one('f', Filter, "filter", "show some patients only: ids, graded, scored, open, coarse, unfamiliar>80, films<4, diff>10..."),
        several("d", "detect", "find the joints of the patient's films", &[(letter('d'), DetectAll), (letter('D'), DetectAll)]),
        one(':', Jump, "jump", "go to a line by number, or to an id by its beginning"),
    ],
};

/// Of the film.
pub const FILM: ScreenKeys = ScreenKeys {
    id: ScreenId("Film"),
    letter: None,
    heading: "On a film",
    purpose: "one film with its boxes and grades",
    chain: &[Place::Patient, Place::Here, Place::Threshold, Place::View, Place::Look, Place::Global],
    everywhere: &[],
    rows: &[
        LINES.row("joint", "choose a joint; its box is highlighted and named (also j k)"),
        several("⏎", "zoom", "zoom to the joint, and back (also z)", &[(plain(KeyCode::Enter), ZoomJoint), (letter('z'), ZoomJoint)]),
        several(
            "Tab",
            "limb",
            "next film of the patient (Shift-Tab: the one before)",
            &[(plain(KeyCode::Tab), NextLimb), (shift(KeyCode::BackTab), PreviousLimb)],
        ),
        one('d', Detect, "detect", "find the joints of this film"),
        one('e', SwitchTask, "task", "narrowing or erosion"),
        NEXT.row("next", "the next item of the list that you came from, and the one before: a patient, an error, a crop"),
        one('*', RawDetections, "detections", "every detection of the film: which was accepted, and why the others were rejected"),
        one('O', OpenList, "", "while h says why: the reference joints that look most like this one, as a list of crops"),
        several(
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
        several(
            "← →",
            "",
            "move the view to the side (Shift-arrows: in every direction)",
            &[(plain(KeyCode::Left), Pan(-0.2, 0.0)), (plain(KeyCode::Right), Pan(0.2, 0.0))],
        ),
        one('H', Clahe, "", "CLAHE: even out local contrast; for display only, the models see the film as it is"),
        one('`', Sharpen, "", "sharpen with an unsharp mask; for display only"),
        several("^K", "", "the window that suits the joint's box", &[(ctrl('k'), WindowOfBox)]),
        one('\'', Magnify, "", "a magnifier at the joint, or where you click"),
        one('|', OtherSide, "", "left beside right: the film of the other side, with linked zoom and window"),
        one(' ', Beside, "", "mark this film to stay beside the next ones, of any patient"),
        one('Q', JointSpace, "", "estimate the width of the joint space and draw its edges"),
        one('Z', SameJoint, "", "this joint on all films, as a contact sheet to grade"),
        one('w', Fit, "", "the whole film again"),
        one('D', DetectAll, "", "find the joints of all films of the patient"),
    ],
};

/// Of the errors.
pub const ERRORS: ScreenKeys = ScreenKeys {
    id: ScreenId("Errors"),
    letter: Some('E'),
    heading: "Among the errors",
    purpose: "missed joints, false positives, wrong grades",
    chain: &[Place::Here, Place::Threshold, Place::Run, Place::Items, Place::Table, Place::Look, Place::Patient, Place::Global],
    everywhere: &[],
    rows: &[
        OPEN.row("film", "open the film at this joint; in the view by joint: its errors"),
        VIEWS.row(
            "view",
            "list, contact sheet of crops, wrong grades, counts by joint (figures 8.5.1 and 8.5.2 of the paper); Shift-Tab: backwards",
        ),
        one(':', Jump, "", "go to a line by its number, or type a threshold such as 0.37"),
        several(
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
        one(
            'f',
            Filter,
            "filter",
            "show some errors only: kinds, grade, narrowing, LH, mcp_2, score>0.5, iou<0.3, points>1, confidence>0.8, entropy<0.5, accepted, an id",
        ),
        one('O', OpenList, "list", "these errors as a list, to be written to a file"),
        one('e', SwitchTask, "", "both tasks, narrowing only, erosion only"),
        one('l', SwitchLimb, "", "all limbs, or one of them"),
        one('v', ToggleKept, "", "only accepted boxes and missed joints, or all errors"),
        one('z', ZoomJoint, "", "the whole film beside the list, or the error from close by"),
        SIDES.row("", "among crops and among joints: to the side"),
    ],
};

/// Of the totals.
pub const TOTALS: ScreenKeys = ScreenKeys {
    id: ScreenId("Totals"),
    letter: Some('T'),
    heading: "Among the totals",
    purpose: "reader and model, and the patients that differ most",
    chain: &[Place::Here, Place::Run, Place::Items, Place::Table, Place::Patient, Place::Global],
    everywhere: &[],
    rows: &[
        OPEN.row("joints", "the joints that make the patient's difference; once more: the film at the joint"),
        VIEWS.row("plot", "table, scatter plot, Bland-Altman plot (Shift-Tab: backwards)"),
        one('e', SwitchTask, "task", "both tasks together, narrowing only, erosion only"),
        one('l', SwitchLimb, "limb", "all limbs together, or one of them"),
        one('/', Search, "search", "search ids while typing"),
    ],
};

/// Of the confusion matrices.
pub const CONFUSION: ScreenKeys = ScreenKeys {
    id: ScreenId("Confusion"),
    letter: Some('C'),
    heading: "On the confusion matrices",
    purpose: "which grades are mistaken for which, and metrics",
    chain: &[Place::Here, Place::Run, Place::Items, Place::Look, Place::Patient, Place::Global],
    everywhere: &[],
    rows: &[
        VIEWS.row("joints", "the next task or joint group (Shift-Tab: the one before)"),
        several(
            "↑↓←→",
            "cell",
            "choose a cell (also j k); among crops: a crop",
            &[
                (plain(KeyCode::Up), Up),
                (plain(KeyCode::Down), Down),
                (plain(KeyCode::Left), Left),
                (plain(KeyCode::Right), Right),
                (letter('k'), Up),
                (letter('j'), Down),
            ],
        ),
        OPEN.row("crops", "the crops of the cell; once more: the film at the crop"),
        one('%', Normalise, "share", "counts, shares of the row (reader), shares of the column (model)"),
        one('\\', Diagonal, "diagonal", "hide or show the diagonal, so that the errors stand out"),
        PAGES.row("", "a page of crops"),
    ],
};

/// Of the imbalance.
pub const IMBALANCE: ScreenKeys = ScreenKeys {
    id: ScreenId("Imbalance"),
    letter: Some('I'),
    heading: "Among the distributions",
    purpose: "how often each grade occurs, reader beside model",
    chain: &[Place::Here, Place::Run, Place::Table, Place::Global],
    everywhere: &[],
    rows: &[
        VIEWS.row("by", "by limb (figure 8.6.1 of the paper), task, joint group, joint, source of the film, tag (Shift-Tab: backwards)"),
        OPEN.row("crops", "the joints of this line, the rarest grade first"),
        GRADES.row("grade", "the joints of this line that the reader gave this grade: what a bar stands for (also a click on it)"),
        one('#', LogScale, "log", "bars by count or by its logarithm, which shows the rare grades"),
        one('a', Start, "train", "train a scorer with this balance: opens the form"),
        several(
            "← →",
            "sampler",
            "the sampler's balance: 0 draws grades as they come, 1 all grades equally often (the paper's)",
            &[(plain(KeyCode::Left), Balance(-10)), (plain(KeyCode::Right), Balance(10))],
        ),
    ],
};

/// Of the runs.
pub const RUNS: ScreenKeys = ScreenKeys {
    id: ScreenId("Runs"),
    letter: Some('R'),
    heading: "Among the runs",
    purpose: "trainings and scorings, finished and running",
    chain: &[Place::Here, Place::Items, Place::Table, Place::Global],
    everywhere: &[],
    rows: &[
        one('a', Start, "add", "start a scoring or a training"),
        OPEN.row("use", "show this scoring on all screens"),
        VIEWS.row("curve", "another curve of the run: loss, accuracy, learning rate (Shift-Tab: the one before)"),
        one(' ', Beside, "compare", "mark this run; another one chosen then is shown beside it, with the interval of the difference"),
        one('~', Changes, "changes", "what changed between the marked run and this one, joint by joint"),
        one('$', SaveFigure, "", "save the training curves as SVG or PNG"),
        several(
            "x",
            "delete",
            "delete the run, after a question (also Delete)",
            &[(letter('x'), DeleteRun), (plain(KeyCode::Delete), DeleteRun)],
        ),
        one('M', RenameRun, "rename", "give the run another name"),
        one('"', NoteRun, "note", "note something about the run"),
        one('X', Cancel, "stop", "stop the run, after a question"),
        one('c', Resume, "continue", "resume an interrupted run, after a look at the command"),
    ],
};

/// Of the reviews, and those that hold while a box is in hand.
pub const REVIEW: ScreenKeys = ScreenKeys {
    id: ScreenId("Review"),
    letter: Some('V'),
    heading: "Among the reviews",
    purpose: "proposals, doubtful boxes and grades, blind reading",
    chain: &[Place::Here, Place::View, Place::Look, Place::Patient, Place::Global],
    everywhere: &[],
    rows: &[
        LINES.row("choose", "choose a line (also j k, the wheel, a click)"),
        several(
            "⏎",
            "accept",
            "accept the box or the grade as it stands; in blind reading, lock the answer",
            &[(plain(KeyCode::Enter), Accept)],
        ),
        one('m', MoveBox, "move", "edit the box: arrows and mouse move and resize it"),
        GRADES.row("grade", "grade the joint"),
        VIEWS.row("list", "the next list: proposals, doubtful boxes and grades... (Shift-Tab: the one before)"),
        one(
            'Y',
            AcceptMany,
            "accept all",
            "accept many at once: ⏎ all proposals of this film, a score such as 0.9 those of all films with at least that score",
        ),
        one('Z', SameJoint, "crops", "this joint on all films, as a contact sheet to grade"),
        UNDO.row("undo", "undo your last change, or the last bulk action as a whole (Ctrl-Y redoes it)"),
        one('!', Flag, "flag", "ask for a second look, with a note"),
        one('g', TypeGrade, "type grade", "type a grade: 10, or nothing where it cannot be graded"),
        one('b', DrawBox, "draw", "draw a box where there is none"),
        one(';', Relabel, "relabel", "give the box to another joint; Tab completes its name"),
        several("x", "delete", "delete the box (also Delete)", &[(letter('x'), DeleteBox), (plain(KeyCode::Delete), DeleteBox)]),
        one('F', ClearFlag, "resolve", "resolve this joint's flags"),
        one('B', BlindReading, "blind", "blind reading on and off: reader and model are hidden until you have answered"),
        one('&', Differences, "readers", "where the locked answers of two readers differ"),
        several(
            "← →",
            "",
            "the joint before or after, also one that is not in the list",
            &[(plain(KeyCode::Left), PreviousJoint), (plain(KeyCode::Right), NextJoint)],
        ),
        NEXT.row("next", "the next film of the list, and the one before"),
        one('/', Search, "search", "search patients and joints while typing; / and ⏎ go to the next"),
        one('z', ZoomJoint, "zoom", "zoom to the joint, and back"),
        one('w', Fit, "", "the whole film again"),
        one('o', OnFilm, "film screen", "the film on its own screen"),
        one('d', Detect, "", "find the joints of this film"),
        PAGES.row("", "a page up or down"),
        ENDS.row("", "the first or last line"),
    ],
};

/// Of the progression.
pub const PROGRESSION: ScreenKeys = ScreenKeys {
    id: ScreenId("Progression"),
    letter: None,
    heading: "On the progression",
    purpose: "change between visits by reader and model, and who progressed",
    chain: &[Place::Here, Place::Run, Place::Items, Place::Table, Place::Look, Place::Patient, Place::Global],
    everywhere: &[one('S', Go(ScreenId("Progression")), "", "change between visits: who progressed, by reader and model (visits.csv)")],
    rows: &[
        OPEN.row("joints", "the joints of the pair of visits, with both films side by side; once more: the film of the later visit"),
        VIEWS.row("plot", "table, cumulative probability plot (Shift-Tab: backwards)"),
        one('e', SwitchTask, "task", "total score, narrowing, erosion"),
        one(
            ':',
            TypeThreshold,
            "cut-off",
            "the change above which a patient has progressed; the smallest detectable change unless you type one",
        ),
        ZOOM.row("", "zoom both films of a joint in and out together"),
    ],
};

/// Of the curves.
pub const CURVES: ScreenKeys = ScreenKeys {
    id: ScreenId("Curves"),
    letter: None,
    heading: "On the curves",
    purpose: "precision-recall, AP by joint, F1 over the threshold, histograms, confused joints, reliability",
    chain: &[Place::Here, Place::Run, Place::Global],
    everywhere: &[one('U', Go(ScreenId("Curves")), "", "curves of the detectors and scorers: precision-recall, AP, F1, histograms, confused joints, reliability")],
    rows: &[
        VIEWS.row("view", "precision-recall, AP by joint, F1 over the threshold, boxes by score and by IoU, confused joints, reliability (Shift-Tab: backwards)"),
        several(
            "←→",
            "point",
            "along the curve, the bars or the lines (also ↑↓; PgUp and PgDn ten at a time)",
            &[
                (plain(KeyCode::Left), Left),
                (plain(KeyCode::Right), Right),
                (plain(KeyCode::Up), Up),
                (plain(KeyCode::Down), Down),
                (plain(KeyCode::PageUp), PageUp),
                (plain(KeyCode::PageDown), PageDown),
                (plain(KeyCode::Home), Top),
                (plain(KeyCode::End), Bottom),
            ],
        ),
        OPEN.row("boxes", "the boxes or joints behind the point, the bar or the line"),
        one('e', SwitchTask, "task", "narrowing or erosion; of the reliability diagram the scale"),
        one('@', Best, "best", "take the threshold of the best F1"),
        one('J', SwitchLimb, "joint", "the curves of the joint chosen in AP, or of all joints again"),
        one('#', LogScale, "", "bars by count or by its logarithm"),
    ],
};

/// Of the list.
pub const LIST: ScreenKeys = ScreenKeys {
    id: ScreenId("List"),
    letter: None,
    heading: "On a list",
    purpose: "the boxes or joints behind a point, a bar or a cell; marked, graded and written as one",
    chain: &[Place::Here, Place::Items, Place::Table, Place::Look, Place::Patient, Place::Global],
    everywhere: &[one('L', Go(ScreenId("List")), "", "the list at hand: what was opened last behind a point, a bar, a cell or a file")],
    rows: &[
        OPEN.row("film", "open the film at this joint"),
        VIEWS.row("view", "contact sheet of crops, or lines"),
        one(' ', Mark, "mark", "mark or unmark this entry; the next action applies to all marked ones (Esc unmarks all)"),
        GRADES.row("grade", "grade the marked joints, or the one at the cursor"),
        one(
            'Y',
            AcceptMany,
            "accept page",
            "accept the marked crops, or all of this page, as shown: the reader's grade, or else the model's, and the box that a model proposed",
        ),
        UNDO.row("undo", "undo the last change, or the last bulk action as a whole (Ctrl-Y redoes it)"),
        one('Z', SameJoint, "joint", "the joint of this entry on all films, to be graded in one pass"),
        NEXT.row("next joint", "in a pass: the next joint and the one before"),
        one('e', SwitchTask, "task", "in a pass: the other task of the joint"),
        one('f', Filter, "filter", "show some entries only: tag:NAME, marked, reviewed, narrowing, LH, mcp_2, part of an id"),
        one('g', TypeGrade, "", "type a grade: 10, or nothing where it cannot be graded"),
        one('W', Export, "write", "write the list to a file: .csv, .json (for --view), .coco.json, or name/ for a folder of VOC files"),
        SIDES.row("", "among crops: to the side"),
    ],
};

/// Of the changes.
pub const CHANGES: ScreenKeys = ScreenKeys {
    id: ScreenId("Changes"),
    letter: None,
    heading: "Among the changes",
    purpose: "what changed between two runs, by joint and by patient",
    chain: &[Place::Here, Place::Items, Place::Table, Place::Global],
    everywhere: &[],
    rows: &[
        OPEN.row("list", "the changes of this joint or patient as a list of crops"),
        VIEWS.row("by", "grades or boxes, by joint or by patient (Shift-Tab: backwards)"),
        several(
            "1-4",
            "only",
            "of this joint or patient: 1 what was fixed, 2 broken, 3 what became better, 4 worse, as a list",
            &[(letter('1'), Grade(1)), (letter('2'), Grade(2)), (letter('3'), Grade(3)), (letter('4'), Grade(4))],
        ),
        one('O', OpenList, "all", "all changes of grades, or of boxes, as a list"),
    ],
};
