//! Several cohorts in one workbench, in a terminal: each keeps its own patients, runs, tags and reviews; and the GPU's figures in the bar.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use svh_core::tags::Tags;
use svh_tests::{
    cohort::{self, PATIENTS},
    program::{svh, workbench},
    terminal::{Persona, Terminal},
};

use crate::screens::planted;

const SECONDS: Duration = Duration::from_secs(20);

/// A copy of the cohort under a name, so that it is told from others.
fn named(name: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let (folder, copy) = (tempfile::tempdir().unwrap(), cohort::copy());
    let place = folder.path().join(name);
    // Both lie in the system's folder of temporary files.
    fs::rename(copy.path(), &place).unwrap();
    (folder, place)
}

#[test]
fn cohorts_are_switched_by_keys_and_nothing_of_one_is_in_the_other() {
    let ((_one, first), (_other, second), (_more, third)) = (named("alpha"), named("beta"), named("gamma"));
    planted(&second);
    let mut command = workbench(&first);
    command.arg(&second);
    let mut terminal = Terminal::start(Persona::Plain, 80, 24, command);
    terminal.wait_for("alpha 1/2");
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("Kblurred\r");
    terminal.wait_for("PHA001 has #blurred");
    terminal.keys("R");
    terminal.wait_for("no run yet");
    // The other one comes first in the list of cohorts.
    terminal.keys("\x0f");
    terminal.wait_for("alpha 1/2 (shown)");
    terminal.keys("\r");
    terminal.wait_for("beta 2/2");
    terminal.wait("its own screen, runs and tags", SECONDS, |seen| {
        seen.text.contains("2 scored") && seen.text.contains(PATIENTS[0]) && !seen.text.contains("#blurred")
    });
    terminal.keys("Kodd\r");
    terminal.wait_for("PHA001 has #odd");
    // Where one left it.
    terminal.keys("\x0falph\r");
    terminal.wait_for("alpha 1/2");
    terminal.wait("the runs of the first", SECONDS, |seen| seen.text.contains("no run yet"));
    terminal.keys("P");
    terminal.wait("its tag alone", SECONDS, |seen| seen.text.contains("#blurred") && !seen.text.contains("#odd"));
    // A third one by its path; a path that is open already opens no other.
    terminal.keys(&format!("\x0f{}\r", third.display()));
    terminal.wait_for("gamma 3/3");
    terminal.keys(&format!("\x0f{}\r", second.display()));
    terminal.wait_for("beta 2/3");
    terminal.keys("\x0f/nowhere\r");
    terminal.wait_for("/nowhere cannot be opened");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_given_back();
    let tags = |place: &Path| Tags::read(place).counts().into_keys().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!((tags(&first), tags(&second), tags(&third)), (vec!["blurred".to_owned()], vec!["odd".to_owned()], Vec::new()));
}

#[test]
fn without_a_terminal_every_cohort_has_its_summary_and_a_missing_one_is_named() {
    let ((_one, first), (_other, second)) = (named("alpha"), named("beta"));
    let ran = svh_tests::program::run(svh().arg(&first).arg(&second).arg(&first));
    assert_eq!((ran.status, ran.stdout.matches("2 patients").count()), (Some(0), 2), "{ran:?}");
    svh_tests::program::run(svh().arg(&first).arg("/nowhere/cohort")).refused(2, &["/nowhere/cohort"]);
}

#[test]
fn the_bar_shows_what_the_gpu_does_where_there_is_one() {
    let (_folder, place) = named("alpha");
    let tools = tempfile::tempdir().unwrap();
    let fake = tools.path().join("nvidia-smi");
    fs::write(&fake, "#!/bin/sh\necho '0, 37, 3174, 81559'\n").unwrap();
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = workbench(&place);
    command.env("PATH", format!("{}:/usr/bin:/bin", tools.path().display()));
    let mut terminal = Terminal::start(Persona::Plain, 80, 24, command);
    terminal.wait_for("GPU 37 % 3.1/80 GB");
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    // Without the program nothing is shown, and nothing is said of it.
    let mut terminal = Terminal::start(Persona::Plain, 80, 24, workbench(&place));
    terminal.wait_for(PATIENTS[0]);
    assert!(!terminal.now().text.contains("GPU"), "{}", terminal.now().text);
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}
