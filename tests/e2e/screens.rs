//! The screens of metrics in the real program, played by keys: a run with known mistakes, and a run that is started and outlives the terminal.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use svh_core::{
    BBox, Cohort, Detection, FilmDetections, JointScore, Limb, PatientScore, RunEvent, RunInfo, RunKind, RunReader, RunState, RunStatus,
    RunWriter, Task, joint, run,
};
use svh_tests::{
    cohort::{self, PATIENTS},
    program::{engine_script, svh_with, workbench},
    terminal::{Persona, Snapshot, Terminal},
};

const SECONDS: Duration = Duration::from_secs(20);
const RUN: &str = "20251123-220544-score";

/// What an engine says of a film that it has read upright, its limb told by the name.
pub fn read(film: &Path, limb: Limb, detections: Vec<Detection>) -> FilmDetections {
    FilmDetections::new(film.to_string_lossy(), svh_core::Film::size(film).unwrap(), limb, detections)
}

/// A run that finds every labelled joint and grades it as the reader did, but for this: on the left hand of the first patient the narrowing detector
/// misses the first joint and puts the second half a box aside, and MCP 2 of the second patient's right hand is graded 4 instead of its grade.
pub fn planted(root: &Path) -> PatientScore {
    let cohort = Cohort::open(root).unwrap();
    let mut info = RunInfo::new(RunKind::Score, vec!["svh".into(), "score".into()]);
    info.started = "2025-11-23T22:05:44Z".into();
    let mut writer = RunWriter::create(&root.join("runs").join(RUN), info).unwrap();
    let mut last = None;
    for patient in cohort.patients() {
        for (limb, path) in cohort.films(patient) {
            let limb = limb.unwrap();
            let labels = cohort.boxes(patient, limb);
            let mut detections: Vec<Detection> = Task::ALL.into_iter().flat_map(|task| labels.of(task).iter().map(found)).collect();
            if (patient.id.as_str(), limb.code()) == (PATIENTS[0], "LH") {
                detections.remove(0);
                let [x0, y0, x1, y1] = detections[0].bbox.into();
                let half = (x1 - x0) / 2.0;
                detections[0].bbox = BBox::from([x0 + half, y0, x1 + half, y1]);
            }
            writer.film(&read(&path, limb, detections)).unwrap();
        }
        let grades = cohort.grades_of(patient).unwrap();
        let graded = |joint: &'static svh_core::Joint| {
            let planted = patient.id == PATIENTS[1] && joint.ra2_column == "RH_mcp_J__2";
            let grade = if planted { 4 } else { grades.get(joint)? };
            let share = |of: u8| if of == grade { 0.9 } else { 0.1 / f32::from(joint.max_grade) };
            Some((joint.ra2_column.clone(), JointScore::from_probabilities((0..=joint.max_grade).map(share).collect())))
        };
        let score = PatientScore::new(patient.id.clone(), joint::all().filter_map(graded).collect(), 86);
        writer.patient(&score).unwrap();
        last = Some(score);
    }
    writer.event(&RunEvent::Progress { done: 2, total: 2, what: PATIENTS[1].into(), seconds: 2.0 }).unwrap();
    writer.finish(RunStatus::Finished, None).unwrap();
    last.unwrap()
}

fn found(reference: &svh_core::LabelledBox) -> Detection {
    Detection { kept: true, ..Detection::new(reference.joint, reference.bbox, 0.9) }
}

fn line<'a>(seen: &'a Snapshot, words: &str) -> &'a str {
    seen.text.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}\n{}", seen.text))
}

#[test]
fn every_screen_of_metrics_is_one_key_away_and_shows_what_was_planted() {
    let cohort = cohort::copy();
    let score = planted(cohort.path());
    let reader = Cohort::open(cohort.path()).unwrap();
    let reader: u32 = reader.grades_of(reader.patient(PATIENTS[1]).unwrap()).unwrap().known().map(|(_, grade)| u32::from(grade)).sum();
    let difference = i64::from(score.totals.overall.unwrap()) - i64::from(reader);
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut terminal = Terminal::start(Persona::Plain, columns, rows, workbench(cohort.path()));
        terminal.wait_for(PATIENTS[0]);
        terminal.keys("E");
        terminal.wait_for("1 Missed 1");
        terminal.wait_for("4 Localisation 1");
        terminal.wait("the film beside the error", SECONDS, |seen| seen.text.contains('▀'));
        terminal.keys("1");
        terminal.wait("the missed joint alone", SECONDS, |seen| {
            seen.text.contains("filter `missed`") && !seen.text.contains("Localisation PHA")
        });
        terminal.keys("\r");
        terminal.wait_for("› PHA001 › left hand");
        terminal.keys("\x1b");
        terminal.wait("the list again", SECONDS, |seen| seen.text.contains("filter `missed`") && !seen.text.contains("› PHA001"));
        terminal.keys("T");
        terminal.wait_for(&format!("+{difference}"));
        assert!(line(&terminal.now(), PATIENTS[0]).contains('='), "as the reader: {}", terminal.now().text);
        terminal.keys("\r");
        terminal.wait_for("MCP 2");
        terminal.keys("\x1b");
        terminal.wait("the patients again", SECONDS, |seen| seen.text.contains("limbs: reader/model") && !seen.text.contains("MCP 2"));
        terminal.keys("C");
        terminal.wait_for("reader ↓");
        terminal.wait("the intervals", SECONDS, |seen| !seen.text.contains('…') || seen.text.contains('['));
        terminal.keys("I");
        terminal.wait_for("narrowing, right foot");
        terminal.keys("R");
        terminal.wait_for(&format!("◆ {RUN}"));
        terminal.keys("\x10tot\r");
        terminal.wait_for("whole score");
        terminal.keys("q");
        assert_eq!(terminal.end(), 0);
        terminal.assert_given_back();
    }
}

/// The job of inspecting false positives, to its end: the misplaced box in two keys, its film in a third; the list written, opened again by `--view`; the
/// threshold of the best F1 taken over.
#[test]
fn false_positives_are_inspected_listed_written_and_opened_again() {
    let cohort = cohort::copy();
    planted(cohort.path());
    let file = cohort.path().join("misplaced.json");
    let mut terminal = Terminal::start(Persona::Plain, 80, 24, workbench(cohort.path()));
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("E4");
    // The filter is named before the errors have been listed.
    terminal.wait("the misplaced box alone", SECONDS, |seen| seen.text.contains("1 of 1 · filter `localisation`"));
    terminal.keys("\r");
    terminal.wait_for("› PHA001 › left hand");
    terminal.keys("\x7f");
    terminal.wait("the list again", SECONDS, |seen| seen.text.contains("filter `localisation`") && !seen.text.contains("› PHA001"));
    terminal.keys("O");
    terminal.wait_for("1 entry");
    terminal.keys(&format!("W{}\r", file.display()));
    terminal.wait_for("wrote 1 entry");
    terminal.keys("U");
    terminal.wait_for("[PR]");
    terminal.wait_for("threshold 0.90");
    terminal.keys("@");
    terminal.wait_for("the threshold of all screens is 0.90");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_given_back();
    let mut again = workbench(cohort.path());
    again.arg("--view");
    again.arg(&file);
    let mut terminal = Terminal::start(Persona::Plain, 80, 24, again);
    terminal.wait_for("errors of 20251123-220544-score");
    terminal.keys("\t");
    terminal.wait_for("Localisation");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    let mut there = workbench(cohort.path());
    there.arg("--goto");
    there.arg(format!("{}/RF/mtp_3", PATIENTS[1]));
    let mut terminal = Terminal::start(Persona::Plain, 80, 24, there);
    terminal.wait_for(&format!("› {} › right foot", PATIENTS[1]));
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn the_command_line_gives_the_same_metrics_as_the_screens() {
    let cohort = cohort::copy();
    planted(cohort.path());
    let ran =
        svh_with(["evaluate".into(), cohort.path().as_os_str().to_owned(), "--run".into(), RUN.into(), "--json".into(), "--quiet".into()]);
    let [report] = &ran.json()[..] else { panic!("{ran:?}") };
    let errors = report["detection"]["narrowing"]["errors"].as_array().unwrap();
    let kinds: Vec<&str> = errors.iter().map(|error| error["kind"].as_str().unwrap()).collect();
    let mut terminal = Terminal::start(Persona::Plain, 120, 40, workbench(cohort.path()));
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("E");
    for kind in ["Missed", "Localisation"] {
        let count = kinds.iter().filter(|name| **name == kind).count();
        terminal.wait_for(&format!("{kind} {count}"));
    }
    terminal.keys("C");
    let accuracy = format!("{:.3}", report["grading"]["narrowing"]["accuracy"].as_f64().unwrap());
    terminal.wait("accuracy", SECONDS, |seen| seen.text.lines().any(|line| line.contains("accuracy") && line.contains(&accuracy)));
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn crops_reach_a_terminal_with_pixels_and_one_without() {
    let cohort = cohort::copy();
    planted(cohort.path());
    for persona in [Persona::Kitty, Persona::Sixel, Persona::Plain] {
        let mut terminal = Terminal::start(persona, 120, 40, workbench(cohort.path()));
        terminal.wait_for(PATIENTS[0]);
        // Above every score all joints are missed: two patients' worth of crops.
        terminal.keys(&format!("E1\t{}", "]".repeat(15)));
        let mark: &[u8] = match persona {
            Persona::Kitty => b"f=100",
            Persona::Sixel => b"\"1;1;",
            _ => "▀".as_bytes(),
        };
        terminal.wait(&format!("{persona:?}: crops"), SECONDS, |seen| seen.bytes.windows(mark.len()).any(|window| window == mark));
        if persona == Persona::Plain {
            terminal.wait("captions", SECONDS, |seen| seen.text.matches("Missed ").count() > 12);
        }
        terminal.keys("q");
        assert_eq!(terminal.end(), 0, "{persona:?}");
        terminal.assert_given_back();
    }
}

/// An engine that grades a patient as soon as there is a file `go` beside it.
const WAITING: &str = r#"here=$(dirname "$0")
echo '{"event":"ready","version":"0.1.0","libtorch":"2.11.0","device":"cpu","devices":[["cpu","CPU"]],"models":[{"name":"m","arch":"svh_convnet","task":"narrowing","sha256":"0123456789ab"}]}'
while read -r request; do
  id=$(echo "$request" | sed 's/.*"id":\([0-9]*\).*/\1/')
  patient=$(echo "$request" | sed 's/.*"patient":"\([^"]*\)".*/\1/')
  while [ ! -e "$here/go" ]; do sleep 0.05; done
  echo "{\"event\":\"patient\",\"id\":$id,\"result\":{\"patient\":\"$patient\",\"joints\":{\"LH_mcp_J__2\":{\"grade\":1,\"expected\":1.0,\"probabilities\":[0,1,0,0,0]}},\"totals\":{\"narrowing\":1,\"erosion\":0,\"overall\":1,\"limbs\":{\"LH\":{\"narrowing\":1,\"erosion\":0}}},\"scored\":1,\"expected_joints\":31}}"
  echo "{\"event\":\"done\",\"id\":$id}"
done"#;

/// The one run of a cohort, once there is one.
fn only_run(root: &Path) -> Option<RunReader> {
    let mut runs = run::list(&root.join("runs"));
    (runs.len() == 1).then(|| runs.remove(0))
}

fn wait_until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + SECONDS;
    while !so() {
        assert!(Instant::now() < deadline, "after {SECONDS:?} still not: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_run_started_from_a_form_outlives_a_dropped_connection_and_is_found_again() {
    let cohort = cohort::copy();
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_script(folder.path(), WAITING);
    let start = || {
        let mut command = workbench(cohort.path());
        command.env("SVH_ENGINE", &engine);
        Terminal::start(Persona::Plain, 120, 40, command)
    };
    let mut terminal = start();
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("R");
    terminal.wait_for("no run yet");
    terminal.keys("a");
    terminal.wait_for("score the cohort");
    terminal.keys_drawn("\x1b[A");
    terminal.keys("\r");
    terminal.wait_for("● running");
    wait_until("the run has begun", || only_run(cohort.path()).is_some());
    // The connection drops: the terminal goes away under the workbench.
    let pid = terminal.pid().unwrap().to_string();
    assert!(Command::new("kill").args(["-s", "HUP", &pid]).status().unwrap().success());
    terminal.end();
    drop(terminal);
    assert_eq!(only_run(cohort.path()).unwrap().state(), RunState::Running, "the run goes on alone");
    let mut terminal = start();
    terminal.wait_for("▶");
    std::fs::write(folder.path().join("go"), "").unwrap();
    terminal.keys("R");
    terminal.wait_for("✓ finished");
    let run = only_run(cohort.path()).unwrap();
    assert_eq!((run.state(), run.patients().unwrap().len()), (RunState::Finished, 2));
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_running_run_is_stopped_on_request_and_resumed() {
    let cohort = cohort::copy();
    let folder = tempfile::tempdir().unwrap();
    let mut command = workbench(cohort.path());
    command.env("SVH_ENGINE", engine_script(folder.path(), WAITING));
    let mut terminal = Terminal::start(Persona::Plain, 120, 40, command);
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("Ra");
    terminal.wait_for("score the cohort");
    terminal.keys_drawn("\x1b[A");
    terminal.keys("\r");
    terminal.wait_for("● running");
    terminal.keys("X");
    terminal.wait_for("and can be resumed");
    terminal.keys("y");
    // The question has the words "stops after this step" too.
    terminal.wait_for("c resumes it later");
    std::fs::write(folder.path().join("go"), "").unwrap();
    terminal.wait_for("⊘ cancelled");
    let patients = || only_run(cohort.path()).unwrap().patients().unwrap().len();
    assert_eq!(patients(), 1, "it ended after the first");
    // What was asked for is told as news, not as a failure.
    terminal.wait_for("was stopped; c resumes it");
    terminal.keys("c");
    terminal.wait_for("with `svh resume");
    terminal.keys("y");
    terminal.wait_for("✓ finished");
    assert_eq!(patients(), 2);
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn the_curves_of_a_training_are_printed_as_csv() {
    let cohort = cohort::copy();
    let mut writer = RunWriter::create(&cohort.path().join("runs/t"), RunInfo::new(RunKind::Train, Vec::new())).unwrap();
    let losses = [("total".to_owned(), 1.5)].into();
    writer.event(&RunEvent::Step { step: 1, epoch: 0, total_steps: 4, losses, lr: 0.1, seconds: 1.0 }).unwrap();
    let values = [("accuracy".to_owned(), 0.25)].into();
    writer.event(&RunEvent::Metrics { step: 1, epoch: 0, split: "train".into(), values, seconds: 1.0 }).unwrap();
    let ran = svh_with(["runs".into(), cohort.path().as_os_str().to_owned(), "--curves".into(), "t".into()]);
    assert_eq!(ran.stdout, "kind,step,epoch,split,name,value\nloss,1,0,,total,1.5\nfigure,1,0,train,accuracy,0.25\n", "{ran:?}");
    let ran = svh_with(["runs".into(), cohort.path().as_os_str().to_owned(), "--json".into()]);
    assert_eq!(ran.json()[0]["progress"], serde_json::json!({"done": 1, "total": 4}));
}
