//! Boxes that a model wrote into label files, reviewed: accepted, moved, rejected, and a person's from then on.

use svh_core::Placed;

use super::*;

/// The reviews of a cohort whose second patient's left hand has proposals in its label files, and no run.
fn proposed() -> (TempDir, Still) {
    let folder = cohort();
    fixture::propose(folder.path(), "P002", Limb::LeftHand);
    let mut still = fixture::still(folder.path(), SIZE);
    still.reader("anna");
    still.keys("V");
    (folder, still)
}

/// Who placed the box of a joint, as anybody reads it from the disk.
fn placed(root: &Path, joint: &'static Joint) -> Option<Placed> {
    let cohort = Cohort::open(root).unwrap();
    let labels = Reviews::read(root).labels(&cohort, cohort.patient("P002").unwrap(), joint.limb);
    labels.of(joint.task).iter().find(|truth| truth.joint == joint).map(|truth| truth.placed)
}

#[test]
fn proposals_of_label_files_wait_in_the_queue_the_doubtful_first_until_somebody_decides() {
    let (folder, mut still) = proposed();
    let root = folder.path();
    assert_eq!(still.state.review.list, List::Of(Kind::Proposal));
    assert_eq!(still.state.review.lines.len(), 14 + 15);
    let (first, second) = (named(Task::Narrowing, "LH_mcp_2"), named(Task::Narrowing, "LH_mcp_3"));
    assert_eq!(at(&still.state).unwrap().joint(), first);
    let text = still.text();
    assert!(
        text.contains("proposed by the shape of the limb") && text.contains("nobody has") && text.contains("placed by the shape"),
        "{text}"
    );
    let chosen = |still: &Still| plan(still).marks.into_iter().find(|mark| mark.selected).unwrap();
    assert_eq!((chosen(&still).line, chosen(&still).colour), (Line::Dashed, theme::MODEL));
    // Accepted: a person's, drawn as such.
    still.keys("\r");
    assert_eq!(placed(root, first), Some(Placed::Person));
    assert!(matches!(last(root), Change::Accept { .. }));
    assert_eq!((at(&still.state).unwrap().joint(), still.state.review.lines.len()), (second, 28));
    assert_eq!(chosen(&still).colour, theme::DOUBT, "it lies in an unlikely place");
    // Moved.
    let before = on_disk(root, "P002", second).unwrap();
    still.keys("m\x1b[C\x1b[C\r");
    assert!(on_disk(root, "P002", second).unwrap().x0 > before.x0 && matches!(last(root), Change::Move { .. }));
    assert_eq!(placed(root, second), Some(Placed::Person));
    // Rejected, and taken back: a proposal again.
    let third = at(&still.state).unwrap().joint();
    still.keys("x");
    assert_eq!((placed(root, third), last(root), still.state.review.lines.len()), (None, Change::Delete, 26));
    still.keys("u");
    assert!(placed(root, third).is_some_and(|placed| placed != Placed::Person));
    assert_eq!(still.state.review.lines.len(), 27);
    // The label files are as the model wrote them.
    let cohort = Cohort::open(root).unwrap();
    let file = cohort.label_file(cohort.patient("P002").unwrap(), Task::Narrowing, Limb::LeftHand).unwrap();
    assert!(svh_core::VocFile::read(&file).unwrap().untouched().is_some());
}

#[test]
fn the_lists_of_a_film_tell_a_proposal_from_a_persons_box() {
    let (_folder, mut still) = proposed();
    for keys in ["P", "\x1b[H", "\x1b[B", "\r", "V"] {
        still.keys(keys);
    }
    assert_eq!((still.state.review.list, at_hand(&still).0.as_str()), (List::Film, "P002"));
    let with = |still: &Still, mark: char| still.text().lines().filter(|line| line.contains(" M ·") && line.contains(mark)).count();
    let (before, joints) = (with(&still, 'p'), with(&still, 'M'));
    assert!(before >= 10 && with(&still, '□') == 0, "{}", still.text());
    still.keys("\r");
    assert!(still.text().contains("accepted the box"), "{}", still.text());
    assert_eq!(
        (with(&still, 'p'), with(&still, '□'), with(&still, '✓'), with(&still, 'M')),
        (before - 1, 1, 1, joints),
        "{}",
        still.text()
    );
}
