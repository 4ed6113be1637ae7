//! Tests of the table of patients.

use std::time::Instant;

use svh_core::{GradeRow, GradeTable, Task, joint};

use super::Filter;
use crate::{
    Images,
    tui::{
        fixture::{self, cohort, still},
        still::Still,
    },
};

fn ids(still: &Still) -> Vec<String> {
    let patients = still.state.catalogue().unwrap().cohort.patients();
    still.state.patients.shown.iter().map(|index| patients[*index as usize].id.clone()).collect()
}

fn chosen(still: &Still) -> String {
    ids(still)[still.state.patients.cursor].clone()
}

/// The reader's total of a patient.
fn total(still: &Still, id: &str) -> u16 {
    let place = still.state.catalogue().unwrap().cohort.position(id).unwrap();
    still.state.row(place).unwrap().truth.unwrap().all.total()
}

#[test]
fn the_table_says_which_films_labels_and_grades_there_are() {
    let folder = cohort();
    let text = still(folder.path(), (80, 24)).text();
    let line = |id: &str| text.lines().find(|line| line.contains(id)).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(line("P001").contains("■ne ■ne ■n ■n 85/86"), "{text}");
    assert!(line("P002").contains("■ ■ · · 85/86"), "{text}");
    assert!(line("P003").contains("· · · · 85/86"), "{text}");
    assert!(line("P004").contains("· · ■ · · · · ·"), "{text}");
}

#[test]
fn totals_are_those_of_the_grades_and_the_difference_appears_with_the_models() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    let truth = still.state.row(0).unwrap().truth.unwrap();
    let sum = |task| -> u16 {
        let grades = *still.state.catalogue().unwrap().grades(0).unwrap();
        joint::joints(task).iter().filter_map(|joint| grades.get(joint)).map(u16::from).sum()
    };
    assert_eq!((truth.all.narrowing, truth.all.erosion), (sum(Task::Narrowing), sum(Task::Erosion)));
    still.keys("s");
    let score = fixture::score("P001");
    let difference = i64::from(score.totals.overall.unwrap()) - i64::from(truth.all.total());
    still.engine(crate::engine::Message::Event(svh_core::protocol::Event::Patient { id: 1, result: score.clone() }));
    let text = still.text();
    let line = text.lines().find(|line| line.contains("P001")).unwrap();
    assert!(line.contains(&format!("{}", score.totals.overall.unwrap())), "{line}");
    assert!(line.trim_end_matches(['┃', '│']).trim_end().ends_with(&crate::tui::words::signed(difference)), "{line}");
}

#[test]
fn sorting_puts_patients_without_a_value_last_in_both_directions() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("<<<<<<<"); // round the end to the reader's total
    assert_eq!(still.state.patients.sort, super::Column::Truth);
    let upwards = ids(&still);
    still.keys("r");
    let downwards = ids(&still);
    assert_eq!((upwards.last(), downwards.last()), (Some(&"P004".to_owned()), Some(&"P004".to_owned())));
    let totals = |ids: &[String]| ids[..3].iter().map(|id| total(&still, id)).collect::<Vec<_>>();
    assert!(totals(&upwards).is_sorted() && totals(&downwards).iter().rev().is_sorted());
    assert!(still.text().contains("▼total"));
}

#[test]
fn a_click_on_a_head_sorts_and_a_second_one_turns_round() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    let text = still.text();
    let row = text.lines().position(|line| line.contains("▲patient")).unwrap();
    let column = text.lines().nth(row).unwrap().chars().collect::<String>().find("graded").unwrap();
    // The arrow before "patient" takes three bytes for one cell.
    let click = format!("\x1b[<0;{};{}M\x1b[<0;{};{}m", column - 1, row + 1, column - 1, row + 1);
    still.keys(&click);
    assert_eq!((still.state.patients.sort, still.state.patients.reversed), (super::Column::Graded, false));
    still.keys(&click);
    assert!(still.state.patients.reversed);
}

#[test]
fn a_click_chooses_a_patient_and_a_second_one_opens_it() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    let row = still.text().lines().position(|line| line.contains("P002")).unwrap() + 1;
    let click = format!("\x1b[<0;5;{row}M");
    still.keys(&click);
    assert_eq!(chosen(&still), "P002");
    still.keys(&click);
    assert!(still.text().contains("› P002 › left hand"));
}

#[test]
fn searching_goes_there_while_typing_and_escape_goes_back() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("/p00");
    assert_eq!(chosen(&still), "P001");
    still.keys("3");
    assert_eq!(chosen(&still), "P003");
    still.keys("\x1b");
    assert_eq!(chosen(&still), "P001");
    still.keys("/00\rn");
    assert_eq!(chosen(&still), "P002");
    still.keys("NN");
    assert_eq!(chosen(&still), "P004", "round the end");
    still.keys("/xyz\rn");
    assert!(still.text().contains("no id contains `xyz`"));
}

#[test]
fn a_jump_takes_a_line_or_the_beginning_of_an_id() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys(":3\r");
    assert_eq!(chosen(&still), "P003");
    still.keys(":p002\r");
    assert_eq!(chosen(&still), "P002");
    still.keys(":zzz\r");
    assert_eq!(chosen(&still), "P002");
    assert!(still.text().contains("no line zzz"));
}

#[test]
fn filters_hide_patients_and_say_so() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    for (filter, expected) in [
        ("ungraded", vec!["P004"]),
        ("films<4", vec!["P002", "P003", "P004"]),
        ("films=2 graded", vec!["P002"]),
        ("labelled", vec!["P001"]),
        ("unscored p00", vec!["P001", "P002", "P003", "P004"]),
        ("graded>90", vec![]),
    ] {
        still.keys(&format!("f\x15{filter}\r"));
        assert_eq!(ids(&still), expected, "{filter}");
    }
    assert!(still.text().contains("no patient fits the filter `graded>90`; Esc shows everybody"));
    still.keys("\x1b");
    assert_eq!(ids(&still).len(), 4);
}

#[test]
fn a_filter_that_is_not_understood_is_named_and_changes_nothing() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("ffoo>3\r");
    assert!(still.text().contains("`foo` is nothing to filter by"));
    assert_eq!(ids(&still).len(), 4);
    assert!(Filter::parse("diff>x").unwrap_err().contains("whole number"));
}

#[test]
fn a_patient_without_films_is_not_opened_but_explained() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("jj\r");
    assert!(still.text().contains("P003 has no film; there are only grades"));
}

#[test]
fn a_folder_that_is_no_cohort_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let text = still(folder.path(), (80, 24)).text();
    assert!(text.contains("holds neither films") && text.contains("svh phantom"), "{text}");
}

/// A hundred thousand patients with grades and no film.
fn crowd() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut table = GradeTable::new();
    for number in 0..100_000_u32 {
        let mut row = GradeRow::default();
        for joint in joint::all().skip(number as usize % 3) {
            row.set(joint, Some((number % 4) as u8)).unwrap();
        }
        table.insert(&format!("PAT{number:06}"), row);
    }
    table.write(&folder.path().join("training.csv")).unwrap();
    folder
}

#[test]
fn a_hundred_thousand_patients_are_moved_through_at_once() {
    let folder = crowd();
    let mut still = Still::open(folder.path(), Images::Off, (120, 40));
    assert_eq!(ids(&still).len(), 100_000);
    let mut slowest = |name: &str, keys: &str| {
        // The best of three: other work of the machine is not what is measured.
        let time = (0..3).map(|_| {
            let begin = Instant::now();
            still.keys(keys);
            drop(still.frame());
            begin.elapsed()
        });
        let time = time.min().unwrap();
        println!("{name}: {time:?}");
        time.as_millis()
    };
    for (name, keys) in [("end", "G"), ("page up", "\x1b[5~"), ("up", "k"), ("home", "\x1b[H"), ("down", "j")] {
        assert!(slowest(name, keys) < 16, "{name}");
    }
    for (name, keys) in [("search", "/99999\r"), ("sort", "r"), ("filter", "f\x15truth>100\r")] {
        assert!(slowest(name, keys) < 500, "{name}");
    }
    assert!(still.text().lines().count() <= 40);
}

/// P001 with two open joints, P002 without.
fn with_open(size: (u16, u16)) -> (tempfile::TempDir, Still) {
    let folder = cohort();
    let mut still = still(folder.path(), size);
    let told = |id, result| crate::engine::Message::Event(svh_core::protocol::Event::Patient { id, result });
    still.keys("s");
    still.engine(told(1, fixture::score_with_open("P001")));
    still.keys("js");
    still.engine(told(2, fixture::score("P002")));
    (folder, still)
}

#[test]
fn a_total_with_open_joints_is_marked_and_the_card_says_what_it_may_be() {
    let (_folder, still) = with_open((80, 24));
    let text = still.text();
    let line = text.lines().find(|line| line.contains("P001")).unwrap();
    let total = fixture::score_with_open("P001").totals.overall.unwrap();
    assert!(line.contains(&format!("{total}°")), "{line}");
    assert!(!text.lines().find(|line| line.contains("P002")).unwrap().contains('°'));
    let (_folder, mut still) = with_open((160, 48));
    still.keys("gg");
    let text = still.text();
    for words in
        [format!("model {total} (60 of 86, {total}–{})", total + 8), "2 joints left open".into(), "RF left out: it does not".into()]
    {
        assert!(text.contains(&words), "{words}\n{text}");
    }
}

#[test]
fn patients_with_open_or_unfamiliar_joints_are_filtered_and_sorted() {
    let (_folder, mut still) = with_open((80, 24));
    for filter in ["open", "open=2", "unfamiliar", "unfamiliar>96"] {
        still.keys(&format!("f\x15{filter}\r"));
        assert_eq!(ids(&still), ["P001"], "{filter}");
    }
    still.keys("f\x15\r<<"); // round the end to what is open
    assert_eq!(still.state.patients.sort, super::Column::Open);
    still.keys("r");
    assert_eq!(ids(&still)[..2], ["P001", "P002"]);
    assert!(still.text().contains("by open"), "an order whose column has no room is told:\n{}", still.text());
    let (_folder, still) = with_open((100, 24));
    let line = still.text().lines().find(|line| line.contains("P001")).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(line.contains("2 0.97"), "{line}");
}
