//! Faulty cohorts: one sentence each, with the place; what is in order is used.

use std::{fs, path::Path};

use svh_tests::{
    cohort, films,
    program::{Ran, run, svh},
};

fn summary(cohort: &Path, arguments: &[&str]) -> Ran {
    run(svh().arg("summary").arg(cohort).args(arguments))
}

/// Replaces part of a file, which must be there.
fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} is not in {}", path.display());
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// The text between two marks in a file.
fn between(path: &Path, from: &str, to: &str) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned()
}

#[test]
fn a_folder_with_neither_films_nor_a_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    summary(folder.path(), &[]).refused(2, &["neither films", "training.csv"]);
    run(svh().arg(folder.path())).refused(2, &["neither films"]);
    summary(&folder.path().join("missing"), &[]).refused(2, &["missing", "cannot be opened"]);
}

#[test]
fn a_table_without_a_column_is_refused_by_its_name() {
    let cohort = cohort::copy();
    replace(&cohort.path().join("training.csv"), "LH_mcp_J__2", "something");
    summary(cohort.path(), &[]).refused(2, &["training.csv", "LH_mcp_J__2"]);
}

#[test]
fn a_grade_out_of_range_is_refused_with_line_column_and_scale() {
    let cohort = cohort::copy();
    let table = cohort.path().join("training.csv");
    let text = fs::read_to_string(&table).unwrap();
    let mut lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let place = lines[0].iter().position(|column| *column == "LH_mcp_J__2").unwrap();
    lines[2][place] = "5";
    fs::write(&table, lines.iter().map(|line| line.join(",") + "\n").collect::<String>()).unwrap();
    summary(cohort.path(), &[]).refused(2, &["line 3", "LH_mcp_J__2", "5", "0 to 4"]);
}

#[test]
fn films_without_a_table_are_a_cohort_without_grades() {
    let folder = tempfile::tempdir().unwrap();
    films::write(&folder.path().join("A-LH.png"), 64, 80);
    films::write(&folder.path().join("A-RF.png"), 64, 80);
    let ran = summary(folder.path(), &["--json"]);
    let [json] = &ran.json()[..] else { panic!("{ran:?}") };
    assert_eq!((ran.status, &json["patients"], &json["films"]["total"], json.get("grades")), (Some(0), &1.into(), &2.into(), None));
}

#[test]
fn faulty_boxes_are_named_and_the_others_are_counted() {
    let cohort = cohort::copy();
    let all = summary(cohort.path(), &["--json"]).json()[0]["boxes"]["narrowing"]["boxes"].as_u64().unwrap();
    let label = |name: &str| cohort.path().join("narrowing_labels").join(name);
    replace(&label("PHA001-LH.xml"), "<name>LH_mcp_2</name>", "<name>LH_mcp_9</name>");
    let edge = between(&label("PHA001-RH.xml"), "<xmax>", "</xmax>");
    replace(&label("PHA001-RH.xml"), &format!("<xmax>{edge}</xmax>"), "<xmax>99999</xmax>");
    let (left, right) = (between(&label("PHA001-LF.xml"), "<xmin>", "</xmin>"), between(&label("PHA001-LF.xml"), "<xmax>", "</xmax>"));
    replace(&label("PHA001-LF.xml"), &format!("<xmin>{left}</xmin>"), &format!("<xmin>{right}</xmin>"));
    replace(&label("PHA001-LF.xml"), &format!("<xmax>{right}</xmax>"), &format!("<xmax>{left}</xmax>"));
    let ran = summary(cohort.path(), &["--json"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let json = &ran.json()[0];
    let problems: Vec<&str> = json["problems"].as_array().unwrap().iter().map(|problem| problem.as_str().unwrap()).collect();
    let named = |words: &[&str]| problems.iter().any(|problem| words.iter().all(|word| problem.contains(word)));
    assert!(named(&["PHA001-LH.xml", "LH_mcp_9"]), "{problems:?}");
    assert!(named(&["PHA001-RH.xml", "99999"]), "{problems:?}");
    assert!(named(&["PHA001-LF.xml", &right]), "{problems:?}");
    let left = json["boxes"]["narrowing"]["boxes"].as_u64().unwrap();
    assert!((all - 3..all).contains(&left), "{left} of {all} boxes are left: {problems:?}");
}

#[test]
fn the_summary_counts_what_a_phantom_cohort_has() {
    let cohort = cohort::copy();
    let ran = summary(cohort.path(), &["--json"]);
    let json = &ran.json()[0];
    assert_eq!((&json["patients"], &json["complete"], &json["films"]["total"]), (&2.into(), &2.into(), &8.into()));
    assert_eq!((&json["grades"]["given"]["narrowing"], &json["grades"]["given"]["erosion"]), (&84.into(), &88.into()));
    assert_eq!(json["problems"], serde_json::json!([]));
    // Without a terminal `svh COHORT` is the same in words.
    let words = run(svh().arg(cohort.path()));
    assert_eq!((words.status, &words.stdout), (Some(0), &summary(cohort.path(), &[]).stdout));
    assert!(words.stdout.contains("patients  2 (2 with all four films"), "{words:?}");
}
