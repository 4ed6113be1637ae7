//! Many boxes accepted at once, and one undo.

use super::*;
use crate::tui::keys::screens::REVIEW;

fn decided(root: &Path) -> usize {
    Reviews::read(root).joints().filter(|(_, _, review)| review.bbox.is_some()).count()
}

#[test]
fn a_film_is_accepted_by_two_keys_and_given_back_by_one() {
    let (folder, mut app) = proposed();
    app.keys("Y\r");
    assert!(app.text().contains("accepted 29 boxes of P002-LH"), "{}", app.text());
    assert_eq!((decided(folder.path()), app.state.review.lines.len()), (29, 0));
    app.keys("u");
    assert!(app.text().contains("undone: 29 changes"), "{}", app.text());
    assert_eq!((decided(folder.path()), app.state.review.lines.len()), (0, 29));
    app.keys("\x19");
    assert_eq!((decided(folder.path()), app.state.review.lines.len()), (29, 0));
    // Nothing is left to accept, and that is said.
    app.keys("Y\r");
    assert!(app.text().contains("has no proposal that waits"), "{}", app.text());
    app.keys("\x1b");
    assert_eq!(Reviews::read(folder.path()).len(), 29 * 3);
}

#[test]
fn what_was_decided_before_stays_and_is_not_part_of_the_bulk_action() {
    let (folder, mut app) = proposed();
    app.keys("x");
    app.keys("Y\r");
    assert!(app.text().contains("accepted 28 boxes"), "{}", app.text());
    app.keys("u");
    assert_eq!(decided(folder.path()), 1, "the deleted box stays deleted");
}

#[test]
fn proposals_above_a_score_are_accepted_and_doubtful_ones_left() {
    let (folder, mut app) = proposed();
    app.keys("Y0.95\r");
    assert!(app.text().contains("no proposal that waits has a score of at least 0.95"), "{}", app.text());
    app.keys("Y0.9\r");
    // Of each task one is inferred and one lies in an unlikely place.
    assert!(app.text().contains("accepted 25 boxes on 1 film · 4 proposals left"), "{}", app.text());
    assert_eq!((decided(folder.path()), app.state.review.lines.len()), (25, 4));
    app.keys("u");
    assert_eq!(decided(folder.path()), 0);
    for wrong in ["x", "2", "-1"] {
        app.keys(&format!("Y{wrong}\r"));
        assert!(app.text().contains("score"), "{}", app.text());
        app.keys("\x1b");
    }
    assert_eq!(decided(folder.path()), 0);
}

#[test]
fn blind_readers_accept_nothing_in_bulk() {
    let (folder, mut app) = proposed();
    app.keys("B");
    app.keys("Y");
    assert!(app.state.prompt.is_none() && app.text().contains("reading blindly"), "{}", app.text());
    app.keys("Z");
    assert!(app.state.screen == REVIEW.id && decided(folder.path()) == 0);
}
