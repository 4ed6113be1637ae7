//! Several readers: blind answers, differences, conflicts, and what the disk says.

use super::*;

#[test]
fn blind_reading_hides_truth_and_model_until_the_answer_is_locked() {
    let (folder, mut still) = open();
    let root = folder.path();
    first_film(&mut still);
    still.keys("B");
    let pip2 = named(Task::Narrowing, "LH_pip_2");
    assert_eq!((still.state.review.list, at_hand(&still).1.as_str()), (List::Blind, "LH_pip_2"));
    assert!(plan(&still).marks.is_empty(), "no box of the film is shown");
    assert!(!still.text().contains("R 0") && !still.text().contains("label file") && still.text().contains("truth and model are hidden"));
    assert_eq!(plan(&still).region[2] - plan(&still).region[0], whole(&still), "nor is the place given away by a close look");
    still.keys("x");
    still.keys("\r");
    assert!(still.text().contains("neither a box nor a grade to lock"), "{}", still.text());
    still.keys("3b\r");
    assert!(Reviews::read(root).is_empty(), "an answer is the reader's own until it is locked");
    assert!(still.text().contains("grade 3") && plan(&still).marks.len() == 1);
    still.keys("\r");
    let Change::Lock { grade: Some(3), bbox: Some(bbox) } = last(root) else { panic!("{:?}", last(root)) };
    let text = still.text();
    assert!(text.contains("✓ anna 3") && text.contains("□ box of the label file"), "now it is compared: {text}");
    assert_eq!(on_disk(root, "P001", pip2), Some(place(pip2)), "truth is as it was");
    assert!(bbox.width() > 0.0);
    still.keys("\r");
    assert_eq!(at_hand(&still).1, "LH_pip_3", "on to the next");
    let shown: Vec<_> = plan(&still).marks;
    assert!(shown.iter().all(|mark| mark.bbox.iou(&place(pip2)) > 0.1 || mark.line != Line::Solid), "only what was answered is shown");
    still.keys("\x1b[A2");
    assert_eq!(grade_on_disk(root, "P001", pip2), Some(2), "after the answer the truth may be corrected");
    still.keys("B");
    assert_eq!(still.state.review.list, List::Film);
    assert!(!plan(&still).marks.is_empty());
}

#[test]
fn the_answers_of_two_readers_are_compared_where_they_differ() {
    let (folder, mut still) = open();
    first_film(&mut still);
    still.keys("B1\r\r2\r");
    still.reader("ben");
    first_film(&mut still);
    still.keys("B4\r\r");
    still.keys("D");
    assert_eq!(still.state.review.list, List::Readers);
    assert_eq!(still.state.review.lines.len(), 1, "ben has not answered the second yet, so it is not shown");
    still.keys("B\x1b[B2\rD");
    assert_eq!(at_hand(&still).1, "LH_pip_2");
    let text = still.text();
    assert!(text.contains("1 of 2 joints") && text.contains("anna 1 ben 4 ±3"), "{text}");
    assert!(text.contains("✓ anna 1") && text.contains("✓ ben 4"));
    let reviews = Reviews::read(folder.path());
    assert_eq!(reviews.pairs("anna", "ben").count(), 2);
}

#[test]
fn what_others_do_meanwhile_appears_and_a_conflict_is_told() {
    let (folder, mut still) = open();
    first_film(&mut still);
    let mut other = fixture::still(folder.path(), SIZE);
    other.reader("ben");
    first_film(&mut other);
    other.keys("m\x1b[C\r");
    still.keys("m\x1b[D\r");
    still.look_at_reviews();
    list(&mut still, List::Of(Kind::Conflict));
    assert_eq!(still.state.review.lines.len(), 1, "{}", still.text());
    assert!(still.text().contains("changed the box without seeing what"), "{}", still.text());
    still.keys("\r");
    assert!(still.state.review.lines.is_empty(), "decided by somebody who saw both");
}

#[test]
fn a_disk_that_refuses_is_told_once_and_quitting_asks_before_changes_are_lost() {
    let folder = cohort();
    std::fs::write(folder.path().join("reviews"), "in the way").unwrap();
    let mut still = fixture::still(folder.path(), SIZE);
    still.reader("anna");
    first_film(&mut still);
    still.keys("3");
    let words = |still: &Still| still.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&still).contains("1 change waits in memory"), "{}", still.text());
    still.keys("\x1b");
    still.keys("q");
    assert!(!still.ended && words(&still).contains("1 change is not on the disk"), "{}", still.text());
    std::fs::remove_file(folder.path().join("reviews")).unwrap();
    still.keys("2");
    assert!(words(&still).contains("everything is on the disk now"), "{}", still.text());
    assert_eq!(Reviews::read(folder.path()).len(), 2);
    still.keys("q");
    assert!(still.ended);
}

#[test]
fn a_torn_line_is_told_when_the_cohort_is_opened() {
    let (folder, mut still) = open();
    still.keys("\r\r");
    let file = std::fs::read_dir(folder.path().join("reviews")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &text[..text.len() - 20]).unwrap();
    let mut later = fixture::still(folder.path(), SIZE);
    later.look_at_reviews();
    assert!(later.text().split_whitespace().collect::<Vec<_>>().join(" ").contains("line 2: the line is torn"), "{}", later.text());
    assert_eq!(later.state.desk.reviews().len(), 1);
}

fn whole(still: &Still) -> f32 {
    let plan = plan(still);
    let cells = svh_terminal::Cells { columns: plan.rect.width, rows: plan.rect.height, pixel: plan.cell };
    let placed = svh_terminal::View::default().place(FILM, cells);
    placed.region[2] - placed.region[0]
}
