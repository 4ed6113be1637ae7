//! Tests of the changes.

use svh_analysis::ChangeOf;

use crate::{
    Images,
    tui::{
        fixture::{self, cohort, run, run_at},
        headless::Headless,
        keys::screens::{CHANGES, LIST, RUNS},
    },
};

/// Two runs compared: the second has lost every box of the detector, and its grades are the same.
fn changes(size: (u16, u16)) -> (tempfile::TempDir, Headless) {
    let folder = cohort();
    run(folder.path());
    run_at(folder.path(), "20251123-200000-score", 0.95);
    let mut app = Headless::open(folder.path(), Images::Kitty, size);
    app.keys("R \x1b[B~");
    (folder, app)
}

#[test]
fn lines_are_counts_by_joint_and_patient_and_open_their_changes() {
    let (_folder, mut app) = changes((80, 24));
    assert_eq!(app.state.screen, CHANGES.id, "{}", app.text());
    let text = app.text();
    assert!(text.contains("grades: 0 fixed, 0 broken") && text.contains("[grades by joint]"), "{text}");
    app.keys("\t\t");
    let text = app.text();
    assert!(text.contains("[boxes by joint]") && text.contains("threshold 0.20") && text.contains(fixture::RUN), "{text}");
    let line = *app.state.changes.chosen().unwrap();
    assert!(line.counts[1] > 0 && line.net() < 0, "the most broken comes first: {line:?}");
    app.keys("\r");
    assert_eq!(app.state.screen, LIST.id);
    let items = &app.state.list.selection.items;
    assert_eq!(items.len(), line.counts.iter().sum::<usize>());
    let ChangeOf::Joint(scope) = line.of else { panic!("{line:?}") };
    assert!(items.iter().all(|item| scope.has(item.joint.unwrap())), "{items:?}");
    app.keys("\x1b");
    assert_eq!(app.state.screen, CHANGES.id, "the list leads back");
    app.keys("2");
    assert!(app.state.list.selection.items.iter().all(|item| item.what.starts_with("broken box")));
    app.keys("\x1b\t");
    let line = *app.state.changes.chosen().unwrap();
    assert!(app.text().contains("P001"), "{}", app.text());
    app.keys("O");
    assert_eq!(app.state.list.selection.items.len(), line.counts.iter().sum::<usize>(), "P001 alone has boxes");
    app.keys("\x1b\x1b");
    assert_eq!(app.state.screen, RUNS.id);
}

#[test]
fn a_kind_without_changes_opens_no_empty_list() {
    let (_folder, mut app) = changes((60, 20));
    app.keys("\r");
    assert_eq!(app.state.screen, CHANGES.id);
    assert!(app.text().contains("nothing"), "{}", app.text());
    assert!(app.text().contains("[grades]") && app.text().contains("broken"), "{}", app.text());
}

#[test]
fn the_same_run_twice_has_no_changes_to_show() {
    let folder = cohort();
    run(folder.path());
    run_at(folder.path(), "20251123-200000-score", 0.0);
    let mut app = Headless::open(folder.path(), Images::Kitty, (80, 24));
    app.keys("R \x1b[B~");
    assert_eq!(app.state.screen, RUNS.id);
    assert!(app.text().contains("nothing changed: grades: 0 fixed"), "{}", app.text());
}
