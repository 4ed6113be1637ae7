//! Tests of the reviews: keys go in, the state and the files say what came of it.

use std::{collections::BTreeMap, path::Path};

use svh_core::{
    BBox, Cohort, Joint, JointScore, Limb, PatientScore, Reviews, Task, joint,
    review::{Change, queue::Kind},
};
use tempfile::TempDir;

use super::{lines::List, state::at};
use crate::{
    pictures::{Line, Plan},
    tui::{
        fixture::{self, FILM, cohort, place},
        results::Results,
        state::Screen,
        still::Still,
        theme,
    },
};

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

#[test]
fn the_first_list_with_something_in_it_opens_and_the_film_of_its_first_line_is_shown_closely() {
    let (_folder, still) = open();
    assert_eq!(still.state.review.list, List::Of(Kind::Proposal));
    // All but the last joint of both tasks, on the hand that nobody labelled.
    assert_eq!(still.state.review.lines.len(), 14 + 15);
    assert_eq!(at_hand(&still), ("P002".to_owned(), "RH_mcp_1".to_owned()));
    let text = still.text();
    assert!(text.contains("proposals 29 open") && text.contains("P002"), "{text}");
    assert!(plan(&still).region[2] - plan(&still).region[0] < FILM.0 as f32 / 2.0, "close");
}

#[test]
fn accepting_makes_a_proposal_truth_and_goes_on_and_undo_comes_back_to_it() {
    let (folder, mut still) = open();
    let root = folder.path();
    let first = named(Task::Narrowing, "RH_mcp_1");
    let proposal = at(&still.state).unwrap().entry.found.unwrap().bbox;
    still.keys("\r");
    assert_eq!(on_disk(root, "P002", first), Some(proposal));
    assert_eq!(at_hand(&still).1, "RH_mcp_2");
    assert_eq!(still.state.review.lines.len(), 28);
    assert!(still.text().contains("P002 MCP 1: accepted the box"), "{}", still.text());
    still.keys("u");
    assert_eq!((on_disk(root, "P002", first), at_hand(&still).1), (None, "RH_mcp_1".to_owned()));
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

fn original_sum(root: &Path) -> u32 {
    Cohort::open(root).unwrap().grades().unwrap().get("P001").unwrap().totals().narrowing
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
fn arrows_move_and_resize_the_box_in_hand_by_steps_that_follow_the_zoom() {
    let (folder, mut still) = open();
    let root = folder.path();
    first_film(&mut still);
    let joint = at(&still.state).unwrap().joint();
    let before = place(joint);
    assert_eq!(on_disk(root, "P001", joint), Some(before));
    still.keys("m");
    let text = still.text();
    assert!(text.contains("arrows move it, Tab resizes"), "{text}");
    assert!(plan(&still).marks.iter().any(|mark| mark.colour == theme::HAND && mark.label.as_deref() == Some("PIP 2 move")));
    still.keys("\x1b[C\x1b[C\x1b[B");
    let near = still.state.review.edit.unwrap().bbox;
    let step = (near.x0 - before.x0) / 2.0;
    assert!(step >= 1.0 && near.y0 - before.y0 == step && near.width() == before.width(), "{near:?}");
    still.keys("\t\x1b[C\x1b[1;2B");
    let larger = still.state.review.edit.unwrap().bbox;
    assert_eq!((larger.x0, larger.width(), larger.height()), (near.x0, before.width() + step, before.height() + 5.0 * step));
    still.keys("w\x1b[C");
    assert!(still.state.review.edit.unwrap().bbox.width() > larger.width() + step, "a step is longer where more is seen");
    still.keys("q");
    assert!(!still.ended, "nothing leads away while a box is in hand");
    still.keys("\x1b");
    assert_eq!((still.state.review.edit, on_disk(root, "P001", joint)), (None, Some(before)));
    still.keys("m\x1b[C\r");
    let BBox { x0, .. } = on_disk(root, "P001", joint).unwrap();
    assert!(x0 > before.x0 && matches!(last(root), Change::Move { .. }));
    let drawn = plan(&still).marks.into_iter().find(|mark| mark.selected && mark.line == Line::Solid).unwrap();
    assert_eq!(drawn.bbox.x0, x0, "the film shows the corrected box");
}

#[test]
fn the_mouse_moves_pulls_and_draws_the_box_in_hand() {
    let (_folder, mut still) = open();
    first_film(&mut still);
    still.keys("m");
    let cell = |plan: &Plan, x: f32, y: f32| {
        let column = f32::from(plan.rect.x) + (x - plan.region[0]) / (plan.region[2] - plan.region[0]) * f32::from(plan.rect.width);
        let row = f32::from(plan.rect.y) + (y - plan.region[1]) / (plan.region[3] - plan.region[1]) * f32::from(plan.rect.height);
        format!("{};{}", column as u16 + 1, row as u16 + 1)
    };
    let before = still.state.review.edit.unwrap().bbox;
    let (x, y) = before.centre();
    let shown = plan(&still);
    let (from, to) = (cell(&shown, x, y), cell(&shown, x + 12.0, y + 6.0));
    still.keys(&format!("\x1b[<0;{from}M\x1b[<32;{to}M\x1b[<0;{to}m"));
    let moved = still.state.review.edit.unwrap().bbox;
    assert!((moved.x0 - before.x0 - 12.0).abs() < 3.0 && (moved.width() - before.width()).abs() < 1e-3, "{before:?} {moved:?}");
    let (from, to) = (cell(&shown, moved.x1, moved.y1), cell(&shown, moved.x1 + 10.0, moved.y1 + 10.0));
    still.keys(&format!("\x1b[<0;{from}M\x1b[<32;{to}M\x1b[<0;{to}m"));
    let pulled = still.state.review.edit.unwrap().bbox;
    assert!(pulled.x0 == moved.x0 && pulled.x1 > moved.x1 + 5.0 && pulled.y1 > moved.y1 + 5.0, "{moved:?} {pulled:?}");
    let corner = (shown.region[0] + 2.0, shown.region[3] - 2.0);
    let (from, to) = (cell(&shown, corner.0, corner.1), cell(&shown, corner.0 + 20.0, corner.1 - 15.0));
    still.keys(&format!("\x1b[<0;{from}M\x1b[<32;{to}M\x1b[<0;{to}m"));
    let drawn = still.state.review.edit.unwrap().bbox;
    assert!((drawn.width() - 20.0).abs() < 4.0 && (drawn.height() - 15.0).abs() < 4.0, "a new box from outside: {drawn:?}");
}

#[test]
fn boxes_are_deleted_drawn_and_given_to_other_joints() {
    let (folder, mut still) = open();
    let root = folder.path();
    first_film(&mut still);
    let (pip2, pip3) = (named(Task::Narrowing, "LH_pip_2"), named(Task::Narrowing, "LH_pip_3"));
    still.keys("x");
    assert_eq!((on_disk(root, "P001", pip2), last(root)), (None, Change::Delete));
    still.keys("b");
    assert_eq!(still.state.review.edit.unwrap().bbox.width(), 30.0, "as large as the film's others");
    still.keys("\r");
    assert!(matches!(last(root), Change::Draw { .. }));
    let drawn = on_disk(root, "P001", pip2).unwrap();
    still.keys("lpip3\r");
    assert_eq!((on_disk(root, "P001", pip2), on_disk(root, "P001", pip3)), (Some(place(pip3)), Some(drawn)), "exchanged");
    assert!(still.text().contains("exchanged the boxes with LH_pip_3"), "{}", still.text());
    still.keys("lmcp\t");
    assert_eq!(still.state.prompt.as_ref().unwrap().text, "MCP 1", "Tab completes");
    assert!(still.text().contains("give the box to: MCP 1"));
    still.keys("\x1b");
    still.keys("lnonsense\r");
    assert!(still.text().contains("no other joint of this film is called `nonsense`"));
    still.keys("b");
    assert!(still.text().contains("has a box already") && still.state.review.edit.is_none());
}

#[test]
fn the_box_of_a_foots_erosion_is_that_of_narrowing() {
    let (folder, mut still) = open();
    first_toe(&mut still);
    still.keys("x");
    let (narrowing, erosion) = (named(Task::Narrowing, "LF_mtp_ip"), named(Task::Erosion, "LF_mtp_ip"));
    assert_eq!((on_disk(folder.path(), "P001", narrowing), on_disk(folder.path(), "P001", erosion)), (None, None));
    assert_eq!(Reviews::read(folder.path()).entries().next().unwrap().task, Task::Narrowing);
    still.keys("u");
    assert_eq!(on_disk(folder.path(), "P001", erosion), Some(place(narrowing)));
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
fn blind_reading_hides_truth_and_model_until_the_answer_is_locked() {
    let (folder, mut still) = open();
    let root = folder.path();
    first_film(&mut still);
    still.keys("B");
    let pip2 = named(Task::Narrowing, "LH_pip_2");
    assert_eq!((still.state.review.list, at_hand(&still).1.as_str()), (List::Blind, "LH_pip_2"));
    assert!(plan(&still).marks.is_empty(), "no box of the film is shown");
    assert!(!still.text().contains("R 0") && !still.text().contains("label file") && still.text().contains("truth and model are hidden"));
    assert_eq!(plan(&still).region[2] - plan(&still).region[0], whole(&still), "nor is the place given away by a close look");
    still.keys("x");
    still.keys("\r");
    assert!(still.text().contains("neither a box nor a grade to lock"), "{}", still.text());
    still.keys("3b\r");
    assert!(Reviews::read(root).is_empty(), "an answer is the reader's own until it is locked");
    assert!(still.text().contains("grade 3") && plan(&still).marks.len() == 1);
    still.keys("\r");
    let Change::Lock { grade: Some(3), bbox: Some(bbox) } = last(root) else { panic!("{:?}", last(root)) };
    let text = still.text();
    assert!(text.contains("✓ anna 3") && text.contains("□ box of the label file"), "now it is compared: {text}");
    assert_eq!(on_disk(root, "P001", pip2), Some(place(pip2)), "truth is as it was");
    assert!(bbox.width() > 0.0);
    still.keys("\r");
    assert_eq!(at_hand(&still).1, "LH_pip_3", "on to the next");
    let shown: Vec<_> = plan(&still).marks;
    assert!(shown.iter().all(|mark| mark.bbox.iou(&place(pip2)) > 0.1 || mark.line != Line::Solid), "only what was answered is shown");
    still.keys("\x1b[A2");
    assert_eq!(grade_on_disk(root, "P001", pip2), Some(2), "after the answer the truth may be corrected");
    still.keys("B");
    assert_eq!(still.state.review.list, List::Film);
    assert!(!plan(&still).marks.is_empty());
}

fn whole(still: &Still) -> f32 {
    let plan = plan(still);
    let cells = crate::pictures::Cells { columns: plan.rect.width, rows: plan.rect.height, pixel: plan.cell };
    let placed = crate::pictures::View::default().place(FILM, cells);
    placed.region[2] - placed.region[0]
}

#[test]
fn the_answers_of_two_readers_are_compared_where_they_differ() {
    let (folder, mut still) = open();
    first_film(&mut still);
    still.keys("B1\r\r2\r");
    still.reader("ben");
    first_film(&mut still);
    still.keys("B4\r\r");
    still.keys("D");
    assert_eq!(still.state.review.list, List::Readers);
    assert_eq!(still.state.review.lines.len(), 1, "ben has not answered the second yet, so it is not shown");
    still.keys("B\x1b[B2\rD");
    assert_eq!(at_hand(&still).1, "LH_pip_2");
    let text = still.text();
    assert!(text.contains("1 of 2 joints") && text.contains("anna 1 ben 4 ±3"), "{text}");
    assert!(text.contains("✓ anna 1") && text.contains("✓ ben 4"));
    let reviews = Reviews::read(folder.path());
    assert_eq!(reviews.pairs("anna", "ben").count(), 2);
}

#[test]
fn what_others_do_meanwhile_appears_and_a_conflict_is_told() {
    let (folder, mut still) = open();
    first_film(&mut still);
    let mut other = fixture::still(folder.path(), SIZE);
    other.reader("ben");
    first_film(&mut other);
    other.keys("m\x1b[C\r");
    still.keys("m\x1b[D\r");
    still.look_at_reviews();
    list(&mut still, List::Of(Kind::Conflict));
    assert_eq!(still.state.review.lines.len(), 1, "{}", still.text());
    assert!(still.text().contains("changed the box without seeing what"), "{}", still.text());
    still.keys("\r");
    assert!(still.state.review.lines.is_empty(), "decided by somebody who saw both");
}

#[test]
fn a_disk_that_refuses_is_told_once_and_quitting_asks_before_changes_are_lost() {
    let folder = cohort();
    std::fs::write(folder.path().join("reviews"), "in the way").unwrap();
    let mut still = fixture::still(folder.path(), SIZE);
    still.reader("anna");
    first_film(&mut still);
    still.keys("3");
    let words = |still: &Still| still.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&still).contains("1 change waits in memory"), "{}", still.text());
    still.keys("\x1b");
    still.keys("q");
    assert!(!still.ended && words(&still).contains("1 change is not on the disk"), "{}", still.text());
    std::fs::remove_file(folder.path().join("reviews")).unwrap();
    still.keys("2");
    assert!(words(&still).contains("everything is on the disk now"), "{}", still.text());
    assert_eq!(Reviews::read(folder.path()).len(), 2);
    still.keys("q");
    assert!(still.ended);
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
fn the_film_at_hand_is_that_of_the_films_screen_and_escape_leads_back() {
    let (_folder, mut still) = open();
    still.keys("o");
    assert_eq!(still.state.screen, Screen::Film);
    assert!(still.text().contains("P002"));
    // From the close look to the whole film, and from there back.
    still.keys("\x1b");
    still.keys("\x1b");
    assert_eq!(still.state.screen, Screen::Review);
    still.keys("\x1b");
    assert_eq!(still.state.screen, Screen::Patients);
}

#[test]
fn a_torn_line_is_told_when_the_cohort_is_opened() {
    let (folder, mut still) = open();
    still.keys("\r\r");
    let file = std::fs::read_dir(folder.path().join("reviews")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &text[..text.len() - 20]).unwrap();
    let mut later = fixture::still(folder.path(), SIZE);
    later.look_at_reviews();
    assert!(later.text().split_whitespace().collect::<Vec<_>>().join(" ").contains("line 2: the line is torn"), "{}", later.text());
    assert_eq!(later.state.desk.reviews().len(), 1);
}

#[test]
fn figures_of_a_run_follow_what_was_corrected() {
    let folder = cohort();
    fixture::run(folder.path());
    let mut still = fixture::still(folder.path(), SIZE);
    let points = |still: &Still| {
        let evaluation = still.state.subject.evaluation().unwrap();
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
