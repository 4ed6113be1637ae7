//! Bulk review in the real program: a cohort without labels, a run over it, and how many films and crops an hour a script of keys gets through.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use svh_core::{Cohort, Detection, LabelledBox, Reviews, RunEvent, RunInfo, RunKind, RunStatus, RunWriter, Task};
use svh_tests::{
    cohort,
    program::workbench,
    terminal::{Persona, Terminal},
};

/// Takes the labels and grades of a cohort away and gives a run that has found and graded every joint as the readers had.
fn unlabelled_with_run(root: &Path) -> (usize, usize) {
    let cohort = Cohort::open(root).unwrap();
    let mut info = RunInfo::new(RunKind::Score, vec!["svh".into(), "score".into()]);
    info.started = "2025-11-23T22:05:44Z".into();
    let mut writer = RunWriter::create(&root.join("runs/20251123-220544-score"), info).unwrap();
    let (mut films, mut boxes) = (0, 0);
    for patient in cohort.patients() {
        for (limb, path) in cohort.films(patient) {
            let (limb, labels) = (limb.unwrap(), cohort.boxes(patient, limb.unwrap()));
            let found = |task: Task| {
                let found = |reference: &LabelledBox| Detection::new(reference.joint, reference.bbox, 0.95);
                labels.of(task).iter().map(move |reference| Detection { kept: true, ..found(reference) })
            };
            // A foot's erosion boxes are those of narrowing.
            let tasks: &[Task] = if limb.is_hand() { &Task::ALL } else { &[Task::Narrowing] };
            let detections: Vec<_> = tasks.iter().flat_map(|task| found(*task)).collect();
            (films, boxes) = (films + 1, boxes + detections.len());
            writer.film(&crate::screens::read(&path, limb, detections)).unwrap();
        }
    }
    writer.event(&RunEvent::Progress { done: 2, total: 2, what: String::new(), seconds: 1.0 }).unwrap();
    writer.finish(RunStatus::Finished, None).unwrap();
    for task in Task::ALL {
        std::fs::remove_dir_all(root.join(format!("{task}_labels"))).unwrap();
    }
    (films, boxes)
}

/// Waits until so many boxes are decided on the disk.
fn decided(root: &Path, wanted: impl Fn(usize, usize) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let reviews = Reviews::read(root);
        let of = |grade: bool| {
            reviews.joints().filter(|(_, _, review)| if grade { review.grade.is_some() } else { review.bbox.is_some() }).count()
        };
        if wanted(of(false), of(true)) {
            return;
        }
        assert!(Instant::now() < deadline, "{} boxes and {} grades are decided", of(false), of(true));
        std::thread::yield_now();
    }
}

/// How many boxes the list of proposals says are open.
fn open(screen: &str) -> Option<usize> {
    let words: Vec<&str> = screen.split_whitespace().collect();
    words.windows(2).find(|two| two[1] == "open").and_then(|two| two[0].parse().ok())
}

#[test]
fn films_are_accepted_and_crops_graded_in_bulk_and_the_pace_is_printed() {
    let cohort = cohort::copy();
    let root = cohort.path();
    let (films, boxes) = unlabelled_with_run(root);
    let mut command = workbench(root);
    command.args(["--reader", "anna"]);
    let mut terminal = Terminal::start(Persona::Plain, 80, 24, command);
    terminal.wait_for(cohort::PATIENTS[0]);
    terminal.keys("V");
    terminal.wait_for(&format!("{boxes} open"));
    // Film by film: accept all of it; the list then has the next film at hand.
    let (started, mut keys, mut left) = (Instant::now(), 0, boxes);
    for _ in 0..films {
        terminal.keys("Y\r");
        keys += 2;
        // The message of the film before looks the same, so the number of open boxes tells that this one is done.
        terminal.wait("fewer open boxes", Duration::from_secs(20), |seen| open(&seen.text).is_some_and(|now| now < left));
        left = open(&terminal.now().text).unwrap_or(left);
        terminal.wait_for("u undoes all of them");
        terminal.keys_drawn("\x1b[H");
    }
    terminal.wait_for("0 open");
    let film_pace = films as f64 / started.elapsed().as_secs_f64() * 3600.0;
    decided(root, |found, _| found == boxes);
    println!("bulk review: {films} films ({boxes} boxes) by {keys} keys, {film_pace:.0} films an hour as fast as the workbench answers");
    // All of the last film's boxes come back by one key.
    terminal.keys("u");
    terminal.wait_for("changes (accepted the box and others)");
    decided(root, |found, _| found < boxes);
    terminal.keys("\x19");
    terminal.wait_for("done again");
    decided(root, |found, _| found == boxes);
    // Crop by crop: a pass over a joint, the exceptions marked and graded, the page accepted; then the next joint.
    terminal.keys("P\r");
    terminal.wait_for("left hand");
    // The first joint: which one was at hand depends on how far the queue had come.
    terminal.keys("\x1b[HZ");
    terminal.wait_for("PIP 2 narrowing");
    let (started, mut keys, mut crops, mut expected) = (Instant::now(), 0, 0, 0);
    for joint in ["PIP 3", "PIP 4", "PIP 5", "MCP 1"] {
        terminal.keys("  3");
        terminal.wait_for("grade 3: 2 joints");
        terminal.keys("Y");
        terminal.wait_for("n is the next joint");
        terminal.keys("n");
        terminal.wait_for(&format!("{joint} narrowing"));
        (keys, crops, expected) = (keys + 5, crops + 4, expected + 4);
    }
    let crop_pace = f64::from(crops) / started.elapsed().as_secs_f64() * 3600.0;
    decided(root, |_, graded| graded == expected);
    println!("bulk review: {crops} crops by {keys} keys, {crop_pace:.0} crops an hour as fast as the workbench answers");
    assert!(film_pace > 600.0 && crop_pace > 600.0, "{film_pace} films, {crop_pace} crops an hour");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_given_back();
}
