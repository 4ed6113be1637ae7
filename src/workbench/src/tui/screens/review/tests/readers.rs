//! Several readers: blind answers, differences, conflicts, and what the disk says.

use super::*;
use crate::tui::keys::screens::{PATIENTS, REVIEW};

#[test]
fn blind_reading_hides_reference_and_model_until_the_answer_is_locked() {
    let (folder, mut app) = open();
    let root = folder.path();
    first_film(&mut app);
    app.keys("B");
    let pip2 = named(Task::Narrowing, "LH_pip_2");
    assert_eq!((app.state.review.list, at_hand(&app).1.as_str()), (List::Blind, "LH_pip_2"));
    assert!(plan(&app).marks.is_empty(), "no box of the film is shown");
    assert!(!app.text().contains("R 0") && !app.text().contains("label file") && app.text().contains("reader and model are hidden"));
    assert_eq!(plan(&app).region[2] - plan(&app).region[0], whole(&app), "nor is the place given away by a close look");
    app.keys("x");
    app.keys("\r");
    assert!(app.text().contains("neither a box nor a grade to lock"), "{}", app.text());
    app.keys("3b\r");
    assert_eq!(Reviews::read(root).joints().count(), 0, "an answer is the reader's own until it is locked");
    assert!(app.text().contains("grade 3") && plan(&app).marks.len() == 1);
    app.keys("\r");
    let Change::Lock { grade: Some(3), bbox: Some(bbox), order: Some(ReadingOrder::Chronological) } = last(root) else {
        panic!("{:?}", last(root))
    };
    let text = app.text();
    assert!(text.contains("✓ anna 3") && text.contains("□ box of the label file"), "now it is compared: {text}");
    assert_eq!(on_disk(root, "P001", pip2), Some(place(pip2)), "truth is as it was");
    assert!(bbox.width() > 0.0);
    app.keys("\r");
    assert_eq!(at_hand(&app).1, "LH_pip_3", "on to the next");
    let shown: Vec<_> = plan(&app).marks;
    assert!(shown.iter().all(|mark| mark.bbox.iou(&place(pip2)) > 0.1 || mark.line != Line::Solid), "only what was answered is shown");
    app.keys("\x1b[A2");
    assert_eq!(grade_on_disk(root, "P001", pip2), Some(2), "after the answer the truth may be corrected");
    app.keys("B");
    assert_eq!(app.state.review.list, List::Film);
    assert!(!plan(&app).marks.is_empty());
}

#[test]
fn the_answers_of_two_readers_are_compared_where_they_differ() {
    let (folder, mut app) = open();
    first_film(&mut app);
    app.keys("B1\r\r2\r");
    app.reader("ben");
    first_film(&mut app);
    app.keys("B4\r\r");
    app.keys("&");
    assert!(app.state.review.list == List::Blind && app.text().contains("reading blindly"), "blind reading comes first");
    app.keys("B&");
    assert_eq!(app.state.review.list, List::Readers);
    assert_eq!(app.state.review.lines.len(), 1, "ben has not answered the second yet, so it is not shown");
    app.keys("B\x1b[B2\rB&");
    assert_eq!(at_hand(&app).1, "LH_pip_2");
    let text = app.text();
    assert!(text.contains("1 of 2 joints") && text.contains("anna 1 ben 4 ±3"), "{text}");
    assert!(text.contains("✓ anna 1") && text.contains("✓ ben 4"));
    let reviews = Reviews::read(folder.path());
    assert_eq!(reviews.pairs("anna", "ben").count(), 2);
}

#[test]
fn what_others_do_meanwhile_appears_and_a_conflict_is_told() {
    let (folder, mut app) = open();
    first_film(&mut app);
    let mut other = fixture::app(folder.path(), SIZE);
    other.reader("ben");
    first_film(&mut other);
    other.keys("m\x1b[C\r");
    app.keys("m\x1b[D\r");
    app.look_at_reviews();
    list(&mut app, List::Of(Kind::Conflict));
    assert_eq!(app.state.review.lines.len(), 1, "{}", app.text());
    assert!(app.text().contains("changed the box without seeing"), "{}", app.text());
    app.keys("\r");
    assert!(app.state.review.lines.is_empty(), "decided by somebody who saw both");
}

#[test]
fn a_disk_that_refuses_is_told_once_and_quitting_asks_before_changes_are_lost() {
    let folder = cohort();
    std::fs::write(folder.path().join("reviews"), "in the way").unwrap();
    let mut app = fixture::app(folder.path(), SIZE);
    app.reader("anna");
    first_film(&mut app);
    app.keys("3");
    let words = |app: &Headless| app.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&app).contains("1 change waits in memory"), "{}", app.text());
    app.keys("\x1b");
    app.keys("q");
    assert!(!app.ended && words(&app).contains("1 change is not on disk"), "{}", app.text());
    std::fs::remove_file(folder.path().join("reviews")).unwrap();
    app.keys("n2");
    assert!(words(&app).contains("everything is on disk now"), "{}", app.text());
    assert_eq!(Reviews::read(folder.path()).len(), 2);
    app.keys("q");
    assert!(app.ended);
}

#[test]
fn a_torn_line_is_told_when_the_cohort_is_opened() {
    let (folder, mut app) = open();
    app.keys("\r\r");
    let file = std::fs::read_dir(folder.path().join("reviews")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &text[..text.len() - 20]).unwrap();
    let mut later = fixture::app(folder.path(), SIZE);
    later.look_at_reviews();
    assert!(later.text().split_whitespace().collect::<Vec<_>>().join(" ").contains("line 2: the line is torn"), "{}", later.text());
    assert_eq!(later.state.session.reviews().len(), 1);
}

fn whole(app: &Headless) -> f32 {
    let plan = plan(app);
    let cells = svh_terminal::Cells { columns: plan.rect.width, rows: plan.rect.height, pixel: plan.cell };
    let placed = svh_terminal::View::default().place(FILM, cells);
    placed.region[2] - placed.region[0]
}

#[test]
fn a_blind_reader_cannot_look_elsewhere_and_the_log_has_it() {
    let (folder, mut app) = open();
    let root = folder.path();
    // Another reader's note on the joint.
    let mut other = fixture::app(root, SIZE);
    other.reader("ben");
    first_film(&mut other);
    other.keys("!looks eroded\r");
    app.look_at_reviews();
    first_film(&mut app);
    app.keys("B");
    assert!(matches!(last(root), Change::Blind { on: true }), "{:?}", last(root));
    for keys in
        ["o", "P", "E", "T", "C", "I", "R", "\t", "\x1b[Z", "&", "s", "d", "\x12", "\x10P001\r", "\x10totals\r", "\x1b[<0;20;1M", "\x1b"]
    {
        app.keys(keys);
        assert!(app.state.screen == REVIEW.id && app.state.review.list == List::Blind && app.state.palette.is_none(), "{keys:?}");
        assert!(!app.text().contains("looks eroded") && !app.text().contains("R 0"), "{keys:?}\n{}", app.text());
    }
    assert!(app.requests.is_empty(), "no model is asked");
    app.keys("ttpp");
    assert!(plan(&app).marks.is_empty());
    app.keys("B");
    assert!(matches!(last(root), Change::Blind { on: false }));
    app.keys("P");
    assert_eq!(app.state.screen, PATIENTS.id);
    // What the log says cannot be undone.
    app.keys("V");
    app.keys("u");
    assert!(app.text().contains("nothing to undo"), "{}", app.text());
}

/// The fixture's films as two visits of one person: `P001` the first, `P002` a year later.
fn visits(folder: &Path, reader: &str, order: ReadingOrder) -> Headless {
    std::fs::write(folder.join("visits.csv"), "Patient_ID,patient,visit,months\nP001,ann,1,0\nP002,ann,2,12\nP004,bob,1,0\n").unwrap();
    let mut app = fixture::app(folder, SIZE);
    app.reader(reader);
    app.state.session.order = order;
    app
}

#[test]
fn a_random_order_begins_with_its_own_first_film_and_never_shows_which_visit_a_film_is_of() {
    let folder = cohort();
    let root = folder.path();
    // Readers whose first pair begins with the later visit; the film that is open is the earlier one's.
    let places = |reader: &str| {
        let app = visits(root, reader, ReadingOrder::RandomInPair);
        let catalogue = app.state.catalogue().unwrap();
        ReadingOrder::RandomInPair.sequence(&catalogue.cohort, &catalogue.visits, reader)
    };
    let reader = (0..20).map(|number| format!("reader {number}")).find(|reader| places(reader)[0].0 == 1).unwrap();
    let (films, mut app) = (places(&reader), visits(root, &reader, ReadingOrder::RandomInPair));
    first_film(&mut app);
    app.keys("B");
    let here = |app: &Headless| (app.state.film.patient, at(&app.state).unwrap().joint().limb);
    let anonymous = |app: &Headless, keys: &str| {
        let text = app.text();
        assert!(!["P001", "P002", "P004", ".png"].iter().any(|name| text.contains(name)), "{keys:?}\n{text}");
    };
    assert_eq!((here(&app), films.len()), (films[0], 7));
    assert!(app.text().contains("blind (random-in-pair), film 1 of 7"), "{}", app.text());
    for keys in ["2", "\r", "\r", "1\r", "\r", "!odd\r", "u", "K", "blurred\r", "y", "/P002\r", "\x1b", "\x1b[B", "n", "N", "n"] {
        app.keys(keys);
        anonymous(&app, keys);
    }
    assert!(app.copied.is_empty());
    assert_eq!(here(&app), films[1]);
    let Change::Lock { order: Some(ReadingOrder::RandomInPair), .. } = locked(root) else { panic!("{:?}", locked(root)) };
    for film in &films[2..] {
        app.keys("n");
        anonymous(&app, "n");
        assert_eq!(here(&app), *film, "in the order that was drawn");
    }
    app.keys("n");
    assert!(app.text().contains("no other film in this direction"));

    // Another day: the film that was answered in part.
    let mut later = visits(root, &reader, ReadingOrder::RandomInPair);
    first_film(&mut later);
    later.keys("B");
    assert_eq!(here(&later), films[0]);
    later.keys("n3\r");
    let mut later = visits(root, &reader, ReadingOrder::RandomInPair);
    first_film(&mut later);
    later.keys("B");
    assert_eq!(here(&later), films[1]);
    later.keys("B");
    assert!(later.text().contains("P00"), "afterwards films have their names again");
}

#[test]
fn a_film_that_cannot_be_read_is_not_named_in_a_random_order() {
    let folder = cohort();
    for file in std::fs::read_dir(folder.path().join("images")).unwrap() {
        std::fs::write(file.unwrap().path(), "not a film").unwrap();
    }
    let mut app = visits(folder.path(), "anna", ReadingOrder::Single);
    for keys in ["P", "\x1b[H", "\r"] {
        app.keys(keys);
    }
    assert!(app.text().contains("P001"));
    app.keys("VB");
    let text = app.text();
    assert!(text.contains("this film cannot be read") && !text.contains("P00"), "{text}");
}

/// The latest locked answer.
fn locked(root: &Path) -> Change {
    let reviews = Reviews::read(root);
    let locks = reviews.entries().filter(|entry| matches!(entry.change, Change::Lock { .. }));
    locks.max_by_key(|entry| entry.time).unwrap().change.clone()
}
