//! Tests of the curves: each view shows what the analysis says, and each point opens its boxes.

use svh_analysis::detection::best_f1;
use svh_core::Task;

use super::state::View;
use crate::tui::{fixture::evaluated, headless::Headless};

fn curves(size: (u16, u16)) -> (tempfile::TempDir, Headless) {
    let (folder, mut app) = evaluated(size);
    app.keys("U");
    (folder, app)
}

fn view(app: &mut Headless, wanted: View) {
    for _ in 0..View::ALL.len() {
        if app.state.curves.view == wanted {
            return;
        }
        app.keys("\t");
    }
    panic!("{wanted:?} is not reached");
}

#[test]
fn the_first_view_is_precision_and_recall_at_the_best_threshold() {
    let (_folder, app) = curves((80, 24));
    let text = app.text();
    assert!(text.contains("[PR]") && text.contains("recall") && text.contains("IoU 0.75"), "{text}");
    let best = best_f1(&app.state.curves.ready().unwrap().curves.points).unwrap();
    // The fixture's detector finds all but two joints a film at 0.9; its two confusions have 0.5 and 0.4.
    assert!((best.threshold - 0.9).abs() < 1e-6 && best.wrong == 0, "{best:?}");
    assert!(text.contains("threshold 0.90: precision 1.000"), "{text}");
}

#[test]
fn a_point_opens_the_wrong_boxes_above_it() {
    let (_folder, mut app) = curves((80, 24));
    app.keys("\r");
    assert!(app.text().contains("wrong boxes from 0.90: nothing"), "{}", app.text());
    // Down to 0.45, where one of the two confusions has passed.
    app.keys(&"\x1b[D".repeat(45));
    app.keys("\r");
    let items = &app.state.list.selection.items;
    assert_eq!(items.iter().map(|item| item.score).collect::<Vec<_>>(), [Some(0.5)]);
    assert_eq!(items[0].joint.unwrap().label, "LH_pip_3");
    app.keys("\x1b");
    app.keys(&"\x1b[D".repeat(10));
    app.keys("\r");
    assert_eq!(app.state.list.selection.items.len(), 2);
}

#[test]
fn the_best_threshold_is_taken_over_by_all_screens() {
    let (_folder, mut app) = curves((80, 24));
    assert!((app.state.active_run.threshold - 0.2).abs() < 1e-6);
    app.keys("@");
    assert!((app.state.active_run.threshold - 0.9).abs() < 1e-6);
    assert!(app.text().contains("the threshold of all screens is 0.90"), "{}", app.text());
    assert!(app.state.active_run.is_current(), "the errors are those of the new threshold");
}

#[test]
fn the_table_has_a_line_a_joint_and_j_shows_its_curves() {
    let (_folder, mut app) = curves((80, 24));
    view(&mut app, View::Table);
    let text = app.text();
    assert!(text.contains("all joints") && text.contains("AP75") && text.contains(" AR"), "{text}");
    assert!(text.contains("J shows this joint's curves"), "{text}");
    app.keys("\x1b[BJ");
    let joint = app.state.curves.joint.unwrap();
    assert_eq!(app.state.curves.curves().unwrap().scores.right.iter().sum::<u32>(), 1, "one film has this joint: {}", joint.label);
    assert!(app.text().contains(crate::tui::names::short(joint).as_str()));
    app.keys("J");
    assert!(app.state.curves.joint.is_none());
}

#[test]
fn bars_open_the_boxes_of_their_bin_and_confused_joints_theirs() {
    let (_folder, mut app) = curves((80, 24));
    view(&mut app, View::Scores);
    // The bin with the most wrong boxes is chosen first.
    let text = app.text();
    assert!(text.contains("█ right") && text.contains("▒ wrong"), "{text}");
    let at = app.state.curves.at();
    let wrong = app.state.curves.curves().unwrap().scores.wrong[at];
    app.keys("\r");
    let items = &app.state.list.selection.items;
    assert!(wrong > 0 && items.len() as u32 >= wrong);
    assert!(items.iter().all(|item| (item.score.unwrap() * 20.0) as usize == at));
    app.keys("\x1b");
    view(&mut app, View::Classes);
    let text = app.text();
    assert!(text.contains("missed"), "{text}");
    let (pair, count) = app.state.curves.pairs[0];
    assert!(text.contains(&super::pair_name(Task::Narrowing, pair)));
    app.keys("\r");
    assert_eq!(app.state.list.selection.items.len() as u32, count);
}

#[test]
fn the_reliability_diagram_counts_confidences_and_opens_their_joints() {
    let (_folder, mut app) = curves((80, 24));
    view(&mut app, View::Reliability);
    let found = app.state.curves.reliability.clone().unwrap();
    // Every joint was graded 1 with 0.6.
    assert_eq!(found.bins[6].0, found.n);
    let text = app.text();
    assert!(text.contains(&format!("ECE {:.3}", found.ece)) && text.contains("0.6 to 0.7"), "{text}");
    app.keys("\r");
    assert_eq!(app.state.list.selection.items.len(), found.n);
    app.keys("\x1b");
    app.keys("e");
    assert!(app.text().contains("hand erosion"), "{}", app.text());
}

#[test]
fn p_saves_the_figure_of_the_screen() {
    let (folder, mut app) = curves((80, 24));
    for (keys, name, words) in [
        ("U", "pr.svg", "precision"),
        ("I", "imbalance.svg", "left hand"),
        ("T", "totals.svg", "cumulative probability"),
        ("C", "confusion.svg", "Confusion of grades"),
    ] {
        app.keys(keys);
        app.keys("$");
        assert!(app.text().contains("figure to"), "{}", app.text());
        let file = folder.path().join(name);
        app.keys(&format!("\x15{}\r", file.display()));
        assert!(app.text().contains("wrote"), "{}", app.text());
        assert!(std::fs::read_to_string(&file).unwrap().contains(words), "{name}");
    }
    app.keys("P");
    app.keys("$");
    assert!(app.state.prompt.is_none(), "Patients shows no figure");
}

#[test]
fn every_size_is_drawn() {
    for size in [(60, 16), (80, 24), (200, 60)] {
        let (_folder, mut app) = curves(size);
        for wanted in View::ALL {
            view(&mut app, wanted);
            assert!(app.text().lines().count() == usize::from(size.1));
        }
        app.keys("e");
        assert!(!app.text().is_empty());
    }
}
