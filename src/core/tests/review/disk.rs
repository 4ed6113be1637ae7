//! Torn lines, files that are none, and disks that refuse.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use svh_core::Task;
use svh_core::review::{Change, Follower, Journal, Reviews};

use super::{Session, cohort, named};

fn grade(grade: u8) -> Change {
    Change::Grade { grade: Some(grade) }
}

fn files(root: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = fs::read_dir(root.join("reviews")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Five graded joints in anna's file.
fn five(root: &Path) -> String {
    let mut anna = Session::new(root, "anna");
    for number in 1..=5 {
        anna.does(root, named(Task::Narrowing, &format!("LH_mcp_{number}")), grade(2));
    }
    fs::read_to_string(&files(root)[0]).unwrap()
}

#[test]
fn a_file_cut_off_anywhere_loses_at_most_its_last_line() {
    let folder = cohort();
    let root = folder.path();
    let text = five(root);
    let file = files(root)[0].clone();
    for length in (0..=text.len()).step_by(7).chain([text.len() - 1, text.len()]) {
        fs::write(&file, &text[..length]).unwrap();
        let reviews = Reviews::read(root);
        let whole = text[..length].matches('\n').count();
        // A line that only lacks its line break says all.
        let unended = usize::from(text[length..].starts_with('\n'));
        assert_eq!(reviews.len(), whole + unended, "cut at {length}");
        let torn = length > 0 && !text[..length].ends_with('\n') && unended == 0;
        assert_eq!(reviews.problems().count(), usize::from(torn), "cut at {length}");
        if torn {
            let problem = reviews.problems().next().unwrap();
            assert!(problem.contains(&format!("line {}", whole + 1)) && problem.contains("torn"), "{problem}");
        }
    }
}

#[test]
fn lines_that_are_no_reviews_are_told_with_their_number_and_all_others_count() {
    let folder = cohort();
    let root = folder.path();
    let text = five(root);
    let file = files(root)[0].clone();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[1] = "\0\0\0\0\0\0".into();
    lines[2] = lines[2].replace("LH_mcp_3", "LH_toe_3");
    lines[3] = lines[3].replace("\"grade\":2", "\"grade\":9");
    lines.insert(0, String::new());
    fs::write(&file, lines.join("\n") + "\n").unwrap();
    let reviews = Reviews::read(root);
    let problems: Vec<_> = reviews.problems().collect();
    assert_eq!((reviews.len(), problems.len()), (2, 3), "{problems:?}");
    assert!(problems.iter().any(|p| p.contains("line 3: this is not a review")), "{problems:?}");
    assert!(problems.iter().any(|p| p.contains("line 4") && p.contains("LH_toe_3")), "{problems:?}");
    assert!(problems.iter().any(|p| p.contains("line 5") && p.contains("grade 9 is out of range")), "{problems:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_the_others_count() {
    let folder = cohort();
    let root = folder.path();
    five(root);
    fs::create_dir(root.join("reviews/folder.jsonl")).unwrap();
    fs::write(root.join("reviews/notes.txt"), "not a review").unwrap();
    let reviews = Reviews::read(root);
    assert_eq!(reviews.len(), 5);
    let problems: Vec<_> = reviews.problems().collect();
    assert!(matches!(problems[..], [problem] if problem.contains("folder.jsonl cannot be read")), "{problems:?}");
}

#[test]
fn a_half_written_line_is_waited_for_and_then_counts() {
    let folder = cohort();
    let root = folder.path();
    let text = five(root);
    let file = files(root)[0].clone();
    let (mut follower, mut reviews) = (Follower::new(root), Reviews::default());
    fs::write(&file, &text[..text.len() - 30]).unwrap();
    reviews.take(follower.poll());
    assert_eq!((reviews.len(), reviews.problems().count()), (4, 0), "it may still be on its way");
    OpenOptions::new().append(true).open(&file).unwrap().write_all(&text.as_bytes()[text.len() - 30..]).unwrap();
    reviews.take(follower.poll());
    assert_eq!((reviews.len(), reviews.problems().count()), (5, 0));
    assert!(follower.poll().is_empty(), "nothing is told twice");
}

#[test]
fn a_folder_that_refuses_is_one_sentence_and_the_change_is_written_later() {
    let folder = cohort();
    let root = folder.path();
    fs::write(root.join("reviews"), "in the way").unwrap();
    let mut anna = Session::new(root, "anna");
    let reviews = Reviews::read(root);
    assert!(reviews.problems().any(|problem| problem.contains("reviews cannot be read")));
    let mut entries = Vec::new();
    for number in 1..=2 {
        let target = super::target("P1", named(Task::Narrowing, &format!("LH_mcp_{number}")));
        let entry = anna.author.entry(&anna.reviews, &target, grade(3), Default::default()).unwrap();
        anna.reviews.insert("x", number, entry.clone());
        entries.push(entry);
    }
    let second = entries.pop().unwrap();
    let first = anna.journal.append(entries.pop().unwrap()).unwrap_err().to_string();
    assert!(first.contains("reviews") && first.contains("1 change waits in memory"), "{first}");
    let error = anna.journal.append(second).unwrap_err().to_string();
    assert!(error.contains("2 changes wait in memory"), "{error}");
    fs::remove_file(root.join("reviews")).unwrap();
    anna.journal.flush().unwrap();
    assert_eq!((anna.journal.waiting(), Reviews::read(root).len()), (0, 2));
}

#[test]
fn a_file_that_was_taken_away_is_begun_anew() {
    let folder = cohort();
    let root = folder.path();
    let mut anna = Session::new(root, "anna");
    anna.does(root, named(Task::Narrowing, "LH_mcp_1"), grade(3));
    fs::rename(root.join("reviews"), root.join("reviews-moved")).unwrap();
    anna.does(root, named(Task::Narrowing, "LH_mcp_2"), grade(3));
    assert_eq!(Reviews::read(root).len(), 1);
}

/// The shell sets a limit to the size of files, which acts as a full disk; this very test program runs under it again.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full_half_way_through_a_line_loses_nothing() {
    const ROOT: &str = "SVH_TEST_FULL_DISK";
    if let Ok(root) = std::env::var(ROOT) {
        return fill_the_disk(Path::new(&root));
    }
    let folder = cohort();
    let script = r#"ulimit -f 8; exec "$0" --exact disk::a_disk_that_is_full_half_way_through_a_line_loses_nothing"#;
    let mut shell = std::process::Command::new("sh");
    let ran = shell.arg("-c").arg(script).arg(std::env::current_exe().unwrap()).env(ROOT, folder.path()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    let reviews = Reviews::read(folder.path());
    assert_eq!((reviews.len(), reviews.problems().count()), (60, 0));
    assert!(files(folder.path()).len() > 1, "each failure is followed by a new file");
}

/// Sixty lines of some 300 bytes into files that take 4 or 8 KiB.
fn fill_the_disk(root: &Path) {
    let mut desk = Session::new(root, "anna");
    let mut journal = Journal::new(root, &desk.author);
    let target = super::target("P1", named(Task::Narrowing, "LH_mcp_1"));
    let mut failures = 0;
    for number in 0..60_u8 {
        let entry = desk.author.entry(&desk.reviews, &target, grade(number % 5), Default::default()).unwrap();
        desk.reviews.insert("x", usize::from(number), entry.clone());
        if let Err(error) = journal.append(entry) {
            assert!(error.to_string().contains("File too large") && error.to_string().contains("1 change waits"), "{error}");
            failures += 1;
            journal.flush().unwrap();
        }
    }
    assert!(failures > 0);
}
