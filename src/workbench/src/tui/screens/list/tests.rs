//! Tests of the list: what opens it, its two views, the film behind an entry, what is written and copied.

use svh_core::{Limb, Task, joint};

use crate::{
    selection::{self, Goto, Selection},
    tui::{
        Opening,
        fixture::{self, app, cohort, evaluated, run, run_at},
        headless::Headless,
        keys::screens::{FILM, LIST},
    },
};

#[test]
fn the_errors_at_hand_become_a_list_that_is_written_and_opened_again() {
    let (folder, mut app) = evaluated((80, 24));
    app.keys("EO");
    let text = app.text();
    // Wrong grades are errors too, and have no boxes to list.
    let boxes = app.state.active_run.errors.rows.len();
    let errors = app.state.errors.table.shown.iter().filter(|place| (**place as usize) < boxes).count();
    assert_eq!(app.state.list.selection.items.len(), errors, "{text}");
    assert!(text.contains(&format!("errors of {}", fixture::RUN)), "{text}");
    app.keys("\t");
    assert!(app.text().contains("what") && app.text().contains("score"), "{}", app.text());
    app.keys("W");
    assert!(app.text().contains("write to"), "{}", app.text());
    let file = folder.path().join("list.json");
    app.keys(&format!("{}\r", file.display()));
    assert!(app.text().contains(&format!("wrote {errors} ")), "{}", app.text());
    let again = selection::read(&file).unwrap();
    assert_eq!(again, app.state.list.selection);
}

#[test]
fn a_name_without_a_format_is_refused() {
    let (folder, mut app) = evaluated((80, 24));
    app.keys("EOW");
    app.keys(&format!("{}\r", folder.path().join("list.txt").display()));
    assert!(app.text().contains("names no format"), "{}", app.text());
    // What was typed stays, to be mended: here the ending, then the folder.
    app.keys("\x7f\x7f\x7fcsv\r");
    assert!(app.text().contains("wrote") && app.state.prompt.is_none(), "{}", app.text());
    app.keys("W");
    app.keys(&format!("{}\r", folder.path().join("none/list.csv").display()));
    assert!(
        app.state.prompt.as_ref().is_some_and(|prompt| prompt.error.is_some() && prompt.text.ends_with("none/list.csv")),
        "{}",
        app.text()
    );
    app.keys("\x1b");
    assert!(folder.path().join("list.csv").is_file());
}

#[test]
fn an_entry_opens_its_film_at_its_joint_and_its_place_is_copied() {
    let (_folder, mut app) = evaluated((80, 24));
    app.keys("EO\x1b[C");
    let item = crate::tui::screens::list::chosen(&app.state).unwrap().clone();
    app.keys("y");
    assert_eq!(app.copied, [item.place()]);
    assert!(app.text().contains(&format!("copied: {}", item.place())));
    app.keys("\r");
    assert_eq!(app.state.screen, FILM.id);
    assert_eq!(app.state.film.task, item.joint.map_or(Task::Narrowing, |joint| joint.task));
    app.keys("\x1b");
    assert_eq!(app.state.screen, LIST.id, "back to the list");
}

fn opened(opening: Opening) -> (tempfile::TempDir, Headless) {
    let folder = cohort();
    run(folder.path());
    let app = app_with(folder.path(), opening);
    (folder, app)
}

fn app_with(root: &std::path::Path, opening: Opening) -> Headless {
    Headless::open_with(root, crate::Images::Kitty, (80, 24), Some(opening))
}

#[test]
fn the_command_line_opens_a_list_or_a_joint() {
    let items = vec![selection::Item::film("P001", Limb::RightFoot), selection::Item::film("P777", Limb::LeftHand)];
    let (_folder, mut app) = opened(Opening::View(Selection { title: "from a notebook".into(), items }));
    assert!(app.text().contains("from a notebook · 2 entries"), "{}", app.text());
    app.keys("\x1b[C\r");
    assert!(app.text().contains("the cohort has no patient P777"), "{}", app.text());
    // A joint without coordinates is shown where the cohort and the run have it.
    let joint = joint::by_label(Task::Narrowing, "LH_mcp_3");
    let items = vec![selection::Item { joint, ..selection::Item::film("P001", Limb::LeftHand) }];
    let (_folder, mut app) = opened(Opening::View(Selection { title: "joints".into(), items }));
    app.rest();
    assert_eq!(app.frame().1.unwrap().marks.len(), 2, "{}", app.text());
    let (_folder, app) = opened(Opening::Goto("P001/RH/pip_3".parse::<Goto>().unwrap()));
    assert_eq!(app.state.screen, FILM.id);
    assert!(app.text().contains("P001") && app.text().contains("PIP 3"), "{}", app.text());
    let (_folder, app) = opened(Opening::Goto("P002/LF".parse::<Goto>().unwrap()));
    assert!(app.text().contains("P002 has no film of the left foot"), "{}", app.text());
    assert!("P001/XX".parse::<Goto>().is_err() && "P001/LH/knee".parse::<Goto>().is_err() && "".parse::<Goto>().is_err());
}

#[test]
fn a_bar_of_the_imbalance_opens_its_joints_the_rarest_grade_first() {
    let (_folder, mut app) = evaluated((80, 24));
    app.keys("I");
    let found = app.state.imbalance.chosen().cloned().unwrap().found;
    app.keys("2");
    let grades: Vec<_> = app.state.list.selection.items.iter().map(|item| item.reader).collect();
    assert_eq!(grades.len() as u64, found.reference[2]);
    assert!(grades.iter().all(|grade| *grade == Some(2)), "{grades:?}");
    app.keys("\x1b");
    app.keys("\r");
    let items = &app.state.list.selection.items;
    assert_eq!(items.len() as u64, found.reference.iter().sum::<u64>());
    let counts: Vec<u64> = items.iter().map(|item| found.reference[usize::from(item.reader.unwrap())]).collect();
    assert!(counts.is_sorted() && counts[0] < counts[counts.len() - 1], "{counts:?}");
}

#[test]
fn what_changed_between_two_runs_is_a_list_with_both_boxes() {
    let folder = cohort();
    run(folder.path());
    // Without any box of the detector: every joint that was found is lost, and the inferred one stays.
    run_at(folder.path(), "20251123-200000-score", 0.95);
    let mut app = app(folder.path(), (120, 40));
    app.keys("R");
    app.keys("~");
    assert!(app.text().contains("mark a scoring with Space"), "{}", app.text());
    app.keys(" \x1b[B~");
    app.keys("\t\tO");
    assert_eq!(app.state.screen, LIST.id, "{}", app.text());
    let list = &app.state.list.selection;
    assert!(list.title.contains("boxes: 0 fixed"), "{}", list.title);
    let broken = list.items.iter().filter(|item| item.what.starts_with("broken box")).count();
    assert!(broken > 40 && list.title.contains(&format!("{broken} broken")), "{}", list.title);
    assert!(list.items.iter().all(|item| item.what.ends_with("→none") == item.found.is_none()));
}

/// The grades that anybody reads from the disk for a joint of either hand.
fn graded(root: &std::path::Path, name: &str) -> Vec<Option<u8>> {
    let (cohort, reviews) = (svh_core::Cohort::open(root).unwrap(), svh_core::Reviews::read(root));
    let of = |limb| selection::named_joint(limb, Some(Task::Narrowing), name).unwrap();
    let grade = |limb| reviews.grades(&cohort, cohort.patient("P001").unwrap()).and_then(|row| row.get(of(limb)));
    [Limb::LeftHand, Limb::RightHand].map(grade).to_vec()
}

/// A pass over MCP 2 of narrowing of the fixture, by a reader.
fn pass(size: (u16, u16)) -> (tempfile::TempDir, Headless) {
    let folder = cohort();
    run(folder.path());
    let mut app = Headless::open_with(folder.path(), crate::Images::Half, size, Some(Opening::Goto("P001/LH/mcp_2".parse().unwrap())));
    app.reader("anna");
    app.keys("Z");
    app.rest();
    (folder, app)
}

#[test]
fn a_pass_shows_one_joint_of_all_films_and_marked_crops_are_graded_as_one() {
    let (folder, mut app) = pass((80, 24));
    let text = app.text();
    assert_eq!(app.state.screen, LIST.id);
    let items = &app.state.list.selection.items;
    assert!(items.len() >= 2 && items.iter().all(|item| item.joint.unwrap().joint == "mcp_2"), "{items:?}");
    assert!(text.contains("MCP 2 narrowing") && text.contains(&format!("{} entries, 0 reviewed", items.len())), "{text}");
    let before = graded(folder.path(), "mcp_2");
    app.keys("  ");
    assert!(app.text().contains("2 marked") && app.text().matches('●').count() == 2, "{}", app.text());
    app.keys("3");
    assert!(app.text().contains("grade 3: 2 joints") && app.text().contains("2 reviewed"), "{}", app.text());
    assert!(app.text().contains("3✓→"), "{}", app.text());
    assert_eq!(graded(folder.path(), "mcp_2"), [Some(3), Some(3)]);
    // One undo takes both back, one redo brings both again.
    app.keys("u");
    assert!(app.text().contains("undone: 2 changes (graded 3 and others)"), "{}", app.text());
    assert_eq!(graded(folder.path(), "mcp_2"), before);
    app.keys("\x19");
    assert_eq!(graded(folder.path(), "mcp_2"), [Some(3), Some(3)]);
    // Out of range is said and changes nothing.
    app.keys("9");
    assert!(app.text().contains("out of range") && app.state.list.reviewed == 2, "{}", app.text());
}

#[test]
fn a_digit_grades_the_crop_at_the_cursor_and_the_rest_of_the_page_is_accepted_as_shown() {
    let (folder, mut app) = pass((80, 24));
    let count = app.state.list.selection.items.len();
    app.keys("4");
    assert_eq!((app.state.list.reviewed, app.state.list.table.cursor), (1, 1));
    app.keys("Y");
    let grades = app.state.list.selection.items.iter().filter(|item| item.reader.or(item.model).is_some()).count();
    assert_eq!(app.state.list.reviewed, grades, "{}", app.text());
    assert!(app.text().contains("that was the last page; n is the next joint"), "{}", app.text());
    let lines = svh_core::Reviews::read(folder.path()).len();
    // All is decided: accepting again does nothing.
    app.keys("Y");
    assert!(app.text().contains("nothing here waits") && svh_core::Reviews::read(folder.path()).len() == lines, "{}", app.text());
    app.keys("n");
    assert!(app.text().contains("MCP 3 narrowing"), "{}", app.text());
    app.keys("Ne");
    assert!(app.text().contains("MCP 2 erosion"), "{}", app.text());
    assert!(count > 1);
}

#[test]
fn a_foots_erosion_is_graded_in_a_pass_over_the_boxes_of_narrowing() {
    let folder = cohort();
    let mut app = Headless::open_with(folder.path(), crate::Images::Half, (80, 24), Some(Opening::Goto("P001/LF/mtp_1".parse().unwrap())));
    app.reader("anna");
    app.keys("Zeg10\r");
    let item = &app.state.list.selection.items[0];
    assert_eq!(item.joint.unwrap().task, Task::Erosion);
    let reviews = svh_core::Reviews::read(folder.path());
    let decided = reviews.joint("P001", svh_core::joint::by_label(Task::Erosion, "LF_mtp_1").unwrap()).unwrap();
    assert_eq!(decided.grade.as_ref().unwrap().value, Some(10));
}

#[test]
fn marked_entries_are_tagged_found_by_the_tag_and_written_with_it() {
    let (folder, mut app) = evaluated((80, 24));
    app.reader("anna");
    app.keys("EO\t  ");
    let all = app.state.list.selection.items.len();
    app.keys("Kblurred odd\r");
    assert!(app.text().contains("4 changes of tags made"), "{}", app.text());
    assert_eq!(app.text().matches("#blurred").count(), 2, "{}", app.text());
    // Marks are for what is done next, whatever that is; tags of the rest stay.
    app.keys("\x1b");
    app.keys("K-odd\r");
    app.keys("ftag:BLURRED\r");
    assert!(app.text().contains(&format!("2 entries of {all} · filter")), "{}", app.text());
    let file = folder.path().join("tagged.csv");
    app.keys(&format!("W{}\r", file.display()));
    assert!(app.text().contains("wrote 2 entries"), "{}", app.text());
    let mut table = csv::Reader::from_path(&file).unwrap();
    let place = table.headers().unwrap().iter().position(|head| head == "tags").unwrap();
    let tags: Vec<String> = table.records().map(|record| record.unwrap()[place].to_owned()).collect();
    assert!(tags.len() == 2 && tags.iter().all(|tags| tags.contains("blurred")), "{tags:?}");
    // Read again by anybody.
    assert_eq!(svh_core::tags::Tags::read(folder.path()).counts().get("blurred"), Some(&2));
    app.keys("\x1b");
    assert_eq!(app.state.list.table.shown.len(), all);
    app.keys("Ktwo,words\r");
    assert!(app.text().contains("cannot be a name"), "{}", app.text());
}

#[test]
fn a_filter_is_kept_under_a_name_recalled_and_forgotten() {
    let (folder, mut app) = evaluated((120, 40));
    app.reader("anna");
    app.keys("Ef\x15missed =gone\r");
    let missed = app.state.errors.table.shown.len();
    assert!(app.text().contains("filter `missed`"), "{}", app.text());
    app.keys("f\x15\r");
    assert!(app.state.errors.table.shown.len() > missed);
    app.keys("f\x15=gone\r");
    assert_eq!(app.state.errors.table.shown.len(), missed);
    // Another program start has it, on its screen only.
    let mut other = crate::tui::fixture::app(folder.path(), (120, 40));
    other.keys("Ef");
    assert!(other.text().contains("kept: =gone"), "{}", other.text());
    other.keys("\x15=gone\r");
    assert_eq!(other.state.errors.table.shown.len(), missed);
    other.keys("Pf=gone\r");
    assert!(other.text().contains("this screen has no filter called `gone`"), "{}", other.text());
    other.keys("\x1b");
    app.keys("f\x15=-gone\r");
    app.keys("f\x15=gone\r");
    assert!(app.text().contains("no filter called"), "{}", app.text());
}

#[test]
fn films_patients_and_runs_have_tags_and_patients_are_filtered_by_any_of_theirs() {
    let (folder, mut app) = evaluated((120, 40));
    app.reader("anna");
    app.keys("Kfirst\r");
    assert!(app.text().contains("P001 has #first") && app.text().contains("#first"), "{}", app.text());
    app.keys("\x1b[B\r");
    app.keys("Krotated\r");
    assert!(app.text().contains("P002/LH has #rotated"), "{}", app.text());
    app.keys("Kjoint:small patient:second\r");
    app.keys("Pftag:rotated\r");
    assert_eq!(app.state.patients.table.shown, [1]);
    app.keys("f\x15tag:first\r");
    assert_eq!(app.state.patients.table.shown, [0]);
    app.keys("RKbaseline\r");
    assert!(app.text().contains("#baseline"), "{}", app.text());
    let tags = svh_core::tags::Tags::read(folder.path());
    assert_eq!(tags.of_patient("P002"), ["rotated", "second", "small"]);
    assert_eq!(tags.of(&svh_core::tags::Subject::run(fixture::RUN)).collect::<Vec<_>>(), ["baseline"]);
    app.keys("Kfilm:no\r");
    assert!(app.text().contains("no film is at hand"), "{}", app.text());
}
