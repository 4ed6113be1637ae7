//! What the doctor says of the places that svh reads and writes.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
};

use svh_core::{places, staging};

use super::{super::config, check::Check};

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
    let mut checks = vec![demo, settings()];
    match std::env::current_dir() {
        Ok(here) => {
            checks.push(writable(&here));
            checks.extend(unfinished(&here));
        }
        Err(error) => {
            checks.push(Check::problem(
                "writing",
                format!("the current folder cannot be found: {error}"),
                "change to a folder that exists",
            ));
        }
    }
    let config = crate::config::path(|name| std::env::var(name).ok()).and_then(|file| Some(file.parent()?.to_path_buf()));
    let cache = |part: &str| Some(places::cache()?.join(part));
    checks.push(own_places(&[
        ("indices of cohorts", cache("index")),
        ("maps and features that were worked out", cache("explain")),
        ("messages of started runs", state()),
        ("settings", config),
    ]));
    checks
}

/// Whether the workbench would take the user's settings: keys are compared with each other only there.
fn settings() -> Check {
    match config::read().and_then(|config| config::settled(&config)) {
        Ok(_) => Check::ok("settings", "no fault found"),
        Err(failure) => {
            Check::problem("settings", failure.message().unwrap_or_default(), "correct the file; `svh config --print` shows all settings")
        }
    }
}

/// Hidden folders that interrupted commands left in the current folder.
fn unfinished(folder: &Path) -> Vec<Check> {
    let of = |left: &staging::LeftBehind| Check::note("unfinished", left.path.display().to_string(), left.to_string());
    staging::all_left_behind(folder).iter().map(of).collect()
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
    let shared = match svh_core::access::is_private() {
        true => "runs and reviews in the cohort's folder (read by the owner alone, as `private` is set)",
        false => {
            "runs and reviews in the cohort's folder (read by whoever can read that; `private = true` in the settings closes new files)"
        }
    };
    found.push(shared.to_owned());
    let found = found.join("; ");
    match open {
        false => Check::ok("privacy", found),
        true => Check::note("privacy", found, "close them with `chmod -R go= FOLDER`"),
    }
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
    use super::super::check::State;
    use super::*;

    #[test]
    fn a_folder_that_takes_a_file_is_fine_and_is_left_empty() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(writable(folder.path()).state, State::Ok);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
        assert_eq!(writable(&folder.path().join("missing")).state, State::Note);
    }

    #[test]
    fn a_hidden_folder_of_an_interrupted_command_is_mentioned() {
        let folder = tempfile::tempdir().unwrap();
        assert!(unfinished(folder.path()).is_empty());
        std::fs::create_dir(folder.path().join(".cohort.unfinished-4294967295")).unwrap();
        let found = unfinished(folder.path());
        assert_eq!((found.len(), found[0].state), (1, State::Note));
        assert!(found[0].advice.contains("had not finished"), "{}", found[0].advice);
    }
}
