//! The keys that several screens have, or all.

use crossterm::event::KeyCode;

use super::{Keys, Place, Row, ctrl, letter, one, plain, several, shift};
use crate::tui::action::Action::{
    AutoWindow, Back, Bottom, ChooseCohort, ChooseRun, Contrast, Copy, Down, Explain, Fit, Gamma, Grade, Help, Invert, Leave, Left, Level,
    NextDevice, NextItem, NextPage, NextView, Nudge, Open, PageDown, PageUp, Palette, Pan, PreviousItem, PreviousPage, PreviousView, Quit,
    Redo, Redraw, Resize, Right, SaveFigure, Score, SortNext, SortPrevious, SortReverse, Suspend, Tag, Take, Threshold, ToggleModel,
    ToggleReader, Top, Undo, Up, ZoomIn, ZoomOut,
};

/// Opens what is chosen.
pub const OPEN: Keys = Keys::Several("⏎", &[(plain(KeyCode::Enter), Open)]);
/// The next view and the one before.
pub const VIEWS: Keys = Keys::Several("Tab", &[(plain(KeyCode::Tab), NextView), (shift(KeyCode::BackTab), PreviousView)]);
/// The next item of a list and the one before.
pub const NEXT: Keys = Keys::Several("n N", &[(letter('n'), NextItem), (letter('N'), PreviousItem)]);
/// Closer and further.
pub const ZOOM: Keys =
    Keys::Several("+ -", &[(letter('+'), ZoomIn), (letter('='), ZoomIn), (letter('-'), ZoomOut), (letter('_'), ZoomOut)]);
/// A line up or down.
pub const LINES: Keys =
    Keys::Several("↑↓", &[(plain(KeyCode::Up), Up), (plain(KeyCode::Down), Down), (letter('k'), Up), (letter('j'), Down)]);
/// Digits as grades, for the screens where a digit is one.
pub const GRADES: Keys = Keys::Several(
    "0-9",
    &[
        (letter('0'), Grade(0)),
        (letter('1'), Grade(1)),
        (letter('2'), Grade(2)),
        (letter('3'), Grade(3)),
        (letter('4'), Grade(4)),
        (letter('5'), Grade(5)),
        (letter('6'), Grade(6)),
        (letter('7'), Grade(7)),
        (letter('8'), Grade(8)),
        (letter('9'), Grade(9)),
    ],
);
/// The first and the last line.
pub const ENDS: Keys = Keys::Several("Home End", &[(plain(KeyCode::Home), Top), (plain(KeyCode::End), Bottom), (letter('G'), Bottom)]);
/// A page up or down.
pub const PAGES: Keys = Keys::Several("PgUp PgDn", &[(plain(KeyCode::PageUp), PageUp), (plain(KeyCode::PageDown), PageDown)]);
/// To the side.
pub const SIDES: Keys = Keys::Several("← →", &[(plain(KeyCode::Left), Left), (plain(KeyCode::Right), Right)]);
/// Takes the last change back, and does it again.
pub const UNDO: Keys = Keys::Several("u", &[(letter('u'), Undo), (ctrl('y'), Redo)]);

/// The keys that no screen owns, in the order of hints.
pub const SHARED: &[(Place, &[Row])] = &[
    // With a box in hand, among the reviews.
    (
        Place::Editing,
        &[
            several(
                "↑↓←→",
                "move",
                "move the box, or its right and lower edges; a step is half a cell (also j k)",
                &[
                    (plain(KeyCode::Left), Nudge(-1, 0)),
                    (plain(KeyCode::Right), Nudge(1, 0)),
                    (plain(KeyCode::Up), Nudge(0, -1)),
                    (plain(KeyCode::Down), Nudge(0, 1)),
                    (letter('k'), Nudge(0, -1)),
                    (letter('j'), Nudge(0, 1)),
                ],
            ),
            several("Tab", "move or resize", "move or resize", &[(plain(KeyCode::Tab), Resize)]),
            several("⏎", "apply", "apply the change", &[(plain(KeyCode::Enter), Take)]),
            several("Esc", "cancel", "cancel the change", &[(plain(KeyCode::Esc), Leave), (plain(KeyCode::Backspace), Leave)]),
            several(
                "Shift-arrows",
                "by 5",
                "five steps at once",
                &[
                    (shift(KeyCode::Left), Nudge(-5, 0)),
                    (shift(KeyCode::Right), Nudge(5, 0)),
                    (shift(KeyCode::Up), Nudge(0, -5)),
                    (shift(KeyCode::Down), Nudge(0, 5)),
                ],
            ),
            ZOOM.row("zoom", "zoom in and out; steps follow"),
            one('w', Fit, "", "the whole film"),
        ],
    ),
    // Where metrics of a run are shown.
    (
        Place::Run,
        &[
            several("^R", "run", "choose the run that all screens show (Ctrl-R)", &[(ctrl('r'), ChooseRun)]),
            one('$', SaveFigure, "", "save the figure of this screen as SVG or PNG"),
        ],
    ),
    // In every list: what the film screen does as well, in the list that it was opened from.
    (Place::Items, &[NEXT.row("next", "the next item of the list and the one before; the next match where you searched")]),
    // Where boxes are accepted or not by their score.
    (
        Place::Threshold,
        &[several(
            "[ ]",
            "threshold",
            "the score above which a box is accepted, lower and higher by 0.05 (: types one)",
            &[(letter('['), Threshold(-5)), (letter(']'), Threshold(5))],
        )],
    ),
    // In every table.
    (
        Place::Table,
        &[
            LINES.row("choose", "choose a line (also j k, the wheel, a click)"),
            several(
                "< >",
                "sort",
                "sort by the column to the left or right (also a click on its head)",
                &[(letter('<'), SortPrevious), (letter('>'), SortNext), (letter(','), SortPrevious), (letter('.'), SortNext)],
            ),
            one('r', SortReverse, "", "reverse the sort order"),
            several(
                "PgUp PgDn",
                "",
                "a page up or down (also Ctrl-B, Ctrl-F)",
                &[(plain(KeyCode::PageUp), PageUp), (plain(KeyCode::PageDown), PageDown), (ctrl('b'), PageUp), (ctrl('f'), PageDown)],
            ),
            ENDS.row("", "the first or last line (also G for the last)"),
        ],
    ),
    // Where a film is looked at.
    (
        Place::View,
        &[
            ZOOM.row("", "zoom in and out (also the wheel)"),
            several(
                "Shift-arrows",
                "",
                "move the view (also drag with the mouse)",
                &[
                    (shift(KeyCode::Left), Pan(-0.2, 0.0)),
                    (shift(KeyCode::Right), Pan(0.2, 0.0)),
                    (shift(KeyCode::Up), Pan(0.0, -0.2)),
                    (shift(KeyCode::Down), Pan(0.0, 0.2)),
                ],
            ),
        ],
    ),
    // Where pictures are looked at.
    (
        Place::Look,
        &[
            several(
                "t p",
                "",
                "show or hide the boxes of the reader and of the model",
                &[(letter('t'), ToggleReader), (letter('p'), ToggleModel)],
            ),
            several("( )", "", "darker and brighter (level)", &[(letter('('), Level(0.08)), (letter(')'), Level(-0.08))]),
            several("{ }", "", "less and more contrast (window)", &[(letter('{'), Contrast(1.2)), (letter('}'), Contrast(1.0 / 1.2))]),
            one('A', AutoWindow, "", "the window that suits the film: 1st to 99.5th percentile"),
            one('i', Invert, "", "invert"),
            one('^', Gamma, "", "gamma: 1.4, 2, 0.5, 0.7, 1"),
            one(
                'h',
                Explain,
                "why",
                "why this grade: over the crop, which places raise and lower it; beside it, the most similar reference joints",
            ),
        ],
    ),
    // With a patient at hand.
    (
        Place::Patient,
        &[
            one('s', Score, "score", "find and grade the joints of the patient"),
            several("^G", "", "the next device for the networks: auto, cpu, cuda:N (Ctrl-G)", &[(ctrl('g'), NextDevice)]),
        ],
    ),
    // In the help.
    (
        Place::Help,
        &[
            several("→ Tab", "next page", "next page", &[(plain(KeyCode::Right), NextPage), (plain(KeyCode::Tab), NextPage)]),
            several(
                "←",
                "previous page",
                "previous page",
                &[(plain(KeyCode::Left), PreviousPage), (shift(KeyCode::BackTab), PreviousPage)],
            ),
            several(
                "↑↓",
                "scroll",
                "scroll",
                &[
                    (plain(KeyCode::Up), Up),
                    (plain(KeyCode::Down), Down),
                    (letter('k'), Up),
                    (letter('j'), Down),
                    (plain(KeyCode::PageUp), PageUp),
                    (plain(KeyCode::PageDown), PageDown),
                ],
            ),
        ],
    ),
    // Everywhere.
    (
        Place::Global,
        &[
            several("^P", "commands", "every command, screen, patient and run by a few of its letters (Ctrl-P)", &[(ctrl('p'), Palette)]),
            several(
                "Esc",
                "",
                "cancel a running job; else back within the screen, from a film to its list (also Backspace)",
                &[(plain(KeyCode::Esc), Back), (plain(KeyCode::Backspace), Back)],
            ),
            several(
                "?",
                "help",
                "this help, the scoring scheme, the legend (also F1)",
                &[(letter('?'), Help), (plain(KeyCode::F(1)), Help)],
            ),
            several("q", "quit", "quit (also Ctrl-C)", &[(letter('q'), Quit), (ctrl('c'), Quit)]),
            several(
                "Ctrl-O",
                "",
                "another cohort: show one that is open, or open a folder; each keeps its own runs, reviews and tags",
                &[(ctrl('o'), ChooseCohort)],
            ),
            several("Ctrl-R", "", "choose the run that all screens show", &[(ctrl('r'), ChooseRun)]),
            one(
                'K',
                Tag,
                "",
                "tag what is at hand, or all that are marked: NAME adds, -NAME takes away, film:NAME and patient:NAME tag those; filters find tag:NAME",
            ),
            one('y', Copy, "", "copy the id, the place or the name at hand to the clipboard (OSC 52)"),
            several("Ctrl-L", "", "redraw the screen", &[(ctrl('l'), Redraw)]),
            several("Ctrl-Z", "", "suspend; `fg` resumes", &[(ctrl('z'), Suspend)]),
        ],
    ),
];
