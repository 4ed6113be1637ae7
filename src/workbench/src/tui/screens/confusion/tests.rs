//! Tests of the confusion matrices. The fixture's model gives every joint of the hands of P001 and P002 the grade 1.

use crate::tui::screens::{confusion, film};
use svh_core::{Task, joint};

use super::state::Normal;
use crate::tui::{
    fixture::{cohort, evaluated, still},
    still::Still,
};

fn confusion(size: (u16, u16)) -> (tempfile::TempDir, Still) {
    let (folder, mut still) = evaluated(size);
    still.keys("C");
    (folder, still)
}

/// By hand: how many joints of the hands have this grade of the reader.
fn truths(still: &Still, task: Task, grade: u8, keep: impl Fn(&svh_core::Joint) -> bool) -> u64 {
    let catalogue = still.state.catalogue().unwrap();
    let of = |patient: usize| {
        let grades = *catalogue.grades(patient).unwrap();
        joint::joints(task).iter().filter(|joint| joint.limb.is_hand() && keep(joint) && grades.get(joint) == Some(grade)).count() as u64
    };
    of(0) + of(1)
}

#[test]
fn cells_count_the_joints_that_both_graded() {
    let (_folder, still) = confusion((120, 40));
    let table = &still.state.confusion.agreement.as_ref().unwrap().confusion;
    for truth in 0..=4 {
        assert_eq!(table.get(truth, 1), truths(&still, Task::Narrowing, truth, |_| true));
        assert_eq!(table.get(truth, 0), 0);
        let text = super::matrix::text(table, Normal::Count, truth, 1);
        if table.get(truth, 1) > 0 {
            assert_eq!(text, table.get(truth, 1).to_string());
        }
    }
    let text = still.text();
    let zero = truths(&still, Task::Narrowing, 0, |_| true);
    let row = text.lines().find(|line| line.split_whitespace().next() == Some("0") && line.contains(&zero.to_string()));
    assert!(row.is_some(), "{zero}\n{text}");
}

#[test]
fn figures_have_intervals_and_baselines_beside_them() {
    let (_folder, still) = confusion((120, 40));
    let n: u64 = (0..=4).map(|grade| truths(&still, Task::Narrowing, grade, |_| true)).sum();
    let share = |grade| truths(&still, Task::Narrowing, grade, |_| true) as f64 / n as f64;
    let text = still.text();
    let accuracy: Vec<&str> = text.lines().find_map(|line| line.split("accuracy").nth(1)).unwrap().split_whitespace().collect();
    // The model says 1 everywhere: its accuracy is the share of ones; the baselines' those of the commonest grade and of zeros.
    let most = (0..=4).map(share).fold(0.0, f64::max);
    assert_eq!(accuracy[0], format!("{:.3}", share(1)), "{text}");
    assert!(accuracy[1].starts_with('['), "an interval: {text}");
    assert_eq!(accuracy[3..5], [format!("{most:.3}"), format!("{:.3}", share(0))], "{text}");
    assert!(text.contains(&format!("{n} joints")) && text.contains("2 patients drawn again 1000 times"), "{text}");
}

#[test]
fn tab_goes_through_tasks_and_joint_groups_and_scales_are_never_mixed() {
    let (_folder, mut still) = confusion((120, 40));
    let mut seen = Vec::new();
    for _ in 0..8 {
        let scope = still.state.confusion.chosen();
        let table = still.state.confusion.agreement.as_ref().unwrap();
        assert_eq!(table.confusion.side(), usize::from(scope.scale.max_grade()) + 1);
        seen.push(crate::tui::names::scope(&scope));
        still.keys("\t");
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
    assert_eq!(still.state.confusion.scope, 0);
    still.keys("\x1b[Z");
    assert!(still.text().contains("no joint of this kind was graded by both"), "the feet were not graded by the model: {}", still.text());
}

#[test]
fn shares_of_rows_and_columns_and_a_hidden_diagonal_are_a_key_away() {
    let (_folder, mut still) = confusion((80, 24));
    let table = still.state.confusion.agreement.as_ref().unwrap().confusion.clone();
    assert_eq!(super::matrix::text(&table, Normal::Row, 0, 1), "100", "all of the reader's zeros are called 1");
    let n: u64 = table.n();
    assert_eq!(super::matrix::text(&table, Normal::Column, 0, 1), format!("{:.0}", table.get(0, 1) as f64 / n as f64 * 100.0));
    still.keys("n");
    assert!(still.text().contains("% of the reader's grade (row)") && still.text().contains(" 100 "), "{}", still.text());
    still.keys("n");
    assert!(still.text().contains("% of the model's grade (column)"));
    still.keys("nd");
    let text = still.text();
    assert!(text.contains("diagonal hidden") && text.matches('╲').count() == 5, "{text}");
}

#[test]
fn a_cell_opens_the_crops_behind_it_and_a_crop_its_film() {
    let (_folder, mut still) = confusion((120, 40));
    still.keys("\x1b[C");
    assert_eq!(still.state.confusion.cell, (0, 1));
    still.keys("\r");
    let expected = truths(&still, Task::Narrowing, 0, |_| true);
    assert_eq!(still.state.confusion.crops.as_ref().unwrap().rows.len() as u64, expected);
    assert!(still.text().contains(&format!("reader 0, model 1 · {expected} joints")), "{}", still.text());
    still.rest();
    assert!(still.frame().1.is_some());
    still.keys("\x1b[C\r");
    assert_eq!(still.state.screen, film::ID);
    still.keys("\x1b\x1b");
    assert!(still.state.screen == confusion::ID && still.state.confusion.crops.is_none());
    still.keys("\x1b[D\r");
    assert!(still.text().contains("no joint has grade 0 of the reader and 0 of the model"));
}

#[test]
fn the_mouse_chooses_a_cell_and_a_second_click_opens_it() {
    let (_folder, mut still) = confusion((120, 40));
    let layout = super::layout::here(&still.state);
    let cell = layout.of_cell(1, 1);
    let click = format!("\x1b[<0;{};{}M", cell.x + 2, cell.y + 1);
    still.keys(&click);
    assert_eq!(still.state.confusion.cell, (1, 1));
    still.keys(&click);
    assert_eq!(still.state.confusion.crops.as_ref().unwrap().rows.len() as u64, truths(&still, Task::Narrowing, 1, |_| true));
}

#[test]
fn without_predictions_it_says_what_to_do() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("C");
    assert!(still.text().contains("no run yet"), "{}", still.text());
}
