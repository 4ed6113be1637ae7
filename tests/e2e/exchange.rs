//! `svh import` and `svh export` as they are typed.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use svh_core::{
    BBox, Cohort, Detection, FilmDetections, Joint, JointScore, Limb, PatientScore, Reviews, RunInfo, RunKind, RunStatus, RunWriter, Task,
    review::{Author, Before, Change, Journal, ReviewTarget},
};
use svh_tests::{
    cohort,
    program::{Ran, checkout, program, run, svh_with},
};

fn foreign(name: &str) -> PathBuf {
    checkout().join("src/core/tests/fixtures/foreign").join(name)
}

fn svh(words: &[&OsStr]) -> Ran {
    svh_with(words)
}

fn exported(format: &str, from: &Path, to: &Path) -> Ran {
    svh(&["export".as_ref(), format.as_ref(), from.as_ref(), to.as_ref()])
}

fn imported(format: &str, from: &Path, to: &Path) -> Ran {
    svh(&["import".as_ref(), format.as_ref(), from.as_ref(), to.as_ref()])
}

/// What `svh summary` says, but for the name.
fn summary(cohort: &Path) -> serde_json::Value {
    let mut summary = svh(&["summary".as_ref(), "--json".as_ref(), cohort.as_ref()]).json().remove(0);
    summary["cohort"] = "".into();
    summary
}

#[test]
fn a_cohort_goes_out_and_comes_in_again_as_it_was() {
    let cohort = cohort::copy();
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    for format in ["voc", "coco"] {
        let (out, back) = (place(&format!("{format}-out")), place(&format!("{format}-in")));
        let ran = exported(format, cohort.path(), &out);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
        assert!(ran.stdout.contains("8 films with 148 boxes, 2 patients with 172 grades"), "{ran:?}");
        let ran = imported(format, &out, &back);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    }
    for back in ["voc-in", "coco-in"] {
        assert_eq!(summary(&place(back)), summary(cohort.path()), "{back}");
    }
    for name in ["narrowing_labels/PHA001-LH.xml", "training.csv", "images/PHA002-RF.jpg"] {
        assert_eq!(fs::read(place("voc-in").join(name)).unwrap(), fs::read(cohort.path().join(name)).unwrap(), "{name}");
    }
    exported("challenge", cohort.path(), &place("out.csv"));
    assert_eq!(fs::read(place("out.csv")).unwrap(), fs::read(cohort.path().join("training.csv")).unwrap());
    let ran = exported("parquet", cohort.path(), &place("tables"));
    assert_eq!(ran.status, Some(0), "{ran:?}");
    for name in ["boxes.parquet", "grades.parquet"] {
        assert_eq!(&fs::read(place("tables").join(name)).unwrap()[..4], b"PAR1");
    }
}

#[test]
fn what_is_left_out_is_told_with_its_reason_and_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("ram");
    let ran = imported("ram-h1200", &foreign("ram-h1200"), &out);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    for words in
        ["patients 3, films 3", "the key is not a joint of a hand", "BE_Tm is the trapezium alone", "outside its film of 200 x 260"]
    {
        assert!(ran.stdout.contains(words), "`{words}` is not in {}", ran.stdout);
    }
    assert!(out.join("splits.csv").is_file() && out.join("import.json").is_file());
    let dry = folder.path().join("dry");
    let words: [&OsStr; 6] =
        ["import".as_ref(), "labelme".as_ref(), foreign_labelme(), dry.as_ref(), "--dry-run".as_ref(), "--json".as_ref()];
    let report = svh(&words).json().remove(0);
    assert_eq!((report["films"].as_u64(), report["boxes"]["narrowing"].as_u64()), (Some(4), Some(29)));
    assert!(!dry.exists(), "a dry run writes nothing");
}

fn foreign_labelme() -> &'static OsStr {
    static PLACE: std::sync::LazyLock<PathBuf> = std::sync::LazyLock::new(|| foreign("labelme"));
    PLACE.as_os_str()
}

#[test]
fn mistakes_are_one_sentence_and_write_nothing() {
    let cohort = cohort::copy();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    imported("labelme", cohort.path(), &out).refused(2, &["nothing to import as labelme"]);
    imported("coco", Path::new("/nowhere"), &out).refused(2, &["/nowhere cannot be read"]);
    exported("voc", Path::new("/nowhere"), &out).refused(2, &["/nowhere cannot be opened"]);
    svh(&["export".as_ref(), "coco".as_ref(), cohort.path().as_ref(), out.as_ref(), "--run".as_ref(), folder.path().as_ref()])
        .refused(2, &["is not a run"]);
    assert!(!out.exists());
    exported("voc", cohort.path(), &out);
    exported("coco", cohort.path(), &out).refused(2, &["there already and not empty"]);
    imported("voc", cohort.path(), &out).refused(2, &["there already and not empty"]);
    assert!(
        svh(&["import".as_ref(), "xml".as_ref(), "a".as_ref(), "b".as_ref()])
            .stderr
            .contains("use dicom, voc, coco, ram-h1200, labelme or challenge")
    );
}

#[test]
fn a_full_disk_or_a_signal_leaves_no_half_cohort() {
    let cohort = cohort::copy();
    let folder = tempfile::tempdir().unwrap();
    let shell = |line: &str| run(Command::new("sh").args(["-c", line]).env("SVH", program("svh")).stdin(Stdio::null()));
    let (from, to) = (cohort.path().display(), folder.path().join("out"));
    let ran = shell(&format!("ulimit -f 8; \"$SVH\" import voc '{from}' '{}' --films copy", to.display()));
    ran.refused(2, &["could not be written", "File too large"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
    // A stop that comes before the first film.
    let ran = shell(&format!("\"$SVH\" import voc '{from}' '{}' & sleep 0; kill -s INT $!; wait $!; echo $?", to.display()));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let whole = to.join("import.json").is_file();
    assert!(left.is_empty() || (whole && left.len() == 1), "{left:?} after {ran:?}");
}

/// A run over the cohort: every box of its label files a little beside its place, some of them missed, some sure and wrong.
fn made_up_run(root: &Path) -> PathBuf {
    let cohort = Cohort::open(root).unwrap();
    let folder = root.join("runs/made-up");
    let mut writer = RunWriter::create(&folder, RunInfo::new(RunKind::Score, Vec::new())).unwrap();
    for patient in cohort.patients() {
        for limb in Limb::ALL {
            let labels = cohort.boxes(patient, limb);
            let path = cohort.film(patient, limb).unwrap();
            let size = svh_core::Film::size(&path).unwrap();
            let references = labels.narrowing.iter().chain(labels.erosion.iter().filter(|_| limb.is_hand())).enumerate();
            let detections = references.filter(|(number, _)| number % 7 != 3).map(|(number, reference)| {
                let shift = if number % 5 == 0 { 40.0 } else { (number % 4) as f32 };
                let BBox { x0, y0, x1, y1 } = reference.bbox;
                let bbox = BBox { x0: x0 + shift, y0, x1: x1 + shift, y1 };
                Detection { kept: true, ..Detection::new(reference.joint, bbox, 0.5 + number as f32 / 80.0) }
            });
            writer.film(&FilmDetections::new(path.to_string_lossy(), size, limb, detections.collect())).unwrap();
        }
        let one = |joint: &Joint| JointScore::from_probabilities((0..=joint.max_grade).map(|g| f32::from(u8::from(g == 1))).collect());
        let joints = svh_core::joint::all().map(|joint| (joint.ra2_column.clone(), one(joint))).collect();
        writer.patient(&PatientScore::new(patient.id.clone(), joints, 86)).unwrap();
    }
    writer.finish(RunStatus::Finished, None).unwrap();
    folder
}

fn evaluated(words: &[&OsStr]) -> serde_json::Value {
    let ran = svh(&[&["evaluate".as_ref(), "--json".as_ref(), "--quiet".as_ref()], words].concat());
    assert_eq!(ran.status, Some(0), "{ran:?}");
    ran.json().remove(0)
}

#[test]
fn evaluating_what_was_exported_is_evaluating_the_run() {
    let cohort = cohort::copy();
    let run = made_up_run(cohort.path());
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("coco");
    let words: [&OsStr; 6] = ["export".as_ref(), "coco".as_ref(), cohort.path().as_ref(), out.as_ref(), "--run".as_ref(), run.as_ref()];
    assert_eq!(svh(&words).status, Some(0));
    let whole = evaluated(&[cohort.path().as_ref(), "--run".as_ref(), run.as_ref()]);
    for task in ["narrowing", "erosion"] {
        let (boxes, results) = (out.join(format!("{task}.coco.json")), out.join(format!("{task}_results.json")));
        let files = evaluated(&["--coco".as_ref(), boxes.as_ref(), results.as_ref()]);
        let ap = files["stats"][0].as_f64().unwrap();
        assert!(ap > 0.3 && ap < 0.95, "{ap}");
        for metric in ["stats", "per_class", "tide"] {
            assert_eq!(files[metric], whole["detection"][task][metric], "{metric} of {task}");
        }
    }
}

#[test]
fn a_run_is_evaluated_against_the_corrected_reference() {
    let cohort = cohort::copy();
    let root = cohort.path();
    let run = made_up_run(root);
    let before = evaluated(&[root.as_ref(), "--run".as_ref(), run.as_ref()]);
    let mut author = Author::new("anna");
    let (mut journal, mut reviews) = (Journal::new(root, &author), Reviews::default());
    for joint in svh_core::joint::of_limb(Task::Narrowing, Limb::LeftHand) {
        let target = ReviewTarget { patient: "PHA001".into(), film: None, joint, size: None };
        for change in [Change::Draw { bbox: BBox::from([5.0, 5.0, 60.0, 60.0]) }, Change::Grade { grade: Some(4) }] {
            let entry = author.entry(&reviews, &target, change, Before::default()).unwrap();
            reviews.insert("here", 1, entry.clone());
            journal.append(entry).unwrap();
        }
    }
    let after = evaluated(&[root.as_ref(), "--run".as_ref(), run.as_ref()]);
    let ap = |said: &serde_json::Value| said["detection"]["narrowing"]["stats"][0].as_f64().unwrap();
    assert!(ap(&after) < ap(&before) - 0.05, "{} {}", ap(&after), ap(&before));
    assert_ne!(after["grading"]["narrowing"]["confusion"], before["grading"]["narrowing"]["confusion"]);
    assert_eq!(evaluated(&[root.as_ref(), "--run".as_ref(), run.as_ref(), "--without-reviews".as_ref()]), before);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("corrected");
    assert_eq!(exported("voc", root, &out).status, Some(0));
    assert_eq!(evaluated(&[out.as_ref(), "--run".as_ref(), run.as_ref()]), after, "a cohort that was exported needs no reviews");
}
