//! What the doctor says of the places that svh reads and writes.

use std::{fs::OpenOptions, path::Path};

use super::check::Check;
use svh_core::places;

/// The demo, and whether runs can be kept.
pub fn checks() -> Vec<Check> {
    let demo = match places::demo() {
        Some(demo) => Check::ok("demo", demo.display().to_string()),
        None => Check::note(
            "demo",
            "datasets/demo was not found",
            "make one with `svh phantom datasets/demo --patients 6 --seed 1`, or name a cohort: `svh COHORT`",
        ),
    };
    let here = match std::env::current_dir() {
        Ok(here) => writable(&here),
        Err(error) => Check::problem("writing", format!("the current folder cannot be found: {error}"), "change to a folder that exists"),
    };
    vec![demo, here]
}

/// Tries to make a file, which tells more than permissions do (read-only mounts, quotas, full disks).
fn writable(folder: &Path) -> Check {
    let probe = folder.join(format!(".svh-doctor-{}", std::process::id()));
    let made = OpenOptions::new().write(true).create_new(true).open(&probe);
    drop(std::fs::remove_file(&probe));
    match made {
        Ok(_) => Check::ok("writing", format!("{} can be written to", folder.display())),
        Err(error) => {
            Check::note("writing", format!("{} cannot be written to ({error})", folder.display()), "keep runs elsewhere with --out")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn a_folder_that_takes_a_file_is_fine_and_is_left_empty() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(writable(folder.path()).state, State::Ok);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
        assert_eq!(writable(&folder.path().join("missing")).state, State::Note);
    }
}
