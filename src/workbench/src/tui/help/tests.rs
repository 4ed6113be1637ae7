//! Tests of the help.

use svh_core::{Limb, Task, joint};

use crate::tui::fixture::{app, cohort, opened};

#[test]
fn the_keys_are_those_of_the_screen_it_was_opened_from() {
    let (_folder, mut app) = opened((80, 24), "?");
    assert!(app.text().contains("In the table of patients") && app.text().contains("search ids"));
    app.keys("?\r?");
    assert!(app.text().contains("On a film") && !app.text().contains("search ids"));
}

#[test]
fn the_scheme_adds_up_as_the_method_says() {
    let (_folder, app) = opened((80, 40), "?\t");
    let text = app.text();
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
    let (_folder, mut app) = opened((80, 24), "\r?");
    assert!(app.text().contains("more lines"));
    app.keys(&"\x1b[B".repeat(80));
    let text = app.text();
    assert!(text.contains("Ctrl-Z") && !text.contains("more lines"), "{text}");
    app.keys("\x1b[D");
    assert!(app.text().contains("Not a medical device"));
    app.keys("\t\t\t");
    assert!(app.text().contains("Over the film"));
    app.keys("\x1b");
    assert!(app.text().contains("› P001"));
}

#[test]
fn every_line_of_every_page_fits_and_keys_stand_apart_from_their_words() {
    let folder = cohort();
    for size in [(60, 20), (80, 24), (120, 40)] {
        let mut app = app(folder.path(), size);
        for start in ["?", "\r?", "E?", "V?", "R?"] {
            app.keys(start);
            for _ in 0..4 {
                let help = app.state.help.unwrap();
                let width = usize::from(size.0) - 4;
                for line in super::pages::lines(&app.state, &help) {
                    let text: String = line.iter().map(|(text, _)| text.as_str()).collect();
                    assert!(unicode_width::UnicodeWidthStr::width(text.as_str()) <= width, "{size:?} {start:?}: {text}");
                    if let [(label, _), (words, _)] = line.as_slice() {
                        assert!(label.trim().is_empty() || label.ends_with(' ') || words.starts_with(' '), "{label}{words}");
                    }
                }
                app.keys("\t");
            }
            app.keys("\x1b");
            app.keys("P");
        }
    }
}
