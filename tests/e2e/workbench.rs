//! The workbench in terminals of every kind: what it paints, that it lives on, and that the terminal is given back.

use std::time::Duration;

use svh_tests::{
    cohort::{self, PATIENTS},
    program::{engine_script, workbench},
    terminal::{Persona, Terminal},
};

const SECONDS: Duration = Duration::from_secs(20);

/// What shows that a protocol was used: kitty sends PNG, iTerm a file, sixel a device control string.
fn protocols(bytes: &[u8]) -> Vec<&'static str> {
    let marks: [(&str, &[u8]); 3] = [("kitty", b"f=100"), ("iterm", b"\x1b]1337;File="), ("sixel", b"\"1;1;")];
    marks.into_iter().filter(|(_, mark)| bytes.windows(mark.len()).any(|window| window == *mark)).map(|(name, _)| name).collect()
}

#[test]
fn every_terminal_shows_table_and_film_by_its_own_protocol_and_is_given_back() {
    let cohort = cohort::copy();
    for persona in Persona::ALL {
        let mut terminal = Terminal::start(persona, 120, 40, workbench(cohort.path()));
        terminal.wait_for(PATIENTS[1]);
        terminal.keys("\r");
        terminal.wait_for("left hand");
        let expected: &[&str] = match persona {
            Persona::Kitty | Persona::Slow => &["kitty"],
            Persona::Iterm => &["iterm"],
            Persona::Sixel => &["sixel"],
            Persona::Plain | Persona::Mute | Persona::Placeholders => &[],
        };
        terminal.wait(&format!("{persona:?} paints by {expected:?}"), SECONDS, |seen| {
            protocols(&seen.bytes) == expected && (!expected.is_empty() || seen.text.contains('▀'))
        });
        // Nothing of questions, answers or pictures may end up as text.
        let text = terminal.now().text;
        assert!(!["Gi=", "1337", "[6;20", "[?62", "XTerm("].iter().any(|leak| text.contains(leak)), "{persona:?}\n{text}");
        terminal.keys("q");
        assert_eq!(terminal.end(), 0, "{persona:?}");
        terminal.assert_given_back();
    }
}

#[test]
fn what_was_asked_for_wins_over_what_the_terminal_says() {
    let cohort = cohort::copy();
    for (images, expected) in [("half", vec![]), ("sixel", vec!["sixel"])] {
        let mut command = workbench(cohort.path());
        command.args(["--images", images]);
        let mut terminal = Terminal::start(Persona::Kitty, 120, 40, command);
        terminal.wait_for(PATIENTS[0]);
        terminal.keys("\r");
        terminal.wait_for("left hand");
        terminal.wait(images, SECONDS, |seen| protocols(&seen.bytes) == expected);
        terminal.keys("q");
        assert_eq!(terminal.end(), 0);
    }
}

#[test]
fn keys_typed_before_the_terminal_has_answered_are_kept() {
    let cohort = cohort::copy();
    let mut terminal = Terminal::start(Persona::Slow, 120, 40, workbench(cohort.path()));
    terminal.keys("\r");
    terminal.wait_for("left hand");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_window_of_20_by_5_is_survived_and_a_larger_one_used_at_once() {
    let cohort = cohort::copy();
    let mut terminal = Terminal::start(Persona::Plain, 20, 5, workbench(cohort.path()));
    terminal.wait("something on the screen", SECONDS, |seen| !seen.text.trim().is_empty());
    terminal.keys("?\x1b");
    terminal.resize(100, 30);
    // The table comes when the cohort has been read; a key before that finds nobody to open.
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("\r");
    terminal.wait_for("left hand");
    terminal.resize(20, 5);
    terminal.wait_for_rest(Duration::from_millis(300));
    terminal.resize(5, 2);
    terminal.wait_for_rest(Duration::from_millis(300));
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_given_back();
}

#[test]
fn a_key_that_changes_nothing_costs_next_to_no_bytes() {
    let cohort = cohort::copy();
    let mut terminal = Terminal::start(Persona::Kitty, 120, 40, workbench(cohort.path()));
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("\r");
    terminal.wait("the film", SECONDS, |seen| protocols(&seen.bytes) == ["kitty"]);
    terminal.wait_for_rest(Duration::from_millis(500));
    let cost = |keys: &str| {
        let before = terminal.now().written;
        terminal.keys_drawn(keys);
        terminal.now().written - before
    };
    let down = cost("\x1b[B");
    cost("\x1b[A");
    // There is no joint above the first one, so that all keys but the last change nothing.
    let nothing = 20;
    let more = cost(&("\x1b[A".repeat(nothing) + "\x1b[B")).saturating_sub(down);
    assert!(more < 100 * nothing, "{more} bytes for {nothing} frames in which nothing changed");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_signal_ends_it_with_the_terminal_given_back() {
    let cohort = cohort::copy();
    for signal in ["TERM", "HUP", "INT"] {
        let mut terminal = Terminal::start(Persona::Kitty, 120, 40, workbench(cohort.path()));
        terminal.wait_for(PATIENTS[0]);
        let pid = terminal.pid().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        terminal.end();
        terminal.assert_given_back();
    }
}

#[test]
fn an_engine_that_dies_leaves_the_workbench_alive_and_said_so() {
    let cohort = cohort::copy();
    let folder = tempfile::tempdir().unwrap();
    let ready = r#"echo '{"event":"ready","version":"0.1.0","libtorch":"2.11.0","device":"cpu","devices":[["cpu","CPU"]],"models":[]}'"#;
    let mut command = workbench(cohort.path());
    command.env("SVH_ENGINE", engine_script(folder.path(), &format!("{ready}\nread request\necho 'out of memory' >&2\nkill -9 $$")));
    let mut terminal = Terminal::start(Persona::Plain, 160, 40, command);
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("\r");
    terminal.wait_for("left hand");
    terminal.keys("d");
    terminal.wait_for("ended unexpectedly");
    terminal.keys("\t");
    terminal.wait_for("right hand");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_given_back();
}

#[test]
fn a_film_that_cannot_be_read_is_named_and_the_next_one_is_shown() {
    let cohort = cohort::copy();
    std::fs::write(cohort.path().join("images/PHA001-LH.jpg"), "no picture").unwrap();
    let mut terminal = Terminal::start(Persona::Plain, 160, 40, workbench(cohort.path()));
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("\r");
    terminal.wait_for("is not a JPEG");
    terminal.keys("\t");
    terminal.wait("the right hand in blocks", SECONDS, |seen| seen.text.contains("right hand") && seen.text.contains('▀'));
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_table_of_grades_with_a_fault_is_refused_before_the_terminal_is_touched_or_shown_in_it() {
    let cohort = cohort::copy();
    let table = cohort.path().join("training.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    std::fs::write(&table, text.replace("LH_mcp_J__2", "LH_mcp_X__2")).unwrap();
    let mut terminal = Terminal::start(Persona::Plain, 160, 40, workbench(cohort.path()));
    terminal.wait_for("LH_mcp_J__2");
    if !terminal.now().ended {
        terminal.keys("q");
    }
    terminal.end();
    terminal.assert_given_back();
    assert!(std::fs::read_to_string(&table).unwrap().contains("LH_mcp_X__2"), "the table was touched");
}
