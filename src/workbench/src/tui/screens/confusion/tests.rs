//! Tests of the confusion matrices. The fixture's model gives every joint of the hands of P001 and P002 the grade 1.

use svh_core::{Task, joint};

use super::state::Normal;
use crate::tui::{
    fixture::{evaluated, opened},
    headless::Headless,
    keys::screens::{CONFUSION, FILM},
};

fn confusion(size: (u16, u16)) -> (tempfile::TempDir, Headless) {
    let (folder, mut app) = evaluated(size);
    app.keys("C");
    (folder, app)
}

/// By hand: how many joints of the hands have this grade of the reader.
fn references(app: &Headless, task: Task, grade: u8, keep: impl Fn(&svh_core::Joint) -> bool) -> u64 {
    let catalogue = app.state.catalogue().unwrap();
    let of = |patient: usize| {
        let grades = *catalogue.grades(patient).unwrap();
        joint::joints(task).iter().filter(|joint| joint.limb.is_hand() && keep(joint) && grades.get(joint) == Some(grade)).count() as u64
    };
    of(0) + of(1)
}

#[test]
fn cells_count_the_joints_that_both_graded() {
    let (_folder, app) = confusion((120, 40));
    let table = &app.state.confusion.agreement.as_ref().unwrap().confusion;
    for reference in 0..=4 {
        assert_eq!(table.get(reference, 1), references(&app, Task::Narrowing, reference, |_| true));
        assert_eq!(table.get(reference, 0), 0);
        let text = super::matrix::text(table, Normal::Count, reference, 1);
        if table.get(reference, 1) > 0 {
            assert_eq!(text, table.get(reference, 1).to_string());
        }
    }
    let text = app.text();
    let zero = references(&app, Task::Narrowing, 0, |_| true);
    let row = text.lines().find(|line| line.split_whitespace().next() == Some("0") && line.contains(&zero.to_string()));
    assert!(row.is_some(), "{zero}\n{text}");
}

#[test]
fn metrics_have_intervals_and_baselines_beside_them() {
    let (_folder, app) = confusion((120, 40));
    let n: u64 = (0..=4).map(|grade| references(&app, Task::Narrowing, grade, |_| true)).sum();
    let share = |grade| references(&app, Task::Narrowing, grade, |_| true) as f64 / n as f64;
    let text = app.text();
    let accuracy: Vec<&str> = text.lines().find_map(|line| line.split("accuracy").nth(1)).unwrap().split_whitespace().collect();
    // The model says 1 everywhere: its accuracy is the share of ones; the baselines' those of the commonest grade and of zeros.
    let most = (0..=4).map(share).fold(0.0, f64::max);
    assert_eq!(accuracy[0], format!("{:.3}", share(1)), "{text}");
    assert!(accuracy[1].starts_with('['), "an interval: {text}");
    assert_eq!(accuracy[3..5], [format!("{most:.3}"), format!("{:.3}", share(0))], "{text}");
    assert!(text.contains(&format!("{n} joints")) && text.contains("bootstrap over 2 patients, 1000 draws"), "{text}");
}

#[test]
fn tab_goes_through_tasks_and_joint_groups_and_scales_are_never_mixed() {
    let (_folder, mut app) = confusion((120, 40));
    let mut seen = Vec::new();
    for _ in 0..8 {
        let scope = app.state.confusion.chosen();
        let table = app.state.confusion.agreement.as_ref().unwrap();
        assert_eq!(table.confusion.side(), usize::from(scope.scale.max_grade()) + 1);
        seen.push(crate::tui::names::scope(&scope));
        app.keys("\t");
    }
    assert_eq!(
        seen,
        [
            "narrowing",
            "narrowing, fingers",
            "narrowing, wrists",
            "narrowing, feet",
            "hand erosion",
            "hand erosion, fingers",
            "hand erosion, wrists",
            "foot erosion"
        ]
    );
    assert_eq!(app.state.confusion.scope, 0);
    app.keys("\x1b[Z");
    assert!(app.text().contains("no joint of this kind was graded by both"), "the feet were not graded by the model: {}", app.text());
}

#[test]
fn shares_of_rows_and_columns_and_a_hidden_diagonal_are_a_key_away() {
    let (_folder, mut app) = confusion((80, 24));
    let table = app.state.confusion.agreement.as_ref().unwrap().confusion.clone();
    assert_eq!(super::matrix::text(&table, Normal::Row, 0, 1), "100", "all of the reader's zeros are called 1");
    let n: u64 = table.n();
    assert_eq!(super::matrix::text(&table, Normal::Column, 0, 1), format!("{:.0}", table.get(0, 1) as f64 / n as f64 * 100.0));
    app.keys("%");
    assert!(app.text().contains("% of the reader's grade (row)") && app.text().contains(" 100 "), "{}", app.text());
    app.keys("%");
    assert!(app.text().contains("% of the model's grade (column)"));
    app.keys("%\\");
    let text = app.text();
    assert!(text.contains("diagonal hidden") && text.matches('╲').count() == 5, "{text}");
}

#[test]
fn a_cell_opens_the_crops_behind_it_and_a_crop_its_film() {
    let (_folder, mut app) = confusion((120, 40));
    app.keys("\x1b[C");
    assert_eq!(app.state.confusion.cell, (0, 1));
    app.keys("\r");
    let expected = references(&app, Task::Narrowing, 0, |_| true);
    assert_eq!(app.state.confusion.crops.as_ref().unwrap().rows.len() as u64, expected);
    assert!(app.text().contains(&format!("reader 0, model 1 · {expected} joints")), "{}", app.text());
    assert!(app.text().contains(" · R0 M1 "), "the status line separates film and grades: {}", app.text());
    app.rest();
    assert!(app.frame().1.is_some());
    app.keys("\x1b[C\r");
    assert_eq!(app.state.screen, FILM.id);
    app.keys("\x1b\x1b");
    assert!(app.state.screen == CONFUSION.id && app.state.confusion.crops.is_none());
    app.keys("\x1b[D\r");
    assert!(app.text().contains("no joint has grade 0 of the reader and 0 of the model"));
}

#[test]
fn the_mouse_chooses_a_cell_and_a_second_click_opens_it() {
    let (_folder, mut app) = confusion((120, 40));
    let layout = super::layout::here(&app.state);
    let cell = layout.of_cell(1, 1);
    let click = format!("\x1b[<0;{};{}M", cell.x + 2, cell.y + 1);
    app.keys(&click);
    assert_eq!(app.state.confusion.cell, (1, 1));
    app.keys(&click);
    assert_eq!(app.state.confusion.crops.as_ref().unwrap().rows.len() as u64, references(&app, Task::Narrowing, 1, |_| true));
}

#[test]
fn without_predictions_it_says_what_to_do() {
    let (_folder, app) = opened((80, 24), "C");
    assert!(app.text().contains("no run yet"), "{}", app.text());
}
