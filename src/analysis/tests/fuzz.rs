//! The readers of this crate on damaged inputs; tests/fuzz/README.md of the project says how and how long.

// The counting allocator is unsafe by its nature.
#![allow(unsafe_code, clippy::unwrap_used)]

#[path = "../../../tests/fuzz/mutator.rs"]
mod mutator;

use std::fs;
use std::path::Path;

use mutator::{Counting, corpus, fuzz};
use svh_analysis::detection::{CocoFiles, CocoMetrics, Matching};
use svh_analysis::stats::{GradeWeights, Resamples};
use svh_analysis::{AgreementTable, DETECTIONS, Evaluation, FILMS, GRADES, keep};
use svh_core::{Cohort, GradeRow, GradeTable, RunReader};

#[global_allocator]
static MEMORY: Counting = Counting;

#[test]
fn fuzz_agreement() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grades.csv");
    fuzz("agreement", &corpus("agreement"), 4000, |bytes| {
        fs::write(&path, bytes).unwrap();
        if let Ok(table) = AgreementTable::read(&path, 4) {
            drop(table.agreement(None, Resamples { count: 10, ..Resamples::default() }));
        }
    });
    fuzz("weights", &corpus("weights"), 4000, |bytes| {
        fs::write(&path, bytes).unwrap();
        if let Ok(weights) = GradeWeights::read(&path) {
            assert!(weights.at(None, 3).is_finite());
        }
    });
}

#[test]
fn fuzz_coco() {
    let folder = tempfile::tempdir().unwrap();
    let (reference, found) = (folder.path().join("gt.json"), folder.path().join("dt.json"));
    let metrics = || {
        if let Ok(files) = CocoFiles::read(&reference, &found) {
            let matching = Matching::of(files.sample.clone());
            drop(CocoMetrics::of(&matching));
            drop(files.named_errors(&matching, 0.0));
        }
    };
    fs::write(&found, &corpus("results")[0]).unwrap();
    fuzz("COCO truth", &corpus("coco"), 1500, |bytes| {
        fs::write(&reference, bytes).unwrap();
        metrics();
    });
    fs::write(&reference, &corpus("coco")[0]).unwrap();
    fuzz("COCO results", &corpus("results"), 1500, |bytes| {
        fs::write(&found, bytes).unwrap();
        metrics();
    });
}

/// A cohort of one graded patient, a run over it, and the run's tables.
fn cohort_with_run(root: &Path) -> (Cohort, RunReader) {
    fs::create_dir_all(root.join("images")).unwrap();
    fs::create_dir_all(root.join("runs/r")).unwrap();
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/fixtures/foreign/coco/images/C1-LH.png"),
        root.join("images/PHA001-LH.png"),
    )
    .unwrap();
    let mut table = GradeTable::new();
    table.insert("PHA001", GradeRow::default());
    table.write(&root.join("training.csv")).unwrap();
    fs::write(root.join("runs/r/run.json"), &corpus("run_json")[0]).unwrap();
    fs::write(root.join("runs/r/results.jsonl"), &corpus("results_lines")[0]).unwrap();
    (Cohort::open(root).unwrap(), RunReader::open(&root.join("runs/r")).unwrap())
}

#[test]
fn fuzz_evaluation() {
    let folder = tempfile::tempdir().unwrap();
    let (cohort, run) = cohort_with_run(folder.path());
    fuzz("results in an evaluation", &corpus("results_lines"), 300, |bytes| {
        fs::write(run.folder().join("results.jsonl"), bytes).unwrap();
        if let Ok(evaluation) = Evaluation::load(&cohort, &run) {
            drop(evaluation.errors(0.2));
        }
    });
}

#[test]
fn fuzz_run_tables() {
    let folder = tempfile::tempdir().unwrap();
    let (cohort, run) = cohort_with_run(folder.path());
    keep(&run).unwrap();
    let before = Evaluation::load(&cohort, &run).unwrap().problems().to_vec();
    for name in [FILMS, DETECTIONS, GRADES, "tables.json"] {
        let path = run.folder().join(name);
        let seed = fs::read(&path).unwrap();
        fuzz(name, std::slice::from_ref(&seed), 150, |bytes| {
            fs::write(&path, bytes).unwrap();
            assert_eq!(Evaluation::load(&cohort, &run).unwrap().problems(), before, "a damaged table is rebuilt");
        });
        fs::write(&path, seed).unwrap();
    }
}
