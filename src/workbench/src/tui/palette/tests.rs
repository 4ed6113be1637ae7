//! Tests of the palette.

use crate::tui::fixture::opened;
use crate::tui::keys::screens::{CONFUSION, ERRORS, IMBALANCE, PATIENTS, RUNS, TOTALS};

/// The kinds and texts of the entries on the screen.
fn listed(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.contains('│'));
    let entry = |line: &str| line.trim_matches([' ', '│', '▌', '┃']).split_whitespace().collect::<Vec<_>>().join(" ");
    lines.map(entry).filter(|line| ["screen ", "command ", "run ", "patient "].iter().any(|kind| line.starts_with(kind))).collect()
}

#[test]
fn it_lists_screens_and_the_commands_of_this_screen_with_their_keys() {
    let (_folder, mut app) = opened((120, 40), "\x10");
    let entries = listed(&app.text());
    assert!(entries.contains(&"screen Runs: trainings and scorings, finished and running R".to_owned()), "{entries:#?}");
    assert!(entries.contains(&"command find and grade the joints of the patient s".to_owned()), "{entries:#?}");
    assert!(!entries.iter().any(|entry| entry.contains("invert")), "a command of another screen");
    app.keys("\x1b");
    assert!(app.state.palette.is_none() && app.text().contains("graded"));
    app.keys("\r\x10inv");
    assert!(listed(&app.text()).contains(&"command invert i".to_owned()), "{}", app.text());
}

#[test]
fn commands_of_other_screens_are_found_and_done_there() {
    let (_folder, mut app) = opened((120, 40), "\x10diagonal");
    let entries = listed(&app.text());
    assert!(entries[0].starts_with("command Confusion: hide or show the diagonal") && entries[0].ends_with("C \\"), "{entries:#?}");
    app.keys("\r");
    assert!(app.state.screen == CONFUSION.id && app.state.confusion.hides_diagonal);
    // Every command of every screen is there.
    app.keys("\x10");
    let hits = app.state.palette.as_ref().unwrap().hits.clone();
    let texts: Vec<String> = hits.iter().map(|hit| hit.text(&app.state)).collect();
    for binding in app.state.registry.keys.table() {
        for words in binding.keys.iter().filter_map(|(_, action)| action.command()) {
            let known = texts.iter().any(|text| text.ends_with(words));
            let only_where_something_is_open = ["next item", "previous item"].iter().any(|part| words.contains(part));
            assert!(known || only_where_something_is_open, "{words}");
        }
    }
}

#[test]
fn a_few_letters_find_a_command_and_return_does_it() {
    let (_folder, mut app) = opened((80, 24), "\r\x10inver\r");
    assert!(app.state.film.inverted && app.state.palette.is_none());
    app.keys("\x10patients\r");
    assert_eq!(app.state.screen, PATIENTS.id);
    for (letters, screen) in [("tot", TOTALS.id), ("conf", CONFUSION.id), ("imb", IMBALANCE.id), ("err", ERRORS.id)] {
        app.keys(&format!("\x10{letters}\r"));
        assert_eq!(app.state.screen, screen, "{letters}");
    }
}

#[test]
fn a_patient_is_found_by_a_part_of_the_id_and_opened() {
    let (_folder, mut app) = opened((80, 24), "\x10p2");
    assert_eq!(listed(&app.text())[0], "patient P002");
    app.keys("\r");
    assert!(app.text().contains("› P002 › left hand"));
    app.keys("\x1b");
    assert_eq!(app.state.patients.table.chosen(), Some(1), "the table shows whom one came from");
}

#[test]
fn what_fits_nothing_is_said_and_letters_can_be_taken_back() {
    let (_folder, mut app) = opened((80, 24), "\x10zzzzq");
    assert!(app.text().contains("nothing fits"));
    app.keys("\r");
    assert!(!app.ended && app.state.palette.is_none());
    app.keys("\x10quit\x7f\x7f\x7f\x7f");
    assert!(listed(&app.text()).len() > 5);
    app.keys("quit\r");
    assert!(app.ended);
}

#[test]
fn the_cursor_goes_round_and_a_click_does_what_it_hits() {
    let (_folder, mut app) = opened((80, 24), "\x10\x1b[A");
    let last = app.state.palette.as_ref().unwrap().hits.len() - 1;
    assert_eq!(app.state.palette.as_ref().unwrap().cursor, last);
    app.keys("\x1b[B");
    assert_eq!(app.state.palette.as_ref().unwrap().cursor, 0);
    let row = app.text().lines().position(|line| line.contains("screen   Runs")).unwrap() + 1;
    app.keys(&format!("\x1b[<0;12;{row}M"));
    assert_eq!(app.state.screen, RUNS.id);
}

#[test]
fn patients_are_narrowed_down_and_found_again_when_letters_are_taken_back() {
    let (_folder, mut app) = opened((80, 24), "");
    let patients = |app: &crate::tui::headless::Headless| listed(&app.text()).iter().filter(|entry| entry.starts_with("patient")).count();
    app.keys("\x10P00");
    assert_eq!(patients(&app), 4);
    app.keys("3");
    assert_eq!(patients(&app), 1);
    app.keys("\x7f");
    assert_eq!(patients(&app), 4);
}

#[test]
fn every_screen_and_command_is_read_whole_in_80_columns() {
    let (_folder, app) = opened((80, 24), "\x10");
    let line = super::view::inside(super::view::layout((80, 24)).lines);
    let mut cut = Vec::new();
    for entry in super::entries::fixed(&app.state) {
        let (text, key) = (entry.text(&app.state), entry.key(&app.state));
        if text.chars().count() > usize::from(super::view::room(&key, line.width)) {
            cut.push(format!("{text} {key}"));
        }
    }
    assert!(cut.is_empty(), "{cut:#?}");
}
