//! `svh label` with the real engine: proposals are written where nobody labelled, and a person's work is never touched.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use svh_core::{
    Cohort, Reviews, Task, VocFile,
    review::{Author, Before, Change, Journal, ReviewTarget},
};
use svh_tests::{
    cohort,
    program::{Ran, run, svh},
};

fn on_cpu(words: &[&str], paths: &[&Path]) -> Ran {
    run(svh().args(["--device", "cpu"]).args(words).args(paths))
}

/// Every file below a folder of labels, by name.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let folders = ["narrowing_labels", "erosion_labels"].map(|name| root.join(name));
    let all = folders.iter().flat_map(|folder| folder.read_dir().unwrap().flatten()).map(|entry| entry.path());
    all.map(|path| (path.strip_prefix(root).unwrap().to_path_buf(), fs::read(&path).unwrap())).collect()
}

/// Number of films by task and what became of them.
fn states(ran: &Ran) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    let word = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    for line in ran.json() {
        *counts.entry((word(&line, "task"), word(&line, "state"))).or_default() += 1;
    }
    counts
}

fn count(counts: &BTreeMap<(String, String), usize>, task: &str, state: &str) -> usize {
    counts.get(&(task.to_owned(), state.to_owned())).copied().unwrap_or(0)
}

fn summary(root: &Path) -> Value {
    on_cpu(&["summary", "--json"], &[root]).json().remove(0)
}

#[test]
fn films_without_labels_get_proposals_and_what_people_did_stays_byte_for_byte() {
    let cohort = cohort::copy();
    let root = cohort.path();
    let place = |name: &str| root.join(name);
    // PHA002 has no labels, PHA001's right hand none of erosion.
    for (path, _) in files(root).iter().filter(|(path, _)| path.to_string_lossy().contains("PHA002")) {
        fs::remove_file(place(&path.to_string_lossy())).unwrap();
    }
    fs::remove_file(place("erosion_labels/PHA001-RH.xml")).unwrap();
    let before = files(root);
    assert_eq!(before.len(), 5);

    let ran = on_cpu(&["label", "--json", "--quiet"], &[root]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let counts = states(&ran);
    assert_eq!((count(&counts, "narrowing", "written"), count(&counts, "narrowing", "by a person")), (4, 4), "{counts:?}");
    assert_eq!(
        (count(&counts, "erosion", "written"), count(&counts, "erosion", "by a person")),
        (3, 1),
        "feet get narrowing only: {counts:?}"
    );
    let after = files(root);
    assert!(before.iter().all(|(path, bytes)| after[path] == *bytes), "a person's file was changed");
    assert_eq!(after.len(), 5 + 7);
    assert!(!place("erosion_labels/PHA002-LF.xml").exists());
    let file = VocFile::read(&place("narrowing_labels/PHA002-LH.xml")).unwrap();
    let boxes = file.check(Task::Narrowing, Some(svh_core::Limb::LeftHand), None).unwrap();
    assert!(boxes.len() >= 14 && boxes.iter().all(|reference| !reference.is_readers()), "{boxes:?}");
    let proposed = summary(root)["boxes"]["narrowing"]["proposed"].as_u64().unwrap();
    assert!((38..=42).contains(&proposed), "{proposed}");

    // Again: nothing to do, and said so in words.
    let ran = on_cpu(&["label", "--quiet"], &[root]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(
        ran.stdout.contains("narrowing: films 4 have this model's proposals already, 4 left alone, labelled by a reader"),
        "{}",
        ran.stdout
    );
    assert_eq!(files(root), after);

    // A box moved in a file, a joint reviewed: both films are left alone, the others get new proposals.
    let moved = place("narrowing_labels/PHA002-RH.xml");
    let mut file = VocFile::read(&moved).unwrap();
    assert!(file.set_box(3, [10.0, 10.0, 50.0, 50.0].into()));
    file.write(&moved).unwrap();
    accept_first(root, "PHA002", "LH");
    let before = files(root);
    let ran = on_cpu(&["label", "--json", "--quiet", "--threshold", "0.6", "--patient", "PHA002", "--"], &[root]);
    let counts = states(&ran);
    assert_eq!((count(&counts, "narrowing", "touched by a person"), count(&counts, "narrowing", "refreshed")), (2, 2), "{ran:?}");
    let after = files(root);
    for name in ["narrowing_labels/PHA002-RH.xml", "narrowing_labels/PHA002-LH.xml"] {
        assert_eq!(after[Path::new(name)], before[Path::new(name)], "{name}");
    }
    assert_ne!(after[Path::new("narrowing_labels/PHA002-LF.xml")], before[Path::new("narrowing_labels/PHA002-LF.xml")]);
}

/// anna accepts the first box of a film's narrowing.
fn accept_first(root: &Path, patient: &str, limb: &str) {
    let cohort = Cohort::open(root).unwrap();
    let labels = cohort.boxes(cohort.patient(patient).unwrap(), limb.parse().unwrap());
    let reference = labels.narrowing[0];
    let mut author = Author::new("anna");
    let mut journal = Journal::new(root, &author);
    let target = ReviewTarget { patient: patient.into(), film: None, joint: reference.joint, size: None };
    let before = Before { bbox: Some(reference.bbox), grade: None, saw: None };
    let entry = author.entry(&Reviews::default(), &target, Change::Accept { bbox: reference.bbox }, before).unwrap();
    journal.append(entry).unwrap();
}

#[test]
fn proposals_are_trained_on_only_where_that_is_asked_for() {
    let cohort = cohort::copy();
    let root = cohort.path();
    for (path, _) in files(root) {
        fs::remove_file(root.join(path)).unwrap();
    }
    let ran = on_cpu(&["label", "--quiet"], &[root]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let out = tempfile::tempdir().unwrap();
    let train = |proposals: &[&str]| {
        let model = out.path().join("model");
        let command = ["--device", "cpu", "train", "detector", "--task", "narrowing", "--cohort", root.to_str().unwrap(), "--out"];
        let small = ["--", "--steps", "1", "--min-size", "64", "--max-size", "96", "--fpn-channels", "16", "--head-width", "16"];
        run(svh().args(command).arg(model).args(proposals).args(small))
    };
    let ran = train(&[]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    ran.says(&["no film with boxes in narrowing_labels/ that a reader has reviewed", "--proposals use"]);
    let ran = train(&["--proposals", "use"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(out.path().join("model/card.json").is_file());
    assert_eq!(train(&["--proposals", "perhaps"]).status, Some(2));
}

#[test]
fn mistakes_are_one_sentence_and_write_nothing() {
    let cohort = cohort::copy();
    let before = files(cohort.path());
    on_cpu(&["label"], &[Path::new("/nowhere")]).refused(2, &["/nowhere cannot be opened"]);
    on_cpu(&["label", "--patient", "PHA009", "--"], &[cohort.path()]).refused(2, &["no patient PHA009 among the 2"]);
    let empty = tempfile::tempdir().unwrap();
    on_cpu(&["label", "--models", empty.path().to_str().unwrap()], &[cohort.path()]).refused(2, &["--models"]);
    assert_eq!(files(cohort.path()), before);
}
