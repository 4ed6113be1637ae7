//! The three jobs that the workbench is for, each to its end by keys alone, at 80x24: what is on the screen is asserted, the keys are counted, and the table of
//! README.md is printed.

use std::time::Duration;

use svh_core::Reviews;
use svh_tests::{
    cohort::{self, PATIENTS},
    program::{checkout, engine_script, workbench},
    terminal::{Persona, Snapshot, Terminal},
};

use crate::screens::planted;

const SECONDS: Duration = Duration::from_secs(20);

/// A terminal whose keys are counted.
struct Play {
    terminal: Terminal,
    keys: usize,
}

impl Play {
    fn start(command: portable_pty::CommandBuilder) -> Self {
        let play = Self { terminal: Terminal::start(Persona::Plain, 80, 24, command), keys: 0 };
        play.terminal.wait_for(PATIENTS[0]);
        play
    }

    /// Presses keys; an arrow is one key.
    fn press(&mut self, keys: &str) {
        self.keys += keys
            .replace("\x1b[Z", "t")
            .replace("\x1b[A", "u")
            .replace("\x1b[B", "d")
            .replace("\x1b[C", "r")
            .replace("\x1b[D", "l")
            .chars()
            .count();
        self.terminal.keys(keys);
    }

    /// Types a text of the user's own, which is not counted.
    fn types(&self, text: &str) {
        self.terminal.keys(text);
    }

    fn sees(&self, words: &str) {
        self.terminal.wait_for(words);
    }

    fn waits(&self, what: &str, so: impl Fn(&Snapshot) -> bool) {
        self.terminal.wait(what, SECONDS, so);
    }

    /// Begins a job at the table of patients.
    fn begins(&mut self) {
        self.terminal.keys("P");
        self.terminal.wait_for("patients");
        self.keys = 0;
    }

    /// Goes back to all lines of a screen, in its first view.
    fn clears(&self, screen: &str) {
        // Backspace means what Esc does, and no key behind it can be taken for the rest of a sequence.
        self.terminal.keys(&format!("{screen}\x7f\x7f"));
        self.terminal.wait_for_rest(Duration::from_millis(150));
    }

    /// A line of the table.
    fn done(&self, job: &str, wanted: usize) {
        println!("| {job} | {} |", self.keys);
        assert_eq!(self.keys, wanted, "{job}");
    }

    fn ends(mut self) {
        self.terminal.keys("q");
        assert_eq!(self.terminal.end(), 0);
        self.terminal.assert_given_back();
    }
}

#[test]
fn false_positives_are_inspected() {
    let cohort = cohort::copy();
    planted(cohort.path());
    let mut play = Play::start(workbench(cohort.path()));
    // The costliest error of the cohort, with its film beside the list.
    play.begins();
    play.press("E");
    play.waits("the list with a film beside it", |seen| seen.text.contains("[list]") && seen.text.contains('▀'));
    play.sees("4 Localisation 1");
    play.done("the costliest error, its film beside it", 1);
    // One kind alone, opened on its film, and why each detection was rejected.
    play.press("4\r");
    play.sees("› PHA001 › left hand");
    play.waits("the error is named", |seen| seen.text.contains("Localisation") || seen.text.contains("IoU"));
    play.done("one kind of error, the first of them on its film", 3);
    play.press("*");
    play.sees("✓ accepted");
    play.done("why each detection of the film was rejected", 4);
    play.clears("E");
    // Grades as crops.
    play.begins();
    play.press("E0\t");
    play.waits("the wrong grade as a crop", |seen| seen.text.contains("[crops]") && seen.text.contains("MCP 2"));
    play.done("wrong grades as a contact sheet", 3);
    // Tagged, and found again by the tag.
    play.begins();
    play.clears("E");
    play.begins();
    play.press("E4K");
    play.types("odd");
    play.press("\r");
    play.sees("has #odd");
    play.done("tag the first error of a kind (and the name)", 4);
    play.begins();
    play.press("Ef");
    play.types("\x15tag:odd");
    play.press("\r");
    play.sees("filter `tag:odd`");
    play.done("errors with a tag (and its name)", 3);
    // Written to a file.
    play.begins();
    play.press("EO");
    play.sees("1 entry");
    play.press("W");
    play.types(&cohort.path().join("odd.json").display().to_string());
    play.press("\r");
    play.sees("wrote 1 entry");
    play.done("the errors shown as a file (and its name)", 4);
    let written = std::fs::read_to_string(cohort.path().join("odd.json")).unwrap();
    assert!(written.contains("\"odd\""), "{written}");
    play.ends();
}

/// The lines of the list of errors: the kind, and the change of the total.
fn errors_listed(seen: &Snapshot) -> Vec<(String, i32)> {
    let line = |line: &str| {
        let mut words = line.split(['┃', '│']).next()?.trim_start_matches('▌').split_whitespace();
        let kind = words.next()?.to_owned();
        Some((kind, words.next_back()?.replace('−', "-").parse().ok()?))
    };
    seen.text.lines().skip_while(|line| !line.contains("▼effect")).skip(1).map_while(line).collect()
}

#[test]
fn the_costliest_errors_of_the_demo_are_boxes_and_grades() {
    let mut play = Play::start(workbench(&checkout().join("datasets/demo")));
    play.begins();
    play.press("E");
    play.waits("five errors that cost points, of both kinds, the costliest first", |seen| {
        let listed = errors_listed(seen);
        let Some(five) = listed.get(..5) else { return false };
        let costs: Vec<i32> = five.iter().map(|(_, effect)| effect.abs()).collect();
        let grades = five.iter().filter(|(kind, _)| kind == "Grade").count();
        costs.is_sorted_by(|a, b| a >= b) && costs[4] > 0 && (1..5).contains(&grades)
    });
    play.done("the five costliest errors, of boxes and of grades", 1);
    let first = errors_listed(&play.terminal.now())[0].0.clone();
    play.press("\r");
    let named = if first == "Grade" { "reader".to_owned() } else { format!("{first}:") };
    play.waits("the error named on its film", |seen| seen.text.contains("svh  demo  ›") && seen.text.contains(&named));
    play.done("the costliest of them on its film", 2);
    play.ends();
}

#[test]
fn imbalance_is_explored() {
    let cohort = cohort::copy();
    planted(cohort.path());
    let mut play = Play::start(workbench(cohort.path()));
    play.begins();
    play.press("I");
    play.sees("narrowing, right foot");
    play.done("how often each grade occurs, by reader and model", 1);
    play.press("\r");
    play.waits("crops, the rarest grade first", |seen| seen.text.contains("entries") && seen.text.contains('→'));
    play.done("the crops behind it, the rarest grade first", 2);
    play.begins();
    play.press("I");
    play.sees("narrowing, right foot");
    play.press("0");
    play.sees("grade 0");
    play.done("the crops of one grade", 2);
    play.begins();
    play.press("I\t\t\t\t");
    play.sees("narrowing, ids PHA");
    play.done("how often each grade occurs by source of the films", 5);
    play.press("\x1b[Z\x1b[Z\x1b[Z\x1b[Z");
    play.begins();
    play.press("I\x1b[Z");
    play.sees("nothing has a tag");
    play.done("the same by tag", 2);
    play.press("\t");
    play.sees("narrowing, right foot");
    play.begins();
    play.press("C");
    play.sees("reader ↓");
    play.press("\r");
    play.waits("the crops of a cell", |seen| seen.text.contains('→') || seen.text.contains("Esc"));
    play.done("the crops of a cell of the confusion matrix", 2);
    play.ends();
}

/// An engine that finds nothing, grades MCP 2 of the left hand as 3, and notes how it was started as a training.
const ENGINE: &str = r#"here=$(dirname "$0")
if [ "$1" = train ]; then echo "$@" > "$here/trained"; exit 0; fi
echo '{"event":"ready","version":"0.1.0","libtorch":"2.11.0","device":"cpu","devices":[["cpu","CPU"]],"models":[{"name":"m","arch":"svh_convnet","task":"narrowing","sha256":"0123456789ab"}]}'
while read -r request; do
  id=$(echo "$request" | sed 's/.*"id":\([0-9]*\).*/\1/')
  patient=$(echo "$request" | sed 's/.*"patient":"\([^"]*\)".*/\1/')
  echo "{\"event\":\"patient\",\"id\":$id,\"result\":{\"patient\":\"$patient\",\"joints\":{\"LH_mcp_J__2\":{\"grade\":3,\"expected\":3.0,\"probabilities\":[0,0,0,1,0]}},\"totals\":{\"narrowing\":3,\"erosion\":0,\"overall\":3,\"limbs\":{\"LH\":{\"narrowing\":3,\"erosion\":0}}},\"scored\":1,\"expected_joints\":86}}"
  echo "{\"event\":\"done\",\"id\":$id}"
done"#;

#[test]
fn a_patient_is_scored_corrected_and_learned_from() {
    let cohort = cohort::copy();
    let folder = tempfile::tempdir().unwrap();
    let mut command = workbench(cohort.path());
    command.env("SVH_ENGINE", engine_script(folder.path(), ENGINE));
    command.args(["--reader", "anna"]);
    command.cwd(folder.path());
    let mut play = Play::start(command);
    play.begins();
    play.press("s");
    play.sees("narrowing 3, erosion 0, total 3, graded 1 of 86");
    play.done("score the patient at hand", 1);
    // The film, its reviews, the joint: another grade.
    play.begins();
    play.press("\r");
    play.sees("left hand");
    play.press("V");
    play.sees("this film 31 joints");
    play.press("2");
    play.sees("graded 2");
    play.done("correct a grade of the patient at hand", 3);
    play.terminal.wait_for_rest(Duration::from_millis(300));
    play.waits("on disk", |_| Reviews::read(cohort.path()).len() == 1);
    // One joint of all films, page by page.
    play.begins();
    play.press("\r");
    play.sees("left hand");
    play.press("Z");
    play.sees("PIP 2 narrowing");
    play.press("  2");
    play.sees("grade 2: 2 joints");
    play.press("Y");
    play.sees("n is the next joint");
    play.done("grade two crops of a joint and accept the rest of the page", 6);
    // The form, with the command that it comes to.
    play.begins();
    play.press("Ra");
    play.sees("score the cohort");
    play.press("\x1b[C");
    play.sees("svh train scorer --task narrowing");
    play.waits("parameters with their defaults", |seen| ["batch", "learning rate", "balance"].iter().all(|name| seen.text.contains(name)));
    play.press("\x1b[A\r");
    play.waits("the training was started", |_| folder.path().join("trained").exists());
    play.done("start a training", 5);
    let trained = std::fs::read_to_string(folder.path().join("trained")).unwrap();
    assert!(trained.contains("\"network\":\"scorer\"") && trained.contains("\"task\":\"narrowing\""), "{trained}");
    play.ends();
}
