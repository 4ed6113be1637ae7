//! What is worth a look, in which order, and what drops out.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use svh_core::review::queue::{Item, Kind, Queue, Reason, entropy};
use svh_core::review::{Change, Reviews};
use svh_core::{BBox, Cohort, Detection, FilmDetections, JointScore, Limb, Origin, PatientScore, Task, joint};

use super::{Session, cohort, named, place, square};

fn found(limb: Limb, detections: Vec<(&str, Task, BBox, f32)>) -> FilmDetections {
    let detection = |(label, task, bbox, score): (&str, Task, BBox, f32)| Detection {
        kept: true,
        from: if score > 0.0 { Origin::Detector } else { Origin::Inferred },
        ..Detection::new(joint::by_label(task, label).unwrap(), bbox, score)
    };
    FilmDetections::new("", (300, 400), limb, detections.into_iter().map(detection).collect())
}

struct Predictions {
    films: HashMap<PathBuf, FilmDetections>,
    patients: HashMap<String, PatientScore>,
}

fn said(cohort: &Cohort) -> Predictions {
    let film = |patient: &str, limb| cohort.film(cohort.patient(patient).unwrap(), limb).unwrap();
    let (n, mcp) = (Task::Narrowing, |k: u8| format!("LH_mcp_{k}"));
    let (one, two, three) = (mcp(1), mcp(2), mcp(3));
    let labelled =
        vec![(one.as_str(), n, place(named(n, &one)), 0.9), (two.as_str(), n, square(250.0), 0.9), (three.as_str(), n, square(250.0), 0.3)];
    let unlabelled = vec![("LF_mtp_1", n, square(50.0), 0.99), ("LF_mtp_2", n, square(90.0), 0.0)];
    let films = HashMap::from([
        (film("P1", Limb::LeftHand), found(Limb::LeftHand, labelled)),
        (film("P2", Limb::LeftFoot), found(Limb::LeftFoot, unlabelled)),
    ]);
    let scores: BTreeMap<String, JointScore> = [
        // The reader has 1 everywhere.
        ("LH_mcp_J__1", vec![0.02, 0.9, 0.08, 0.0, 0.0]),
        ("LH_mcp_J__2", vec![0.0, 0.0, 0.1, 0.8, 0.1]),
        ("LH_mcp_J__3", vec![0.0, 0.0, 0.0, 0.0, 1.0]),
        ("LH_mcp_J__4", vec![0.2, 0.2, 0.2, 0.2, 0.2]),
    ]
    .map(|(column, p)| (column.to_owned(), JointScore::from_probabilities(p)))
    .into();
    Predictions { films, patients: HashMap::from([("P1".to_owned(), PatientScore::new("P1".into(), scores, 86))]) }
}

fn built(cohort: &Cohort, said: &Predictions) -> Queue {
    Queue::build(cohort, |path| said.films.get(path), |patient| said.patients.get(patient))
}

fn labels(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.joint.label.as_str()).collect()
}

#[test]
fn each_kind_holds_what_its_name_says_the_heaviest_first() {
    let folder = cohort();
    let cohort = Cohort::open(folder.path()).unwrap();
    let said = said(&cohort);
    let queue = built(&cohort, &said);
    let open = |kind| queue.open(kind, &cohort, &Reviews::default());
    assert_eq!(
        labels(&open(Kind::Proposal)),
        ["LF_mtp_2", "LF_mtp_1"],
        "of the film that nobody boxed, narrowing alone, the doubtful one first"
    );
    assert!(matches!(open(Kind::Proposal)[0].why, Reason::Proposal { inferred: true, .. }));
    let doubts = open(Kind::BoxDoubt);
    assert_eq!(labels(&doubts), ["LH_mcp_2"], "where the model is sure and elsewhere");
    assert!(matches!(doubts[0].why, Reason::BoxApart { iou, .. } if iou == 0.0));
    let grades = open(Kind::GradeDoubt);
    assert_eq!(labels(&grades), ["LH_mcp_3", "LH_mcp_2"]);
    assert_eq!(grades[0].why.describe(), "reader 1, model 4.0 (100 %)");
    let unsure = open(Kind::Unsure);
    assert_eq!(labels(&unsure)[0], "LH_mcp_4", "{unsure:?}");
    assert!(unsure.iter().any(|item| item.joint.label == "LF_mtp_2" && item.why.is_of_box()));
    let missing = open(Kind::Missing);
    assert_eq!(labels(&missing), ["LF_mtp_3", "LF_mtp_4", "LF_mtp_5", "LF_mtp_ip"]);
}

#[test]
fn what_a_reader_settled_drops_out_and_comes_back_with_undo() {
    let folder = cohort();
    let root = folder.path();
    let cohort = Cohort::open(root).unwrap();
    let said = said(&cohort);
    let queue = built(&cohort, &said);
    let (two, three) = (named(Task::Narrowing, "LH_mcp_2"), named(Task::Narrowing, "LH_mcp_3"));
    let mut anna = Session::new(root, "anna");
    anna.does(root, two, Change::Accept { bbox: place(two) });
    assert!(queue.open(Kind::BoxDoubt, &cohort, &anna.reviews).is_empty());
    assert_eq!(queue.open(Kind::GradeDoubt, &cohort, &anna.reviews).len(), 2, "the grade is another matter");
    anna.does(root, three, Change::Grade { grade: Some(1) });
    assert_eq!(labels(&queue.open(Kind::GradeDoubt, &cohort, &anna.reviews)), ["LH_mcp_2"], "confirmed by the same grade");
    anna.undoes();
    anna.undoes();
    assert_eq!(queue.open(Kind::BoxDoubt, &cohort, &anna.reviews).len(), 1);
    assert_eq!(queue.open(Kind::GradeDoubt, &cohort, &anna.reviews).len(), 2);
}

#[test]
fn flags_and_conflicts_are_items_without_any_model() {
    let folder = cohort();
    let root = folder.path();
    let cohort = Cohort::open(root).unwrap();
    let queue = Queue::build(&cohort, |_| None, |_| None);
    assert!(queue.items().is_empty(), "everything is labelled and graded, or nobody began: {:?}", queue.items());
    let mcp = named(Task::Narrowing, "LH_mcp_2");
    let (mut anna, mut ben) = (Session::new(root, "anna"), Session::new(root, "ben"));
    let flag = anna.does(root, mcp, Change::Flag { note: "blurred".into() });
    anna.does(root, mcp, Change::Grade { grade: Some(2) });
    ben.does(root, mcp, Change::Grade { grade: Some(3) });
    let reviews = Reviews::read(root);
    assert_eq!(labels(&queue.open(Kind::Flagged, &cohort, &reviews)), ["LH_mcp_2"]);
    assert_eq!(labels(&queue.open(Kind::Conflict, &cohort, &reviews)), ["LH_mcp_2"]);
    let mut cleo = Session::new(root, "cleo");
    cleo.does(root, mcp, Change::ClearFlag { flags: vec![flag.id] });
    cleo.does(root, mcp, Change::Grade { grade: Some(3) });
    for kind in Kind::ALL {
        assert!(queue.open(kind, &cohort, &cleo.reviews).is_empty(), "{kind:?}");
    }
}

#[test]
fn gaps_are_told_where_the_film_or_the_patient_was_begun() {
    let folder = cohort();
    let root = folder.path();
    let mut table = Cohort::open(root).unwrap().grades().unwrap().clone();
    let mut row = *table.get("P1").unwrap();
    row.set(named(Task::Erosion, "RH_wrist_ulna"), None).unwrap();
    table.insert("P1", row);
    table.write(&root.join("training.csv")).unwrap();
    let path = root.join("erosion_labels/P1-RH.xml");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut file = svh_core::VocFile::parse(&path, &text).unwrap();
    assert!(file.remove(0));
    file.write(&path).unwrap();
    let cohort = Cohort::open(root).unwrap();
    let queue = Queue::build(&cohort, |_| None, |_| None);
    let missing = queue.open(Kind::Missing, &cohort, &Reviews::default());
    let told: Vec<_> = missing.iter().map(|item| (item.joint.label.as_str(), item.why)).collect();
    assert_eq!(told, [("RH_mcp_1", Reason::NoBox), ("RH_wrist_ulna", Reason::NoGrade)]);
}

#[test]
fn entropy_is_0_for_one_grade_and_1_for_all_alike() {
    assert_eq!(entropy(&[0.0, 1.0, 0.0]), 0.0);
    assert!((entropy(&[0.25; 4]) - 1.0).abs() < 1e-6);
    // -(0.5 ln 0.5 + 2 * 0.25 ln 0.25) / ln 3
    assert!((entropy(&[0.5, 0.25, 0.25]) - 0.946_394_6).abs() < 1e-6);
    assert_eq!((entropy(&[]), entropy(&[1.0])), (0.0, 0.0));
}
