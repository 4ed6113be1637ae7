//! Bulk actions: many lines that are undone by one, and the boxes that they are made of.

use svh_core::review::{Before, Change, Reviews, standing};
use svh_core::{Cohort, Limb, Task, joint};

use super::{Session, cohort, named, place, square, target};

/// Accepts the boxes of these joints of `P1` as one action.
fn accepts(session: &mut Session, labels: &[&str]) {
    let batch = session.author.batch();
    let mut entries = Vec::new();
    for label in labels {
        let joint = named(Task::Narrowing, label);
        let change = Change::Accept { bbox: place(joint) };
        let mut entry = session.author.entry(&session.reviews, &target("P1", joint), change, Before::default()).unwrap();
        entry.batch = Some(batch.clone());
        entries.push(entry);
    }
    session.reviews.insert_all(entries.iter().map(|entry| (session.author.start().to_owned(), 0, entry.clone())));
    session.journal.append_all(entries).unwrap();
}

/// Takes back what the next undo names, or the next redo.
fn takes_back(session: &mut Session, again: bool) -> usize {
    let reader = session.author.reader().to_owned();
    let of = if again { session.reviews.redoable_batch(&reader) } else { session.reviews.undoable_batch(&reader) };
    let of: Vec<_> = of.into_iter().cloned().collect();
    let batch = session.author.batch();
    for entry in &of {
        let mut undo = session.author.undo(&session.reviews, entry);
        undo.batch = (of.len() > 1).then(|| batch.clone());
        session.keeps(undo);
    }
    of.len()
}

fn decided(reviews: &Reviews) -> usize {
    reviews.joints().filter(|(_, _, review)| review.bbox.is_some()).count()
}

#[test]
fn a_bulk_action_is_undone_and_redone_as_one_and_what_came_after_it_first() {
    let folder = cohort();
    let mut anna = Session::new(folder.path(), "anna");
    anna.does(folder.path(), named(Task::Narrowing, "LH_mcp_5"), Change::Grade { grade: Some(1) });
    accepts(&mut anna, &["LH_mcp_1", "LH_mcp_2", "LH_mcp_3"]);
    assert_eq!(decided(&anna.reviews), 3);
    // A later change of one of them is a change of its own.
    anna.does(folder.path(), named(Task::Narrowing, "LH_mcp_2"), Change::Move { bbox: square(90.0) });
    assert_eq!((takes_back(&mut anna, false), decided(&anna.reviews)), (1, 3));
    assert_eq!((takes_back(&mut anna, false), decided(&anna.reviews)), (3, 0));
    assert_eq!((takes_back(&mut anna, true), decided(&anna.reviews)), (3, 3));
    assert_eq!((takes_back(&mut anna, false), decided(&anna.reviews)), (3, 0));
    // The grade before it is the next; then nothing is left.
    assert_eq!((takes_back(&mut anna, false), takes_back(&mut anna, false)), (1, 0));
    // What is on the disk says the same to everybody.
    let read = Reviews::read(folder.path());
    assert_eq!((decided(&read), read.len(), read.problems().count()), (0, anna.reviews.len(), 0));
}

#[test]
fn two_readers_bulk_actions_do_not_undo_each_other() {
    let folder = cohort();
    let (mut anna, mut ben) = (Session::new(folder.path(), "anna"), Session::new(folder.path(), "ben"));
    accepts(&mut anna, &["LH_mcp_1", "LH_mcp_2"]);
    accepts(&mut ben, &["LH_mcp_2", "LH_mcp_3"]);
    assert_ne!(anna.author.batch(), ben.author.batch());
    let mut both = Session::new(folder.path(), "anna");
    assert_eq!(decided(&both.reviews), 3);
    assert_eq!((takes_back(&mut both, false), decided(&both.reviews)), (2, 2));
    assert_eq!(decided(&Reviews::read(folder.path())), 2);
}

#[test]
fn the_standing_boxes_are_those_of_the_label_files_and_a_foot_has_one_set() {
    let folder = cohort();
    let cohort = Cohort::open(folder.path()).unwrap();
    let all = standing::boxes(&cohort, |_| None, |_| true);
    for patient in cohort.patients() {
        let here = all.iter().filter(|one| cohort.patients()[one.patient as usize].id == patient.id);
        for limb in Limb::ALL {
            let labels = cohort.boxes(patient, limb);
            let of = |task| here.clone().filter(|one| one.joint.limb == limb && one.joint.task == task).count();
            assert_eq!(of(Task::Narrowing), labels.of(Task::Narrowing).len());
            let own = limb.is_hand() || patient.has_labels(Task::Erosion, limb);
            assert_eq!(of(Task::Erosion), if own { labels.of(Task::Erosion).len() } else { 0 });
        }
    }
    let mcp = standing::boxes(&cohort, |_| None, |joint| joint.joint == "mcp_2" && joint.task == Task::Narrowing);
    assert!(!mcp.is_empty() && mcp.iter().all(|one| one.labelled == Some(place(one.joint)) && one.proposal.is_none()));
    assert!(joint::all().count() == 86);
}
