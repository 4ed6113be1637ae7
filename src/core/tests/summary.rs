//! The summary of a small cohort, counted by hand.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use svh_core::summary::Spread;
use svh_core::{BBox, Cohort, GradeRow, GradeTable, Limb, Summary, Task, VocFile, VocObject, joint};

/// All 86 joints at this grade.
fn graded(grade: u8) -> GradeRow {
    let mut row = GradeRow::default();
    joint::all().for_each(|joint| row.set(joint, Some(grade)).unwrap());
    row
}

fn cohort() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let film = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/films/gray.png")).unwrap();
    fs::create_dir_all(root.join("images")).unwrap();
    for name in ["A-LH", "A-RH", "A-LF", "A-RF", "B-LH", "plate"] {
        fs::write(root.join(format!("images/{name}.png")), &film).unwrap();
    }
    let mut table = GradeTable::new();
    table.insert("A", graded(1));
    let mut partly = graded(3);
    partly.set(joint::by_column("LF_mtp_E__1").unwrap(), None).unwrap();
    table.insert("B", partly);
    table.insert("C", graded(4));
    table.write(&root.join("training.csv")).unwrap();
    for (name, joints) in [("A-LF", ["LF_mtp_1", "LF_mtp_2"]), ("B-LH", ["LH_mcp_1", "LH_nonsense"])] {
        let mut file = VocFile::new(Path::new(name), Path::new("images/x.png"), (48, 36));
        for joint in joints {
            file.add(&VocObject { name: joint.to_owned(), bbox: BBox::square((12.0, 12.0), 10.0), difficult: false });
        }
        fs::create_dir_all(root.join("narrowing_labels")).unwrap();
        file.write(&root.join(format!("narrowing_labels/{name}.xml"))).unwrap();
    }
    folder
}

#[test]
fn a_cohort_is_counted_as_by_hand() {
    let folder = cohort();
    let summary = Summary::of(&Cohort::open(folder.path()).unwrap());
    assert_eq!((summary.patients, summary.complete, summary.without_films), (4, 1, 1));
    assert_eq!((summary.films.total, summary.films.limbs[&Limb::LeftHand], summary.films.unknown_limb), (6, 2, 1));
    let boxes = [Task::Narrowing, Task::Erosion].map(|task| (summary.boxes[&task].files, summary.boxes[&task].boxes));
    assert_eq!(boxes, [(2, 3), (0, 2)], "a foot's two boxes count for erosion too");
    let grades = summary.grades.as_ref().unwrap();
    assert_eq!((grades.patients, grades.given[&Task::Erosion], grades.missing[&Task::Erosion]), (3, 131, 1));
    assert_eq!(grades.counts[&Task::Narrowing], [0, 42, 0, 42, 42]);
    // Narrowing of the left hand: 15, 45 and 60; erosion of the left foot, without B: 6 and 24.
    assert_eq!(grades.limbs[&Limb::LeftHand].narrowing, Spread { n: 3, mean: 40.0, median: 45.0, max: 60 });
    assert_eq!(grades.limbs[&Limb::LeftFoot].erosion, Spread { n: 2, mean: 15.0, median: 15.0, max: 24 });
    assert_eq!(grades.overall, Spread { n: 2, mean: 215.0, median: 215.0, max: 344 });
    assert_eq!(summary.problems.len(), 1);
    assert!(summary.problems[0].contains("`LH_nonsense` is not a joint of narrowing"));
}

#[test]
fn the_text_tells_the_same_and_the_json_is_complete() {
    let folder = cohort();
    let summary = Summary::of(&Cohort::open(folder.path()).unwrap());
    let text = summary.to_string();
    println!("{text}");
    assert!(text.contains("films     6 (LH 2, RH 1, LF 1, RF 1, limb unknown 1)"));
    assert!(text.contains("grades    3 patients: narrowing 126 (0 missing), erosion 131 (1 missing)"));
    assert!(text.contains("LH        40.0     45.0   60         3"));
    assert!(text.lines().take_while(|line| !line.starts_with("problems")).all(|line| line.len() <= 80));
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["films"]["limbs"]["LH"], 2);
    assert_eq!(json["grades"]["limbs"]["LH"]["narrowing"]["median"], 45.0);
}

#[test]
fn totals_that_contradict_the_grades_are_told() {
    let folder = cohort();
    let path = folder.path().join("training.csv");
    let text = fs::read_to_string(&path).unwrap().replace("\nA,86,44,42,", "\nA,87,44,42,");
    fs::write(&path, text).unwrap();
    let summary = Summary::of(&Cohort::open(folder.path()).unwrap());
    assert!(
        summary.problems.iter().any(|p| p == "patient A: Overall_Tol is 87, the grades sum to 86; correct one of them"),
        "{:?}",
        summary.problems
    );
}

#[test]
fn films_without_a_table_have_no_grades() {
    let folder = cohort();
    fs::remove_file(folder.path().join("training.csv")).unwrap();
    let summary = Summary::of(&Cohort::open(folder.path()).unwrap());
    assert!(summary.grades.is_none() && summary.to_string().contains("grades    none: training.csv is missing"));
}
