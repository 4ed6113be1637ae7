//! Reviews by the real programs: keys in a terminal, lines on the disk, corrected boxes and grades in what is exported.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use svh_tests::{
    cohort,
    program::{Ran, svh_with, workbench},
    terminal::{Persona, Terminal},
};

const SECONDS: Duration = Duration::from_secs(20);

/// The workbench on a cohort for a reader.
fn start(cohort: &Path, reader: &str, (columns, rows): (u16, u16)) -> Terminal {
    let mut command = workbench(cohort);
    command.args(["--reader", reader]);
    Terminal::start(Persona::Plain, columns, rows, command)
}

/// The reviews of the first patient's left hand.
fn open(cohort: &Path, reader: &str, size: (u16, u16)) -> Terminal {
    let terminal = start(cohort, reader, size);
    terminal.wait_for(cohort::PATIENTS[0]);
    terminal.keys("\r");
    terminal.wait_for("left hand");
    terminal.keys("V");
    terminal.wait_for("this film 31 joints");
    terminal
}

/// The log of reviews as the command line has it.
fn log(cohort: &Path) -> Vec<Value> {
    svh(&["reviews", "--log", "--json"], cohort).json()
}

fn svh(words: &[&str], cohort: &Path) -> Ran {
    svh_with(words.iter().map(PathBuf::from).chain([cohort.to_owned()]))
}

/// Waits until so many lines are on the disk.
fn lines(cohort: &Path, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let found = log(cohort);
        if found.len() >= count {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{count} lines were expected: {:?}", log(cohort))
}

#[test]
fn a_play_of_keys_corrects_boxes_and_grades_and_export_has_them() {
    let cohort = cohort::copy();
    let root = cohort.path();
    let before = fs::read(root.join("narrowing_labels/PHA001-LH.xml")).unwrap();
    for size in [(80, 24), (120, 40)] {
        let reader = format!("anna {}", size.0);
        let mut terminal = open(root, &reader, size);
        terminal.keys("m");
        terminal.wait_for("arrows move it");
        terminal.keys("\x1b[C\x1b[C\t\x1b[B\r");
        terminal.wait_for("moved the box");
        terminal.keys("4");
        terminal.wait_for("graded 4");
        terminal.keys("!blurred\r");
        terminal.wait_for("blurred");
        terminal.keys("\x1b[B");
        terminal.keys("x");
        terminal.wait_for("deleted the box");
        terminal.keys("u");
        terminal.wait_for("undone: PHA001 PIP 3, deleted the box");
        terminal.keys("q");
        assert_eq!(terminal.end(), 0);
        terminal.assert_given_back();
    }
    let log = log(root);
    let did: Vec<&str> = log.iter().filter(|entry| entry["reader"] == "anna 80").map(|entry| entry["do"].as_str().unwrap()).collect();
    assert_eq!(did, ["move", "grade", "flag", "delete", "undo"]);
    assert_eq!(log.len(), 10);
    let moved = log.iter().rev().find(|entry| entry["do"] == "move").unwrap();
    assert_eq!(fs::read(root.join("narrowing_labels/PHA001-LH.xml")).unwrap(), before, "the cohort's own labels are as they were");
    let out = tempfile::tempdir().unwrap();
    let export = |format: &str, name: &str, more: &[&str]| {
        let words = ["export", format].into_iter().chain(more.iter().copied()).map(PathBuf::from);
        let ran = svh_with(words.chain([root.to_owned(), out.path().join(name)]));
        assert_eq!(ran.status, Some(0), "{ran:?}");
        ran
    };
    let said = export("coco", "coco", &["--json"]).json();
    assert_eq!((said[0]["boxes"].as_u64(), said[0]["reviews"].as_u64()), (Some(148), Some(10)));
    let coco: Value = serde_json::from_slice(&fs::read(out.path().join("coco/narrowing.coco.json")).unwrap()).unwrap();
    let sides: Vec<f64> = moved["box"].as_array().unwrap().iter().map(|side| side.as_f64().unwrap()).collect();
    let wanted = [sides[0], sides[1], sides[2] - sides[0], sides[3] - sides[1]].map(Value::from);
    let boxes = coco["annotations"].as_array().unwrap();
    assert!(boxes.iter().any(|annotation| annotation["bbox"].as_array().unwrap()[..] == wanted), "{moved}");
    export("challenge", "ours.csv", &[]);
    export("challenge", "plain.csv", &["--without-reviews"]);
    let cell = |name: &str| {
        let text = fs::read_to_string(out.path().join(name)).unwrap();
        let place = text.lines().next().unwrap().split(',').position(|column| column == "LH_pip_J__2").unwrap();
        text.lines().find(|line| line.starts_with("PHA001")).unwrap().split(',').nth(place).unwrap().to_owned()
    };
    let original = fs::read_to_string(root.join("training.csv")).unwrap();
    assert_eq!(cell("ours.csv"), "4");
    assert_eq!(fs::read_to_string(out.path().join("plain.csv")).unwrap(), original);
}

#[test]
fn blind_answers_of_two_readers_are_compared_on_the_screen_and_by_the_command() {
    let cohort = cohort::copy();
    let root = cohort.path();
    for (reader, grades) in [("anna", ["1", "2"]), ("ben", ["4", "2"])] {
        let mut terminal = open(root, reader, (100, 30));
        terminal.keys("B");
        terminal.wait_for("reader and model are hidden");
        for grade in grades {
            terminal.keys(grade);
            terminal.wait_for(&format!("grade {grade}"));
            terminal.keys("\r");
            terminal.wait_for("locked; here are the others' answers");
            terminal.keys("\r");
            terminal.wait_for("reader and model are hidden");
        }
        if reader == "ben" {
            terminal.keys("B");
            terminal.wait_for("blind reading has ended");
            terminal.keys("&");
            terminal.wait_for("anna 1 ben 4 ±3");
            terminal.wait_for("1 of 2 joints");
        }
        terminal.keys("q");
        assert_eq!(terminal.end(), 0);
    }
    let ran = svh(&["reviews", "--between", "anna", "ben", "--scale", "narrowing"], root);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines,
        ["patient,task,joint,true,predicted,iou", "PHA001,narrowing,LH_pip_2,1,4,", "PHA001,narrowing,LH_pip_3,2,2,"],
        "{ran:?}"
    );
    svh(&["reviews", "--between", "anna", "carl"], root).refused(2, &["no reader is called carl", "anna, ben"]);
}

#[test]
fn two_workbenches_at_once_lose_nothing_and_see_each_other() {
    let cohort = cohort::copy();
    let root = cohort.path();
    let mut anna = open(root, "anna", (100, 30));
    let mut ben = open(root, "ben", (100, 30));
    for grade in ["1", "2", "3"] {
        anna.keys(grade);
        anna.wait_for(&format!("graded {grade}"));
        ben.keys("\x1b[B");
        ben.keys(grade);
        ben.wait_for(&format!("graded {grade}"));
    }
    lines(root, 6);
    ben.keys("\x1b[H");
    ben.wait("anna's grade beside it", SECONDS, |seen| seen.text.contains("R 3 (anna)"));
    for terminal in [&mut anna, &mut ben] {
        terminal.keys("q");
        assert_eq!(terminal.end(), 0);
    }
    let counts = svh(&["reviews", "--json"], root).json();
    assert_eq!(counts[0]["readers"], serde_json::json!({ "anna": 3, "ben": 3 }));
    assert_eq!(counts[0]["conflicts"], 0);
}

#[test]
fn a_signal_or_a_hang_up_loses_nothing_that_was_done() {
    let cohort = cohort::copy();
    let root = cohort.path();
    for (number, signal) in ["TERM", "HUP", "KILL"].into_iter().enumerate() {
        let mut terminal = open(root, "anna", (100, 30));
        terminal.keys("2");
        terminal.wait_for("graded 2");
        lines(root, number + 1);
        let pid = terminal.pid().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        terminal.end();
    }
    assert_eq!(log(root).len(), 3);
    assert_eq!(svh(&["reviews", "--json"], root).json()[0]["problems"], serde_json::json!([]));
}

#[test]
fn a_folder_that_refuses_is_said_and_q_asks_before_anything_is_lost() {
    let cohort = cohort::copy();
    let root = cohort.path();
    fs::write(root.join("reviews"), "in the way").unwrap();
    let mut terminal = open(root, "anna", (120, 30));
    terminal.keys("3");
    terminal.wait_for("1 change waits in memory");
    terminal.keys("q");
    terminal.wait_for("1 change is not on disk");
    fs::remove_file(root.join("reviews")).unwrap();
    // It is tried again by itself.
    terminal.wait_for("everything is on disk now");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    assert_eq!(log(root).len(), 1);
}

#[test]
fn a_torn_line_is_told_by_command_and_workbench_and_the_rest_counts() {
    let cohort = cohort::copy();
    let root = cohort.path();
    let mut terminal = open(root, "anna", (100, 30));
    terminal.keys("1");
    terminal.wait_for("graded 1");
    terminal.keys("2");
    terminal.wait_for("graded 2");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    let file = fs::read_dir(root.join("reviews")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, &text[..text.len() - 9]).unwrap();
    let ran = svh(&["reviews"], root);
    assert_eq!(ran.status, Some(0));
    ran.says(&["line 2: the line is torn", "all others count"]);
    assert!(ran.stdout.contains("lines 1, by reader: anna 1"), "{ran:?}");
    let mut terminal = start(root, "ben", (160, 30));
    terminal.wait_for("the line is torn");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}
