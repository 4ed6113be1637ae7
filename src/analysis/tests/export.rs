//! Parquet files of a cohort and of a run against what they were made from.
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use polars::prelude::*;
use polars_io::prelude::*;
use svh_analysis::{BOXES, DETECTIONS, GRADES, parquet, run_parquet};
use svh_core::review::{Author, Before, Change, ReviewTarget};
use svh_core::{
    BBox, Cohort, Detection, FilmDetections, GradeRow, GradeTable, Limb, Reviews, RunInfo, RunKind, RunReader, RunWriter, Task, VocFile,
    VocObject, joint,
};

static GO: AtomicBool = AtomicBool::new(false);

/// One hand with two boxes and a row of ones.
fn cohort(root: &Path) -> Cohort {
    let mut row = GradeRow::default();
    joint::all().for_each(|joint| row.set(joint, Some(1)).unwrap());
    let mut table = GradeTable::new();
    table.insert("P1", row);
    table.write(&root.join("training.csv")).unwrap();
    fs::create_dir_all(root.join("narrowing_labels")).unwrap();
    let film = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/fixtures/foreign/voc/V1-LH.png");
    fs::copy(film, root.join("P1-LH.png")).unwrap();
    let path = root.join("narrowing_labels/P1-LH.xml");
    let mut file = VocFile::new(&path, Path::new("P1-LH.png"), (200, 260));
    for (name, x) in [("LH_mcp_2", 10.5), ("LH_mcp_3", 50.0)] {
        file.add(&VocObject { name: name.into(), bbox: BBox::from([x, 20.0, x + 30.0, 60.0]), difficult: x > 20.0 });
    }
    file.write(&path).unwrap();
    Cohort::open(root).unwrap()
}

fn read(path: &Path) -> DataFrame {
    ParquetReader::new(File::open(path).unwrap()).finish().unwrap()
}

#[test]
fn the_corrected_reference_says_who_decided() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path());
    let (mut author, mut reviews) = (Author::new("anna"), Reviews::default());
    let moved = joint::by_label(Task::Narrowing, "LH_mcp_2").unwrap();
    for change in [Change::Move { bbox: BBox::from([1.0, 2.0, 3.5, 4.0]) }, Change::Grade { grade: Some(4) }] {
        let target = ReviewTarget { patient: "P1".into(), film: None, joint: moved, size: None };
        let entry = author.entry(&reviews, &target, change, Before::default()).unwrap();
        reviews.insert("a", 1, entry);
    }
    let out = folder.path().join("out");
    let done = parquet(&cohort, &reviews, &out, None, &GO).unwrap();
    assert_eq!((done.films, done.boxes, done.patients, done.grades), (1, 2, 1, 86));
    let boxes = read(&out.join(BOXES));
    let text =
        |frame: &DataFrame, name: &str| frame.column(name).unwrap().str().unwrap().iter().map(|t| t.map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(text(&boxes, "joint"), [Some("mcp_2".into()), Some("mcp_3".into())]);
    assert_eq!(text(&boxes, "reader"), [Some("anna".into()), None]);
    assert_eq!(text(&boxes, "film"), [Some("P1-LH.png".into()), Some("P1-LH.png".into())]);
    let side = |name: &str| boxes.column(name).unwrap().f32().unwrap().iter().flatten().collect::<Vec<_>>();
    assert_eq!([side("x0"), side("y0"), side("x1"), side("y1")], [vec![1.0, 50.0], vec![2.0, 20.0], vec![3.5, 80.0], vec![4.0, 60.0]]);
    let grades = read(&out.join(GRADES));
    let changed = grades.filter(&grades.column("reader").unwrap().is_not_null()).unwrap();
    assert_eq!((grades.height(), changed.height(), changed.column("grade").unwrap().i32().unwrap().get(0)), (86, 1, Some(4)));
    assert!(parquet(&cohort, &reviews, &out, None, &GO).unwrap_err().to_string().contains("there already"));
}

#[test]
fn a_run_is_exported_and_an_empty_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let mut writer = RunWriter::create(&run, RunInfo::new(RunKind::Detect, Vec::new())).unwrap();
    let reader = RunReader::open(&run).unwrap();
    let out = folder.path().join("out");
    let error = run_parquet(&reader, &|_, _| true, &out, None, &GO).unwrap_err().to_string();
    assert!(error.contains("nothing to export") && !out.exists(), "{error}");
    let joint = joint::by_label(Task::Erosion, "LH_wrist_ulna").unwrap();
    let detection = Detection { kept: true, ..Detection::new(joint, BBox::from([1.0, 2.0, 3.0, 4.0]), 0.75) };
    let film = FilmDetections::new("P1-LH.png", (10, 10), Limb::LeftHand, vec![detection]);
    writer.film(&film).unwrap();
    let done = run_parquet(&reader, &|_, _| true, &out, None, &GO).unwrap();
    assert_eq!((done.films, done.boxes, done.grades), (1, 1, 0));
    assert_eq!(read(&out.join(DETECTIONS)).column("score").unwrap().f32().unwrap().get(0), Some(0.75));
}
