//! Tests of the help.

use svh_core::{Limb, Task, joint};

use crate::tui::fixture::{cohort, still};

#[test]
fn the_keys_are_those_of_the_screen_it_was_opened_from() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("?");
    assert!(still.text().contains("In the table of patients") && still.text().contains("search ids"));
    still.keys("?\r?");
    assert!(still.text().contains("On a film") && !still.text().contains("search ids"));
}

#[test]
fn the_scheme_adds_up_as_the_method_says() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 40));
    still.keys("?\t");
    let text = still.text();
    for expected in [
        "86 joints, total 0–448",
        "15 joints, 0–4",
        "16 joints, 0–5",
        "6 joints, 0–10",
        "at most 168",
        "at most 280",
        "120 (both)",
        "48 (both)",
        "160 (both)",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let by_hand = |task, limb| joint::of_limb(task, limb).count();
    assert_eq!((by_hand(Task::Narrowing, Limb::LeftHand), by_hand(Task::Erosion, Limb::LeftHand)), (15, 16));
}

#[test]
fn pages_turn_in_both_directions_and_long_ones_scroll() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("\r?");
    assert!(still.text().contains("more lines"));
    still.keys(&"\x1b[B".repeat(80));
    let text = still.text();
    assert!(text.contains("Ctrl-Z") && !text.contains("more lines"), "{text}");
    still.keys("\x1b[D");
    assert!(still.text().contains("Not a medical device"));
    still.keys("\t\t\t");
    assert!(still.text().contains("Over the film"));
    still.keys("\x1b");
    assert!(still.text().contains("› P001"));
}
