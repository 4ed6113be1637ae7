//! Tests of the runs.

use crate::tui::keys::screens::{FILM, PATIENTS, RUNS};
use std::{collections::BTreeMap, path::Path};

use svh_core::{
    RunEvent, RunInfo, RunKind, RunStatus, RunWriter,
    run::{FilmOptions, RunOptions},
};

use crate::tui::{
    fixture::{self, app, cohort, opened},
    headless::Headless,
};

/// A running training of this cohort, with so many steps done of 100.
fn training(root: &Path, steps: u64) -> RunWriter {
    let mut info = RunInfo::new(RunKind::Train, vec!["svh-engine".into(), "train".into()]);
    for (name, value) in [("network", "scorer"), ("task", "narrowing"), ("arch", "efficientnet_b0")] {
        info.settings.insert(name.into(), value.into());
    }
    info.started = "2025-11-23T22:05:44Z".into();
    let mut writer = RunWriter::create_in(&root.join("runs"), info).unwrap();
    writer.log("1200 crops of 30 patients to learn from").unwrap();
    (1..=steps).for_each(|number| step(&mut writer, number));
    writer
}

fn step(writer: &mut RunWriter, number: u64) {
    let losses = BTreeMap::from([("cross_entropy".into(), 4.0 / number as f64), ("total".into(), 4.0 / number as f64)]);
    let event = RunEvent::Step { step: number, epoch: 0, total_steps: 100, losses, lr: 0.02, seconds: number as f64 * 2.0 };
    writer.event(&event).unwrap();
}

fn metrics(writer: &mut RunWriter, split: &str, accuracy: f64) {
    let values = BTreeMap::from([("accuracy".into(), accuracy)]);
    writer.event(&RunEvent::Metrics { step: 40, epoch: 0, split: split.into(), values, seconds: 80.0 }).unwrap();
}

fn runs(root: &Path, size: (u16, u16)) -> Headless {
    let mut app = app(root, size);
    app.keys("R");
    app
}

#[test]
fn without_a_run_it_says_how_to_make_one() {
    let folder = cohort();
    let text = runs(folder.path(), (80, 24)).text();
    assert!(text.contains("no run yet") && text.contains("svh score"), "{text}");
}

#[test]
fn a_running_training_shows_its_progress_and_updates_by_itself() {
    let folder = cohort();
    let mut writer = training(folder.path(), 40);
    let mut app = runs(folder.path(), (100, 30));
    let text = app.text();
    let line = text.lines().find(|line| line.contains("20251123-220544-train")).unwrap();
    assert!(line.contains("● running") && line.contains("40 %") && line.contains("2 min"), "{text}");
    assert!(text.contains("scorer narrowing") && text.contains("epoch 1 · 40 of 100"), "{text}");
    assert!(text.contains("training loss") && text.contains("1200 crops"), "{text}");
    (41..=80).for_each(|number| step(&mut writer, number));
    app.look();
    assert!(app.text().contains("80 of 100"));
    writer.finish(RunStatus::Finished, None).unwrap();
    app.look();
    assert!(app.text().contains("✓ finished"));
}

#[test]
fn tab_shows_accuracy_in_training_and_on_patients_held_out_with_names_and_units() {
    let folder = cohort();
    let mut writer = training(folder.path(), 40);
    metrics(&mut writer, "train", 0.7);
    metrics(&mut writer, "validation_narrowing", 0.5);
    let mut app = runs(folder.path(), (120, 40));
    app.keys("\t");
    let text = app.text();
    assert!(
        text.contains("accuracy, %") && text.contains("── train") && text.contains("held out, narrowing") && text.contains("epoch"),
        "{text}"
    );
    app.keys("\t");
    assert!(app.text().contains("learning rate"));
}

#[test]
fn a_run_that_failed_says_why_and_one_without_metrics_says_so() {
    let folder = cohort();
    training(folder.path(), 0).finish(RunStatus::Failed, Some("the disk is full".into())).unwrap();
    let mut app = runs(folder.path(), (80, 24));
    let text = app.text();
    assert!(text.contains("✗ failed") && text.contains("the disk is full"), "{text}");
    assert!(text.contains("no loss in this run"), "{text}");
    app.keys("\t");
    assert!(app.text().contains("no accuracy in this run"));
}

#[test]
fn the_same_run_stays_chosen_when_another_begins() {
    let folder = cohort();
    let _first = training(folder.path(), 10);
    let mut app = runs(folder.path(), (80, 24));
    let chosen = |app: &Headless| app.state.runs.chosen().unwrap().name.clone();
    let before = chosen(&app);
    let _later = RunWriter::create_in(&folder.path().join("runs"), RunInfo::new(RunKind::Score, Vec::new())).unwrap();
    app.look();
    assert_eq!(app.state.runs.list.len(), 2);
    assert_eq!(chosen(&app), before);
    app.keys("\x1b[A");
    assert_ne!(chosen(&app), before);
}

#[test]
fn escape_leads_from_a_film_to_its_list_and_does_nothing_at_the_top_of_a_screen() {
    let (_folder, mut app) = opened((80, 24), "\rR");
    assert_eq!(app.state.screen, RUNS.id);
    app.keys("\x1b");
    assert_eq!(app.state.screen, RUNS.id, "a screen with a letter is left by letters");
    app.keys("P\r");
    assert_eq!(app.state.screen, FILM.id);
    app.keys("\x1b");
    assert_eq!(app.state.screen, PATIENTS.id);
    app.keys("\x1b\x1b");
    assert_eq!(app.state.screen, PATIENTS.id);
}

#[test]
fn a_click_on_a_name_of_the_bar_goes_there() {
    let (_folder, mut app) = opened((80, 24), "");
    let column = app.text().lines().next().unwrap().find("Runs").unwrap() + 1;
    app.keys(&format!("\x1b[<0;{column};1M"));
    assert_eq!(app.state.screen, RUNS.id);
}

#[test]
fn a_form_starts_what_it_shows() {
    let folder = cohort();
    let mut app = runs(folder.path(), (80, 24));
    app.keys("a\x1b[C");
    let text = app.text();
    assert!(text.contains("train a scorer") && text.contains("svh train scorer --task narrowing"), "{text}");
    app.keys("\x1b[A\r");
    let [words] = &app.started[..] else { panic!("{:?}", app.started) };
    assert_eq!(words[..4], ["train", "scorer", "--task", "narrowing"]);
    assert!(app.state.runs.form.is_none());
    app.keys("a");
    app.keys("\x1b");
    assert!(app.state.runs.form.is_none() && app.started.len() == 1);
}

#[test]
fn stopping_a_run_asks_first_and_only_a_running_one_can_be_stopped() {
    let folder = cohort();
    let writer = training(folder.path(), 10);
    let mut app = runs(folder.path(), (80, 24));
    app.keys("X");
    assert!(
        app.text().contains("It stops after this step") && app.text().contains("yes") && !svh_core::run::cancel_requested(writer.folder())
    );
    app.keys("j");
    assert!(app.state.confirm.is_none() && !svh_core::run::cancel_requested(writer.folder()), "another key is a no");
    app.keys("XX");
    assert!(svh_core::run::cancel_requested(writer.folder()));
    writer.finish(RunStatus::Cancelled, None).unwrap();
    app.look();
    app.keys("X");
    assert!(app.text().contains("is not running"));
}

#[test]
fn an_interrupted_run_is_resumed_by_the_options_that_it_kept() {
    let folder = cohort();
    let mut info = RunInfo::new(RunKind::Score, ["/usr/bin/svh", "score", "cohort", "--csv", "/etc/passwd"].map(str::to_owned).to_vec())
        .with_options(RunOptions::Score(FilmOptions { inputs: vec![folder.path().to_owned()], ..FilmOptions::default() }));
    info.started = "2025-11-23T22:05:44Z".into();
    let writer = RunWriter::create_in(&folder.path().join("runs"), info).unwrap();
    let mut app = runs(folder.path(), (80, 24));
    app.keys("c");
    assert!(app.started.is_empty() && app.text().contains("is running"));
    writer.finish(RunStatus::Failed, None).unwrap();
    app.look();
    app.keys("c");
    assert!(app.started.is_empty() && app.text().contains("svh resume"), "the command is shown first: {}", app.text());
    app.keys("y");
    let runs = folder.path().join("runs/20251123-220544-score").display().to_string();
    assert_eq!(app.started, [["resume", &runs]]);
}

#[test]
fn two_scorings_are_compared_with_the_interval_of_their_difference() {
    let folder = cohort();
    fixture::run(folder.path());
    fixture::run_at(folder.path(), "other", 0.0);
    let mut app = runs(folder.path(), (100, 40));
    app.keys("~");
    assert!(app.text().contains("mark a scoring with Space, choose another one, then press ~"), "{}", app.text());
    app.keys(" \x1b[B");
    let text = app.text();
    assert!(text.contains(&format!("first {} · second other · 2 patients", fixture::RUN)), "{text}");
    // The same grades: nothing differs.
    let accuracy: Vec<&str> = text.lines().find(|line| line.trim_start().starts_with("accuracy")).unwrap().split_whitespace().collect();
    assert_eq!(accuracy[1], accuracy[2]);
    assert_eq!(accuracy[3], "0.000", "{accuracy:?}");
    assert_eq!((accuracy[4], accuracy[5]), ("[0.000,", "0.000]"));
    assert!(!text.lines().any(|line| line.ends_with('*')), "no difference is beyond chance");
    app.keys("\x1b");
    assert!(!app.text().contains("· second other"));
}

#[test]
fn two_trainings_share_one_plot_with_their_names() {
    let folder = cohort();
    let _one = training(folder.path(), 10);
    let other = RunInfo { started: "2025-11-23T21:00:00Z".into(), ..RunInfo::new(RunKind::Train, Vec::new()) };
    let mut other = RunWriter::create_in(&folder.path().join("runs"), other).unwrap();
    (1..=20).for_each(|number| step(&mut other, number));
    let mut app = runs(folder.path(), (120, 40));
    app.keys(" j");
    let text = app.text();
    assert!(text.contains("┄┄ 20251123-220544-train") && text.contains("── 20251123-210000-train"), "{text}");
}

#[test]
fn return_shows_a_scoring_on_all_screens_and_not_a_training() {
    let folder = cohort();
    fixture::run(folder.path());
    fixture::run_at(folder.path(), "other", 0.95);
    let _training = training(folder.path(), 3);
    let mut app = runs(folder.path(), (120, 40));
    assert!(app.text().contains(&format!("◆ {}", fixture::RUN)), "the newest complete scoring: {}", app.text());
    let line = app.text().lines().position(|line| line.contains("other")).unwrap() + 1;
    let click = format!("\x1b[<0;5;{line}M");
    app.keys(&click);
    app.keys("\r");
    assert!(app.text().contains("all screens show other now") && app.text().contains("◆ other"), "{}", app.text());
    app.keys("E");
    assert!(app.text().contains("other · 2 patients"), "{}", app.text());
    app.keys("R");
    let line = app.text().lines().position(|line| line.contains("-train")).unwrap() + 1;
    app.keys(&format!("\x1b[<0;5;{line}M"));
    app.keys("\r");
    assert!(app.text().contains("a training has no grades"));
}

#[test]
fn a_running_run_is_seen_from_every_screen() {
    let folder = cohort();
    let writer = training(folder.path(), 40);
    let mut app = app(folder.path(), (80, 24));
    assert!(app.text().lines().next().unwrap().contains("▶ 40 %"), "{}", app.text());
    app.keys("\r");
    assert!(app.text().lines().next().unwrap().contains("▶ 40 %"));
    writer.finish(RunStatus::Finished, None).unwrap();
    app.look();
    assert!(!app.text().contains('▶'));
}

#[test]
fn a_cohort_that_cannot_be_read_says_so_on_every_screen() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = app(folder.path(), (80, 24));
    for key in ["E", "T", "C", "I", "R"] {
        app.keys(key);
        assert!(app.text().contains("holds neither films"), "{key}\n{}", app.text());
    }
    app.keys("a");
    assert!(app.text().contains("start a run"));
}

#[test]
fn a_run_is_annotated_renamed_and_deleted_after_a_question() {
    let folder = cohort();
    crate::tui::fixture::run(folder.path());
    let mut app = runs(folder.path(), (80, 24));
    let runs = folder.path().join("runs");
    app.keys("\"wrong films\r");
    assert!(app.text().contains("wrong films") && app.state.prompt.is_none(), "{}", app.text());
    app.keys("M\x15a/b\r");
    assert!(app.text().contains("cannot be called `a/b`") && app.state.prompt.as_ref().unwrap().text == "a/b", "{}", app.text());
    app.keys("\x15first\r");
    assert!(runs.join("first/run.json").is_file() && app.text().contains("◆ first"), "{}", app.text());
    app.keys("P");
    assert!(app.text().contains("◆ first · 4 patients · 2 scored"), "{}", app.text());
    app.keys("Rx");
    assert!(app.text().contains("delete first for good"), "{}", app.text());
    app.keys("n");
    assert!(runs.join("first").is_dir());
    app.keys("xy");
    assert!(!runs.join("first").exists() && app.text().contains("no run yet"), "{}", app.text());
    app.keys("P");
    assert!(app.text().contains("0 scored"), "{}", app.text());
}

#[test]
fn a_new_run_gets_the_cursor_and_a_stop_that_was_asked_for_is_no_error() {
    let folder = cohort();
    crate::tui::fixture::run(folder.path());
    let mut app = runs(folder.path(), (80, 24));
    app.keys("a\x1b[A\r");
    assert_eq!(app.started.len(), 1);
    let writer = training(folder.path(), 10);
    app.look();
    assert_eq!(app.state.runs.chosen().map(|run| run.folder.clone()).as_deref(), Some(writer.folder()));
    writer.finish(RunStatus::Cancelled, None).unwrap();
    app.event(crate::tui::event::Event::Stopped("training".into()));
    assert!(app.state.message.as_ref().is_some_and(|message| message.level == crate::tui::message::Level::Info));
    let mut watch = crate::tui::watch::Watch::new(vec![folder.path().join("runs")]);
    watch.look();
    assert!(watch.stopped(std::process::id()).is_some() && watch.stopped(1).is_none());
}
