//! Tests of the totals.

use crate::tui::keys::screens::{FILM, TOTALS};
use svh_core::{Limb, Task, joint};

use super::state::View;
use crate::tui::{
    fixture::{self, evaluated, opened},
    format::signed,
    headless::Headless,
};

fn totals(size: (u16, u16)) -> (tempfile::TempDir, Headless) {
    let (folder, mut app) = evaluated(size);
    app.keys("T");
    (folder, app)
}

/// By hand, over the joints that both graded: reader's sum, model's sum, joints.
fn readers_and_models(app: &Headless, patient: usize, keep: impl Fn(&svh_core::Joint) -> bool) -> (i64, i64, usize) {
    let catalogue = app.state.catalogue().unwrap();
    let grades = *catalogue.grades(patient).unwrap();
    let score = fixture::score("P001");
    let both =
        joint::all().filter(|joint| keep(joint)).filter_map(|joint| Some((grades.get(joint)?, score.joints.get(&joint.ra2_column)?.grade)));
    both.fold((0, 0, 0), |sum, (reference, model)| (sum.0 + i64::from(reference), sum.1 + i64::from(model), sum.2 + 1))
}

/// The words of a patient's line.
fn line(app: &Headless, patient: &str) -> Vec<String> {
    let text = app.text();
    let line = text.lines().find(|line| line.contains(patient) && line.contains('/')).unwrap_or_else(|| panic!("{text}"));
    line.replace('▌', " ").split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a_total_is_the_sum_of_what_both_graded_and_says_how_many_joints_that_is() {
    let (_folder, app) = totals((80, 24));
    let (reference, model, joints) = readers_and_models(&app, 0, |_| true);
    let words = line(&app, "P001");
    assert_eq!(words[3], signed(model - reference), "{words:?}");
    assert_eq!(words[4], format!("{joints}/86"), "the feet were not graded by the model, the first joint not by the reader");
    let hand = |limb: Limb| readers_and_models(&app, 0, |joint| joint.limb == limb);
    let right = hand(Limb::RightHand);
    assert_eq!(words[6], format!("{}/{}", right.0, right.1), "{words:?}");
    assert!(words[7].ends_with("/·"), "the model has no grade of the left foot: {words:?}");
    // The reader's own total rests on all joints that the reader graded.
    assert_eq!(words[1], app.state.row(0).unwrap().reference.unwrap().all.total().to_string());
}

#[test]
fn the_most_wrong_patient_is_first_and_tasks_and_limbs_can_be_asked_for_alone() {
    let (_folder, mut app) = totals((80, 24));
    let difference = |patient: usize| {
        let (reference, model, _) = readers_and_models(&app, patient, |_| true);
        (model - reference).abs()
    };
    let expected = if difference(0) >= difference(1) { "P001" } else { "P002" };
    let first = app.state.totals.table.shown[0] as usize;
    assert_eq!(app.state.active_run.evaluation().unwrap().patients()[first], expected);
    app.keys("e");
    assert!(app.text().contains("narrowing, 0–168"), "{}", app.text());
    let (reference, model, joints) = readers_and_models(&app, 0, |joint| joint.task == Task::Narrowing);
    assert_eq!(line(&app, "P001")[3..5], [signed(model - reference), format!("{joints}/42")]);
    app.keys("el");
    assert!(app.text().contains("erosion, left hand "), "{}", app.text());
    app.keys("ellll");
    assert!(app.text().contains("whole score"));
}

#[test]
fn the_error_of_totals_stands_beside_that_of_predicting_nothing() {
    let (_folder, app) = totals((80, 24));
    let of = |patient: usize| readers_and_models(&app, patient, |_| true);
    let root = |values: [i64; 2]| (values.iter().map(|value| (value * value) as f64).sum::<f64>() / 2.0).sqrt();
    let (a, b) = (of(0), of(1));
    let (rmse, zero) = (root([a.1 - a.0, b.1 - b.0]), root([a.0, b.0]));
    assert!(app.text().contains(&format!("RMSE {rmse:.1} (all zero {zero:.1})")), "{}", app.text());
}

#[test]
fn a_patient_opens_its_joints_whose_differences_add_up_and_a_joint_opens_its_film() {
    let (_folder, mut app) = totals((120, 40));
    app.keys("/P001\r\r");
    let joints = app.state.totals.joints.as_ref().unwrap();
    let (reference, model, _) = readers_and_models(&app, 0, |_| true);
    let sum: i32 = joints.rows.iter().filter_map(|row| row.difference).sum();
    assert_eq!(i64::from(sum), model - reference);
    let shown: Vec<_> = joints.table.shown.iter().map(|place| joints.rows[*place as usize].difference.map_or(-1, i32::abs)).collect();
    assert!(shown.iter().rev().is_sorted(), "the largest first, unknown ones last: {shown:?}");
    let chosen = joints.chosen().unwrap().graded.joint;
    app.rest();
    let (_, plan) = app.frame();
    assert_eq!(plan.unwrap().marks.len(), if chosen.limb.is_hand() { 2 } else { 1 }, "reader's and model's box");
    app.keys("\r");
    assert_eq!(app.state.screen, FILM.id);
    let current = super::super::film::current(&app.state).unwrap();
    assert_eq!(current.joints(app.state.film.task)[app.state.film.joint].label, chosen.label);
    app.keys("\x1b");
    assert!(app.state.screen == TOTALS.id && app.state.totals.joints.is_some());
    app.keys("\x1b");
    assert!(app.state.totals.joints.is_none());
}

#[test]
fn plots_have_titles_with_units_and_tab_turns_them() {
    let (_folder, mut app) = totals((80, 24));
    app.keys("\t");
    let text = app.text();
    assert!(
        text.contains("model, whole score, points") && text.contains("reader, whole score, points") && text.contains("equal"),
        "{text}"
    );
    assert!(text.contains('●') && text.contains('×'), "the chosen patient, and one with joints missing: {text}");
    app.keys("\t");
    let text = app.text();
    assert!(text.contains("diff, points") && text.contains("bias") && text.contains("limits"), "{text}");
    app.keys("\x1b");
    assert_eq!(app.state.totals.view, View::Table);
    app.resize((200, 60));
    assert!(app.text().contains("diff, points") && app.text().contains("P001"), "both where there is room");
}

#[test]
fn without_a_run_the_readers_totals_are_shown_and_it_is_said() {
    let (_folder, app) = opened((80, 24), "T");
    let text = app.text();
    assert!(text.contains("only the reader's totals"), "{text}");
    let words = line(&app, "P001");
    assert_eq!(words[1], app.state.row(0).unwrap().reference.unwrap().all.total().to_string());
    assert!(app.text().contains("0/86"), "no joint was graded by both");
}
