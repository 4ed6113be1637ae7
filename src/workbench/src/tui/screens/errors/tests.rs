//! Tests of the errors. What the fixture's run got wrong is known: see `fixture::run`.

use crate::tui::keys::screens::{ERRORS, FILM};
use svh_analysis::detection::ErrorKind;
use svh_core::{Task, joint};

use super::state::View;
use crate::{
    Images,
    tui::{
        fixture::{self, RUN, cohort, evaluated, opened},
        headless::Headless,
    },
};
use svh_terminal::Line;

/// The errors of the fixture, opened.
fn errors(size: (u16, u16)) -> (tempfile::TempDir, Headless) {
    let (folder, mut app) = evaluated(size);
    app.keys("E");
    app.rest();
    (folder, app)
}

/// The number that stands behind a kind's name.
fn count(app: &Headless, kind: ErrorKind) -> usize {
    let text = app.text();
    let after = text.split(&format!(" {} ", kind.name())).nth(1).unwrap_or_else(|| panic!("{kind}\n{text}"));
    after.split_whitespace().next().unwrap().parse().unwrap()
}

fn counts(app: &Headless) -> Vec<usize> {
    ErrorKind::ALL.into_iter().map(|kind| count(app, kind)).collect()
}

/// The lines of the list.
fn lines(app: &Headless) -> Vec<String> {
    let kinds = ErrorKind::ALL.map(|kind| format!("  {} ", kind.name()));
    let text = app.text();
    let listed = text.lines().map(|line| line.replace('▌', " ")).filter(|line| kinds.iter().any(|kind| line.starts_with(kind.as_str())));
    listed.map(|line| line.chars().take(50).collect::<String>()).collect()
}

/// Every error of the list: kind, film, what is there, what is claimed, whether it counts, what it does to the total.
fn rows(app: &Headless) -> Vec<String> {
    let active = &app.state.active_run;
    let row = |place: &&u32| {
        let row = active.errors.rows[**place as usize];
        let label = |joint: Option<&'static svh_core::Joint>| joint.map(|joint| joint.label.clone());
        format!("{} {} {} {:?} {:?} {} {:?}", row.kind, row.film, row.task, label(row.reference), label(row.model), row.kept, row.effect)
    };
    let boxes = |place: &&u32| (**place as usize) < active.errors.rows.len();
    app.state.errors.table.shown.iter().filter(boxes).map(|place| row(&place)).collect()
}

#[test]
fn every_error_that_the_run_made_is_listed_with_its_name() {
    let (_folder, app) = errors((120, 40));
    // By hand: on four films narrowing, on the two hands erosion, each has one joint missed and one inferred.
    let missed = 4 + 2;
    assert_eq!(count(&app, ErrorKind::Missed), missed);
    assert_eq!(count(&app, ErrorKind::Inferred), missed);
    assert_eq!((count(&app, ErrorKind::Neighbour), count(&app, ErrorKind::Side)), (1, 1));
    assert_eq!(counts(&app).iter().sum::<usize>(), 2 * missed + 2);
    // Sorted by what they cost, wrong grades stand among them.
    assert_eq!(app.state.errors.table.shown.len(), 2 * missed + 2 + app.state.active_run.grade_errors.len());
    assert!(app.text().contains(RUN) && app.text().contains("threshold 0.20"));
}

#[test]
fn a_moved_threshold_gives_what_a_run_without_the_lower_boxes_gives() {
    let (folder, mut app) = errors((120, 40));
    for (keys, threshold) in [("]]]]", 0.4_f32), (":0.41\r", 0.41), ("]]", 0.51), ("]]]]]]]]", 0.91), ("[[[[[[[[[[[[[[[[[[[[[[[[[", 0.0)] {
        app.keys(keys);
        assert!(app.text().contains(&format!("threshold {threshold:.2}")), "{}", app.text());
        let name = format!("at-{threshold:.2}");
        fixture::run_at(folder.path(), &name, threshold);
        let mut fresh = Headless::open(folder.path(), Images::Half, (120, 40));
        fresh.keys(&format!("E\x12{name}\r"));
        fresh.keys(&"[".repeat(30));
        assert_eq!(counts(&app), counts(&fresh), "threshold {threshold}");
        assert_eq!(rows(&app), rows(&fresh), "threshold {threshold}");
    }
}

#[test]
fn the_film_stands_beside_the_chosen_error_with_both_boxes_and_n_goes_on() {
    let (_folder, mut app) = errors((120, 40));
    app.keys("5");
    assert_eq!(lines(&app).len(), 1, "only the other side\n{}", app.text());
    app.rest();
    let (_, plan) = app.frame();
    let plan = plan.unwrap();
    let of = |label| joint::by_label(Task::Narrowing, label).unwrap();
    let boxes: Vec<_> = plan.marks.iter().map(|mark| (mark.line, mark.bbox, mark.label.clone())).collect();
    let reference = fixture::place(of("LH_mcp_2"));
    assert_eq!(boxes, [(Line::Solid, reference, Some("MCP 2".into())), (Line::Corners, reference, Some("RH MCP 2".into()))]);
    assert!(app.text().contains("drawn on LH MCP 2, labelled RH MCP 2"), "{}", app.text());
    assert!(plan.region[2] - plan.region[0] < 300.0, "seen from close by");
    app.keys("z");
    assert!(app.frame().1.unwrap().region[2] >= 299.0, "the whole film");
    app.keys("5z\x1b[H");
    app.keys("n");
    assert_eq!(app.state.errors.table.cursor, 1);
    app.keys("N");
    assert_eq!(app.state.errors.table.cursor, 0);
}

#[test]
fn filters_by_kind_task_limb_joint_score_and_overlap_hide_the_rest_and_say_so() {
    let (_folder, mut app) = errors((120, 40));
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
    ] {
        app.keys(&format!("f\x15{filter}\r"));
        assert_eq!(lines(&app).len(), expected, "{filter}\n{}", app.text());
    }
    let all = app.state.active_run.errors.rows.len() + app.state.active_run.grade_errors.len();
    app.keys("f\x15missed LF\r");
    assert!(app.text().contains(&format!("filter `missed LF` hides {}", all - 1)), "{}", app.text());
    app.keys("\x1b");
    assert_eq!(app.state.errors.table.shown.len(), all);
    // What cannot be taken stays to be corrected, and no key of it reaches the screen.
    app.keys("f\x15nonsense\r");
    assert!(app.text().contains("`nonsense` is neither a kind of error nor"));
    assert_eq!(app.state.prompt.as_ref().unwrap().text, "nonsense");
    app.keys("\x15score>x\r");
    assert!(app.text().contains("needs a number after the sign"));
    app.keys("\x7f0.45 neighbour\r");
    assert!(app.state.prompt.is_none() && app.text().contains("filter `neighbour score>0.45`"), "{}", app.text());
}

#[test]
fn keys_filter_and_escape_shows_all_again_before_it_leaves() {
    let (_folder, mut app) = errors((120, 40));
    app.keys("e");
    let all = app.state.active_run.errors.rows.len() + app.state.active_run.grade_errors.len();
    let shown = |app: &Headless| app.state.errors.table.shown.len();
    assert!(shown(&app) < all && app.text().contains("filter `narrowing`"));
    app.keys("ell");
    assert!(app.text().contains("filter `erosion RH`"));
    assert_eq!(rows(&app).len(), 2);
    app.keys("\x1b");
    assert_eq!((shown(&app), app.state.screen), (all, ERRORS.id));
    app.keys("\x1b\x1b");
    assert_eq!(app.state.screen, ERRORS.id, "at the top of a screen Esc does nothing");
}

#[test]
fn errors_are_sorted_by_their_effect_on_the_total_and_by_any_column() {
    let (_folder, mut app) = errors((120, 40));
    let effect =
        |line: &String| line.split_whitespace().last().unwrap().replace('−', "-").trim_start_matches('+').parse::<i32>().unwrap_or(0).abs();
    let text = app.text();
    let effects: Vec<i32> = text
        .lines()
        .filter(|line| line.contains("P001-") && !line.contains("expected"))
        .map(|line| line.chars().take(66).collect::<String>().replace(['┃', '│'], " "))
        .map(|line| effect(&line))
        .collect();
    assert!(effects.len() >= 14 && effects.iter().rev().is_sorted() && effects[0] > 0, "{effects:?}\n{text}");
    let row = text.lines().position(|line| line.contains("▼effect")).unwrap() + 1;
    let column = text.lines().nth(row - 1).unwrap().find("score").unwrap() + 1;
    app.keys(&format!("\x1b[<0;{column};{row}M"));
    let boxes = &app.state.active_run.errors.rows;
    let scores: Vec<f32> =
        app.state.errors.table.shown.iter().filter_map(|place| boxes.get(*place as usize)).map(|row| row.score).collect();
    assert!(scores.iter().rev().is_sorted_by(|a, b| a <= b) && scores[0] == 0.5, "{scores:?}");
    app.keys("r");
    let last = |app: &Headless| rows(app).first().cloned().unwrap();
    assert!(last(&app).contains("Missed") || last(&app).contains("Inferred"));
}

#[test]
fn the_effect_of_a_missed_joint_is_minus_its_grade() {
    let (_folder, mut app) = errors((120, 40));
    app.keys("f\x15missed LH narrowing\r");
    // The last joint of the hand by class has no box; the reader's grade of it is what the total lacks.
    let last = joint::of_limb(Task::Narrowing, svh_core::Limb::LeftHand).last().unwrap();
    let grade = app.state.catalogue().unwrap().grades(0).unwrap().get(last).unwrap();
    let row = app.state.active_run.errors.rows[app.state.errors.table.chosen().unwrap()];
    assert_eq!((row.reference, row.effect), (Some(last), Some(-i32::from(grade))));
}

#[test]
fn crops_fill_a_page_twelve_in_blocks_and_fifty_in_pixels() {
    let folder = cohort();
    fixture::run(folder.path());
    for (images, size, least) in [(Images::Half, (80, 24), 12), (Images::Kitty, (120, 40), 50)] {
        let mut app = Headless::open(folder.path(), images, size);
        // Above every score, nearly all joints are missed.
        app.keys(&format!("E{}1\t", "]".repeat(15)));
        assert!(app.state.errors.table.shown.len() > 50);
        app.rest();
        let (_, plan) = app.frame();
        let plan = plan.unwrap();
        let solid = plan.marks.iter().filter(|mark| mark.line == Line::Solid).count() - 1;
        assert!(solid >= least, "{images:?}: {solid}");
        let gray = |x: f32, y: f32| svh_terminal::raster::Gray::of(&plan.picture, [x, y, x + 8.0, y + 8.0], plan.window, (1, 1)).pixels[0];
        assert!(gray(30.0, 30.0) > 20, "the crop of a film, not black");
        if images == Images::Half {
            // The kind follows the joint, and a long name leaves it no room.
            let (kinds, films) = (app.text().matches(" Miss").count(), app.text().matches("P001-").count());
            assert!(kinds > least / 2 && films >= least, "{}", app.text());
        }
    }
}

#[test]
fn a_crop_is_chosen_by_arrows_and_opens_its_film_and_back_leads_here() {
    let (_folder, mut app) = errors((120, 40));
    app.keys("f\x15missed inferred\r\t\x1b[C\x1b[C");
    assert_eq!((app.state.errors.view, app.state.errors.table.cursor), (View::Sheet, 2));
    let error = app.state.active_run.errors.rows[app.state.errors.table.chosen().unwrap()];
    app.keys("\r");
    assert_eq!(app.state.screen, FILM.id);
    let current = super::super::film::current(&app.state).unwrap();
    assert_eq!(current.joints(app.state.film.task)[app.state.film.joint].label, error.joint().unwrap().label);
    app.keys("\x1b");
    assert_eq!((app.state.screen, app.state.errors.view), (ERRORS.id, View::Sheet));
}

#[test]
fn metrics_by_joint_count_false_boxes_and_missed_joints_and_lead_to_their_errors() {
    let (_folder, mut app) = errors((120, 40));
    app.keys("\t\t\t");
    let text = app.text();
    assert!(text.contains("narrowing, hands") && text.contains("fig. 8.5.1"), "{text}");
    // Of each hand's 15 joints one is missed; of the other 14 boxes, the inferred one included, all are on their joints. The box that claims to be of
    // the right hand counts on the left film and is on no such joint.
    assert!(text.contains("1 false of 29 boxes, 2 missed"), "{text}");
    let line = text.lines().find(|line| line.contains("MCP 2")).unwrap();
    assert!(line.split("MCP 2").nth(1).unwrap().trim_start().starts_with("━"), "right hand: {line}");
    app.keys("e");
    assert!(app.text().contains("erosion, hands") && app.text().contains("fig. 8.5.2"));
    app.keys("e");
    let at = super::joints::pairs(Task::Narrowing).iter().position(|pair| pair.right.label == "RH_mcp_2").unwrap();
    app.keys(&"\x1b[B".repeat(at));
    app.keys("\x1b[C\r");
    assert_eq!(app.state.errors.view, View::List);
    assert!(app.text().contains("filter `narrowing RH mcp_2 accepted`"), "{}", app.text());
}

#[test]
fn a_click_on_a_kind_shows_it_alone() {
    let (_folder, mut app) = errors((120, 40));
    let text = app.text();
    let row = text.lines().position(|line| line.contains("9 Inferred")).unwrap();
    let column = text.lines().nth(row).unwrap().find("Inferred").unwrap() + 1;
    app.keys(&format!("\x1b[<0;{column};{}M", row + 1));
    assert!(lines(&app).iter().all(|line| line.contains("Inferred")) && lines(&app).len() == 6);
}

#[test]
fn without_a_run_or_without_labels_it_says_what_to_do() {
    let (folder, app) = opened((80, 24), "E");
    let text = app.text();
    assert!(text.contains("no run yet") && text.contains("svh score"), "{text}");
    fixture::run(folder.path());
    for task in Task::ALL {
        std::fs::remove_dir_all(folder.path().join(format!("{task}_labels"))).unwrap();
    }
    std::fs::remove_file(folder.path().join("training.csv")).unwrap();
    let mut app = Headless::open(folder.path(), Images::Half, (80, 24));
    app.keys("E");
    let words = app.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("no film of this run has label files"), "{words}");
}

#[test]
fn an_effect_keeps_its_sign_in_every_width() {
    for width in [60, 66, 70, 76, 80, 90, 99, 100, 120] {
        let (_folder, app) = errors((width, 24));
        let text = app.text();
        let missed: Vec<&str> = text.lines().filter(|line| line.contains("radiocarp") && line.contains("P001-LH")).collect();
        assert!(!missed.is_empty() && missed.iter().all(|line| line.contains("−2")), "{width}\n{text}");
    }
}

#[test]
fn an_opened_error_shows_both_boxes_named_and_n_walks_the_errors_with_the_list() {
    let (_folder, mut app) = errors((120, 40));
    app.keys("f\x15side neighbour\r\r");
    assert_eq!(app.state.screen, FILM.id);
    let named = |app: &Headless| -> Vec<(Line, String)> {
        app.frame()
            .1
            .unwrap()
            .marks
            .into_iter()
            .filter(|mark| mark.selected)
            .map(|mark| (mark.line, mark.label.unwrap_or_default()))
            .collect()
    };
    let first = named(&app);
    app.keys("n");
    let second = named(&app);
    let mut both = [first, second];
    both.sort_by_key(|boxes| boxes[1].1.clone());
    assert_eq!(both[0], [(Line::Solid, "PIP 2".to_owned()), (Line::Corners, "PIP 3".to_owned())]);
    assert_eq!(both[1], [(Line::Solid, "MCP 2".to_owned()), (Line::Corners, "RH MCP 2".to_owned())]);
    assert!(app.text().contains("drawn on LH"), "{}", app.text());
    app.keys("n");
    assert!(app.text().contains("last item of the list"));
    app.keys("\x1b");
    assert_eq!((app.state.screen, app.state.errors.table.cursor), (ERRORS.id, 1), "the place in the list has followed");
}

#[test]
fn every_detection_says_what_became_of_it_and_rejected_ones_are_crossed_out() {
    let (_folder, mut app) = errors((120, 40));
    app.keys("f\x15neighbour\r\r*");
    let text = app.text();
    // PIP 2 taken for PIP 3, whose own box is better.
    assert!(text.contains("rejected: another box of this joint was better, 0.90"), "{text}");
    let of_film = |app: &Headless, line| app.frame().1.unwrap().marks.iter().filter(|mark| mark.line == line).count();
    assert_eq!(of_film(&app, Line::Crossed), 1, "of the task at hand; the box of another limb is accepted there");
    assert!(of_film(&app, Line::Corners) > 10 && text.contains("✓ accepted"));
    // Above its score every box is rejected by the threshold.
    app.keys("]]]]]]]]]]]]]]]");
    assert!(app.text().contains("rejected by the threshold: its score is below 0.95"), "{}", app.text());
    app.keys("\x1b");
    assert!(!app.state.film.raw && app.state.screen == FILM.id);
}

#[test]
fn wrong_grades_are_one_list_sorted_by_points_and_filtered_like_the_others() {
    let (_folder, mut app) = errors((120, 40));
    app.keys("\t\t");
    assert_eq!(app.state.errors.view, View::Grades);
    let points = |app: &Headless| -> Vec<i32> {
        app.state
            .errors
            .grades
            .shown
            .iter()
            .map(|place| app.state.active_run.grade_errors.get(*place as usize).unwrap().points.abs())
            .collect()
    };
    let all = points(&app);
    assert!(all.iter().rev().is_sorted() && all.len() > 20, "{all:?}");
    // By hand: every joint of a graded hand whose grades differ, but those whose box is wrong.
    let evaluation = app.state.active_run.evaluation().unwrap().clone();
    let wrong = |error: &svh_analysis::GradeError| {
        let (reader, model) = evaluation.grades_of(error.graded.patient, error.graded.joint);
        i32::from(model.unwrap()) - i32::from(reader.unwrap()) == error.points && error.points != 0
    };
    assert!(app.state.active_run.grade_errors.iter().all(wrong));
    let missed = joint::of_limb(Task::Narrowing, svh_core::Limb::LeftHand).last().unwrap();
    let first = evaluation.patient("P001").unwrap();
    assert!(!app.state.active_run.grade_errors.iter().any(|error| (error.graded.patient, error.graded.joint) == (first, missed)));
    assert!(app.text().contains("conf 0.60, entropy 0.7"), "{}", app.text());
    app.keys("f\x15RH erosion points<2\r");
    assert!(!points(&app).is_empty() && points(&app).len() < all.len() && points(&app).iter().all(|points| *points == 1));
    app.keys("f\x15entropy>0.99\r");
    assert!(points(&app).is_empty() && app.text().contains("no wrong grade fits"));
    app.keys("f\x15\r\r");
    assert_eq!(app.state.screen, FILM.id);
    let current = super::super::film::current(&app.state).unwrap();
    let chosen = app.state.active_run.grade_errors.get(app.state.errors.grades.chosen().unwrap()).unwrap().graded.joint;
    assert_eq!(current.joints(app.state.film.task)[app.state.film.joint], chosen);
}

#[test]
fn the_worst_errors_of_both_kinds_are_on_top_and_a_sheet_shows_them_with_their_words() {
    let folder = cohort();
    fixture::run(folder.path());
    let mut app = Headless::open(folder.path(), Images::Half, (80, 24));
    app.keys("E");
    let effects: Vec<i32> = app
        .state
        .errors
        .table
        .shown
        .iter()
        .take(5)
        .map(|place| super::order::item(&app.state, *place as usize).unwrap().effect().unwrap().abs())
        .collect();
    let most = app.state.active_run.grade_errors.iter().map(|error| error.points.abs()).max().unwrap();
    assert!(effects[0] >= most && effects.iter().rev().is_sorted(), "{effects:?}");
    app.keys("0\t");
    app.rest();
    let text = app.text();
    assert!(text.contains("P001-LH") && text.contains("R2 M1"), "{text}");
    let marks = |app: &Headless| app.frame().1.unwrap().marks.len();
    let with = marks(&app);
    app.keys("t");
    assert!(marks(&app) < with, "t hides the reader's boxes");
    app.keys("))}");
    assert_ne!(app.frame().1.unwrap().window, svh_core::Window::FULL);
    app.keys("A");
    assert_eq!(app.frame().1.unwrap().window, svh_core::Window::FULL);
}
