//! `svh tag` and the workbench: what one writes the other shows, two writers lose nothing, and a mistyped place is refused.

use std::{path::Path, time::Duration};

use svh_tests::{
    cohort::{self, PATIENTS},
    program::{Ran, svh_with, workbench},
    terminal::{Persona, Terminal},
};

fn tag(words: &[&str], cohort: &Path, rest: &[&str]) -> Ran {
    let words = words.iter().map(|word| (*word).to_owned());
    let cohort = cohort.display().to_string();
    svh_with(["tag".to_owned()].into_iter().chain(words).chain([cohort]).chain(rest.iter().map(|word| (*word).to_owned())))
}

#[test]
fn tags_go_from_scripts_to_the_screen_and_back() {
    let cohort = cohort::copy();
    let root = cohort.path();
    let said = tag(&["add"], root, &["blurred", "PHA001/LH", "PHA002", "PHA001/LF/mtp_1@erosion", "PHA001/LH/mcp_2#10,20,30,40"]);
    assert_eq!(said.stdout.trim(), "tagged 4 of 4", "{said:?}");
    assert_eq!(tag(&["add"], root, &["blurred", "PHA002"]).stdout.trim(), "tagged 0 of 1; 1 unchanged");
    let mut terminal = Terminal::start(Persona::Plain, 120, 40, workbench(root));
    terminal.wait_for(PATIENTS[0]);
    // The column of ids is narrow: a tag that does not fit is counted.
    terminal.wait("both have it", Duration::from_secs(20), |seen| PATIENTS.iter().all(|id| seen.text.contains(&format!("{id} #"))));
    // The other way, while a script writes too.
    terminal.keys("Kodd\r");
    terminal.wait_for("has #odd");
    tag(&["add"], root, &["odd", "PHA002/RH"]);
    terminal.keys("ftag:odd\r");
    terminal.wait("both patients have it in the end", Duration::from_secs(20), |seen| PATIENTS.iter().all(|id| seen.text.contains(id)));
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    let listed = tag(&["--tag", "odd", "--json"], root, &[]).json();
    let places: Vec<&str> = listed.iter().map(|line| line["place"].as_str().unwrap()).collect();
    assert_eq!(places, ["PHA001", "PHA002/RH"]);
    assert_eq!(tag(&["remove"], root, &["odd", "PHA001", "PHA002/RH"]).stdout.trim(), "untagged 2 of 2");
    assert!(tag(&["--tag", "odd"], root, &[]).stdout.contains("nothing in"));
    let table = tag(&["--csv"], root, &[]).stdout;
    assert!(table.starts_with("scope,run,patient,limb,task,joint,x0") && table.lines().count() == 5, "{table}");
    // A list for the workbench.
    let view = root.join("view.json");
    std::fs::write(&view, tag(&["--tag", "blurred", "--view"], root, &[]).stdout).unwrap();
    let mut again = workbench(root);
    again.arg("--view");
    again.arg(&view);
    let mut terminal = Terminal::start(Persona::Plain, 80, 24, again);
    terminal.wait_for("3 entries");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn what_the_cohort_does_not_have_is_refused_by_name() {
    let cohort = cohort::copy();
    tag(&["add"], cohort.path(), &["odd", "PHA009"]).refused(2, &["PHA009"]);
    tag(&["add"], cohort.path(), &["odd", "run:nothing"]).refused(2, &["nothing", "svh runs"]);
    tag(&["add"], cohort.path(), &["two words", "PHA001"]).refused(2, &["two words"]);
    assert_eq!(tag(&["add"], cohort.path(), &["odd", "PHA001/XX"]).status, Some(2));
    assert!(!cohort.path().join("tags").exists());
}

/// Films are chosen by tag in an evaluation and in exports, whose folders take the tags along; patients by tag where films are scored or labelled.
#[test]
fn an_evaluation_and_an_export_of_tagged_films_hold_these_films_and_their_tags() {
    let cohort = cohort::copy();
    crate::screens::planted(cohort.path());
    let root = cohort.path().display().to_string();
    tag(&["add"], cohort.path(), &["blurred", "PHA001/LH", "PHA002/RF/mtp_1"]);
    tag(&["add"], cohort.path(), &["odd", "PHA002"]);
    let json = |words: &[&str]| svh_with(["evaluate", &root, "--json"].iter().chain(words)).json().remove(0);
    let size = |report: &serde_json::Value| (report["patients"].as_u64().unwrap(), report["films"].as_u64().unwrap());
    let whole = json(&[]);
    assert_eq!(size(&whole), (2, 8));
    let (blurred, rest) = (json(&["--tag", "Blurred"]), json(&["--without-tag", "blurred"]));
    assert_eq!((size(&blurred), size(&rest)), ((2, 2), (2, 6)), "a joint's tag counts for its film, in any case of letters");
    assert_eq!(size(&json(&["--tag", "blurred", "--without-tag", "odd"])), (1, 1));
    // Every graded joint is in one part.
    let joints = |report: &serde_json::Value| report["grading"]["narrowing"]["n"].as_u64().unwrap();
    assert_eq!(joints(&blurred) + joints(&rest), joints(&whole));
    assert!(joints(&blurred) >= 15 && joints(&blurred) <= 21, "a hand and a foot: {}", joints(&blurred));
    // The misplaced box of the left hand carries the film's tag.
    let errors = |report: &serde_json::Value| report["detection"]["narrowing"]["errors"].as_array().unwrap().clone();
    assert!(!errors(&blurred).is_empty() && errors(&blurred).iter().all(|error| error["tags"] == serde_json::json!(["blurred"])));
    assert!(errors(&rest).iter().all(|error| error["film"] != "PHA001-LH.jpg"));
    svh_with(["evaluate", &root, "--run", "20251123-220544-score", "--tag", "rotated"])
        .refused(2, &["nothing has the tag `rotated`", "blurred, odd"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let out = elsewhere.path().join("out").display().to_string();
    let ran = svh_with(["export", "coco", &root, &out, "--run", "20251123-220544-score", "--tag", "blurred"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let mut films: Vec<_> = std::fs::read_dir(format!("{out}/images")).unwrap().map(|film| film.unwrap().file_name()).collect();
    films.sort();
    assert_eq!(films, ["PHA001-LH.jpg", "PHA002-RF.jpg"]);
    let table = std::fs::read_to_string(format!("{out}/tags.csv")).unwrap();
    assert!(table.contains("film,,PHA001,LH") && table.contains("joint,,PHA002,RF") && table.lines().count() == 4, "{table}");
    svh_with(["score", &root, "--tag", "rotated"]).refused(2, &["nothing has the tag `rotated`"]);
    svh_with(["label", &root, "--tag", "rotated"]).refused(2, &["nothing has the tag `rotated`"]);
}
