//! Boxes that a model wrote into label files, reviewed: accepted, moved, rejected, and a person's from then on.

use svh_core::Placed;

use super::*;

/// Who placed the box of a joint, as anybody reads it from the disk.
fn placed(root: &Path, joint: &'static Joint) -> Option<Placed> {
    let cohort = Cohort::open(root).unwrap();
    let labels = Reviews::read(root).labels(&cohort, cohort.patient("P002").unwrap(), joint.limb);
    labels.of(joint.task).iter().find(|reference| reference.joint == joint).map(|reference| reference.placed)
}

#[test]
fn proposals_of_label_files_wait_in_the_queue_the_doubtful_first_until_somebody_decides() {
    let (folder, mut app) = proposed();
    let root = folder.path();
    assert_eq!(app.state.review.list, List::Of(Kind::Proposal));
    assert_eq!(app.state.review.lines.len(), 14 + 15);
    let (first, second) = (named(Task::Narrowing, "LH_mcp_2"), named(Task::Narrowing, "LH_mcp_3"));
    assert_eq!(at(&app.state).unwrap().joint(), first);
    let text = app.text();
    assert!(text.contains("proposed by the shape model") && text.contains("unreviewed") && text.contains("placed by the shape"), "{text}");
    let chosen = |app: &Headless| plan(app).marks.into_iter().find(|mark| mark.selected).unwrap();
    assert_eq!((chosen(&app).line, chosen(&app).colour), (Line::Dashed, theme::MODEL));
    // Accepted: a person's, drawn as such.
    app.keys("\r");
    assert_eq!(placed(root, first), Some(Placed::Reader));
    assert!(matches!(last(root), Change::Accept { .. }));
    assert_eq!((at(&app.state).unwrap().joint(), app.state.review.lines.len()), (second, 28));
    assert_eq!(chosen(&app).colour, theme::DOUBT, "it lies in an unlikely place");
    // Moved.
    let before = on_disk(root, "P002", second).unwrap();
    app.keys("m\x1b[C\x1b[C\r");
    assert!(on_disk(root, "P002", second).unwrap().x0 > before.x0 && matches!(last(root), Change::Move { .. }));
    assert_eq!(placed(root, second), Some(Placed::Reader));
    // Rejected, and taken back: a proposal again.
    let third = at(&app.state).unwrap().joint();
    app.keys("x");
    assert_eq!((placed(root, third), last(root), app.state.review.lines.len()), (None, Change::Delete, 26));
    app.keys("u");
    assert!(placed(root, third).is_some_and(|placed| placed != Placed::Reader));
    assert_eq!(app.state.review.lines.len(), 27);
    // The label files are as the model wrote them.
    let cohort = Cohort::open(root).unwrap();
    let file = cohort.label_file(cohort.patient("P002").unwrap(), Task::Narrowing, Limb::LeftHand).unwrap();
    assert!(svh_core::VocFile::read(&file).unwrap().untouched().is_some());
}

#[test]
fn the_lists_of_a_film_tell_a_proposal_from_a_persons_box() {
    let (_folder, mut app) = proposed();
    for keys in ["P", "\x1b[H", "\x1b[B", "\r", "V"] {
        app.keys(keys);
    }
    assert_eq!((app.state.review.list, at_hand(&app).0.as_str()), (List::Film, "P002"));
    let with = |app: &Headless, mark: char| app.text().lines().filter(|line| line.contains(" M ·") && line.contains(mark)).count();
    let (before, joints) = (with(&app, 'p'), with(&app, 'M'));
    assert!(before >= 10 && with(&app, '□') == 0, "{}", app.text());
    app.keys("\r");
    assert!(app.text().contains("accepted the box"), "{}", app.text());
    assert_eq!((with(&app, 'p'), with(&app, '□'), with(&app, '✓'), with(&app, 'M')), (before - 1, 1, 1, joints), "{}", app.text());
}
