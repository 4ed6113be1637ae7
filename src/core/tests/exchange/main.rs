//! Cohorts in and out: what foreign data become, and that nothing changes on a way out and in again.
#![allow(clippy::unwrap_used)]

mod export;
mod foreign;
mod round;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use svh_core::import::{self, Format, ImportError, ImportOptions, Report};
use svh_core::link_mode::LinkMode;
use svh_core::{BBox, Cohort, Limb, Task};
use tempfile::TempDir;

/// Nobody asks for an end.
static GO: AtomicBool = AtomicBool::new(false);

/// A foreign data set that `fixtures/foreign.py` made.
fn foreign(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/foreign").join(name)
}

/// Imports into a new folder.
fn imported(format: Format, source: &Path, wanted: &ImportOptions) -> Result<(TempDir, Report), ImportError> {
    let folder = tempfile::tempdir().unwrap();
    let draft = import::read(format, source, wanted)?;
    draft.write(&folder.path().join("cohort"), LinkMode::Copy, &GO, |_, _| {})?;
    Ok((folder, draft.report()))
}

fn opened(folder: &TempDir) -> Cohort {
    Cohort::open(&folder.path().join("cohort")).unwrap()
}

/// The boxes of a film by label.
fn boxes(cohort: &Cohort, patient: &str, task: Task, limb: Limb) -> BTreeMap<String, BBox> {
    let labels = cohort.boxes(cohort.patient(patient).unwrap(), limb);
    labels.of(task).iter().map(|reference| (reference.joint.label.clone(), reference.bbox)).collect()
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(part) = open.pop() {
        for entry in fs::read_dir(&part).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Whether a report has something left out for a reason that holds these words, so many times.
fn left(report: &Report, words: &str) -> usize {
    report.left_out.iter().filter(|left| left.to_string().contains(words)).map(|left| left.count).sum()
}
