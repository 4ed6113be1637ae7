//! Frames against numbers counted without polars.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use polars::prelude::*;
use polars_io::prelude::*;
use svh_analysis::{DETECTIONS, FILMS, GRADES, curves, detections, films, is_kept, keep, kept, metrics, scores, write_csv};
use svh_core::score::JointScore;
use svh_core::{
    BBox, Detection, FilmDetections, Limb, Origin, PatientScore, ResultLine, RunEvent, RunInfo, RunKind, RunReader, RunWriter, Task,
};

fn texts(frame: &DataFrame, column: &str) -> Vec<String> {
    frame.column(column).unwrap().str().unwrap().iter().map(|text| text.unwrap_or_default().to_owned()).collect()
}

fn numbers(frame: &DataFrame, column: &str) -> Vec<Option<i64>> {
    let column = frame.column(column).unwrap().cast(&DataType::Int64).unwrap();
    column.i64().unwrap().iter().collect()
}

fn score(grade: usize, classes: usize) -> JointScore {
    let rest = 0.2 / (classes - 1) as f32;
    JointScore::from_probabilities((0..classes).map(|at| if at == grade { 0.8 } else { rest }).collect())
}

fn patient(name: &str) -> PatientScore {
    let joints = [("LH_pip_J__2", score(3, 5)), ("RF_mtp_E__ip", score(10, 11)), ("LH_wrist_E__nav", score(1, 6))];
    PatientScore::new(name.to_owned(), joints.into_iter().map(|(column, score)| (column.to_owned(), score)).collect(), 86)
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
    FilmDetections::new(name, (9, 9), Limb::LeftHand, detections)
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
    assert!(!is_kept(&reader));
    keep(&reader).unwrap();
    assert!(is_kept(&reader));
    for name in [FILMS, DETECTIONS, GRADES] {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    }
    // The file as another program reads it.
    let bytes = fs::read(folder.path().join(DETECTIONS)).unwrap();
    let boxes = ParquetReader::new(std::io::Cursor::new(bytes)).finish().unwrap();
    assert!(boxes.equals_missing(&kept(&reader, DETECTIONS).unwrap()));
    assert!(boxes.equals_missing(&detections(&[film("a-LH.jpg")]).unwrap()));
    assert_eq!(texts(&boxes, "from"), ["detector", "inferred"]);
    let grades = kept(&reader, GRADES).unwrap();
    assert!(grades.equals_missing(&scores(&[patient("a")]).unwrap()));
    assert_eq!(grades.shape(), (3, 20));
    let p5 = grades.column("p5").unwrap().f32().unwrap().iter().collect::<Vec<_>>();
    assert_eq!(p5.iter().filter(|p| p.is_none()).count(), 1, "narrowing has no grade 5");
}

#[test]
fn a_run_that_goes_on_is_read_from_its_lines_and_an_old_parquet_file_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = run(folder.path());
    let reader = RunReader::open(folder.path()).unwrap();
    keep(&reader).unwrap();
    assert!(is_kept(&reader));
    writer.patient(&patient("b")).unwrap();
    assert!(!is_kept(&reader));
    assert_eq!(kept(&reader, GRADES).unwrap().height(), 6);
}

#[test]
fn times_mean_nothing_and_a_flipped_bit_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    drop(run(folder.path()));
    let reader = RunReader::open(folder.path()).unwrap();
    keep(&reader).unwrap();
    let (results, grades) = (folder.path().join("results.jsonl"), folder.path().join(GRADES));
    let old = |path: &Path| fs::File::options().write(true).open(path).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    // A table that looks old is true; results that look old and are others are not passed over.
    old(&grades);
    assert!(is_kept(&reader));
    let text = fs::read_to_string(&results).unwrap();
    fs::write(&results, text.replace("\"patient\":\"a\"", "\"patient\":\"b\"")).unwrap();
    old(&results);
    assert!(!is_kept(&reader));
    assert_eq!(texts(&kept(&reader, GRADES).unwrap(), "patient"), ["b", "b", "b"]);
    fs::write(&results, text).unwrap();
    let whole = fs::read(&grades).unwrap();
    let expected = scores(&[patient("a")]).unwrap();
    for at in (0..whole.len()).step_by(11) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&grades, bytes).unwrap();
        assert!(!is_kept(&reader), "{at}");
        assert!(kept(&reader, GRADES).unwrap().equals_missing(&expected), "{at}");
    }
    keep(&reader).unwrap();
    assert!(is_kept(&reader) && fs::read(&grades).unwrap() == whole);
}

#[test]
fn a_path_is_a_path_and_no_pattern() {
    let folder = tempfile::tempdir().unwrap();
    for (name, patients) in [("r1", 1), ("r[12]", 2), ("r?", 3), ("r*", 4)] {
        let place = folder.path().join(name);
        let mut writer = run(&place);
        (1..patients).for_each(|number| writer.patient(&patient(&format!("more {number}"))).unwrap());
        drop(writer);
        keep(&RunReader::open(&place).unwrap()).unwrap();
    }
    for (name, patients) in [("r1", 1), ("r[12]", 2), ("r?", 3), ("r*", 4)] {
        let reader = RunReader::open(&folder.path().join(name)).unwrap();
        assert!(is_kept(&reader));
        assert_eq!(kept(&reader, GRADES).unwrap().height(), 3 * patients, "{name}");
    }
}

#[test]
fn no_text_of_a_table_is_worked_out_by_a_spreadsheet() {
    let csv = write_csv(scores(&[patient("=1+1")]).unwrap()).unwrap();
    assert!(String::from_utf8(csv).unwrap().lines().nth(1).unwrap().starts_with("'=1+1,"));
}

#[test]
fn a_film_without_boxes_and_one_that_could_not_be_read_have_their_row() {
    let bare = FilmDetections { detections: vec![], ..film("b-RF.jpg") };
    let failed = ResultLine::Failed { film: "c-LF.jpg".to_owned(), failed: "cut short".to_owned() };
    let lines = [ResultLine::Film(film("a-LH.jpg")), ResultLine::Film(bare), failed, ResultLine::Patient(patient("a"))];
    let frame = films(&lines).unwrap();
    assert_eq!(texts(&frame, "film"), ["a-LH.jpg", "b-RF.jpg", "c-LF.jpg"]);
    assert_eq!(numbers(&frame, "width"), [Some(9), Some(9), None]);
    assert_eq!(texts(&frame, "failed"), ["", "", "cut short"]);
}

#[test]
fn an_empty_run_has_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    drop(RunWriter::create(folder.path(), RunInfo::new(RunKind::Detect, vec![])).unwrap());
    let reader = RunReader::open(folder.path()).unwrap();
    keep(&reader).unwrap();
    assert_eq!(kept(&reader, DETECTIONS).unwrap().shape(), (0, 13));
    assert_eq!(kept(&reader, GRADES).unwrap().shape(), (0, 20));
    assert_eq!(kept(&reader, FILMS).unwrap().shape(), (0, 5));
}

#[test]
fn the_curves_of_a_training_has_a_row_a_step_and_loss() {
    let losses = BTreeMap::from([("box".to_owned(), 0.25), ("total".to_owned(), f64::NAN)]);
    let step = RunEvent::Step { step: 7, epoch: 1, total_steps: 9, losses, lr: 0.01, seconds: 2.0 };
    let values = BTreeMap::from([("accuracy".to_owned(), 0.5)]);
    let metric = RunEvent::Metrics { step: 7, epoch: 1, split: "validation".to_owned(), values, seconds: 2.5 };
    let log = RunEvent::Log { message: "hello".to_owned(), seconds: 0.0 };
    let events = [log, step, metric];
    let curves = curves(&events).unwrap();
    assert_eq!((curves.shape(), texts(&curves, "name")), ((2, 6), vec!["box".to_owned(), "total".to_owned()]));
    assert!(curves.column("value").unwrap().f64().unwrap().get(1).unwrap().is_nan());
    let metrics = metrics(&events).unwrap();
    assert_eq!((metrics.shape(), texts(&metrics, "split")), ((1, 6), vec!["validation".to_owned()]));
}
