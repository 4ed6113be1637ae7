//! Tests of the errors. What the fixture's run got wrong is known: see `fixture::run`.

use crate::tui::screens::{errors, film, patients};
use svh_analysis::detection::ErrorKind;
use svh_core::{Task, joint};

use super::state::View;
use crate::{
    Images,
    tui::{
        fixture::{self, RUN, cohort, evaluated, still},
        still::Still,
    },
};
use svh_terminal::Line;

/// The errors of the fixture, opened.
fn errors(size: (u16, u16)) -> (tempfile::TempDir, Still) {
    let (folder, mut still) = evaluated(size);
    still.keys("E");
    still.rest();
    (folder, still)
}

/// The number that stands behind a kind's name.
fn count(still: &Still, kind: ErrorKind) -> usize {
    let text = still.text();
    let after = text.split(&format!(" {} ", kind.name())).nth(1).unwrap_or_else(|| panic!("{kind}\n{text}"));
    after.split_whitespace().next().unwrap().parse().unwrap()
}

fn counts(still: &Still) -> Vec<usize> {
    ErrorKind::ALL.into_iter().map(|kind| count(still, kind)).collect()
}

/// The lines of the list.
fn lines(still: &Still) -> Vec<String> {
    let kinds = ErrorKind::ALL.map(|kind| format!("  {} ", kind.name()));
    let text = still.text();
    let listed = text.lines().map(|line| line.replace('▌', " ")).filter(|line| kinds.iter().any(|kind| line.starts_with(kind.as_str())));
    listed.map(|line| line.chars().take(50).collect::<String>()).collect()
}

/// Every error of the list: kind, film, what is there, what is claimed, whether it counts, what it does to the total.
fn rows(still: &Still) -> Vec<String> {
    let subject = &still.state.active_run;
    let row = |place: &u32| {
        let row = subject.errors.rows[*place as usize];
        let label = |joint: Option<&'static svh_core::Joint>| joint.map(|joint| joint.label.clone());
        format!("{} {} {} {:?} {:?} {} {:?}", row.kind, row.film, row.task, label(row.truth), label(row.predicted), row.kept, row.effect)
    };
    still.state.errors.table.shown.iter().map(row).collect()
}

#[test]
fn every_error_that_the_run_made_is_listed_with_its_name() {
    let (_folder, still) = errors((120, 40));
    // By hand: on four films narrowing, on the two hands erosion, each has one joint missed and one inferred.
    let missed = 4 + 2;
    assert_eq!(count(&still, ErrorKind::Missed), missed);
    assert_eq!(count(&still, ErrorKind::Inferred), missed);
    assert_eq!((count(&still, ErrorKind::Neighbour), count(&still, ErrorKind::Side)), (1, 1));
    assert_eq!(counts(&still).iter().sum::<usize>(), 2 * missed + 2);
    assert_eq!(lines(&still).len(), 2 * missed + 2);
    assert!(still.text().contains(RUN) && still.text().contains("threshold 0.20"));
}

#[test]
fn a_moved_threshold_gives_what_a_run_without_the_lower_boxes_gives() {
    let (folder, mut still) = errors((120, 40));
    for (keys, threshold) in [("]]]]", 0.4_f32), ("}", 0.41), ("]]", 0.51), ("]]]]]]]]", 0.91), ("[[[[[[[[[[[[[[[[[[[[[[[[[", 0.0)] {
        still.keys(keys);
        assert!(still.text().contains(&format!("threshold {threshold:.2}")), "{}", still.text());
        let name = format!("at-{threshold:.2}");
        fixture::run_at(folder.path(), &name, threshold);
        let mut fresh = Still::open(folder.path(), Images::Half, (120, 40));
        fresh.keys(&format!("E\x12{name}\r"));
        fresh.keys(&"[".repeat(30));
        assert_eq!(counts(&still), counts(&fresh), "threshold {threshold}");
        assert_eq!(rows(&still), rows(&fresh), "threshold {threshold}");
    }
}

#[test]
fn the_film_stands_beside_the_chosen_error_with_both_boxes_and_n_goes_on() {
    let (_folder, mut still) = errors((120, 40));
    still.keys("5");
    assert_eq!(lines(&still).len(), 1, "only the other side\n{}", still.text());
    still.rest();
    let (_, plan) = still.frame();
    let plan = plan.unwrap();
    let of = |label| joint::by_label(Task::Narrowing, label).unwrap();
    let boxes: Vec<_> = plan.marks.iter().map(|mark| (mark.line, mark.bbox, mark.label.clone())).collect();
    let truth = fixture::place(of("LH_mcp_2"));
    assert_eq!(boxes, [(Line::Solid, truth, Some("MCP 2".into())), (Line::Corners, truth, Some("MCP 2".into()))]);
    assert!(still.text().contains("LH MCP 2 taken for RH MCP 2"), "{}", still.text());
    assert!(plan.region[2] - plan.region[0] < 300.0, "seen from close by");
    still.keys("z");
    assert!(still.frame().1.unwrap().region[2] >= 299.0, "the whole film");
    still.keys("5z\x1b[H");
    let first = lines(&still)[0].clone();
    still.keys("n");
    assert_eq!(still.state.errors.table.cursor, 1);
    still.keys("N");
    assert!(lines(&still)[0] == first && still.state.errors.table.cursor == 0);
}

#[test]
fn filters_by_kind_task_limb_joint_score_and_overlap_hide_the_rest_and_say_so() {
    let (_folder, mut still) = errors((120, 40));
    for (filter, expected) in [
        ("missed", 6),
        ("missed inferred", 12),
        ("missed erosion", 2),
        ("missed LF", 1),
        ("mcp_2 side", 1),
        ("mcp2 narrowing LH", 2),
        ("score>0.45 neighbour", 1),
        ("score>0.55 neighbour", 0),
        ("iou<0.7 inferred", 6),
        ("iou<0.5 inferred", 0),
        ("counts", 13),
        ("p001", 14),
    ] {
        still.keys(&format!("f\x15{filter}\r"));
        assert_eq!(lines(&still).len(), expected, "{filter}\n{}", still.text());
    }
    still.keys("f\x15missed LF\r");
    assert!(still.text().contains("filter `missed LF` hides 13"), "{}", still.text());
    still.keys("\x1b");
    assert_eq!(lines(&still).len(), 14);
    still.keys("f\x15nonsense\r");
    assert!(still.text().contains("`nonsense` is neither a kind of error nor"));
    still.keys("\x1b");
    still.keys("f\x15score>x\r");
    assert!(still.text().contains("needs a number from 0 to 1"));
}

#[test]
fn keys_filter_and_escape_shows_all_again_before_it_leaves() {
    let (_folder, mut still) = errors((120, 40));
    still.keys("e");
    assert!(lines(&still).len() < 14 && still.text().contains("filter `narrowing`"));
    still.keys("ell");
    assert!(still.text().contains("filter `erosion RH`"));
    assert_eq!(lines(&still).len(), 2);
    still.keys("\x1b");
    assert_eq!((lines(&still).len(), still.state.screen), (14, errors::ID));
    still.keys("\x1b");
    assert_eq!(still.state.screen, patients::ID);
}

#[test]
fn errors_are_sorted_by_their_effect_on_the_total_and_by_any_column() {
    let (_folder, mut still) = errors((120, 40));
    let effect =
        |line: &String| line.split_whitespace().last().unwrap().replace('−', "-").trim_start_matches('+').parse::<i32>().unwrap_or(0).abs();
    let text = still.text();
    let effects: Vec<i32> = text
        .lines()
        .filter(|line| line.contains("P001-"))
        .map(|line| line.chars().take(66).collect::<String>())
        .map(|line| effect(&line))
        .collect();
    assert!(effects.len() >= 14 && effects.iter().rev().is_sorted() && effects[0] > 0, "{effects:?}\n{text}");
    let row = text.lines().position(|line| line.contains("▼effect")).unwrap() + 1;
    let column = text.lines().nth(row - 1).unwrap().find("score").unwrap() + 1;
    still.keys(&format!("\x1b[<0;{column};{row}M"));
    let scores: Vec<f32> =
        still.state.errors.table.shown.iter().map(|place| still.state.active_run.errors.rows[*place as usize].score).collect();
    assert!(scores.iter().rev().is_sorted_by(|a, b| a <= b) && scores[0] == 0.5, "{scores:?}");
    still.keys("r");
    assert!(lines(&still)[0].contains("Missed") || lines(&still)[0].contains("Inferred"));
}

#[test]
fn the_effect_of_a_missed_joint_is_minus_its_grade() {
    let (_folder, mut still) = errors((120, 40));
    still.keys("f\x15missed LH narrowing\r");
    // The last joint of the hand by class has no box; the reader's grade of it is what the total lacks.
    let last = joint::of_limb(Task::Narrowing, svh_core::Limb::LeftHand).last().unwrap();
    let grade = still.state.catalogue().unwrap().grades(0).unwrap().get(last).unwrap();
    let row = still.state.active_run.errors.rows[still.state.errors.table.chosen().unwrap()];
    assert_eq!((row.truth, row.effect), (Some(last), Some(-i32::from(grade))));
}

#[test]
fn crops_fill_a_page_twelve_in_blocks_and_fifty_in_pixels() {
    let folder = cohort();
    fixture::run(folder.path());
    for (images, size, least) in [(Images::Half, (80, 24), 12), (Images::Kitty, (120, 40), 50)] {
        let mut still = Still::open(folder.path(), images, size);
        // Above every score, nearly all joints are missed.
        still.keys(&format!("E{}\t", "]".repeat(15)));
        assert!(still.state.errors.table.shown.len() > 50);
        still.rest();
        let (_, plan) = still.frame();
        let plan = plan.unwrap();
        let solid = plan.marks.iter().filter(|mark| mark.line == Line::Solid).count() - 1;
        assert!(solid >= least, "{images:?}: {solid}");
        let gray = |x: f32, y: f32| svh_terminal::raster::Gray::of(&plan.picture, [x, y, x + 8.0, y + 8.0], plan.window, (1, 1)).pixels[0];
        assert!(gray(30.0, 30.0) > 20, "the crop of a film, not black");
        if images == Images::Half {
            assert!(still.text().matches("Missed ").count() >= least, "{}", still.text());
        }
    }
}

#[test]
fn a_crop_is_chosen_by_arrows_and_opens_its_film_and_back_leads_here() {
    let (_folder, mut still) = errors((120, 40));
    still.keys("\t\x1b[C\x1b[C");
    assert_eq!((still.state.errors.view, still.state.errors.table.cursor), (View::Sheet, 2));
    let error = still.state.active_run.errors.rows[still.state.errors.table.chosen().unwrap()];
    still.keys("\r");
    assert_eq!(still.state.screen, film::ID);
    let current = super::super::film::current(&still.state).unwrap();
    assert_eq!(current.joints(still.state.film.task)[still.state.film.joint].label, error.joint().unwrap().label);
    still.keys("\x1b");
    assert_eq!((still.state.screen, still.state.errors.view), (errors::ID, View::Sheet));
}

#[test]
fn figures_by_joint_count_false_boxes_and_missed_joints_and_lead_to_their_errors() {
    let (_folder, mut still) = errors((120, 40));
    still.keys("\t\t");
    let text = still.text();
    assert!(text.contains("narrowing, hands") && text.contains("fig. 8.5.1"), "{text}");
    // Of each hand's 15 joints one is missed; of the other 14 boxes, the inferred one included, all are on their joints. The box that claims to be of
    // the right hand counts on the left film and is on no such joint.
    assert!(text.contains("1 false of 29 boxes, 2 missed"), "{text}");
    let line = text.lines().find(|line| line.contains("MCP 2")).unwrap();
    assert!(line.split("MCP 2").nth(1).unwrap().trim_start().starts_with("━"), "right hand: {line}");
    still.keys("e");
    assert!(still.text().contains("erosion, hands") && still.text().contains("fig. 8.5.2"));
    still.keys("e");
    let at = super::joints::pairs(Task::Narrowing).iter().position(|pair| pair.right.label == "RH_mcp_2").unwrap();
    still.keys(&"\x1b[B".repeat(at));
    still.keys("\x1b[C\r");
    assert_eq!(still.state.errors.view, View::List);
    assert!(still.text().contains("filter `narrowing RH mcp_2 counts`"), "{}", still.text());
}

#[test]
fn a_click_on_a_kind_shows_it_alone() {
    let (_folder, mut still) = errors((120, 40));
    let text = still.text();
    let row = text.lines().position(|line| line.contains("9 Inferred")).unwrap();
    let column = text.lines().nth(row).unwrap().find("Inferred").unwrap() + 1;
    still.keys(&format!("\x1b[<0;{column};{}M", row + 1));
    assert!(lines(&still).iter().all(|line| line.contains("Inferred")) && lines(&still).len() == 6);
}

#[test]
fn without_a_run_or_without_labels_it_says_what_to_do() {
    let folder = cohort();
    let mut still = still(folder.path(), (80, 24));
    still.keys("E");
    let text = still.text();
    assert!(text.contains("no run yet") && text.contains("svh score"), "{text}");
    fixture::run(folder.path());
    for task in Task::ALL {
        std::fs::remove_dir_all(folder.path().join(format!("{task}_labels"))).unwrap();
    }
    let mut still = Still::open(folder.path(), Images::Half, (80, 24));
    still.keys("E");
    let words = still.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("no film of this run has label files"), "{words}");
}
