//! Cohorts as they lie on disk: the challenge's layout, plain folders of films, and folders that are none.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::time::Instant;

use svh_core::{BBox, Cohort, CohortError, GradeRow, GradeTable, Limb, Task, VocFile, VocObject, joint};

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/films").join(name)).unwrap()
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn labels(folder: &Path, name: &str, joints: &[&str]) {
    let path = folder.join(name);
    let mut file = VocFile::new(&path, Path::new("images/x.jpg"), (48, 36));
    for (place, joint) in joints.iter().enumerate() {
        let bbox = BBox::square((10.0 + 5.0 * place as f32, 10.0), 8.0);
        file.add(&VocObject { name: (*joint).to_owned(), bbox, difficult: false });
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    file.write(&path).unwrap();
}

/// Two graded patients, one of them without films, and one that only has a film.
fn challenge() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut table = GradeTable::new();
    let mut row = GradeRow::default();
    row.set(joint::by_column("LH_mcp_E__2").unwrap(), Some(5)).unwrap();
    table.insert("UAB003", row);
    table.insert("UAB001", GradeRow::default());
    table.write(&root.join("training.csv")).unwrap();
    put(root, "images/UAB003-LH.jpg", &fixture("gray.jpg"));
    put(root, "images/UAB003-RF.JPG", &fixture("gray.jpg"));
    put(root, "images/UAB002-rh.png", &fixture("gray.png"));
    put(root, "images/Thumbs.db", b"");
    put(root, "images/._UAB003-LH.jpg", b"");
    labels(root, "narrowing_labels/UAB003-LH.xml", &["LH_mcp_2", "LH_wrist_mna"]);
    labels(root, "narrowing_labels/UAB003-RF.xml", &["RF_mtp_1", "RF_mtp_ip"]);
    labels(root, "erosion_labels/UAB003-LH.xml", &["LH_mcp_2", "LH_wrist_mna"]);
    folder
}

#[test]
fn the_challenge_layout_gives_patients_films_labels_and_grades() {
    let folder = challenge();
    let cohort = Cohort::open(folder.path()).unwrap();
    let ids: Vec<_> = cohort.patients().iter().map(|p| p.id.as_str()).collect();
    assert_eq!(ids, ["UAB001", "UAB002", "UAB003"]);
    let patient = cohort.patient("UAB003").unwrap();
    assert_eq!((patient.film_count(), cohort.patient("UAB001").unwrap().film_count()), (2, 0));
    assert_eq!(cohort.film(patient, Limb::LeftHand), Some(folder.path().join("images/UAB003-LH.jpg")));
    assert!(cohort.patient("UAB002").unwrap().has_film(Limb::RightHand));
    assert!(patient.has_labels(Task::Narrowing, Limb::RightFoot) && !patient.has_labels(Task::Erosion, Limb::RightFoot));
    assert_eq!(cohort.grades_of(patient).unwrap().totals().overall, Some(5));
    assert_eq!(cohort.grades_of(cohort.patient("UAB002").unwrap()), None);
    assert_eq!(cohort.all_films().count(), 3);
    assert!(cohort.problems().is_empty(), "{:?}", cohort.problems());
}

#[test]
fn a_foots_erosion_boxes_are_those_of_narrowing_and_faults_are_told() {
    let folder = challenge();
    let cohort = Cohort::open(folder.path()).unwrap();
    let patient = cohort.patient("UAB003").unwrap();
    let foot = cohort.boxes(patient, Limb::RightFoot);
    assert_eq!((foot.narrowing.len(), foot.erosion.len()), (2, 2));
    assert_eq!((foot.erosion[1].joint.ra2_column.as_str(), foot.erosion[1].bbox), ("RF_mtp_E__ip", foot.narrowing[1].bbox));
    let hand = cohort.boxes(patient, Limb::LeftHand);
    assert_eq!((hand.of(Task::Narrowing).len(), hand.of(Task::Erosion).len()), (2, 1));
    // wrist_mna is a narrowing joint only.
    assert_eq!(hand.problems.len(), 1);
    assert!(
        hand.problems[0].contains("erosion_labels/UAB003-LH.xml, object 2: `LH_wrist_mna` is not a joint of erosion"),
        "{:?}",
        hand.problems
    );
    assert_eq!(cohort.boxes(patient, Limb::RightHand), svh_core::FilmLabels::default());
}

#[test]
fn a_broken_label_file_costs_its_boxes_only() {
    let folder = challenge();
    put(folder.path(), "narrowing_labels/UAB003-LH.xml", b"<annotation><object>");
    let cohort = Cohort::open(folder.path()).unwrap();
    let hand = cohort.boxes(cohort.patient("UAB003").unwrap(), Limb::LeftHand);
    assert_eq!((hand.narrowing.len(), hand.erosion.len(), hand.problems.len()), (0, 1, 2));
}

#[test]
fn a_folder_of_films_is_a_cohort_without_grades() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "A_1-LF.png", b"never opened");
    put(folder.path(), "rotated-2.png", b"never opened");
    let cohort = Cohort::open(folder.path()).unwrap();
    assert!(cohort.grades().is_none());
    let films: Vec<_> = cohort.all_films().map(|(patient, limb, _)| (patient.id.clone(), limb)).collect();
    assert_eq!(films, [("A_1".to_owned(), Some(Limb::LeftFoot)), ("rotated-2".to_owned(), None)]);
}

#[test]
fn two_films_of_a_limb_and_labels_without_a_film_are_told() {
    let folder = challenge();
    put(folder.path(), "images/UAB003-LH.png", &fixture("gray.png"));
    labels(folder.path(), "erosion_labels/UAB009-LH.xml", &[]);
    let cohort = Cohort::open(folder.path()).unwrap();
    assert_eq!(cohort.problems().len(), 2);
    assert!(cohort.problems()[0].starts_with("UAB003-LH.png is left out, as UAB003-LH.jpg is"), "{:?}", cohort.problems());
    assert!(cohort.problems()[1].starts_with("erosion_labels/UAB009-LH.xml is left out"), "{:?}", cohort.problems());
}

#[test]
fn what_is_no_cohort_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let error = Cohort::open(folder.path()).unwrap_err();
    assert!(matches!(error, CohortError::Nothing { .. }));
    assert!(error.to_string().contains("holds neither films (in it or in images/) nor a training.csv"));
    put(folder.path(), "a.txt", b"");
    assert!(matches!(Cohort::open(&folder.path().join("a.txt")), Err(CohortError::Unreadable { .. })));
    assert!(matches!(Cohort::open(&folder.path().join("none")), Err(CohortError::Unreadable { .. })));
    put(folder.path(), "training.csv", b"Patient_ID\n");
    assert!(matches!(Cohort::open(folder.path()), Err(CohortError::Table(_))));
}

#[test]
fn the_fingerprint_follows_content_and_not_place() {
    let (one, two) = (challenge(), challenge());
    let print = |folder: &tempfile::TempDir| Cohort::open(folder.path()).unwrap().fingerprint();
    let before = print(&one);
    assert_eq!((before.len(), &before), (64, &print(&two)));
    put(two.path(), "images/UAB003-RF.JPG", &fixture("gray-progressive.jpg"));
    assert_ne!(before, print(&two));
    put(one.path(), "images/UAB001-LF.jpg", b"");
    assert_ne!(before, print(&one));
}

#[test]
fn ten_thousand_patients_open_from_their_names_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("images")).unwrap();
    for number in 0..10_000 {
        for limb in Limb::ALL {
            // A name is enough: an empty file could not be read as a film.
            fs::File::create(folder.path().join(format!("images/P{number:05}-{limb}.jpg"))).unwrap();
        }
    }
    let start = Instant::now();
    let cohort = Cohort::open(folder.path()).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!((cohort.patients().len(), cohort.all_films().count()), (10_000, 40_000));
    println!("{seconds:.3} s");
    assert!(seconds < 1.0, "{seconds}");
}
