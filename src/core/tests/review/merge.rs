//! One state from all lines: order, undo, conflicts, flags, locks.

use std::path::Path;

use svh_core::review::{Before, Change, Entry, Refused, Reviews, Time};
use svh_core::{Joint, Task};

use super::{Session, cohort, named, place, square};

fn grade(grade: u8) -> Change {
    Change::Grade { grade: Some(grade) }
}

fn graded(reviews: &Reviews, label: &str) -> Option<u8> {
    reviews.joint("P1", named(Task::Narrowing, label))?.grade.as_ref()?.value
}

/// What a state says, in a form that can be compared.
fn said(reviews: &Reviews) -> Vec<String> {
    reviews.joints().map(|(patient, joint, review)| format!("{patient} {} {review:?}", joint.ra2_column)).collect()
}

/// Anna and Ben moved the same box, neither having seen the other; the later one is given back.
fn apart(root: &Path, joint: &'static Joint) -> Session {
    let (mut anna, mut ben) = (Session::new(root, "anna"), Session::new(root, "ben"));
    anna.does(root, joint, Change::Move { bbox: square(100.0) });
    ben.does(root, joint, Change::Move { bbox: square(200.0) });
    ben
}

#[test]
fn undo_takes_back_the_readers_own_latest_change_and_redo_brings_it_again() {
    let folder = cohort();
    let root = folder.path();
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let mut anna = Session::new(root, "anna");
    anna.does(root, mcp, grade(2));
    anna.does(root, mcp, grade(3));
    anna.undoes();
    assert_eq!(graded(&anna.reviews, "LH_mcp_2"), Some(2));
    anna.undoes();
    assert!(anna.reviews.joint("P1", mcp).is_none(), "nobody reviewed it any more");
    assert!(anna.reviews.undoable("anna").is_none());
    anna.redoes();
    anna.redoes();
    assert_eq!(graded(&anna.reviews, "LH_mcp_2"), Some(3));
    assert!(anna.reviews.redoable("anna").is_none());
    anna.undoes();
    anna.does(root, mcp, grade(4));
    assert!(anna.reviews.redoable("anna").is_none(), "a new change ends what could be redone");
    anna.undoes();
    assert_eq!(graded(&anna.reviews, "LH_mcp_2"), Some(2));
    assert_eq!(said(&Reviews::read(root)), said(&anna.reviews), "the disk says the same");
}

#[test]
fn nobody_undoes_another_readers_change() {
    let folder = cohort();
    let root = folder.path();
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let first = Session::new(root, "anna").does(root, mcp, grade(2));
    let mut ben = Session::new(root, "ben");
    assert!(ben.reviews.undoable("ben").is_none());
    let by_hand = ben.author.undo(&ben.reviews, &first);
    ben.keeps(by_hand);
    let reviews = Reviews::read(root);
    assert_eq!(graded(&reviews, "LH_mcp_2"), Some(2));
    assert!(reviews.problems().any(|problem| problem.contains("another reader's line")));
    let mut later = Session::new(root, "anna");
    later.undoes();
    assert!(later.reviews.joint("P1", mcp).is_none(), "but anna's next start undoes what her last one did");
}

#[test]
fn the_state_does_not_depend_on_the_order_in_which_lines_are_read() {
    let folder = cohort();
    let root = folder.path();
    let joints: Vec<_> = (1..=5).map(|n| named(Task::Narrowing, &format!("LH_mcp_{n}"))).collect();
    let (mut anna, mut ben) = (Session::new(root, "anna"), Session::new(root, "ben"));
    for (number, joint) in joints.iter().enumerate() {
        anna.does(root, joint, grade(number as u8 % 4));
        ben.does(root, joint, Change::Move { bbox: square(100.0 + number as f32) });
        ben.does(root, joint, grade(4));
        anna.does(root, joint, Change::Flag { note: "look".into() });
        if number % 2 == 0 {
            anna.undoes();
            ben.undoes();
        }
    }
    let whole = Reviews::read(root);
    let lines: Vec<(String, usize, Entry)> =
        whole.entries().enumerate().map(|(line, entry)| (entry.reader.clone(), line, entry.clone())).collect();
    for turn in 0..lines.len() {
        let mut turned = lines.clone();
        turned.rotate_left(turn);
        turned.reverse();
        let mut reviews = Reviews::default();
        for (file, line, entry) in turned {
            reviews.insert(&file, line, entry);
        }
        assert_eq!(said(&reviews), said(&whole), "turned by {turn}");
    }
}

#[test]
fn lines_of_one_moment_are_ordered_by_reader_file_and_line() {
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let line = |reader: &str, id: &str, value: u8| Entry {
        id: id.into(),
        time: Time(1_700_000_000_000),
        reader: reader.into(),
        patient: "P1".into(),
        film: None,
        size: None,
        task: Task::Narrowing,
        joint: mcp.label.clone(),
        change: grade(value),
        before: Before::default(),
        batch: None,
    };
    let lines =
        [("b", 1, line("anna", "1", 1)), ("a", 2, line("anna", "2", 2)), ("a", 1, line("anna", "3", 3)), ("a", 9, line("ada", "4", 4))];
    let mut reviews = Reviews::default();
    for (file, number, entry) in lines {
        reviews.insert(file, number, entry);
    }
    let order: Vec<_> = reviews.entries().map(|entry| entry.id.as_str()).collect();
    assert_eq!(order, ["4", "3", "2", "1"]);
    assert_eq!(graded(&reviews, "LH_mcp_2"), Some(1));
}

#[test]
fn a_copy_of_a_file_changes_nothing_and_a_line_with_a_taken_id_is_told() {
    let folder = cohort();
    let root = folder.path();
    let mut anna = Session::new(root, "anna");
    let entry = anna.does(root, named(Task::Narrowing, "LH_mcp_2"), grade(2));
    let file = std::fs::read_dir(root.join("reviews")).unwrap().next().unwrap().unwrap().path();
    std::fs::copy(&file, root.join("reviews/conflicted copy.jsonl")).unwrap();
    let reviews = Reviews::read(root);
    assert_eq!((reviews.len(), reviews.problems().count()), (1, 0));
    let forged = Entry { change: grade(4), ..entry };
    std::fs::write(root.join("reviews/forged.jsonl"), serde_json::to_string(&forged).unwrap() + "\n").unwrap();
    let reviews = Reviews::read(root);
    assert_eq!(reviews.len(), 1);
    assert!(reviews.problems().any(|problem| problem.contains("another line has the id")), "{:?}", reviews.problems().collect::<Vec<_>>());
}

#[test]
fn two_readers_who_did_not_see_each_other_are_in_conflict_until_somebody_saw_both() {
    let folder = cohort();
    let root = folder.path();
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let mut ben = apart(root, mcp);
    let reviews = Reviews::read(root);
    let review = reviews.joint("P1", mcp).unwrap();
    let [conflict] = &review.box_conflicts[..] else { panic!("{review:?}") };
    assert_eq!((conflict.first.as_str(), conflict.second.as_str()), ("anna", "ben"));
    assert_eq!(review.bbox.as_ref().unwrap().value, Some(square(200.0)), "the later one counts");
    assert_eq!(reviews.len(), 2, "and both are kept");
    let mut cleo = Session::new(root, "cleo");
    cleo.does(root, mcp, Change::Accept { bbox: square(200.0) });
    assert!(cleo.reviews.joint("P1", mcp).unwrap().box_conflicts.is_empty());
    ben.does(root, named(Task::Narrowing, "LH_mcp_3"), Change::Delete);
    let mut seen = Session::new(root, "anna");
    seen.does(root, named(Task::Narrowing, "LH_mcp_3"), Change::Draw { bbox: place(mcp) });
    assert!(
        seen.reviews.joint("P1", named(Task::Narrowing, "LH_mcp_3")).unwrap().box_conflicts.is_empty(),
        "a change in full view is none"
    );
}

#[test]
fn a_flag_that_was_not_seen_is_not_settled_with_the_others() {
    let folder = cohort();
    let root = folder.path();
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let mut anna = Session::new(root, "anna");
    let first = anna.does(root, mcp, Change::Flag { note: "blurred".into() });
    let mut ben = Session::new(root, "ben");
    anna.does(root, mcp, Change::Flag { note: "rotated".into() });
    ben.does(root, mcp, Change::ClearFlag { flags: vec![first.id] });
    let reviews = Reviews::read(root);
    let notes: Vec<_> = reviews.joint("P1", mcp).unwrap().flags.iter().map(|flag| flag.note.as_str()).collect();
    assert_eq!(notes, ["rotated"]);
    ben.undoes();
    assert_eq!(Reviews::read(root).joint("P1", mcp).unwrap().flags.len(), 2);
}

#[test]
fn a_locked_answer_stands_and_changes_no_reference() {
    let folder = cohort();
    let root = folder.path();
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let lock = |grade| Change::Lock { bbox: Some(square(100.0)), grade: Some(grade), order: None };
    let (mut anna, mut ben) = (Session::new(root, "anna"), Session::new(root, "ben"));
    let first = anna.does(root, mcp, lock(1));
    ben.does(root, mcp, lock(3));
    let again = anna.author.entry(&anna.reviews, &super::target("P1", mcp), lock(2), Before::default());
    assert!(matches!(again, Err(Refused::Locked { .. })));
    assert!(anna.reviews.undoable("anna").is_none(), "nor is it undone");
    let by_hand = Entry { id: "x".into(), change: lock(2), time: Time(first.time.0 + 10), ..first.clone() };
    anna.keeps(by_hand);
    let undo = anna.author.undo(&anna.reviews, &first);
    anna.keeps(undo);
    let reviews = Reviews::read(root);
    assert_eq!(reviews.problems().count(), 2, "{:?}", reviews.problems().collect::<Vec<_>>());
    let review = reviews.joint("P1", mcp).unwrap();
    assert_eq!((review.locks.len(), review.lock_of("anna").unwrap().grade, &review.bbox, &review.grade), (2, Some(1), &None, &None));
    let pairs: Vec<_> = reviews.pairs("anna", "ben").collect();
    assert_eq!((pairs.len(), pairs[0].difference(), pairs[0].iou(), pairs[0].differs()), (1, Some(2), Some(1.0), true));
}

#[test]
fn times_go_on_after_what_was_seen_even_where_the_clock_is_slow() {
    let folder = cohort();
    let root = folder.path();
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let mut anna = Session::new(root, "anna");
    let first = anna.does(root, mcp, grade(1));
    let future = Entry { id: "f".into(), time: Time(first.time.0 + 3_600_000), change: grade(2), ..first };
    anna.keeps(future);
    anna.does(root, mcp, grade(3));
    assert_eq!(graded(&Reviews::read(root), "LH_mcp_2"), Some(3), "what was done last counts");
}

/// Who was passed over by whom about the box of the joint.
fn conflicts(reviews: &Reviews) -> Vec<(String, String)> {
    let review = reviews.joint("P1", named(Task::Narrowing, "LH_mcp_2")).unwrap();
    review.box_conflicts.iter().map(|conflict| (conflict.first.clone(), conflict.second.clone())).collect()
}

#[test]
fn a_readers_second_change_does_not_hide_what_was_passed_over() {
    let folder = cohort();
    let root = folder.path();
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let (mut anna, mut ben, mut cleo) = (Session::new(root, "anna"), Session::new(root, "ben"), Session::new(root, "cleo"));
    anna.does(root, mcp, Change::Move { bbox: square(100.0) });
    ben.does(root, mcp, Change::Move { bbox: square(200.0) });
    ben.does(root, mcp, Change::Move { bbox: square(210.0) });
    let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
    assert_eq!(conflicts(&Reviews::read(root)), [pair("anna", "ben")]);
    // A third one who saw neither is in conflict with both.
    cleo.does(root, mcp, Change::Move { bbox: square(50.0) });
    assert_eq!(conflicts(&Reviews::read(root)), [pair("anna", "cleo"), pair("ben", "cleo")]);
    // Ben still sees his own alone, so that his decision settles nothing.
    ben.does(root, mcp, Change::Accept { bbox: square(210.0) });
    assert_eq!(conflicts(&Reviews::read(root)), [pair("anna", "ben"), pair("cleo", "ben")]);
    // Whoever sees all of them decides, also by keeping an own box.
    let mut seen = Session::new(root, "ben");
    let settled = seen.does(root, mcp, Change::Accept { bbox: square(210.0) });
    assert_eq!(conflicts(&Reviews::read(root)), []);
    let undo = seen.author.undo(&seen.reviews, &settled);
    seen.keeps(undo);
    assert_eq!(conflicts(&Reviews::read(root)).len(), 2, "with the decision goes the settlement");
}

#[test]
fn lines_that_name_no_others_are_judged_by_what_was_there() {
    let folder = cohort();
    let root = folder.path();
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let mut ben = apart(root, mcp);
    ben.does(root, mcp, Change::Move { bbox: square(210.0) });
    let mut cleo = Session::new(root, "cleo");
    let of_earlier_versions = |reviews: &Reviews| {
        let mut old = Reviews::default();
        for (line, entry) in reviews.entries().enumerate() {
            old.insert("old", line, Entry { before: Before { saw: None, ..entry.before.clone() }, ..entry.clone() });
        }
        old
    };
    assert_eq!(conflicts(&of_earlier_versions(&Reviews::read(root))), [("anna".to_owned(), "ben".to_owned())]);
    cleo.does(root, mcp, Change::Accept { bbox: square(210.0) });
    assert_eq!(conflicts(&of_earlier_versions(&Reviews::read(root))), []);
}

#[test]
fn a_change_is_not_made_over_one_that_came_in_since_it_was_begun() {
    let folder = cohort();
    let root = folder.path();
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let mut anna = Session::new(root, "anna");
    let opened = Before { bbox: Some(place(mcp)), grade: None, saw: Some(anna.reviews.heads("P1", mcp)) };
    let theirs = Session::new(root, "ben").does(root, mcp, Change::Move { bbox: square(200.0) });
    anna.reviews.insert("ben", 1, theirs);
    let mine = || Change::Move { bbox: square(100.0) };
    let refused = anna.author.entry(&anna.reviews, &super::target("P1", mcp), mine(), opened.clone()).unwrap_err();
    assert!(matches!(&refused, Refused::Outdated { reader, .. } if reader == "ben"), "{refused}");
    // A change of the grade is another matter.
    let graded = anna.author.entry(&anna.reviews, &super::target("P1", mcp), grade(1), opened).unwrap();
    anna.keeps(graded);
    let now = Before { bbox: Some(square(200.0)), grade: None, saw: Some(anna.reviews.heads("P1", mcp)) };
    let entry = anna.author.entry(&anna.reviews, &super::target("P1", mcp), mine(), now).unwrap();
    anna.keeps(entry);
    assert_eq!(conflicts(&Reviews::read(root)), []);
}
