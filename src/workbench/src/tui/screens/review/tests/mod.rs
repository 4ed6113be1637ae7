//! Tests of the reviews: keys go in, the state and the files say what came of it.

mod boxes;
mod proposed;
mod readers;

use crate::tui::screens::{film, patients, review};
use std::{collections::BTreeMap, path::Path};

use svh_core::{
    BBox, Cohort, Joint, JointScore, Limb, PatientScore, Reviews, Task, joint,
    review::{Change, queue::Kind},
};
use tempfile::TempDir;

use super::{at::at, line::List};
use crate::tui::{
    fixture::{self, FILM, cohort, place},
    results::Results,
    still::Still,
    theme,
};
use svh_terminal::{Line, Plan};

const SIZE: (u16, u16) = (120, 40);

/// The reviews of the fixture, whose first patient's left hand was seen by a detector and whose hands were graded by a scorer.
fn open() -> (TempDir, Still) {
    let folder = cohort();
    let mut still = fixture::still(folder.path(), SIZE);
    still.reader("anna");
    let mut results = Results::default();
    let film = folder.path().join("images/P001-LH.png");
    results.add_film(film.clone(), fixture::detections(&film, Limb::LeftHand));
    let film = folder.path().join("images/P002-RH.png");
    results.add_film(film.clone(), fixture::detections(&film, Limb::RightHand));
    results.add_patient(sure("P001"), None);
    still.event(crate::tui::event::Event::Results(Box::new(results)));
    still.keys("V");
    (folder, still)
}

/// A scorer that is sure of the highest grade of MCP 2 and knows nothing of MCP 3.
fn sure(patient: &str) -> PatientScore {
    let joints: BTreeMap<_, _> = [("LH_mcp_J__2", vec![0.0, 0.0, 0.0, 0.1, 0.9]), ("LH_mcp_J__3", vec![0.2; 5])]
        .map(|(column, p)| (column.to_owned(), JointScore::from_probabilities(p)))
        .into();
    PatientScore::new(patient.to_owned(), joints, 86)
}

/// The reviews of the first patient's left hand, at its first joint.
fn first_film(still: &mut Still) {
    for keys in ["P", "\x1b[H", "\r", "1", "V", "\x1b[H"] {
        still.keys(keys);
    }
    assert_eq!((still.state.review.list, at_hand(still).1.as_str()), (List::Film, "LH_pip_2"));
}

/// The same of the erosion of the left big toe's IP.
fn first_toe(still: &mut Still) {
    for keys in ["P", "\x1b[H", "\r", "3"] {
        still.keys(keys);
    }
    still.keys(&"\x1b[A".repeat(20));
    still.keys("eV");
    assert_eq!(at(&still.state).unwrap().joint(), named(Task::Erosion, "LF_mtp_ip"));
}

fn named(task: Task, label: &str) -> &'static Joint {
    joint::by_label(task, label).unwrap()
}

fn list(still: &mut Still, list: List) {
    for _ in 0..List::ALL.len() {
        if still.state.review.list == list {
            return;
        }
        still.keys("\t");
    }
    panic!("{list:?} is not reached by Tab");
}

fn at_hand(still: &Still) -> (String, String) {
    let at = at(&still.state).unwrap();
    (at.current.patient.to_owned(), at.joint().label.clone())
}

fn plan(still: &Still) -> Plan {
    still.frame().1.unwrap()
}

/// The corrected box of a joint, as anybody reads it from the disk.
fn on_disk(root: &Path, patient: &str, joint: &'static Joint) -> Option<BBox> {
    let cohort = Cohort::open(root).unwrap();
    let labels = Reviews::read(root).labels(&cohort, cohort.patient(patient).unwrap(), joint.limb);
    labels.of(joint.task).iter().find(|truth| truth.joint == joint).map(|truth| truth.bbox)
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
    let (_folder, still) = open();
    assert_eq!(still.state.review.list, List::Of(Kind::Proposal));
    // All but the last joint of both tasks, on the hand that nobody labelled.
    assert_eq!(still.state.review.lines.len(), 14 + 15);
    assert_eq!(at_hand(&still), ("P002".to_owned(), "RH_mcp_2".to_owned()), "the one that the shape model placed comes first");
    let text = still.text();
    assert!(text.contains("proposals 29 open") && text.contains("P002"), "{text}");
    assert!(plan(&still).region[2] - plan(&still).region[0] < FILM.0 as f32 / 2.0, "close");
}

#[test]
fn accepting_makes_a_proposal_truth_and_goes_on_and_undo_comes_back_to_it() {
    let (folder, mut still) = open();
    let root = folder.path();
    let first = named(Task::Narrowing, "RH_mcp_2");
    let proposal = at(&still.state).unwrap().entry.found.unwrap().bbox;
    still.keys("\r");
    assert_eq!(on_disk(root, "P002", first), Some(proposal));
    assert_eq!(at_hand(&still).1, "RH_mcp_3", "in an unlikely place");
    assert_eq!(still.state.review.lines.len(), 28);
    assert!(still.text().contains("P002 MCP 2: accepted the box"), "{}", still.text());
    still.keys("u");
    assert_eq!((on_disk(root, "P002", first), at_hand(&still).1), (None, "RH_mcp_2".to_owned()));
    assert_eq!(still.state.review.lines.len(), 29);
    still.keys("\x12");
    assert_eq!(on_disk(root, "P002", first), Some(proposal), "Ctrl-R does it again");
    still.keys("uu");
    assert!(still.text().contains("you have done nothing that could be undone"));
}

#[test]
fn doubtful_grades_are_confirmed_or_corrected_and_leave_the_list() {
    let (folder, mut still) = open();
    list(&mut still, List::Of(Kind::GradeDoubt));
    let doubted = named(Task::Narrowing, "LH_mcp_2");
    assert_eq!(at_hand(&still), ("P001".to_owned(), "LH_mcp_2".to_owned()));
    let reader = Cohort::open(folder.path()).unwrap().grades().unwrap().get("P001").unwrap().get(doubted).unwrap();
    assert!(still.text().contains(&format!("reader {reader}, model 3.9 (90 %)")), "{}", still.text());
    still.keys("a");
    assert_eq!((last(folder.path()), still.state.review.lines.len()), (Change::Grade { grade: Some(reader) }, 0));
    still.keys("u3");
    assert_eq!(grade_on_disk(folder.path(), "P001", doubted), Some(3));
    assert!(still.state.review.lines.is_empty());
    still.keys("P");
    let sums = still.state.row(0).unwrap().truth.unwrap();
    assert_eq!(i64::from(sums.all.narrowing), i64::from(original_sum(folder.path())) + 3 - i64::from(reader), "the table follows");
}

#[test]
fn ten_is_typed_and_what_is_out_of_range_is_refused() {
    let (folder, mut still) = open();
    first_toe(&mut still);
    let ip = named(Task::Erosion, "LF_mtp_ip");
    still.keys("g10\r");
    assert_eq!(grade_on_disk(folder.path(), "P001", ip), Some(10));
    still.keys("g11\r");
    assert!(still.text().contains("grade 11 is out of range"), "{}", still.text());
    still.keys("gx\r");
    assert!(still.text().contains("`x` is no grade"));
    still.keys("g\r");
    assert_eq!((grade_on_disk(folder.path(), "P001", ip), last(folder.path())), (None, Change::Grade { grade: None }));
    still.keys("g5");
    still.keys("\x1b");
    assert_eq!(grade_on_disk(folder.path(), "P001", ip), None, "escape leaves it");
}

#[test]
fn flags_are_raised_with_a_note_listed_and_settled() {
    let (folder, mut still) = open();
    still.keys("f\r");
    assert!(still.text().contains("a flag needs a note"), "{}", still.text());
    still.keys("fblurred\r");
    assert!(still.text().contains("blurred"));
    list(&mut still, List::Of(Kind::Flagged));
    assert_eq!(still.state.review.lines.len(), 1);
    assert!(still.text().contains("⚑ blurred — anna"), "{}", still.text());
    still.keys("F");
    assert!(still.state.review.lines.is_empty());
    assert_eq!(Reviews::read(folder.path()).joints().count(), 0);
    still.keys("u");
    assert_eq!(still.state.review.lines.len(), 1);
}

#[test]
fn without_a_run_a_film_is_reviewed_and_the_lists_say_what_is_missing() {
    let folder = cohort();
    let mut still = fixture::still(folder.path(), SIZE);
    still.keys("V");
    assert_eq!(still.state.review.list, List::Of(Kind::Missing), "the grades that nobody gave");
    list(&mut still, List::Of(Kind::Proposal));
    assert!(still.text().contains("No proposal is open"), "{}", still.text());
    list(&mut still, List::Film);
    assert_eq!(still.state.review.lines.len(), 12, "the foot that was at hand, narrowing and erosion");
    still.keys("n");
    assert!(still.text().contains("right foot"), "{}", still.text());
    still.keys("n");
    assert_eq!(at(&still.state).unwrap().current.patient, "P002", "and on to the next patient");
    still.keys("N");
    assert_eq!(at(&still.state).unwrap().current.patient, "P001");
}

#[test]
fn a_search_goes_to_the_line_that_holds_it_on_to_the_next_and_back() {
    let (_folder, mut still) = open();
    still.keys("/cmc");
    assert_eq!(still.state.review.line().unwrap().joint.label, "RH_wrist_cmc3");
    still.keys(" 5\r");
    assert_eq!(at_hand(&still).1, "RH_wrist_cmc5");
    let line = |still: &Still| still.state.review.line().unwrap().joint;
    still.keys("/mcp 1\r");
    assert_eq!(line(&still), named(Task::Erosion, "RH_mcp_1"));
    still.keys("/\r");
    assert_eq!(line(&still), named(Task::Narrowing, "RH_mcp_1"), "on to the next, round the end");
    still.keys("/pip");
    still.keys("\x1b");
    assert_eq!(line(&still), named(Task::Narrowing, "RH_mcp_1"), "escape goes back");
}

#[test]
fn the_film_at_hand_is_that_of_the_films_screen_and_escape_leads_back() {
    let (_folder, mut still) = open();
    still.keys("o");
    assert_eq!(still.state.screen, film::ID);
    assert!(still.text().contains("P002"));
    // From the close look to the whole film, and from there back.
    still.keys("\x1b");
    still.keys("\x1b");
    assert_eq!(still.state.screen, review::ID);
    still.keys("\x1b");
    assert_eq!(still.state.screen, patients::ID);
}

#[test]
fn figures_of_a_run_follow_what_was_corrected() {
    let folder = cohort();
    fixture::run(folder.path());
    let mut still = fixture::still(folder.path(), SIZE);
    let points = |still: &Still| {
        let evaluation = still.state.active_run.evaluation().unwrap();
        let place = evaluation.patients().iter().position(|patient| patient == "P001").unwrap();
        evaluation.totals(svh_analysis::Part::default())[place].truth.unwrap().points
    };
    still.keys("T");
    let before = points(&still);
    first_film(&mut still);
    let grade = at(&still.state).unwrap().entry.grade.unwrap();
    still.keys("4");
    still.keys("T");
    assert_eq!(points(&still), before + 4 - u32::from(grade));
    still.keys("Vu");
    still.keys("T");
    assert_eq!(points(&still), before);
}
