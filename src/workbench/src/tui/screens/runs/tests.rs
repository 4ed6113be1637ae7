//! Tests of the runs.

use crate::tui::screens::{film, patients, runs};
use std::{collections::BTreeMap, path::Path};

use svh_core::{
    RunEvent, RunInfo, RunKind, RunStatus, RunWriter,
    run::{FilmOptions, RunOptions},
};

use crate::tui::{
    fixture::{self, cohort, still},
    still::Still,
};

/// A training of this cohort that is under way, with so many steps done of 100.
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

fn figures(writer: &mut RunWriter, split: &str, accuracy: f64) {
    let values = BTreeMap::from([("accuracy".into(), accuracy)]);
    writer.event(&RunEvent::Figures { step: 40, epoch: 0, split: split.into(), values, seconds: 80.0 }).unwrap();
}

fn runs(root: &Path, size: (u16, u16)) -> Still {
    let mut still = still(root, size);
    still.keys("R");
    still
}

#[test]
fn without_a_run_it_says_how_to_make_one() {
    let folder = cohort();
    let text = runs(folder.path(), (80, 24)).text();
    assert!(text.contains("no run yet") && text.contains("svh score"), "{text}");
}

#[test]
fn a_training_under_way_shows_how_far_it_is_and_goes_on_by_itself() {
    let folder = cohort();
    let mut writer = training(folder.path(), 40);
    let mut still = runs(folder.path(), (100, 30));
    let text = still.text();
    let line = text.lines().find(|line| line.contains("20251123-220544-train")).unwrap();
    assert!(line.contains("● running") && line.contains("40 %") && line.contains("2 min"), "{text}");
    assert!(text.contains("scorer narrowing") && text.contains("epoch 1 · 40 of 100"), "{text}");
    assert!(text.contains("training loss") && text.contains("1200 crops"), "{text}");
    (41..=80).for_each(|number| step(&mut writer, number));
    still.look();
    assert!(still.text().contains("80 of 100"));
    writer.finish(RunStatus::Finished, None).unwrap();
    still.look();
    assert!(still.text().contains("✓ finished"));
}

#[test]
fn tab_shows_accuracy_in_training_and_on_patients_held_out_with_names_and_units() {
    let folder = cohort();
    let mut writer = training(folder.path(), 40);
    figures(&mut writer, "train", 0.7);
    figures(&mut writer, "validation_narrowing", 0.5);
    let mut still = runs(folder.path(), (120, 40));
    still.keys("\t");
    let text = still.text();
    assert!(
        text.contains("accuracy, %") && text.contains("── train") && text.contains("held out, narrowing") && text.contains("epoch"),
        "{text}"
    );
    still.keys("\t");
    assert!(still.text().contains("learning rate"));
}

#[test]
fn a_run_that_failed_says_why_and_one_without_figures_says_so() {
    let folder = cohort();
    training(folder.path(), 0).finish(RunStatus::Failed, Some("the disk is full".into())).unwrap();
    let mut still = runs(folder.path(), (80, 24));
    let text = still.text();
    assert!(text.contains("✗ failed") && text.contains("the disk is full"), "{text}");
    assert!(text.contains("no loss in this run"), "{text}");
    still.keys("\t");
    assert!(still.text().contains("no accuracy in this run"));
}

#[test]
fn the_same_run_stays_chosen_when_another_begins() {
    let folder = cohort();
    let _first = training(folder.path(), 10);
    let mut still = runs(folder.path(), (80, 24));
    let chosen = |still: &Still| still.state.runs.chosen().unwrap().name.clone();
    let before = chosen(&still);
    let _later = RunWriter::create_in(&folder.path().join("runs"), RunInfo::new(RunKind::Score, Vec::new())).unwrap();
    still.look();
    assert_eq!(still.state.runs.list.len(), 2);
    assert_eq!(chosen(&still), before);
    still.keys("\x1b[A");
    assert_ne!(chosen(&still), before);
}

#[test]
fn going_to_runs_and_back_leads_to_where_one_came_from() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("\rR");
    assert_eq!(still.state.screen, runs::ID);
    still.keys("\x1b");
    assert_eq!(still.state.screen, film::ID);
    still.keys("\x1b");
    assert_eq!(still.state.screen, patients::ID);
    still.keys("\x1b\x1b");
    assert_eq!(still.state.screen, patients::ID);
}

#[test]
fn a_click_on_a_name_of_the_bar_goes_there() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    let column = still.text().lines().next().unwrap().find("Runs").unwrap() + 1;
    still.keys(&format!("\x1b[<0;{column};1M"));
    assert_eq!(still.state.screen, runs::ID);
}

#[test]
fn a_form_starts_what_it_shows() {
    let folder = cohort();
    let mut still = runs(folder.path(), (80, 24));
    still.keys("n\x1b[C");
    let text = still.text();
    assert!(text.contains("train a scorer") && text.contains("svh train scorer --task narrowing"), "{text}");
    still.keys("\x1b[A\r");
    let [words] = &still.started[..] else { panic!("{:?}", still.started) };
    assert_eq!(words[..4], ["train", "scorer", "--task", "narrowing"]);
    assert!(still.state.runs.form.is_none());
    still.keys("n");
    still.keys("\x1b");
    assert!(still.state.runs.form.is_none() && still.started.len() == 1);
}

#[test]
fn ending_a_run_takes_a_second_x_and_only_a_run_under_way_can_be_ended() {
    let folder = cohort();
    let writer = training(folder.path(), 10);
    let mut still = runs(folder.path(), (80, 24));
    still.keys("x");
    assert!(still.text().contains("x once more asks") && !svh_core::run::cancel_requested(writer.folder()));
    still.keys("jx");
    assert!(!svh_core::run::cancel_requested(writer.folder()), "another key in between takes it back");
    still.keys("x");
    assert!(svh_core::run::cancel_requested(writer.folder()));
    writer.finish(RunStatus::Cancelled, None).unwrap();
    still.look();
    still.keys("x");
    assert!(still.text().contains("is not under way"));
}

#[test]
fn a_run_that_was_broken_off_is_resumed_by_the_options_that_it_kept() {
    let folder = cohort();
    let mut info = RunInfo::new(RunKind::Score, ["/usr/bin/svh", "score", "cohort", "--csv", "/etc/passwd"].map(str::to_owned).to_vec())
        .with_options(RunOptions::Score(FilmOptions { inputs: vec![folder.path().to_owned()], ..FilmOptions::default() }));
    info.started = "2025-11-23T22:05:44Z".into();
    let writer = RunWriter::create_in(&folder.path().join("runs"), info).unwrap();
    let mut still = runs(folder.path(), (80, 24));
    still.keys("u");
    assert!(still.started.is_empty() && still.text().contains("is under way"));
    writer.finish(RunStatus::Failed, None).unwrap();
    still.look();
    still.keys("u");
    let runs = folder.path().join("runs/20251123-220544-score").display().to_string();
    assert_eq!(still.started, [["resume", &runs]]);
}

#[test]
fn two_scorings_are_compared_with_the_interval_of_their_difference() {
    let folder = cohort();
    fixture::run(folder.path());
    fixture::run_at(folder.path(), "other", 0.0);
    let mut still = runs(folder.path(), (100, 40));
    still.keys("m\x1b[B");
    let text = still.text();
    assert!(text.contains(&format!("first {} · second other · 2 patients", fixture::RUN)), "{text}");
    // The same grades: nothing differs.
    let accuracy: Vec<&str> = text.lines().find(|line| line.trim_start().starts_with("accuracy")).unwrap().split_whitespace().collect();
    assert_eq!(accuracy[1], accuracy[2]);
    assert_eq!(accuracy[3], "0.000", "{accuracy:?}");
    assert_eq!((accuracy[4], accuracy[5]), ("[0.000,", "0.000]"));
    assert!(!text.lines().any(|line| line.ends_with('*')), "no difference is beyond chance");
    still.keys("\x1b");
    assert!(!still.text().contains("· second other"));
}

#[test]
fn two_trainings_share_one_plot_with_their_names() {
    let folder = cohort();
    let _one = training(folder.path(), 10);
    let other = RunInfo { started: "2025-11-23T21:00:00Z".into(), ..RunInfo::new(RunKind::Train, Vec::new()) };
    let mut other = RunWriter::create_in(&folder.path().join("runs"), other).unwrap();
    (1..=20).for_each(|number| step(&mut other, number));
    let mut still = runs(folder.path(), (120, 40));
    still.keys("mj");
    let text = still.text();
    assert!(text.contains("┄┄ 20251123-220544-train") && text.contains("── 20251123-210000-train"), "{text}");
}

#[test]
fn return_lets_all_screens_speak_of_a_scoring_and_not_of_a_training() {
    let folder = cohort();
    fixture::run(folder.path());
    fixture::run_at(folder.path(), "other", 0.95);
    let _training = training(folder.path(), 3);
    let mut still = runs(folder.path(), (120, 40));
    assert!(still.text().contains(&format!("◆ {}", fixture::RUN)), "the newest complete scoring: {}", still.text());
    let line = still.text().lines().position(|line| line.contains("other")).unwrap() + 1;
    let click = format!("\x1b[<0;5;{line}M");
    still.keys(&click);
    still.keys("\r");
    assert!(still.text().contains("all screens speak of other now") && still.text().contains("◆ other"), "{}", still.text());
    still.keys("E");
    assert!(still.text().contains("other · 2 patients"), "{}", still.text());
    still.keys("R");
    let line = still.text().lines().position(|line| line.contains("-train")).unwrap() + 1;
    still.keys(&format!("\x1b[<0;5;{line}M"));
    still.keys("\r");
    assert!(still.text().contains("a training has no grades of its own"));
}

#[test]
fn a_run_under_way_is_seen_from_every_screen() {
    let folder = cohort();
    let writer = training(folder.path(), 40);
    let mut still = still(folder.path(), (80, 24));
    assert!(still.text().lines().next().unwrap().contains("▶ 40 %"), "{}", still.text());
    still.keys("\r");
    assert!(still.text().lines().next().unwrap().contains("▶ 40 %"));
    writer.finish(RunStatus::Finished, None).unwrap();
    still.look();
    assert!(!still.text().contains('▶'));
}

#[test]
fn a_cohort_that_cannot_be_read_says_so_on_every_screen() {
    let folder = tempfile::tempdir().unwrap();
    let mut still = still(folder.path(), (80, 24));
    for key in ["E", "T", "C", "I", "R"] {
        still.keys(key);
        assert!(still.text().contains("holds neither films"), "{key}\n{}", still.text());
    }
    still.keys("n");
    assert!(still.text().contains("start a run"));
}
