//! What the doctor says of the places that svh reads and writes.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
};

use super::Check;
use crate::places;

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
    let places = [("indices of cohorts", cache()), ("messages of started runs", state())];
    vec![demo, here, own_places(&places)]
}

/// The user's folders, and who can read them.
fn own_places(places: &[(&str, Option<PathBuf>)]) -> Check {
    let mut open = false;
    let mut found: Vec<String> = Vec::new();
    for (what, place) in places {
        let Some(place) = place else { continue };
        let readers = svh_core::access::readers(place);
        open |= readers.as_deref().is_some_and(|readers| readers != "the owner alone");
        let readers = readers.map_or_else(|| "nothing there yet".to_owned(), |readers| format!("read by {readers}"));
        found.push(format!("{what} in {} ({readers})", place.display()));
    }
    let found = found.join("; ")
        + "; runs and reviews in the cohort, open to whoever can read its folder (SVH_PRIVATE=1 keeps new files to their owner)";
    match open {
        false => Check::ok("privacy", found),
        true => Check::note("privacy", found, "close them with `chmod -R go= FOLDER`"),
    }
}

fn cache() -> Option<PathBuf> {
    folder_of("XDG_CACHE_HOME", ".cache").map(|folder| folder.join("svh/index"))
}

fn state() -> Option<PathBuf> {
    folder_of("XDG_STATE_HOME", ".local/state").map(|folder| folder.join("svh/starts"))
}

fn folder_of(variable: &str, usual: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set(variable).or_else(|| set("HOME").map(|home| home.join(usual)))
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
    use super::super::State;
    use super::*;

    #[test]
    fn a_folder_that_takes_a_file_is_fine_and_is_left_empty() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(writable(folder.path()).state, State::Ok);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
        assert_eq!(writable(&folder.path().join("missing")).state, State::Note);
    }
}
