//! Odd names, pipes, terminals and readers that go away: nothing waits for ever, nothing reaches a terminal raw.

use std::{
    fs,
    os::unix::ffi::OsStrExt,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use svh_tests::{
    cohort,
    program::{Ran, run, svh, svh_with, workbench},
    terminal::{Persona, Terminal},
};

/// Longer than any of these takes on a busy machine, and shorter than for ever.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs a program to its end, which must come.
fn ended(command: &mut Command) -> Ran {
    let start = Instant::now();
    let mut timed = Command::new("timeout");
    timed.arg("-k").arg("1").arg(LIMIT.as_secs().to_string()).arg(command.get_program());
    timed.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => timed.env(name, value),
            None => timed.env_remove(name),
        };
    }
    timed.stdin(Stdio::null());
    let ran = run(&mut timed);
    assert!(ran.status != Some(124) && start.elapsed() < LIMIT, "it waits for ever: {ran:?}");
    ran
}

fn of(words: &[&std::ffi::OsStr]) -> Ran {
    ended(svh().args(words))
}

#[test]
fn control_characters_of_names_ids_and_labels_reach_no_terminal() {
    let folder = cohort::copy();
    let root = folder.path();
    let evil = "P\u{1b}]0;TITLE\u{7}\u{9b}2J";
    fs::copy(root.join("images/PHA001-LH.jpg"), root.join(format!("images/{evil}-LH.jpg"))).unwrap();
    fs::write(root.join(format!("images/{evil}-RH.jpg")), b"").unwrap();
    fs::create_dir_all(root.join("narrowing_labels")).unwrap();
    let labels = format!("<annotation><object><name>X{evil}</name></object></annotation>").replace('\u{1b}', "&#27;").replace('\u{7}', "");
    fs::write(root.join(format!("narrowing_labels/{evil}-LH.xml")), labels).unwrap();
    let table = fs::read_to_string(root.join("training.csv")).unwrap();
    fs::write(root.join("training.csv"), table.replace("\nPHA002,", &format!("\n{evil},"))).unwrap();
    let out = tempfile::tempdir().unwrap();
    let to = out.path().join(evil);
    for words in [
        vec!["summary".as_ref(), root.as_os_str()],
        vec!["summary".as_ref(), "--json".as_ref(), root.as_os_str()],
        vec!["detect".as_ref(), root.as_os_str()],
        vec!["detect".as_ref(), "--json".as_ref(), root.as_os_str()],
        vec!["export".as_ref(), "challenge".as_ref(), root.as_os_str(), to.as_os_str()],
        vec!["export".as_ref(), "challenge".as_ref(), root.as_os_str(), to.as_os_str()],
        vec!["export".as_ref(), "voc".as_ref(), root.as_os_str(), to.as_os_str()],
        vec!["reviews".as_ref(), root.as_os_str()],
        vec!["show".as_ref(), to.as_os_str()],
        vec![to.as_os_str(), "x".as_ref()],
    ] {
        let ran = of(&words);
        for text in [&ran.stdout, &ran.stderr] {
            let raw = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
            assert!(raw.is_none(), "{words:?} prints {raw:?}: {text:?}");
        }
    }
    // JSON says the same name, in its own escapes.
    let films = of(&["detect".as_ref(), "--json".as_ref(), root.as_os_str()]).json();
    assert!(films.iter().any(|film| film["film"].as_str().unwrap().contains(evil)), "{films:?}");
}

#[test]
fn a_path_that_is_not_utf8_ends_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort::copy();
    let film = cohort.path().join("images/PHA001-LH.jpg");
    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"M\xFCller"));
    fs::create_dir_all(odd.join("images")).unwrap();
    fs::copy(&film, odd.join("images/A-LH.jpg")).unwrap();
    let named = folder.path().join(std::ffi::OsStr::from_bytes(b"M\xFCller-LH.jpg"));
    fs::copy(&film, &named).unwrap();
    for words in [
        ["detect".as_ref(), named.as_os_str()],
        ["score".as_ref(), named.as_os_str()],
        ["label".as_ref(), odd.as_os_str()],
        ["score".as_ref(), odd.as_os_str()],
    ] {
        let ran = of(&words);
        assert!(ran.status == Some(2) && ran.stderr.contains("not UTF-8"), "{words:?}: {ran:?}");
    }
    // The others are done all the same.
    let ran = of(&["detect".as_ref(), "--json".as_ref(), named.as_os_str(), film.as_os_str()]);
    assert!(ran.status == Some(2) && ran.json().len() == 1 && ran.stderr.contains("1 of 2 films failed"), "{ran:?}");
}

#[test]
fn a_pipe_in_the_place_of_any_file_is_refused_at_once() {
    let folder = cohort::copy();
    let root = folder.path();
    let pipe = |path: &Path| {
        drop(fs::remove_file(path));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    let film = root.join("images/PHA001-LH.jpg");
    pipe(&film);
    for command in ["show", "detect", "score"] {
        let ran = of(&[command.as_ref(), film.as_os_str()]);
        assert!(ran.status == Some(2) && ran.stderr.contains("it is a pipe, not a file"), "{command}: {ran:?}");
    }
    let ran = of(&["detect".as_ref(), "--json".as_ref(), root.as_os_str()]);
    assert!(ran.json().len() == 7 && ran.stderr.contains("PHA001-LH.jpg in images is left out"), "{ran:?}");
    pipe(&root.join("reviews/a.jsonl"));
    let ran = of(&["reviews".as_ref(), root.as_os_str()]);
    assert!(ran.stderr.contains("a.jsonl cannot be read (it is a pipe, not a file)"), "{ran:?}");
    pipe(&root.join("narrowing_labels/PHA002-LH.xml"));
    pipe(&root.join("runs/r/run.json"));
    for words in [["summary".as_ref(), root.as_os_str()], ["runs".as_ref(), root.as_os_str()]] {
        assert_eq!(of(&words).status, Some(0), "{words:?}");
    }
    pipe(&root.join("training.csv"));
    for words in [["summary".as_ref(), root.as_os_str()], ["agreement".as_ref(), root.join("training.csv").as_os_str()]] {
        let ran = ended(svh().args(words).args(if words[0] == "agreement" { &["--max-grade", "4"][..] } else { &[] }));
        assert!(ran.status == Some(2) && ran.stderr.contains("a pipe"), "{words:?}: {ran:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let folder = cohort::copy();
    let film = folder.path().join("images/PHA001-LH.jpg");
    for words in [
        vec!["show".to_owned(), film.display().to_string()],
        vec!["show".to_owned(), "--images".to_owned(), "half".to_owned(), film.display().to_string()],
        vec!["summary".to_owned(), folder.path().display().to_string()],
        vec!["summary".to_owned(), "--json".to_owned(), folder.path().display().to_string()],
        vec!["--help".to_owned()],
    ] {
        let mut command = svh();
        command.args(&words).env("COLORTERM", "truecolor").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The reading end is closed before the first byte.
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn a_terminal_without_cursor_movements_gets_the_summary() {
    let folder = cohort::copy();
    for term in ["dumb", "unknown", ""] {
        let mut command = workbench(folder.path());
        command.env("TERM", term);
        let mut terminal = Terminal::start(Persona::Mute, 80, 24, command);
        assert_eq!(terminal.end(), 0, "{term}");
        let bytes = terminal.now().bytes;
        assert!(!bytes.contains(&0x1b), "{term}: {:?}", String::from_utf8_lossy(&bytes));
        assert!(String::from_utf8_lossy(&bytes).contains("patients  2"), "{term}");
    }
}

#[test]
fn a_terminal_without_a_size_is_drawn_as_one_of_80_by_24() {
    let folder = cohort::copy();
    let mut terminal = Terminal::start(Persona::Plain, 0, 0, workbench(folder.path()));
    terminal.wait("the workbench draws", Duration::from_secs(60), |seen| String::from_utf8_lossy(&seen.bytes).contains("PHA001"));
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    drop(svh_with(["doctor"]));
}
