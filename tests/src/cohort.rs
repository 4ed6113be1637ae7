//! A small cohort of phantoms, made once a test run.

use std::{path::PathBuf, sync::LazyLock};

use tempfile::TempDir;

use crate::program::svh_with;

/// The ids of its patients.
pub const PATIENTS: [&str; 2] = ["PHA001", "PHA002"];

/// A fresh copy of the cohort, which the caller may damage.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn copy() -> TempDir {
    static MADE: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("cohort");
        let words = ["phantom", "--quiet", "--patients", "2", "--seed", "11", "--max-side", "600"];
        let ran = svh_with(words.map(PathBuf::from).into_iter().chain([out]));
        assert_eq!(ran.status, Some(0), "{ran:?}");
        folder
    });
    let folder = tempfile::tempdir().expect("a folder");
    let mut open = vec![PathBuf::new()];
    while let Some(part) = open.pop() {
        let (from, to) = (MADE.path().join("cohort").join(&part), folder.path().join(&part));
        std::fs::create_dir_all(&to).expect("a folder is made");
        for entry in from.read_dir().expect("the cohort is listed").flatten() {
            if entry.path().is_dir() {
                open.push(part.join(entry.file_name()));
            } else {
                std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a file is copied");
            }
        }
    }
    folder
}
