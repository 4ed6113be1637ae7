//! Several people at once, as threads and as programs of their own.

use std::path::Path;
use std::process::Command;
use std::{env, thread};

use svh_core::review::{Change, Follower, Reviews};
use svh_core::{Task, joint};

use super::{Session, cohort};

/// Grades every narrowing joint and notices what others do meanwhile.
fn work(root: &Path, reader: &str, value: u8) {
    let mut desk = Session::new(root, reader);
    let mut follower = Follower::new(root);
    for joint in joint::joints(Task::Narrowing) {
        let target = super::target("P1", joint);
        desk.reviews.take(follower.poll());
        let before = desk.reviews.joint("P1", joint).and_then(|review| review.grade.as_ref()?.value);
        let before = svh_core::review::Before { bbox: None, grade: before, saw: None };
        let entry = desk.author.entry(&desk.reviews, &target, Change::Grade { grade: Some(value) }, before).unwrap();
        desk.keeps(entry);
        if joint.class_id % 10 == 0 {
            desk.undoes();
        }
    }
}

/// Every reader's every line is there, and whoever reads sees the same.
fn nothing_is_lost(root: &Path, readers: &[String]) {
    let reviews = Reviews::read(root);
    assert_eq!(reviews.problems().collect::<Vec<_>>(), Vec::<&str>::new());
    let counts = reviews.readers();
    for reader in readers {
        assert_eq!(counts[reader.as_str()], 42 + 4, "{reader}");
    }
    for joint in joint::joints(Task::Narrowing) {
        let review = reviews.joint("P1", joint);
        let undone = joint.class_id % 10 == 0;
        assert_eq!(review.is_none(), undone, "{}", joint.label);
    }
    let again = Reviews::read(root);
    assert_eq!(format!("{:?}", again.joints().collect::<Vec<_>>()), format!("{:?}", reviews.joints().collect::<Vec<_>>()));
}

#[test]
fn threads_that_review_at_once_lose_nothing() {
    let folder = cohort();
    let readers: Vec<String> = ["anna", "ben", "cleo", "anna 2"].map(str::to_owned).into();
    let root = folder.path();
    thread::scope(|scope| {
        for (value, reader) in readers.iter().enumerate() {
            scope.spawn(move || work(root, reader, value as u8));
        }
    });
    nothing_is_lost(folder.path(), &readers);
}

#[test]
fn programs_that_review_at_once_lose_nothing() {
    const ROOT: &str = "SVH_TEST_REVIEWS_ROOT";
    const READER: &str = "SVH_TEST_REVIEWS_READER";
    if let (Ok(root), Ok(reader)) = (env::var(ROOT), env::var(READER)) {
        return work(Path::new(&root), &reader, reader.len() as u8 % 5);
    }
    let folder = cohort();
    let readers: Vec<String> = ["anna", "benno", "cleo"].map(str::to_owned).into();
    let start = |reader: &String| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "together::programs_that_review_at_once_lose_nothing"]);
        command.env(ROOT, folder.path()).env(READER, reader).stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let started: Vec<_> = readers.iter().map(start).collect();
    for mut program in started {
        assert!(program.wait().unwrap().success());
    }
    nothing_is_lost(folder.path(), &readers);
}

#[test]
fn one_reader_at_two_desks_has_two_files() {
    let folder = cohort();
    let root = folder.path();
    let (mut one, mut two) = (Session::new(root, "Anna Ö. / lab"), Session::new(root, "Anna Ö. / lab"));
    let joint = super::named(Task::Narrowing, "LH_mcp_1");
    one.does(root, joint, Change::Grade { grade: Some(1) });
    two.does(root, joint, Change::Grade { grade: Some(2) });
    let names: Vec<_> = root.join("reviews").read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("Anna_Ö____lab-") && name.ends_with(".jsonl")), "{names:?}");
    assert_eq!(Reviews::read(root).readers().into_iter().collect::<Vec<_>>(), [("Anna Ö. / lab", 2)]);
}
