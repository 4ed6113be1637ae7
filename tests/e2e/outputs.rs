//! Where output goes: closed pipes, full disks, limits on the size of files.

use std::{
    fs::OpenOptions,
    process::{Command, Stdio},
};

use svh_tests::program::{Ran, program, run, svh, svh_with};

/// Runs a line of shell in which `$SVH` is the program.
fn shell(line: &str) -> Ran {
    run(Command::new("sh").args(["-c", line]).env("SVH", program("svh")).stdin(Stdio::null()))
}

#[test]
fn the_version_is_printed_without_any_library_of_torch() {
    let ran = svh_with(["--version"]);
    assert_eq!((ran.status, ran.stdout.trim()), (Some(0), concat!("svh ", env!("CARGO_PKG_VERSION"))));
    let libraries = run(Command::new("ldd").arg(program("svh")));
    assert!(!libraries.stdout.contains("torch") && libraries.stdout.contains("libc.so"), "{libraries:?}");
}

#[test]
fn a_reader_that_stops_reading_is_no_failure() {
    let ran = shell("\"$SVH\" doctor --quiet | head -n 1 >/dev/null");
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    // A pipe whose reader is gone before the first line.
    let ran = shell("{ \"$SVH\" doctor --quiet; echo \"status $?\" >&2; } | true");
    assert_eq!(ran.stderr.trim(), "status 0");
}

#[test]
fn a_closed_stdout_is_no_failure() {
    let ran = shell("\"$SVH\" doctor --quiet >&-");
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_full_disk_under_stdout_is_one_sentence() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = svh().args(["doctor", "--quiet"]).stdout(full).output().unwrap();
    let ran = Ran { status: output.status.code(), stdout: String::new(), stderr: String::from_utf8(output.stderr).unwrap() };
    ran.refused(2, &["could not be written", "No space left on device"]);
}

#[test]
fn a_file_size_limit_stops_a_phantom_with_one_sentence_and_no_signal() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("cohort");
    let ran = shell(&format!("ulimit -f 16; \"$SVH\" phantom --quiet '{}' --patients 1 --seed 1", out.display()));
    ran.refused(2, &["cannot be written", "File too large"]);
}

#[test]
fn a_key_that_would_mean_two_things_is_named_by_config_and_doctor() {
    let folder = tempfile::tempdir().unwrap();
    let with = |words: &[&str]| run(svh().args(words).env("SVH_CONFIG_HOME", folder.path()));
    std::fs::write(folder.path().join("config.toml"), "[keys.Errors]\nn = \"f\"\n").unwrap();
    with(&["config"]).refused(2, &["config.toml", "[keys.Errors]", "`n` would mean both"]);
    let doctor = with(&["doctor", "--quiet", "--json"]);
    let settings = |ran: &Ran| {
        let checks = ran.json()[0]["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["name"] == "settings").unwrap()
    };
    let found = settings(&doctor);
    assert!(found["state"] == "problem" && found["found"].as_str().unwrap().contains("`n` would mean both"), "{found}");
    std::fs::write(folder.path().join("config.toml"), "[keys.Errors]\nx = \"n\"\n").unwrap();
    assert_eq!(settings(&with(&["doctor", "--quiet", "--json"]))["state"], "ok");
}
