//! Tests of the reviews: keys go in, the state and the files say what came of it.

mod boxes;
mod bulk;
mod proposed;
mod readers;

use std::{collections::BTreeMap, path::Path};

use svh_core::{
    BBox, Cohort, Joint, JointScore, Limb, PatientScore, Reviews, Task, joint,
    review::{Change, ReadingOrder, queue::Kind},
};
use tempfile::TempDir;

use super::{at::at, line::List};
use crate::tui::{
    fixture::{self, FILM, cohort, opened, place},
    headless::Headless,
    keys::screens::{self, REVIEW},
    results::Results,
    theme,
};
use svh_terminal::{Line, Plan};

const SIZE: (u16, u16) = (120, 40);

/// The reviews of the fixture, whose first patient's left hand was seen by a detector and whose hands were graded by a scorer.
fn open() -> (TempDir, Headless) {
    let (folder, mut app) = opened(SIZE, "");
    app.reader("anna");
    let mut results = Results::default();
    let film = folder.path().join("images/P001-LH.png");
    results.add_film(film.clone(), fixture::detections(&film, Limb::LeftHand));
    let film = folder.path().join("images/P002-RH.png");
    results.add_film(film.clone(), fixture::detections(&film, Limb::RightHand));
    results.add_patient(sure("P001"), None);
    app.state.session_results = results;
    crate::tui::active_run::answered(&mut app.state);
    app.keys("V");
    (folder, app)
}

/// A scorer that is sure of the highest grade of MCP 2 and knows nothing of MCP 3.
fn sure(patient: &str) -> PatientScore {
    let joints: BTreeMap<_, _> = [("LH_mcp_J__2", vec![0.0, 0.0, 0.0, 0.1, 0.9]), ("LH_mcp_J__3", vec![0.2; 5])]
        .map(|(column, p)| (column.to_owned(), JointScore::from_probabilities(p)))
        .into();
    PatientScore::new(patient.to_owned(), joints, 86)
}

/// The reviews of the first patient's left hand, at its first joint.
fn first_film(app: &mut Headless) {
    for keys in ["P", "\x1b[H", "\r", "1", "V", "\x1b[H"] {
        app.keys(keys);
    }
    assert_eq!((app.state.review.list, at_hand(app).1.as_str()), (List::Film, "LH_pip_2"));
}

/// The same of the erosion of the left big toe's IP.
fn first_toe(app: &mut Headless) {
    for keys in ["P", "\x1b[H", "\r", "3"] {
        app.keys(keys);
    }
    app.keys(&"\x1b[A".repeat(20));
    app.keys("eV");
    assert_eq!(at(&app.state).unwrap().joint(), named(Task::Erosion, "LF_mtp_ip"));
}

fn named(task: Task, label: &str) -> &'static Joint {
    joint::by_label(task, label).unwrap()
}

fn list(app: &mut Headless, list: List) {
    for _ in 0..List::ALL.len() {
        if app.state.review.list == list {
            return;
        }
        app.keys("\t");
    }
    panic!("{list:?} is not reached by Tab");
}

fn at_hand(app: &Headless) -> (String, String) {
    let at = at(&app.state).unwrap();
    (at.current.patient.to_owned(), at.joint().label.clone())
}

fn plan(app: &Headless) -> Plan {
    app.frame().1.unwrap()
}

/// The corrected box of a joint, as anybody reads it from the disk.
fn on_disk(root: &Path, patient: &str, joint: &'static Joint) -> Option<BBox> {
    let cohort = Cohort::open(root).unwrap();
    let labels = Reviews::read(root).labels(&cohort, cohort.patient(patient).unwrap(), joint.limb);
    labels.of(joint.task).iter().find(|reference| reference.joint == joint).map(|reference| reference.bbox)
}

fn grade_on_disk(root: &Path, patient: &str, joint: &'static Joint) -> Option<u8> {
    let cohort = Cohort::open(root).unwrap();
    Reviews::read(root).grades(&cohort, cohort.patient(patient).unwrap())?.get(joint)
}

fn last(root: &Path) -> Change {
    let reviews = Reviews::read(root);
    reviews.entries().max_by_key(|entry| entry.time).unwrap().change.clone()
}

fn original_sum(root: &Path) -> u32 {
    Cohort::open(root).unwrap().grades().unwrap().get("P001").unwrap().totals().narrowing.unwrap()
}

#[test]
fn the_first_list_with_something_in_it_opens_and_the_film_of_its_first_line_is_shown_closely() {
    let (_folder, app) = open();
    assert_eq!(app.state.review.list, List::Of(Kind::Proposal));
    // All but the last joint of both tasks, on the hand that nobody labelled.
    assert_eq!(app.state.review.lines.len(), 14 + 15);
    assert_eq!(at_hand(&app), ("P002".to_owned(), "RH_mcp_2".to_owned()), "the one that the shape model placed comes first");
    let text = app.text();
    assert!(text.contains("proposals 29 open") && text.contains("P002"), "{text}");
    assert!(plan(&app).region[2] - plan(&app).region[0] < FILM.0 as f32 / 2.0, "close");
}

#[test]
fn accepting_makes_a_proposal_reference_and_goes_on_and_undo_comes_back_to_it() {
    let (folder, mut app) = open();
    let root = folder.path();
    let first = named(Task::Narrowing, "RH_mcp_2");
    let proposal = at(&app.state).unwrap().entry.found.unwrap().bbox;
    app.keys("\r");
    assert_eq!(on_disk(root, "P002", first), Some(proposal));
    assert_eq!(at_hand(&app).1, "RH_mcp_3", "in an unlikely place");
    assert_eq!(app.state.review.lines.len(), 28);
    assert!(app.text().contains("P002 MCP 2: accepted the box"), "{}", app.text());
    app.keys("u");
    assert_eq!((on_disk(root, "P002", first), at_hand(&app).1), (None, "RH_mcp_2".to_owned()));
    assert_eq!(app.state.review.lines.len(), 29);
    app.keys("\x19");
    assert_eq!(on_disk(root, "P002", first), Some(proposal), "Ctrl-Y does it again");
    app.keys("uu");
    assert!(app.text().contains("there is nothing to undo"));
}

#[test]
fn doubtful_grades_are_confirmed_or_corrected_and_leave_the_list() {
    let (folder, mut app) = open();
    list(&mut app, List::Of(Kind::GradeDoubt));
    let doubted = named(Task::Narrowing, "LH_mcp_2");
    assert_eq!(at_hand(&app), ("P001".to_owned(), "LH_mcp_2".to_owned()));
    let reader = Cohort::open(folder.path()).unwrap().grades().unwrap().get("P001").unwrap().get(doubted).unwrap();
    assert!(app.text().contains(&format!("reader {reader}, model 3.9 (90 %)")), "{}", app.text());
    app.keys("\r");
    assert_eq!((last(folder.path()), app.state.review.lines.len()), (Change::Grade { grade: Some(reader) }, 0));
    app.keys("u3");
    assert_eq!(grade_on_disk(folder.path(), "P001", doubted), Some(3));
    assert!(app.state.review.lines.is_empty());
    app.keys("P");
    let totals = app.state.row(0).unwrap().reference.unwrap();
    assert_eq!(i64::from(totals.all.narrowing), i64::from(original_sum(folder.path())) + 3 - i64::from(reader), "the table follows");
}

#[test]
fn ten_is_typed_and_what_is_out_of_range_is_refused() {
    let (folder, mut app) = open();
    first_toe(&mut app);
    let ip = named(Task::Erosion, "LF_mtp_ip");
    app.keys("g10\r");
    assert_eq!(grade_on_disk(folder.path(), "P001", ip), Some(10));
    app.keys("g11\r");
    assert!(app.text().contains("grade 11 is out of range"), "{}", app.text());
    app.keys("\x15x\r");
    assert!(app.text().contains("`x` is not a grade"));
    app.keys("\x15\r");
    assert_eq!((grade_on_disk(folder.path(), "P001", ip), last(folder.path())), (None, Change::Grade { grade: None }));
    app.keys("g5");
    app.keys("\x1b");
    assert_eq!(grade_on_disk(folder.path(), "P001", ip), None, "escape leaves it");
}

#[test]
fn flags_are_raised_with_a_note_listed_and_settled() {
    let (folder, mut app) = open();
    app.keys("!\r");
    assert!(app.text().contains("a flag needs a note"), "{}", app.text());
    app.keys("blurred\r");
    assert!(app.text().contains("blurred"));
    list(&mut app, List::Of(Kind::Flagged));
    assert_eq!(app.state.review.lines.len(), 1);
    assert!(app.text().contains("⚑ blurred — anna"), "{}", app.text());
    app.keys("F");
    assert!(app.state.review.lines.is_empty());
    assert_eq!(Reviews::read(folder.path()).joints().count(), 0);
    app.keys("u");
    assert_eq!(app.state.review.lines.len(), 1);
}

#[test]
fn without_a_run_a_film_is_reviewed_and_the_lists_say_what_is_missing() {
    let (_folder, mut app) = opened(SIZE, "V");
    assert_eq!(app.state.review.list, List::Of(Kind::Missing), "the grades that nobody gave");
    list(&mut app, List::Of(Kind::Proposal));
    assert!(app.text().contains("No proposal is open"), "{}", app.text());
    list(&mut app, List::Film);
    assert_eq!(app.state.review.lines.len(), 12, "the foot that was at hand, narrowing and erosion");
    app.keys("n");
    assert!(app.text().contains("right foot"), "{}", app.text());
    app.keys("n");
    assert_eq!(at(&app.state).unwrap().current.patient, "P002", "and on to the next patient");
    app.keys("N");
    assert_eq!(at(&app.state).unwrap().current.patient, "P001");
}

#[test]
fn a_search_goes_to_the_line_that_holds_it_on_to_the_next_and_back() {
    let (_folder, mut app) = open();
    app.keys("/cmc");
    assert_eq!(app.state.review.line().unwrap().joint.label, "RH_wrist_cmc3");
    app.keys(" 5\r");
    assert_eq!(at_hand(&app).1, "RH_wrist_cmc5");
    let line = |app: &Headless| app.state.review.line().unwrap().joint;
    app.keys("/mcp 1\r");
    assert_eq!(line(&app), named(Task::Erosion, "RH_mcp_1"));
    app.keys("/\r");
    assert_eq!(line(&app), named(Task::Narrowing, "RH_mcp_1"), "on to the next, round the end");
    app.keys("/pip");
    app.keys("\x1b");
    assert_eq!(line(&app), named(Task::Narrowing, "RH_mcp_1"), "escape goes back");
}

#[test]
fn the_film_at_hand_is_that_of_the_films_screen_and_escape_leads_back() {
    let (_folder, mut app) = open();
    app.keys("o");
    assert_eq!(app.state.screen, screens::FILM.id);
    assert!(app.text().contains("P002"));
    // From the close look to the whole film, and from there back.
    app.keys("\x1b");
    app.keys("\x1b");
    assert_eq!(app.state.screen, REVIEW.id);
    app.keys("\x1b");
    assert_eq!(app.state.screen, REVIEW.id, "at the top of a screen Esc does nothing");
}

#[test]
fn metrics_of_a_run_follow_what_was_corrected() {
    let folder = cohort();
    fixture::run(folder.path());
    let mut app = fixture::app(folder.path(), SIZE);
    let points = |app: &Headless| {
        let evaluation = app.state.active_run.evaluation().unwrap();
        let place = evaluation.patients().iter().position(|patient| patient == "P001").unwrap();
        evaluation.totals(svh_analysis::Part::default())[place].reference.unwrap().points
    };
    app.keys("T");
    let before = points(&app);
    first_film(&mut app);
    let grade = at(&app.state).unwrap().entry.grade.unwrap();
    app.keys("4");
    app.keys("T");
    assert_eq!(points(&app), before + 4 - u32::from(grade));
    app.keys("Vu");
    app.keys("T");
    assert_eq!(points(&app), before);
}

/// The reviews of a cohort whose second patient's left hand has proposals in its label files.
fn proposed() -> (TempDir, Headless) {
    let folder = cohort();
    fixture::propose(folder.path(), "P002", Limb::LeftHand);
    let mut app = fixture::app(folder.path(), SIZE);
    app.reader("anna");
    app.keys("V");
    assert_eq!((app.state.review.list, app.state.review.lines.len()), (List::Of(Kind::Proposal), 14 + 15));
    (folder, app)
}
