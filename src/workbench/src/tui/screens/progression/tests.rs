//! Tests of the progression: the changes are those of the grades, and both films of a joint are shown at one zoom.

use svh_core::{Task, joint};

use super::joints;
use crate::tui::{
    fixture::{self, app, cohort},
    headless::Headless,
    keys::screens::{FILM, PROGRESSION},
};

/// P001 and P002 are two visits of one person, a year apart; P003 and P004 of another, and the run knows neither.
fn progression(size: (u16, u16)) -> (tempfile::TempDir, Headless) {
    let folder = cohort();
    fixture::run(folder.path());
    let table = "Patient_ID,patient,visit,months\nP001,anna,1,0\nP002,anna,2,12\nP003,bert,1,0\nP004,bert,2,6\n";
    std::fs::write(folder.path().join("visits.csv"), table).unwrap();
    let mut app = app(folder.path(), size);
    app.keys("S");
    (folder, app)
}

/// The reader's change by hand, over the joints that reader and model graded at both visits.
fn change(app: &Headless, task: Option<Task>) -> (i64, usize) {
    let catalogue = app.state.catalogue().unwrap();
    let (before, after) = (catalogue.grades(0).unwrap(), catalogue.grades(1).unwrap());
    let model = fixture::score("P001");
    let joints = joint::all().filter(|joint| task.is_none_or(|task| task == joint.task) && model.joints.contains_key(&joint.ra2_column));
    let changes = joints.filter_map(|joint| Some(i64::from(after.get(joint)?) - i64::from(before.get(joint)?)));
    changes.fold((0, 0), |(sum, count), change| (sum + change, count + 1))
}

#[test]
fn the_change_of_a_pair_is_that_of_the_joints_graded_at_both_visits() {
    let (_folder, mut app) = progression((120, 40));
    assert_eq!(app.state.screen, PROGRESSION.id);
    for (keys, task) in [("", None), ("e", Some(Task::Narrowing)), ("e", Some(Task::Erosion))] {
        app.keys(keys);
        let (sum, count) = change(&app, task);
        let found = app.state.progression.found.as_ref().unwrap();
        let anna = found.changes.iter().find(|change| change.patient == "anna").unwrap();
        assert_eq!((anna.reader, anna.joints), (Some(sum as f64), count));
        assert_eq!((anna.model, anna.reader_per_year), (Some(0.0), Some(sum as f64)), "the model grades both alike");
        let bert = found.changes.iter().find(|change| change.patient == "bert").unwrap();
        assert_eq!((bert.reader, bert.model), (None, None));
        let text = app.text();
        assert!(text.contains("anna") && text.contains("P001") && text.contains(&format!(" {count} ")), "{text}");
    }
}

#[test]
fn a_cut_off_says_who_progressed() {
    let (_folder, mut app) = progression((80, 24));
    assert!(app.text().contains(": types a cut-off"), "{}", app.text());
    app.keys(":x\r");
    assert!(app.text().contains("not a number of units"), "{}", app.text());
    app.keys("\x15-1\r");
    let line = |app: &Headless| app.text().lines().find(|line| line.contains("anna")).unwrap().to_owned();
    assert!(line(&app).contains(" M"), "no change is more than -1: {}", app.text());
    assert!(app.text().contains("change above −1.0"), "{}", app.text());
    app.keys(":\x155\r");
    assert!(!line(&app).contains(" M"), "{}", app.text());
    app.keys(":\x15\r");
    assert_eq!(app.state.progression.threshold, None);
}

#[test]
fn both_films_of_a_joint_are_shown_at_one_zoom() {
    let (_folder, mut app) = progression((120, 40));
    app.keys("\r");
    let rows = &app.state.progression.joints.as_ref().unwrap().rows;
    assert!(rows.windows(2).all(|two| two[0].largest() >= two[1].largest()));
    let both = joints::tiles(&app.state);
    assert!(both[0].caption.contains("baseline P001") && both[1].caption.contains("no box, follow-up P002"));
    let side = |app: &Headless| joints::tiles(&app.state)[0].focus.width();
    let before = side(&app);
    app.keys("+");
    assert!((before / side(&app) - 1.25).abs() < 1e-3);
    app.rest();
    app.paint();
    assert!(app.text().contains("joints graded at both visits"), "{}", app.text());
    // To the film of the later visit, back to the joints, to the pairs.
    app.keys("\r");
    assert_eq!(app.state.screen, FILM.id);
    app.keys("\x1b");
    assert!(app.state.screen == PROGRESSION.id && app.state.progression.joints.is_some());
    app.keys("\x1b");
    assert!(app.state.progression.joints.is_none());
}

#[test]
fn a_cohort_without_visits_says_how_to_get_some() {
    let folder = cohort();
    fixture::run(folder.path());
    let mut app = app(folder.path(), (80, 24));
    app.keys("S");
    assert!(app.text().contains("has two visits") && app.text().contains("visits.csv"), "{}", app.text());
    app.keys("\t\re+c\r");
}
