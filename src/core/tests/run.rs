//! Runs: written line by line, read meanwhile, torn, resumed, cancelled.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use svh_core::run::{self, CohortRef, Liveness, ModelUse, Observer, Process, RunClaim, Tail};
use svh_core::{FilmDetections, Limb, PatientScore, RunError, RunEvent, RunInfo, RunKind, RunReader, RunState, RunStatus, RunWriter};

fn info() -> RunInfo {
    let mut info = RunInfo::new(RunKind::Score, vec!["svh".to_owned(), "score".to_owned()]);
    info.cohort = Some(CohortRef { path: "demo".into(), fingerprint: "f".repeat(64) });
    let model = ["detector-narrowing", "narrowing", "fasterrcnn_mobilenet_v2_fpn", "0123"].map(str::to_owned);
    let [name, task, arch, sha256] = model;
    info.models.push(ModelUse { name, task, arch, sha256 });
    info
}

fn film(name: &str, width: u32) -> FilmDetections {
    FilmDetections::new(name, (width, 9), Limb::LeftHand, vec![])
}

fn patient(name: &str) -> PatientScore {
    PatientScore::new(name.to_owned(), BTreeMap::new(), 86)
}

fn loss(value: f64) -> RunEvent {
    let losses = BTreeMap::from([("total".to_owned(), value)]);
    RunEvent::Step { step: 1, epoch: 0, total_steps: 2, losses, lr: 0.01, seconds: 0.5 }
}

#[test]
fn a_run_is_read_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::create_in(folder.path(), info()).unwrap();
    let reader = RunReader::open(writer.folder()).unwrap();
    let mut events = reader.follow_events();
    assert_eq!(reader.state(), RunState::Running);
    assert!(events.read().unwrap().is_empty());
    writer.event(&loss(0.7)).unwrap();
    assert_eq!(events.read().unwrap(), [loss(0.7)]);
    writer.film(&film("a-LH.jpg", 7)).unwrap();
    writer.patient(&patient("a")).unwrap();
    writer.film_failed("b-LH.jpg", "is empty").unwrap();
    assert_eq!((reader.films().unwrap(), reader.patients().unwrap()), (vec![film("a-LH.jpg", 7)], vec![patient("a")]));
    assert_eq!(reader.results().unwrap().len(), 3);
    assert!(events.read().unwrap().is_empty());
    writer.metrics(&serde_json::json!({"n": 1})).unwrap();
    assert_eq!(reader.metrics().unwrap().unwrap()["n"], 1);
    writer.finish(RunStatus::Finished, None).unwrap();
    let listed = run::list(folder.path());
    assert_eq!((listed.len(), listed[0].state()), (1, RunState::Finished));
    assert!(listed[0].info().finished.is_some());
}

#[test]
fn a_resume_drops_the_torn_line_and_skips_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::create(folder.path(), info()).unwrap();
    writer.film(&film("a-LH.jpg", 7)).unwrap();
    writer.film_failed("c-LH.jpg", "is empty").unwrap();
    drop(writer);
    let results = folder.path().join("results.jsonl");
    let whole = fs::read(&results).unwrap();
    // Longer than any block in which the end of the last line is looked for.
    let torn = format!("{{\"film\":\"b-LH.jpg\",\"notes\":[\"{}", "x".repeat(200_000));
    OpenOptions::new().append(true).open(&results).unwrap().write_all(torn.as_bytes()).unwrap();
    assert_eq!(RunReader::open(folder.path()).unwrap().films().unwrap().len(), 1);
    let mut writer = RunWriter::resume(folder.path(), info()).unwrap();
    assert!(writer.has_film("a-LH.jpg") && !writer.has_film("b-LH.jpg") && !writer.has_film("c-LH.jpg"));
    assert_eq!(fs::read(&results).unwrap(), whole);
    writer.film(&film("c-LH.jpg", 7)).unwrap();
    let lines = RunReader::open(folder.path()).unwrap().results().unwrap();
    assert_eq!(lines.len(), 2, "a film that succeeded later did not fail: {lines:?}");
}

#[test]
fn a_loss_that_is_not_a_number_stays_readable() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::create(folder.path(), info()).unwrap();
    writer.event(&loss(f64::NAN)).unwrap();
    let events = RunReader::open(folder.path()).unwrap().events().unwrap();
    assert!(matches!(&events[..], [RunEvent::Step { losses, .. }] if losses["total"].is_nan()));
}

#[test]
fn a_run_whose_process_is_gone_is_interrupted_and_a_living_one_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new("sleep").arg("60").spawn().unwrap();
    let process = Process { id: child.id(), start: None, ..Process::current() };
    drop(RunWriter::create(folder.path(), RunInfo { process, ..info() }).unwrap());
    let state = || RunReader::open(folder.path()).unwrap().state();
    assert_eq!(state(), RunState::Running);
    assert!(matches!(RunWriter::resume(folder.path(), info()), Err(RunError::Busy { .. })));
    child.kill().unwrap();
    child.wait().unwrap();
    if cfg!(target_os = "linux") {
        assert_eq!(state(), RunState::Interrupted);
        assert!(RunWriter::resume(folder.path(), info()).is_ok());
    }
}

#[test]
fn another_start_under_the_same_number_is_another_process() {
    let current = Process::current();
    assert!(!current.is_gone());
    if cfg!(target_os = "linux") {
        assert!(Process { start: current.start.map(|start| start + 1), ..current.clone() }.is_gone());
        assert!(!Process { host: "another machine".to_owned(), start: None, ..current }.is_gone());
    }
}

#[test]
fn a_run_is_not_written_over_nor_resumed_with_other_work() {
    let folder = tempfile::tempdir().unwrap();
    drop(RunWriter::create(folder.path(), info()).unwrap());
    assert!(matches!(RunWriter::create(folder.path(), info()), Err(RunError::Exists { .. })));
    let mut other = info();
    other.models[0].sha256 = "4567".to_owned();
    let error = RunWriter::resume(folder.path(), other).unwrap_err().to_string();
    assert!(error.ends_with("cannot be resumed with another set of models; choose another folder"), "{error}");
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(RunReader::open(empty.path()), Err(RunError::NoRun { .. })));
    fs::write(empty.path().join("run.json"), "{}").unwrap();
    assert!(matches!(RunReader::open(empty.path()), Err(RunError::NoRun { .. })));
}

#[test]
fn a_cancel_is_seen_by_the_writer_and_forgotten_by_a_resume() {
    let folder = tempfile::tempdir().unwrap();
    let writer = RunWriter::create(folder.path(), info()).unwrap();
    assert!(!writer.cancelled());
    run::request_cancel(folder.path()).unwrap();
    assert!(writer.cancelled());
    writer.finish(RunStatus::Cancelled, None).unwrap();
    let writer = RunWriter::resume(folder.path(), info()).unwrap();
    assert!(!writer.cancelled());
    assert_eq!(RunReader::open(folder.path()).unwrap().info().status, RunStatus::Running);
}

#[test]
fn runs_of_one_second_get_folders_of_their_own_and_the_newest_is_first() {
    let folder = tempfile::tempdir().unwrap();
    let at = |started: &str| RunInfo { started: started.to_owned(), ..info() };
    for started in ["2025-01-02T03:04:05Z", "2025-01-02T03:04:05Z", "2026-01-02T03:04:05Z"] {
        drop(RunWriter::create_in(folder.path(), at(started)).unwrap());
    }
    fs::create_dir(folder.path().join("no-run")).unwrap();
    let names: Vec<_> = run::list(folder.path()).iter().map(RunReader::name).collect();
    assert_eq!(names, ["20260102-030405-score", "20250102-030405-score-2", "20250102-030405-score"]);
    assert!(run::list(Path::new("no/such/folder")).is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_the_line() {
    let mut lines = run::JsonLines::open(Path::new("/dev/full")).unwrap();
    assert!(lines.append(&loss(0.1)).unwrap_err().to_string().starts_with("/dev/full could not be written"));
}

#[test]
fn lines_that_are_nonsense_are_counted_and_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    fs::write(&path, "{}\n\n{\"event\":\"log\",\"message\":\"x\",\"seconds\":1.0}\n{\"event\"").unwrap();
    let mut tail = Tail::<RunEvent>::new(path);
    assert_eq!((tail.read().unwrap().len(), tail.unreadable()), (1, 1));
}

#[test]
fn two_programs_cannot_write_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let first = RunClaim::take(&path, info()).unwrap();
    assert!(matches!(RunClaim::take(&path, info()), Err(RunError::Busy { .. })));
    let writer = first.begin(info().models, BTreeMap::new()).unwrap();
    assert!(matches!(RunWriter::resume(&path, info()), Err(RunError::Busy { .. })));
    assert!(matches!(RunWriter::create(&path, info()), Err(RunError::Exists { .. })));
    writer.finish(RunStatus::Failed, None).unwrap();
    let writer = RunWriter::resume(&path, info()).unwrap();
    assert_eq!(writer.info().attempt, Some(2));
}

#[test]
fn of_many_that_begin_a_run_at_once_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let gate = std::sync::Barrier::new(8);
    let taken = std::thread::scope(|scope| {
        let take = || {
            gate.wait();
            RunWriter::create(&path, info()).ok()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(take)).collect();
        // All are kept until all have tried.
        let writers: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        writers.into_iter().flatten().count()
    });
    assert_eq!(taken, 1);
}

#[test]
fn a_claim_that_comes_to_nothing_leaves_the_folder_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    drop(RunClaim::take(&path, info()).unwrap());
    assert!(!path.exists());
    fs::create_dir(&path).unwrap();
    fs::write(path.join("note"), "mine").unwrap();
    drop(RunClaim::take(&path, info()).unwrap());
    assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
}

#[test]
fn a_cancel_that_comes_before_the_models_are_loaded_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let writer = RunWriter::create(folder.path(), info()).unwrap();
    writer.finish(RunStatus::Failed, None).unwrap();
    let claim = RunClaim::take(folder.path(), info()).unwrap();
    assert_eq!(RunReader::open(folder.path()).unwrap().state(), RunState::Running);
    run::request_cancel(folder.path()).unwrap();
    assert!(claim.cancelled());
    let writer = claim.begin(info().models, BTreeMap::new()).unwrap();
    assert!(writer.cancelled());
}

/// As if another machine had written the run.
fn elsewhere(folder: &Path) -> Process {
    let process = Process { boot: Some("another boot".to_owned()), host: "node7".to_owned(), ..Process::current() };
    drop(RunWriter::create(folder, RunInfo { process: process.clone(), ..info() }).unwrap());
    process
}

#[test]
fn a_run_of_another_machine_is_at_work_as_long_as_its_heart_beats() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(elsewhere(folder.path()).liveness(), Liveness::Elsewhere);
    let reader = RunReader::open(folder.path()).unwrap();
    let (mut observer, begin) = (Observer::default(), Instant::now());
    let mut after = |seconds| observer.state_at(folder.path(), reader.info(), begin + Duration::from_secs(seconds));
    assert_eq!((after(0), after(80)), (RunState::Running, RunState::Running));
    // A heartbeat, whatever the clocks of the two machines say.
    let lease = folder.path().join("attempts/1.json");
    let text = fs::read_to_string(&lease).unwrap();
    fs::write(&lease, text.replace("00001\"", "00002\"")).unwrap();
    assert_ne!(fs::read_to_string(&lease).unwrap(), text);
    assert_eq!((after(100), after(180)), (RunState::Running, RunState::Running));
    assert_eq!(after(200), RunState::Interrupted);
    // What one program has watched, others know at one look, until the heart beats again.
    assert_eq!(reader.state(), RunState::Interrupted);
    let text = fs::read_to_string(&lease).unwrap();
    fs::write(&lease, text.replace("00002\"", "00003\"")).unwrap();
    assert_eq!(reader.state(), RunState::Running);
}

/// Makes a file look as if it was written a day ago.
fn age(path: &Path) {
    let day = Duration::from_secs(86_400);
    fs::File::options().write(true).open(path).unwrap().set_modified(std::time::SystemTime::now() - day).unwrap();
}

#[test]
fn one_look_tells_a_dead_run_of_another_machine_from_one_at_work() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["dead", "slow-clock", "at-work", "here"];
    let [dead, slow, at_work, here] = names.map(|name| folder.path().join(name));
    [&dead, &slow, &at_work].into_iter().for_each(|folder| drop(elsewhere(folder)));
    let _writer = RunWriter::create(&here, info()).unwrap();
    let lease = slow.join("attempts/1.json");
    [&dead.join("attempts/1.json"), &lease].into_iter().for_each(|path| age(path));
    let runs = [&dead, &slow, &at_work, &here].map(|folder| RunReader::open(folder).unwrap());
    let (mut seconds, begin, mut watched) = (0, Instant::now(), Vec::new());
    let states = run::settle(&runs, |count| {
        seconds += 10;
        watched.push(count);
        if seconds == 20 {
            let text = fs::read_to_string(&lease).unwrap();
            fs::write(&lease, text.replace("00001\"", "00002\"")).unwrap();
            age(&lease);
        }
        begin + Duration::from_secs(seconds)
    });
    assert_eq!(states, [RunState::Interrupted, RunState::Running, RunState::Running, RunState::Running]);
    assert_eq!((watched[0], watched[1], watched[2], watched.last()), (2, 2, 1, Some(&1)));
    assert_eq!(run::settle(&runs[..1], |_| panic!("it is known by now")), [RunState::Interrupted]);
}

#[test]
fn a_deleted_run_is_gone_whole_and_other_files_of_its_folder_stay() {
    let folder = tempfile::tempdir().unwrap();
    let [plain, shared] = ["plain", "shared"].map(|name| folder.path().join(name));
    for place in [&plain, &shared] {
        let mut writer = RunWriter::create(place, info()).unwrap();
        writer.film(&film("a-LH.jpg", 7)).unwrap();
        assert!(matches!(run::delete(place), Err(RunError::Busy { .. })), "a run at work is not deleted");
        writer.finish(RunStatus::Finished, None).unwrap();
        run::annotate(place, "first try").unwrap();
        fs::write(place.join(".results.jsonl.12-0.tmp"), b"left by a program that was killed").unwrap();
    }
    fs::write(shared.join("thesis.txt"), b"mine").unwrap();
    assert_eq!(run::delete(&plain).unwrap(), Vec::<String>::new());
    assert_eq!(run::delete(&shared).unwrap(), ["thesis.txt"]);
    let names = |folder: &Path| fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    assert_eq!((names(folder.path()), names(&shared)), (vec!["shared".to_owned()], vec!["thesis.txt".to_owned()]));
    assert!(matches!(run::delete(&shared), Err(RunError::NoRun { .. })));
}

#[test]
fn a_half_deleted_run_is_no_run_and_nothing_is_added_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("run");
    let mut writer = RunWriter::create(&place, info()).unwrap();
    writer.film(&film("a-LH.jpg", 7)).unwrap();
    drop(writer);
    fs::remove_file(place.join("run.json")).unwrap();
    let error = RunWriter::create(&place, info()).unwrap_err();
    assert!(matches!(error, RunError::Remains { file: "results.jsonl", .. }), "{error}");
    // A folder on its way out, under its hidden name.
    RunWriter::create(&folder.path().join("b"), info()).unwrap().finish(RunStatus::Finished, None).unwrap();
    fs::rename(folder.path().join("b"), folder.path().join(".b.deleted-7")).unwrap();
    assert!(run::list(folder.path()).is_empty());
}

#[test]
fn a_renamed_run_is_resumed_under_its_new_name_and_names_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let [old, taken] = ["old", "taken"].map(|name| folder.path().join(name));
    let mut writer = RunWriter::create(&old, info()).unwrap();
    writer.film(&film("a-LH.jpg", 7)).unwrap();
    assert!(matches!(run::rename(&old, "new"), Err(RunError::Busy { .. })));
    writer.finish(RunStatus::Cancelled, None).unwrap();
    fs::create_dir(&taken).unwrap();
    for name in ["taken", "", ".hidden", "-x", "a/b", "..", "a\u{1b}b"] {
        assert!(matches!(run::rename(&old, name), Err(RunError::Name { .. })), "{name:?}");
    }
    let new = run::rename(&old, "new").unwrap();
    assert!(!old.exists());
    let run = RunReader::open(&new).unwrap();
    assert_eq!((run.name(), run.info().folder.as_ref()), ("new".to_owned(), Some(&new)));
    assert!(RunWriter::resume(&new, info()).unwrap().has_film("a-LH.jpg"));
}

#[test]
fn a_note_is_kept_through_resumes_replaced_and_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("run");
    let writer = RunWriter::create(&place, info()).unwrap();
    run::annotate(&place, "  with the old detector\n").unwrap();
    drop(writer);
    drop(RunWriter::resume(&place, info()).unwrap());
    let note = || RunReader::open(&place).unwrap().note();
    assert_eq!(note().as_deref(), Some("with the old detector"));
    run::annotate(&place, "second").unwrap();
    assert_eq!(note().as_deref(), Some("second"));
    assert!(matches!(run::annotate(&place, &"x".repeat(run::MAX_NOTE + 1)), Err(RunError::LongNote { .. })));
    run::annotate(&place, " ").unwrap();
    run::annotate(&place, "").unwrap();
    assert_eq!((note(), place.join("note.txt").exists()), (None, false));
    assert!(matches!(run::annotate(folder.path(), "x"), Err(RunError::NoRun { .. })));
}

#[test]
fn a_run_of_another_machine_by_an_earlier_version_ends_with_its_last_line() {
    let folder = tempfile::tempdir().unwrap();
    let old = r#"{"kind": "score", "command": [], "started": "2025-01-02T03:04:05Z", "status": "running", "process": {"id": 1, "host": "node7"}}"#;
    fs::write(folder.path().join("run.json"), old).unwrap();
    let reader = RunReader::open(folder.path()).unwrap();
    let (mut observer, begin) = (Observer::default(), Instant::now());
    let mut after = |seconds| observer.state_at(folder.path(), reader.info(), begin + Duration::from_secs(seconds));
    assert_eq!(after(0), RunState::Running);
    fs::write(folder.path().join("results.jsonl"), "{}\n").unwrap();
    assert_eq!((after(80), after(160), after(180)), (RunState::Running, RunState::Running, RunState::Interrupted));
}

#[test]
fn a_writer_that_was_taken_for_dead_disturbs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::create(folder.path(), info()).unwrap();
    fs::copy(folder.path().join("attempts/1.json"), folder.path().join("attempts/2.json")).unwrap();
    let before = fs::read(folder.path().join("run.json")).unwrap();
    assert!(matches!(writer.film(&film("a-LH.jpg", 7)), Err(RunError::TakenOver { .. })));
    assert!(matches!(writer.event(&loss(0.1)), Err(RunError::TakenOver { .. })));
    assert!(matches!(writer.finish(RunStatus::Finished, None), Err(RunError::TakenOver { .. })));
    assert_eq!(fs::read(folder.path().join("run.json")).unwrap(), before);
    assert_eq!(fs::read(folder.path().join("results.jsonl")).unwrap(), b"");
}

#[test]
fn a_film_is_one_however_its_path_is_spelled() {
    let (folder, images) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = images.path().join("a-LH.jpg");
    let spelled = images.path().join("../").join(images.path().file_name().unwrap()).join("./a-LH.jpg");
    // A run over loose films goes by whole paths, one over a cohort by names.
    for (name, info) in [("loose", RunInfo { cohort: None, ..info() }), ("cohort", info())] {
        let run = folder.path().join(name);
        let mut writer = RunWriter::create(&run, info).unwrap();
        writer.film(&film(path.to_str().unwrap(), 7)).unwrap();
        assert!(writer.has_film(&spelled) && !writer.has_film("b-LH.jpg"), "{name}");
        writer.film(&film(spelled.to_str().unwrap(), 9)).unwrap();
        let films = RunReader::open(&run).unwrap().films().unwrap();
        assert_eq!((films.len(), films[0].width), (1, 9), "{name}");
    }
    let mut writer = RunWriter::create(&folder.path().join("relative"), RunInfo { cohort: None, ..info() }).unwrap();
    writer.film(&film("images/a-LH.jpg", 7)).unwrap();
    let here = std::env::current_dir().unwrap();
    assert!(writer.has_film("./images/../images/a-LH.jpg") && writer.has_film(here.join("images/a-LH.jpg")));
    assert!(!writer.has_film("other/a-LH.jpg"));
}

#[test]
fn a_resume_does_again_what_rests_on_other_films_now() {
    let (folder, images) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |name: &str| images.path().join(name);
    for name in ["a-LH.jpg", "a-RH.jpg", "b-LH.jpg"] {
        fs::write(at(name), name).unwrap();
    }
    let mut writer = RunWriter::create(folder.path(), info()).unwrap();
    writer.patient_on(&patient("a"), &[&at("a-LH.jpg")]).unwrap();
    writer.patient_on(&patient("b"), &[&at("b-LH.jpg")]).unwrap();
    writer.film(&film(at("b-LH.jpg").to_str().unwrap(), 7)).unwrap();
    drop(writer);
    // A film more is no other cohort.
    let cohort = CohortRef { path: "demo".into(), fingerprint: "0".repeat(64) };
    let writer = RunWriter::resume(folder.path(), RunInfo { cohort: Some(cohort.clone()), ..info() }).unwrap();
    assert_eq!(writer.earlier("a", &[&at("a-LH.jpg")]), Some(&patient("a")));
    assert_eq!(writer.earlier("a", &[&at("a-LH.jpg"), &at("a-RH.jpg")]), None);
    assert!(writer.earlier("b", &[&at("b-LH.jpg")]).is_some() && writer.has_film(at("b-LH.jpg")));
    fs::write(at("b-LH.jpg"), "another film").unwrap();
    assert!(writer.earlier("b", &[&at("b-LH.jpg")]).is_none() && !writer.has_film(at("b-LH.jpg")));
    // Until everything is done, the run is one over the cohort as it was.
    assert_eq!(writer.info().cohort, info().cohort);
    writer.finish(RunStatus::Finished, None).unwrap();
    assert_eq!(RunReader::open(folder.path()).unwrap().info().cohort, Some(cohort));
    let other = CohortRef { path: "other".into(), fingerprint: "1".repeat(64) };
    let error = RunWriter::resume(folder.path(), RunInfo { cohort: Some(other), ..info() }).unwrap_err();
    assert!(error.to_string().contains("another cohort"), "{error}");
}
