//! Frames against numbers counted without polars.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use polars::prelude::*;
use svh_analysis::{DETECTIONS, GRADES, beside, curves, detections, distribution, figures, keep, kept, predicted, scores, totals, truth};
use svh_core::score::JointScore;
use svh_core::{
    BBox, Cohort, Detection, FilmDetections, GradeRow, GradeTable, Limb, LimbSource, Origin, PatientScore, RunEvent, RunInfo, RunKind,
    RunReader, RunWriter, Task, joint,
};

/// A grade for a patient and joint that looks random and is the same everywhere; about one in eight is missing.
fn grade(patient: usize, joint: usize) -> Option<u8> {
    let mixed = (patient * 131 + joint * 37 + patient * joint * 7) % 1009;
    let max = usize::from(joint::at(joint).unwrap().max_grade);
    (mixed % 8 != 0).then(|| u8::try_from(mixed / 8 % (max + 1)).unwrap())
}

fn cohort(folder: &Path, patients: usize) -> Cohort {
    let mut table = GradeTable::new();
    for patient in 0..patients {
        let mut row = GradeRow::default();
        for joint in joint::all() {
            row.set(joint, grade(patient, joint.index())).unwrap();
        }
        table.insert(&format!("P{patient:03}"), row);
    }
    table.write(&folder.join("training.csv")).unwrap();
    Cohort::open(folder).unwrap()
}

fn texts(frame: &DataFrame, column: &str) -> Vec<String> {
    frame.column(column).unwrap().str().unwrap().iter().map(|text| text.unwrap_or_default().to_owned()).collect()
}

fn numbers(frame: &DataFrame, column: &str) -> Vec<Option<i64>> {
    let column = frame.column(column).unwrap().cast(&DataType::Int64).unwrap();
    column.i64().unwrap().iter().collect()
}

#[test]
fn the_tidy_frame_has_a_row_a_patient_and_joint_with_its_grade() {
    let folder = tempfile::tempdir().unwrap();
    let frame = truth(&cohort(folder.path(), 12)).unwrap().collect().unwrap();
    assert_eq!(frame.shape(), (12 * 86, 6));
    let names: Vec<_> = frame.get_column_names().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["patient", "limb", "task", "joint", "group", "grade"]);
    let expected: Vec<_> = (0..12).flat_map(|p| (0..86).map(move |j| grade(p, j).map(i64::from))).collect();
    assert_eq!(numbers(&frame, "grade"), expected);
    let groups = texts(&frame, "group");
    let count = |name: &str| groups.iter().take(86).filter(|group| *group == name).count();
    // 9 finger joints for narrowing and 10 for erosion, 6 and 6 wrist joints, on two hands; 6 and 6 joints on two feet.
    assert_eq!((count("finger"), count("wrist"), count("foot")), (38, 24, 24));
}

#[test]
fn totals_are_the_sums_of_the_method_and_say_how_many_joints_they_rest_on() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path(), 40);
    let frame = totals(truth(&cohort).unwrap()).collect().unwrap();
    assert_eq!(frame.height(), 40 * 4 * 2);
    let (patients, limbs, tasks) = (texts(&frame, "patient"), texts(&frame, "limb"), texts(&frame, "task"));
    let (sums, counts) = (numbers(&frame, "total"), numbers(&frame, "scored"));
    for at in 0..frame.height() {
        let limb: Limb = limbs[at].parse().unwrap();
        let task: Task = tasks[at].parse().unwrap();
        let row = cohort.grades().unwrap().get(&patients[at]).unwrap();
        let known: Vec<_> = joint::of_limb(task, limb).filter_map(|joint| row.get(joint)).collect();
        assert_eq!(sums[at], Some(known.iter().map(|g| i64::from(*g)).sum()));
        assert_eq!(counts[at], Some(known.len() as i64));
        let totals = row.totals().limbs[&limb];
        assert_eq!(sums[at], Some(i64::from(if task == Task::Narrowing { totals.narrowing } else { totals.erosion })));
    }
}

#[test]
fn the_distribution_counts_each_grade_by_task_limb_and_group() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path(), 30);
    let mut expected: BTreeMap<(String, String, String, i64), i64> = BTreeMap::new();
    for (joint, grade) in cohort.grades().unwrap().rows().iter().flat_map(GradeRow::known) {
        let group = format!("{:?}", joint.group()).to_lowercase();
        *expected.entry((joint.task.to_string(), joint.limb.to_string(), group, i64::from(grade))).or_default() += 1;
    }
    let frame = distribution(truth(&cohort).unwrap()).collect().unwrap();
    let keys = texts(&frame, "task").into_iter().zip(texts(&frame, "limb")).zip(texts(&frame, "group")).zip(numbers(&frame, "grade"));
    let found: Vec<_> = keys.map(|(((task, limb), group), grade)| (task, limb, group, grade.unwrap())).collect();
    assert_eq!(found, expected.keys().cloned().collect::<Vec<_>>(), "all there, once, sorted");
    assert_eq!(numbers(&frame, "count"), expected.values().map(|count| Some(*count)).collect::<Vec<_>>());
}

fn score(grade: usize, classes: usize) -> JointScore {
    let rest = 0.2 / (classes - 1) as f32;
    JointScore::from_probabilities((0..classes).map(|at| if at == grade { 0.8 } else { rest }).collect())
}

fn patient(name: &str) -> PatientScore {
    let joints = [("LH_pip_J__2", score(3, 5)), ("RF_mtp_E__ip", score(10, 11)), ("LH_wrist_E__nav", score(1, 6))];
    PatientScore::new(name.to_owned(), joints.into_iter().map(|(column, score)| (column.to_owned(), score)).collect(), 86)
}

#[test]
fn two_readers_stand_side_by_side_where_both_graded() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort(folder.path(), 3);
    let scored = [patient("P001"), patient("P999")];
    let frame = beside(truth(&cohort).unwrap(), predicted(&scored).unwrap()).collect().unwrap();
    let mut found: Vec<_> =
        texts(&frame, "joint").into_iter().zip(numbers(&frame, "true_grade")).zip(numbers(&frame, "predicted_grade")).collect();
    found.sort();
    let truth = |column: &str| grade(1, joint::by_column(column).unwrap().index()).map(i64::from);
    let mut expected: Vec<_> = [("mtp_ip", "RF_mtp_E__ip", 10), ("pip_2", "LH_pip_J__2", 3), ("wrist_nav", "LH_wrist_E__nav", 1)]
        .into_iter()
        .filter(|(_, column, _)| truth(column).is_some())
        .map(|(joint, column, predicted)| ((joint.to_owned(), truth(column)), Some(predicted)))
        .collect();
    expected.sort();
    assert!(!expected.is_empty());
    assert_eq!(found, expected);
}

fn film(name: &str) -> FilmDetections {
    let detection = |label: &str, class_id, from, kept, implausible: Option<&str>| Detection {
        task: Task::Narrowing,
        joint: label.to_owned(),
        class_id,
        score: 0.5,
        bbox: BBox::from([1.0, 2.0, 3.5, 4.5]),
        kept,
        from,
        implausible: implausible.map(str::to_owned),
    };
    let detections =
        vec![detection("LH_mcp_1", 7, Origin::Detector, false, Some("far off")), detection("LH_mcp_1", 7, Origin::Inferred, true, None)];
    let (limb, limb_from) = (Limb::LeftHand, LimbSource::Name);
    FilmDetections { film: name.to_owned(), width: 9, height: 9, limb, limb_from, turned: 0, notes: vec![], detections }
}

fn run(folder: &Path) -> RunWriter {
    let mut writer = RunWriter::create(folder, RunInfo::new(RunKind::Score, vec![])).unwrap();
    writer.film(&film("a-LH.jpg")).unwrap();
    writer.patient(&patient("a")).unwrap();
    writer
}

#[test]
fn a_run_is_kept_as_parquet_and_read_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    drop(run(folder.path()));
    let reader = RunReader::open(folder.path()).unwrap();
    keep(&reader).unwrap();
    for name in [DETECTIONS, GRADES] {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    }
    // Without the lines only the Parquet files can answer.
    fs::write(folder.path().join("results.jsonl"), "").unwrap();
    let stamp = fs::File::options().write(true).open(folder.path().join("results.jsonl")).unwrap();
    stamp.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let boxes = kept(&reader, DETECTIONS).unwrap().collect().unwrap();
    assert!(boxes.equals_missing(&detections(&[film("a-LH.jpg")]).unwrap()));
    assert_eq!(texts(&boxes, "from"), ["detector", "inferred"]);
    let grades = kept(&reader, GRADES).unwrap().collect().unwrap();
    assert!(grades.equals_missing(&scores(&[patient("a")]).unwrap()));
    assert_eq!(grades.shape(), (3, 18));
    let p5 = grades.column("p5").unwrap().f32().unwrap().iter().collect::<Vec<_>>();
    assert_eq!(p5.iter().filter(|p| p.is_none()).count(), 1, "narrowing has no grade 5");
}

#[test]
fn a_run_that_goes_on_is_read_from_its_lines_and_an_old_parquet_file_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = run(folder.path());
    let reader = RunReader::open(folder.path()).unwrap();
    keep(&reader).unwrap();
    let old = fs::File::options().write(true).open(folder.path().join(GRADES)).unwrap();
    old.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    writer.patient(&patient("b")).unwrap();
    assert_eq!(kept(&reader, GRADES).unwrap().collect().unwrap().height(), 6);
}

#[test]
fn an_empty_run_has_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    drop(RunWriter::create(folder.path(), RunInfo::new(RunKind::Detect, vec![])).unwrap());
    let reader = RunReader::open(folder.path()).unwrap();
    keep(&reader).unwrap();
    assert_eq!(kept(&reader, DETECTIONS).unwrap().collect().unwrap().shape(), (0, 13));
    assert_eq!(kept(&reader, GRADES).unwrap().collect().unwrap().shape(), (0, 18));
    assert_eq!(totals(predicted(&[]).unwrap()).collect().unwrap().height(), 0);
}

#[test]
fn the_course_of_a_training_has_a_row_a_step_and_loss() {
    let losses = BTreeMap::from([("box".to_owned(), 0.25), ("total".to_owned(), f64::NAN)]);
    let step = RunEvent::Step { step: 7, epoch: 1, total_steps: 9, losses, lr: 0.01, seconds: 2.0 };
    let values = BTreeMap::from([("accuracy".to_owned(), 0.5)]);
    let figure = RunEvent::Figures { step: 7, epoch: 1, split: "validation".to_owned(), values, seconds: 2.5 };
    let log = RunEvent::Log { message: "hello".to_owned(), seconds: 0.0 };
    let events = [log, step, figure];
    let course = curves(&events).unwrap();
    assert_eq!((course.shape(), texts(&course, "name")), ((2, 6), vec!["box".to_owned(), "total".to_owned()]));
    assert!(course.column("value").unwrap().f64().unwrap().get(1).unwrap().is_nan());
    let figures = figures(&events).unwrap();
    assert_eq!((figures.shape(), texts(&figures, "split")), ((1, 6), vec!["validation".to_owned()]));
}
