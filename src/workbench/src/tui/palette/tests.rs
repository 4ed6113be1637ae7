//! Tests of the palette.

use crate::tui::fixture::{cohort, still};
use crate::tui::screens::{confusion, errors, imbalance, patients, runs, totals};

/// The kinds and texts of the entries on the screen.
fn listed(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.contains('│'));
    let entry = |line: &str| line.trim_matches([' ', '│', '▌', '┃']).split_whitespace().collect::<Vec<_>>().join(" ");
    lines.map(entry).filter(|line| ["screen ", "command ", "run ", "patient "].iter().any(|kind| line.starts_with(kind))).collect()
}

#[test]
fn it_lists_screens_and_the_commands_of_this_screen_with_their_keys() {
    let folder = cohort();
    let mut still = still(folder.path(), (120, 40));
    still.keys("\x10");
    let entries = listed(&still.text());
    assert!(entries.contains(&"screen Runs: trainings and scorings, finished and running R".to_owned()), "{entries:#?}");
    assert!(entries.contains(&"command find and grade the joints of the patient s".to_owned()), "{entries:#?}");
    assert!(!entries.iter().any(|entry| entry.contains("black for white")), "a command of another screen");
    still.keys("\x1b");
    assert!(still.state.palette.is_none() && still.text().contains("graded"));
    still.keys("\r\x10");
    assert!(listed(&still.text()).contains(&"command black for white i".to_owned()));
}

#[test]
fn a_few_letters_find_a_command_and_return_does_it() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("\r\x10blwh\r");
    assert!(still.state.film.inverted && still.state.palette.is_none());
    still.keys("\x10patients\r");
    assert_eq!(still.state.screen, patients::ID);
    for (letters, screen) in [("tot", totals::ID), ("conf", confusion::ID), ("imb", imbalance::ID), ("err", errors::ID)] {
        still.keys(&format!("\x10{letters}\r"));
        assert_eq!(still.state.screen, screen, "{letters}");
    }
}

#[test]
fn a_patient_is_found_by_a_part_of_the_id_and_opened() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("\x10p2");
    assert_eq!(listed(&still.text())[0], "patient P002");
    still.keys("\r");
    assert!(still.text().contains("› P002 › left hand"));
    still.keys("\x1b");
    assert_eq!(still.state.patients.chosen(), Some(1), "the table shows whom one came from");
}

#[test]
fn what_fits_nothing_is_said_and_letters_can_be_taken_back() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("\x10zzzzq");
    assert!(still.text().contains("nothing fits"));
    still.keys("\r");
    assert!(!still.ended && still.state.palette.is_none());
    still.keys("\x10quit\x7f\x7f\x7f\x7f");
    assert!(listed(&still.text()).len() > 5);
    still.keys("quit\r");
    assert!(still.ended);
}

#[test]
fn the_cursor_goes_round_and_a_click_does_what_it_hits() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("\x10\x1b[A");
    let last = still.state.palette.as_ref().unwrap().hits.len() - 1;
    assert_eq!(still.state.palette.as_ref().unwrap().cursor, last);
    still.keys("\x1b[B");
    assert_eq!(still.state.palette.as_ref().unwrap().cursor, 0);
    let row = still.text().lines().position(|line| line.contains("screen   Runs")).unwrap() + 1;
    still.keys(&format!("\x1b[<0;12;{row}M"));
    assert_eq!(still.state.screen, runs::ID);
}

#[test]
fn patients_are_narrowed_down_and_found_again_when_letters_are_taken_back() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    let patients = |still: &crate::tui::still::Still| listed(&still.text()).iter().filter(|entry| entry.starts_with("patient")).count();
    still.keys("\x10P00");
    assert_eq!(patients(&still), 4);
    still.keys("3");
    assert_eq!(patients(&still), 1);
    still.keys("\x7f");
    assert_eq!(patients(&still), 4);
}
