//! The corrected reference.

use std::fs;

use svh_core::review::{Change, Reviews};
use svh_core::{BBox, Cohort, GradeRow, Limb, Task, joint};

use super::{Session, cohort, named, place, square};

fn boxes(reviews: &Reviews, cohort: &Cohort, task: Task, limb: Limb) -> Vec<(String, BBox)> {
    let labels = reviews.labels(cohort, cohort.patient("P1").unwrap(), limb);
    labels.of(task).iter().map(|reference| (reference.joint.label.clone(), reference.bbox)).collect()
}

#[test]
fn boxes_are_accepted_moved_drawn_relabelled_and_deleted() {
    let folder = cohort();
    let root = folder.path();
    let cohort = Cohort::open(root).unwrap();
    let [mcp1, mcp2, mcp3, mcp4, mcp5] = [1, 2, 3, 4, 5].map(|n| named(Task::Narrowing, &format!("LH_mcp_{n}")));
    let mut anna = Session::new(root, "anna");
    anna.does(root, mcp1, Change::Accept { bbox: place(mcp1) });
    anna.does(root, mcp2, Change::Move { bbox: square(200.0) });
    anna.does(root, mcp3, Change::Delete);
    anna.does(root, mcp4, Change::Relabel { to: mcp5.label.clone(), bbox: place(mcp4), swapped: Some(place(mcp5)) });
    let reviews = Reviews::read(root);
    assert_eq!(reviews.problems().count(), 0);
    let now = boxes(&reviews, &cohort, Task::Narrowing, Limb::LeftHand);
    let of = |label: &str| now.iter().find(|(known, _)| known == label).map(|(_, bbox)| *bbox);
    assert_eq!(now.len(), 14);
    assert_eq!((of("LH_mcp_1"), of("LH_mcp_2"), of("LH_mcp_3")), (Some(place(mcp1)), Some(square(200.0)), None));
    assert_eq!((of("LH_mcp_4"), of("LH_mcp_5")), (Some(place(mcp5)), Some(place(mcp4))), "the two were mixed up");
    anna.does(root, mcp3, Change::Draw { bbox: square(120.0) });
    let now = boxes(&anna.reviews, &cohort, Task::Narrowing, Limb::LeftHand);
    assert_eq!((now.len(), now.iter().filter(|known| **known == ("LH_mcp_3".to_owned(), square(120.0))).count()), (15, 1));
    let untouched = boxes(&anna.reviews, &cohort, Task::Erosion, Limb::LeftHand);
    assert_eq!(untouched, boxes(&Reviews::default(), &cohort, Task::Erosion, Limb::LeftHand));
}

#[test]
fn a_box_that_goes_to_a_free_joint_leaves_its_own_without() {
    let folder = cohort();
    let root = folder.path();
    let cohort = Cohort::open(root).unwrap();
    let (mcp2, mcp3) = (named(Task::Narrowing, "LH_mcp_2"), named(Task::Narrowing, "LH_mcp_3"));
    let mut anna = Session::new(root, "anna");
    anna.does(root, mcp3, Change::Delete);
    anna.does(root, mcp2, Change::Relabel { to: mcp3.label.clone(), bbox: place(mcp2), swapped: None });
    let now = boxes(&anna.reviews, &cohort, Task::Narrowing, Limb::LeftHand);
    assert!(!now.iter().any(|(label, _)| label == "LH_mcp_2"));
    assert!(now.contains(&("LH_mcp_3".to_owned(), place(mcp2))));
}

#[test]
fn the_erosion_boxes_of_a_foot_follow_its_narrowing_boxes_until_they_are_reviewed_themselves() {
    let folder = cohort();
    let root = folder.path();
    let cohort = Cohort::open(root).unwrap();
    let mut anna = Session::new(root, "anna");
    anna.does(root, named(Task::Narrowing, "LF_mtp_1"), Change::Move { bbox: square(77.0) });
    anna.does(root, named(Task::Narrowing, "LF_mtp_2"), Change::Delete);
    let erosion = boxes(&anna.reviews, &cohort, Task::Erosion, Limb::LeftFoot);
    assert!(erosion.contains(&("LF_mtp_1".to_owned(), square(77.0))));
    assert!(!erosion.iter().any(|(label, _)| label == "LF_mtp_2"));
    anna.does(root, named(Task::Erosion, "LF_mtp_1"), Change::Move { bbox: square(90.0) });
    assert!(boxes(&anna.reviews, &cohort, Task::Erosion, Limb::LeftFoot).contains(&("LF_mtp_1".to_owned(), square(90.0))));
    assert!(boxes(&anna.reviews, &cohort, Task::Narrowing, Limb::LeftFoot).contains(&("LF_mtp_1".to_owned(), square(77.0))));
    let one = |label: &str| anna.reviews.decided_box("P1", named(Task::Erosion, label), false).map(|decision| decision.value);
    assert_eq!((one("LF_mtp_1"), one("LF_mtp_2"), one("LF_mtp_3")), (Some(Some(square(90.0))), Some(None), None), "box by box the same");
    let holder = |label: &str, file| svh_core::review::holder_of_box(named(Task::Erosion, label), file).task;
    assert_eq!(
        [holder("LF_mtp_1", false), holder("LF_mtp_1", true), holder("LH_mcp_1", false)],
        [Task::Narrowing, Task::Erosion, Task::Erosion]
    );
}

#[test]
fn grades_are_corrected_taken_away_and_given_to_patients_who_had_none() {
    let folder = cohort();
    let root = folder.path();
    super::film(root, "P3-LF");
    let cohort = Cohort::open(root).unwrap();
    let (mtp, mcp) = (named(Task::Erosion, "LF_mtp_1"), named(Task::Narrowing, "LH_mcp_2"));
    let mut anna = Session::new(root, "anna");
    anna.does(root, mtp, Change::Grade { grade: Some(10) });
    anna.does(root, mcp, Change::Grade { grade: None });
    let new = anna.author.entry(&anna.reviews, &super::target("P3", mtp), Change::Grade { grade: Some(4) }, Default::default()).unwrap();
    anna.keeps(new);
    let table = anna.reviews.table(&cohort).unwrap();
    assert_eq!(table.patients(), ["P1", "P2", "P3"]);
    let row = |patient: &str| *table.get(patient).unwrap();
    assert_eq!((row("P1").get(mtp), row("P1").get(mcp), row("P1").scored()), (Some(10), None, 85));
    assert_eq!(row("P2"), *cohort.grades().unwrap().get("P2").unwrap());
    assert_eq!((row("P3").get(mtp), row("P3").scored()), (Some(4), 1));
    let totals: Vec<_> = table.given_totals(0).into_iter().flatten().collect();
    assert!(totals.is_empty(), "the old sums no longer hold");
    assert_eq!(anna.reviews.grades(&cohort, cohort.patient("P2").unwrap()), Some(row("P2")));
    assert_eq!(Reviews::default().correct_grades("P9", None), None::<GradeRow>);
}

#[test]
fn a_cohort_without_grades_or_reviews_has_no_table() {
    let folder = cohort();
    fs::remove_file(folder.path().join("training.csv")).unwrap();
    let cohort = Cohort::open(folder.path()).unwrap();
    assert!(Reviews::read(folder.path()).table(&cohort).is_none());
}

#[test]
fn the_cohorts_own_files_are_never_changed() {
    let folder = cohort();
    let root = folder.path();
    let print = || {
        let mut files = vec![fs::read(root.join("training.csv")).unwrap()];
        files.extend(Limb::ALL.map(|limb| fs::read(root.join(format!("narrowing_labels/P1-{limb}.xml"))).unwrap()));
        files
    };
    let (before, fingerprint) = (print(), Cohort::open(root).unwrap().fingerprint());
    let mut anna = Session::new(root, "anna");
    for joint in joint::of_limb(Task::Narrowing, Limb::LeftHand) {
        anna.does(root, joint, Change::Delete);
        anna.does(root, joint, Change::Grade { grade: Some(4) });
    }
    assert_eq!((print(), Cohort::open(root).unwrap().fingerprint()), (before, fingerprint));
}

#[test]
fn what_was_reviewed_on_a_film_of_another_size_is_left_out_and_told() {
    let folder = cohort();
    let root = folder.path();
    let cohort = Cohort::open(root).unwrap();
    let mut anna = Session::new(root, "anna");
    anna.does(root, named(Task::Narrowing, "LF_mtp_1"), Change::Move { bbox: square(77.0) });
    let patient = cohort.patient("P1").unwrap();
    let film = cohort.film(patient, Limb::LeftFoot).unwrap();
    let labels = || anna.reviews.labels(&cohort, patient, Limb::LeftFoot);
    assert!(!labels().is_unusable(Task::Narrowing) && labels().narrowing.iter().any(|reference| reference.bbox == square(77.0)));
    // The film is scaled, and its label file taken away: only the review is left of the old frame.
    let (width, height) = svh_core::Film::size(&film).unwrap();
    image::GrayImage::new(width / 2, height / 2).save(&film).unwrap();
    fs::remove_file(root.join("narrowing_labels/P1-LF.xml")).unwrap();
    let reopened = Cohort::open(root).unwrap();
    let labels = anna.reviews.labels(&reopened, reopened.patient("P1").unwrap(), Limb::LeftFoot);
    assert!(labels.narrowing.is_empty() && labels.is_unusable(Task::Narrowing) && labels.is_unusable(Task::Erosion));
    assert!(labels.problems[0].contains("review them again"), "{:?}", labels.problems);
}
