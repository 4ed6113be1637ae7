//! Runs whose lines a disk, a kill or a hand has spoiled.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use svh_core::run::{RunError, RunInfo, RunKind, RunReader, RunStatus, RunWriter, threshold};
use svh_core::{BBox, Detection, FilmDetections, JointScore, Limb, PatientScore, Task};

fn film(name: &str) -> FilmDetections {
    let joint = svh_core::joint::by_label(Task::Narrowing, "LH_mcp_2").unwrap();
    let found = Detection { kept: true, ..Detection::new(joint, BBox::from([1.0, 2.0, 30.0, 40.0]), 0.9) };
    FilmDetections::new(name, (100, 100), Limb::LeftHand, vec![found])
}

fn patient(id: &str) -> PatientScore {
    PatientScore::new(id.to_owned(), [("LH_mcp_J__2".to_owned(), JointScore::from_probabilities(vec![0.1, 0.9, 0.0, 0.0, 0.0]))].into(), 31)
}

fn run(folder: &Path) -> RunReader {
    let mut writer = RunWriter::create(folder, RunInfo::new(RunKind::Score, Vec::new())).unwrap();
    for id in ["A", "B", "C"] {
        writer.film(&film(&format!("{id}-LH.jpg"))).unwrap();
        writer.patient(&patient(id)).unwrap();
    }
    writer.finish(RunStatus::Finished, None).unwrap();
    RunReader::open(folder).unwrap()
}

#[test]
fn a_whole_run_has_no_problem() {
    let folder = tempfile::tempdir().unwrap();
    let results = run(folder.path()).read_results().unwrap();
    assert_eq!((results.lines.len(), results.problem), (6, None));
}

#[test]
fn damaged_lines_are_counted_with_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let path = folder.path().join("results.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let damage = |old: &str, new: &str| {
        assert!(whole.contains(old), "{old}");
        fs::write(&path, whole.replacen(old, new, 1)).unwrap();
        let results = run.read_results().unwrap();
        (results.lines.len(), results.problem.unwrap_or_default())
    };
    let (lines, told) = damage("\"film\":\"B-LH.jpg\"", "\"film\";\"B-LH.jpg\"");
    assert!(lines == 5 && told.contains("1 line (line 3) is damaged and left out"), "{lines} {told}");
    // Well-formed, and still no result of any run.
    for (old, new) in [
        ("\"grade\":1", "\"grade\":9"),
        ("\"class_id\":8", "\"class_id\":9"),
        ("\"score\":0.9", "\"score\":90.9"),
        ("LH_mcp_J__2", "LH_mcp_J__7"),
        ("[1.0,2.0,30.0,40.0]", "[1.0,2.0,3e38,4e39]"),
    ] {
        let (lines, told) = damage(old, new);
        assert!(lines == 5 && told.contains("1 line"), "{old}: {lines} {told}");
    }
    // The last line is cut, and the run is over.
    fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    let results = run.read_results().unwrap();
    assert!(results.lines.len() == 5 && results.problem.unwrap().contains("line 6"));
    // Only its line break is missing.
    fs::write(&path, whole.trim_end()).unwrap();
    assert_eq!(run.read_results().unwrap().lines.len(), 6);
}

#[test]
fn a_line_that_never_ends_is_left_out_without_being_held_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let path = folder.path().join("results.jsonl");
    let mut bytes = vec![b'x'; (svh_core::intake::MAX_LINE + 10) as usize];
    bytes.push(b'\n');
    bytes.extend(fs::read(&path).unwrap());
    fs::write(&path, bytes).unwrap();
    let results = run.read_results().unwrap();
    assert!(results.lines.len() == 6 && results.problem.unwrap().contains("line 1"));
}

#[test]
fn a_run_goes_on_with_the_settings_it_began_with_only() {
    let folder = tempfile::tempdir().unwrap();
    let info = |value: Option<f32>| {
        let mut info = RunInfo::new(RunKind::Detect, Vec::new());
        info.settings.extend(value.map(|value| ("threshold".to_owned(), threshold(value))));
        info
    };
    drop(RunWriter::create(&folder.path().join("a"), info(Some(0.999))).unwrap());
    let error = RunWriter::resume(&folder.path().join("a"), info(Some(0.01))).unwrap_err();
    assert!(matches!(&error, RunError::OtherWork { what, .. } if what == "other settings (threshold 0.01, not 0.999)"), "{error}");
    drop(RunWriter::resume(&folder.path().join("a"), info(Some(0.999))).unwrap());
    // Runs of earlier versions kept no threshold: theirs was the usual one.
    drop(RunWriter::create(&folder.path().join("b"), info(None)).unwrap());
    drop(RunWriter::resume(&folder.path().join("b"), info(Some(0.2))).unwrap());
    assert!(RunWriter::resume(&folder.path().join("b"), info(Some(0.3))).is_err());
}

#[test]
fn a_patient_is_one_in_both_unicode_forms() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::create(folder.path(), RunInfo::new(RunKind::Score, Vec::new())).unwrap();
    writer.patient(&patient("Mu\u{308}ller")).unwrap();
    assert!(writer.has_patient("Müller"));
    writer.patient(&patient("Müller")).unwrap();
    assert_eq!(RunReader::open(folder.path()).unwrap().patients().unwrap().len(), 1);
}
