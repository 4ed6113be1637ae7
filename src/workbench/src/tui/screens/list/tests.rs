//! Tests of the list: what opens it, its two views, the film behind an entry, what is written and copied.

use svh_core::{Limb, Task};

use crate::{
    selection::{self, Goto, Selection},
    tui::{
        Opening,
        fixture::{self, app, cohort, evaluated, run, run_at},
        headless::Headless,
    },
};

#[test]
fn the_errors_at_hand_become_a_list_that_is_written_and_opened_again() {
    let (folder, mut app) = evaluated((80, 24));
    app.keys("EO");
    let text = app.text();
    // Wrong grades are errors too, and have no boxes to list.
    let boxes = app.state.active_run.errors.rows.len();
    let errors = app.state.errors.table.shown.iter().filter(|place| (**place as usize) < boxes).count();
    assert_eq!(app.state.list.selection.items.len(), errors, "{text}");
    assert!(text.contains(&format!("errors of {}", fixture::RUN)), "{text}");
    app.keys("\t");
    assert!(app.text().contains("what") && app.text().contains("score"), "{}", app.text());
    app.keys("W");
    assert!(app.text().contains("write to"), "{}", app.text());
    let file = folder.path().join("list.json");
    app.keys(&format!("{}\r", file.display()));
    assert!(app.text().contains(&format!("wrote {errors} ")), "{}", app.text());
    let again = selection::read(&file).unwrap();
    assert_eq!(again, app.state.list.selection);
}

#[test]
fn a_name_without_a_format_is_refused() {
    let (folder, mut app) = evaluated((80, 24));
    app.keys("EOW");
    app.keys(&format!("{}\r", folder.path().join("list.txt").display()));
    assert!(app.text().contains("names no format"), "{}", app.text());
    app.keys("W");
    app.keys(&format!("{}\r", folder.path().join("list.csv").display()));
    assert!(app.text().contains("wrote") && folder.path().join("list.csv").is_file());
}

#[test]
fn an_entry_opens_its_film_at_its_joint_and_its_place_is_copied() {
    let (_folder, mut app) = evaluated((80, 24));
    app.keys("EO\x1b[C");
    let item = crate::tui::screens::list::chosen(&app.state).unwrap().clone();
    app.keys("y");
    assert_eq!(app.copied, [item.place()]);
    assert!(app.text().contains(&format!("copied: {}", item.place())));
    app.keys("\r");
    assert_eq!(app.state.screen, crate::tui::screens::film::ID);
    assert_eq!(app.state.film.task, item.joint.map_or(Task::Narrowing, |joint| joint.task));
    app.keys("\x1b");
    assert_eq!(app.state.screen, super::ID, "back to the list");
}

fn opened(opening: Opening) -> (tempfile::TempDir, Headless) {
    let folder = cohort();
    run(folder.path());
    let app = app_with(folder.path(), opening);
    (folder, app)
}

fn app_with(root: &std::path::Path, opening: Opening) -> Headless {
    Headless::open_with(root, crate::Images::Kitty, (80, 24), Some(opening))
}

#[test]
fn the_command_line_opens_a_list_or_a_joint() {
    let items = vec![selection::Item::film("P001", Limb::RightFoot), selection::Item::film("P777", Limb::LeftHand)];
    let (_folder, mut app) = opened(Opening::View(Selection { title: "from a notebook".into(), items }));
    assert!(app.text().contains("from a notebook · 2 entries"), "{}", app.text());
    app.keys("\x1b[C\r");
    assert!(app.text().contains("the cohort has no patient P777"), "{}", app.text());
    let (_folder, app) = opened(Opening::Goto("P001/RH/pip_3".parse::<Goto>().unwrap()));
    assert_eq!(app.state.screen, crate::tui::screens::film::ID);
    assert!(app.text().contains("P001") && app.text().contains("PIP 3"), "{}", app.text());
    let (_folder, app) = opened(Opening::Goto("P002/LF".parse::<Goto>().unwrap()));
    assert!(app.text().contains("P002 has no film of the left foot"), "{}", app.text());
    assert!("P001/XX".parse::<Goto>().is_err() && "P001/LH/knee".parse::<Goto>().is_err() && "".parse::<Goto>().is_err());
}

#[test]
fn a_bar_of_the_imbalance_opens_its_joints_the_rarest_grade_first() {
    let (_folder, mut app) = evaluated((80, 24));
    app.keys("I");
    let (_, found) = app.state.imbalance.chosen().cloned().unwrap();
    app.keys("2");
    let grades: Vec<_> = app.state.list.selection.items.iter().map(|item| item.reader).collect();
    assert_eq!(grades.len() as u64, found.reference[2]);
    assert!(grades.iter().all(|grade| *grade == Some(2)), "{grades:?}");
    app.keys("\x1b");
    app.keys("\r");
    let items = &app.state.list.selection.items;
    assert_eq!(items.len() as u64, found.reference.iter().sum::<u64>());
    let counts: Vec<u64> = items.iter().map(|item| found.reference[usize::from(item.reader.unwrap())]).collect();
    assert!(counts.is_sorted() && counts[0] < counts[counts.len() - 1], "{counts:?}");
}

#[test]
fn what_changed_between_two_runs_is_a_list_with_both_boxes() {
    let folder = cohort();
    run(folder.path());
    // Without any box of the detector: every joint that was found is lost, and the inferred one stays.
    run_at(folder.path(), "20251123-200000-score", 0.95);
    let mut app = app(folder.path(), (120, 40));
    app.keys("R");
    app.keys("~");
    assert!(app.text().contains("mark a scoring with m"), "{}", app.text());
    app.keys(" \x1b[B~");
    assert_eq!(app.state.screen, super::ID, "{}", app.text());
    let list = &app.state.list.selection;
    assert!(list.title.contains("grades: 0 fixed, 0 broken") && list.title.contains("boxes: 0 fixed"), "{}", list.title);
    let broken = list.items.iter().filter(|item| item.what.starts_with("broken box")).count();
    assert!(broken > 40 && list.title.contains(&format!("{broken} broken")), "{}", list.title);
    assert!(list.items.iter().all(|item| item.what.ends_with("→none") == item.found.is_none()));
}
