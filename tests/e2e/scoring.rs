//! `svh score` and the run it keeps, with an engine whose answers are known.

use std::{fs, path::Path};

use svh_tests::{
    cohort,
    program::{Ran, engine_script, run, svh},
};

/// An engine that gives every patient grade 1 at one joint of the first film's limb, fails films named `bad`, and dies at films named `deadly`.
/// It notes each request in `requests`.
const ENGINE: &str = r#"here=$(dirname "$0")
echo '{"event":"ready","version":"0.1.0","libtorch":"2.11.0","device":"cpu","devices":[["cpu","CPU"]],"models":[{"name":"m","arch":"svh_convnet","task":"narrowing","sha256":"0123456789ab"}]}'
while read -r request; do
  echo "$request" >> "$here/requests"
  id=$(echo "$request" | sed 's/.*"id":\([0-9]*\).*/\1/')
  patient=$(echo "$request" | sed 's/.*"patient":"\([^"]*\)".*/\1/')
  case "$request" in
    *deadly*) kill -9 $$ ;;
    *open*) echo "{\"event\":\"patient\",\"id\":$id,\"result\":{\"patient\":\"$patient\",\"joints\":{},\"open\":{\"LH_mcp_J__2\":{\"reason\":\"odd\",\"unfamiliarity\":0.95,\"expected\":2.0,\"probabilities\":[0,0,1,0,0]}},\"totals\":{\"narrowing\":null,\"erosion\":null,\"overall\":null,\"limbs\":{}},\"scored\":0,\"expected_joints\":31}}" ;;
    *bad*) echo "{\"event\":\"film_failed\",\"id\":$id,\"film\":\"$patient-LH.png\",\"message\":\"$patient-LH.png is cut short\"}" ;;
    *) echo "{\"event\":\"patient\",\"id\":$id,\"result\":{\"patient\":\"$patient\",\"joints\":{\"LH_mcp_J__2\":{\"grade\":1,\"expected\":1.0,\"probabilities\":[0,1,0,0,0]}},\"totals\":{\"narrowing\":1,\"erosion\":0,\"overall\":1,\"limbs\":{\"LH\":{\"narrowing\":1,\"erosion\":0}}},\"scored\":1,\"expected_joints\":31}}" ;;
  esac
  echo "{\"event\":\"done\",\"id\":$id}"
done"#;

fn score(folder: &Path, arguments: &[&str]) -> Ran {
    let engine = engine_script(folder, ENGINE);
    run(svh().current_dir(folder).env("SVH_ENGINE", engine).arg("score").args(arguments))
}

fn requests(folder: &Path) -> usize {
    fs::read_to_string(folder.join("requests")).map_or(0, |text| text.lines().count())
}

#[test]
fn the_csv_has_the_90_columns_of_the_challenge_with_missing_joints_empty_or_filled() {
    let folder = tempfile::tempdir().unwrap();
    let ran = score(folder.path(), &["A-LH.png", "--csv", "-"]);
    let lines: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!((lines.len(), lines[0].len(), lines[1].len()), (2, 90, 90), "{ran:?}");
    let cell = |name: &str, line: &[&str]| line[lines[0].iter().position(|column| *column == name).unwrap()].to_owned();
    assert_eq!(["Patient_ID", "Overall_Tol", "LH_mcp_J__2", "LH_mcp_J__3"].map(|name| cell(name, &lines[1])), ["A", "1", "1", ""]);

    let ran = score(folder.path(), &["A-LH.png", "--csv", "out.csv", "--missing", "2", "--quiet"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    let table = fs::read_to_string(folder.path().join("out.csv")).unwrap();
    let line: Vec<&str> = table.lines().nth(1).unwrap().split(',').collect();
    assert_eq!(["LH_mcp_J__2", "LH_mcp_J__3", "RF_mtp_E__1"].map(|name| cell(name, &line)), ["1", "2", "2"]);
}

#[test]
fn open_joints_are_filled_in_the_csv_only_when_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let cell = |more: &[&str], name: &str| {
        let ran = score(folder.path(), &[&["open-LH.png", "--quiet", "--csv", "-"], more].concat());
        let lines: Vec<Vec<String>> = ran.stdout.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
        lines[1][lines[0].iter().position(|column| column == name).unwrap()].clone()
    };
    assert_eq!(cell(&[], "Overall_Tol"), "", "nothing graded has no total");
    assert_eq!(["LH_mcp_J__2", "LH_mcp_J__3"].map(|name| cell(&["--missing", "1"], name)), ["", "1"]);
    assert_eq!(["LH_mcp_J__2", "LH_mcp_J__3"].map(|name| cell(&["--missing", "1", "--missing-open"], name)), ["1", "1"]);
    let told = score(folder.path(), &["open-LH.png"]);
    assert!(told.stdout.contains("0 of 31 joints, 1 left open"), "{told:?}");
    score(folder.path(), &["open-LH.png", "--csv", "-", "--missing-open"]).refused(2, &["--missing"]);
}

#[test]
fn a_run_that_is_there_is_gone_on_with_and_only_what_failed_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let films = ["A-LH.png", "bad-LH.png", "C-LH.png"];
    let arguments = [&films[..], &["--json", "--out", "run"]].concat();
    let first = score(folder.path(), &arguments);
    assert_eq!((first.status, first.json().len(), requests(folder.path())), (Some(2), 2, 3), "{first:?}");
    first.says(&["bad-LH.png is cut short", "1 of 3 films failed"]);
    // A line that a dying writer left behind.
    let results = folder.path().join("run/results.jsonl");
    let whole = fs::read_to_string(&results).unwrap();
    fs::write(&results, format!("{whole}{{\"patient\":\"to")).unwrap();

    let second = score(folder.path(), &arguments);
    assert_eq!((second.status, &second.stdout, requests(folder.path())), (Some(2), &first.stdout, 4), "{second:?}");
    assert!(fs::read_to_string(&results).unwrap().starts_with(&whole));
}

#[test]
fn a_run_over_other_films_or_models_is_not_mixed_with_this_one() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(score(folder.path(), &["A-LH.png", "--out", "run", "--quiet"]).status, Some(0));
    score(folder.path(), &["A-LH.png", "--out", "run", "--limb", "RH"]).refused(2, &["run cannot be resumed", "settings"]);
}

#[test]
fn a_patient_who_kills_the_engine_costs_no_other_patient() {
    let folder = tempfile::tempdir().unwrap();
    let ran = score(folder.path(), &["A-LH.png", "deadly-LH.png", "C-LH.png", "--csv", "out.csv"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    ran.says(&["deadly: svh-engine ended unexpectedly", "1 of 3 films failed"]);
    let table = fs::read_to_string(folder.path().join("out.csv")).unwrap();
    assert_eq!(table.lines().skip(1).map(|line| &line[..1]).collect::<Vec<_>>(), ["A", "C"]);
}

#[test]
fn a_full_disk_under_a_run_ends_it_with_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    score(folder.path(), &["A-LH.png", "--csv", "/dev/full", "--quiet"]).refused(2, &["/dev/full could not be written", "No space left"]);
}

#[test]
fn runs_are_listed_with_what_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("cohort/runs")).unwrap();
    assert_eq!(score(folder.path(), &["A-LH.png", "C-LH.png", "--out", "cohort/runs/mine", "--quiet"]).status, Some(0));
    let ran = run(svh().current_dir(folder.path()).args(["runs", "cohort", "--json"]));
    let [listed] = &ran.json()[..] else { panic!("{ran:?}") };
    assert_eq!((&listed["name"], &listed["state"], &listed["patients"]), (&"mine".into(), &"finished".into(), &2.into()));
    assert_eq!(listed["models"][0]["task"], "narrowing");
    for table in ["films", "detections", "grades"] {
        let bytes = fs::read(folder.path().join(format!("cohort/runs/mine/{table}.parquet"))).unwrap();
        assert!(bytes.starts_with(b"PAR1"), "{table}");
    }
}

#[test]
fn a_run_over_a_cohorts_films_is_one_of_the_cohort() {
    let folder = tempfile::tempdir().unwrap();
    let cohort = cohort::copy();
    for input in [cohort.path().to_owned(), cohort.path().join("images")] {
        let out = tempfile::tempdir().unwrap();
        let ran = score(folder.path(), &[input.to_str().unwrap(), "--out", out.path().join("run").to_str().unwrap(), "--quiet"]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let told = run(svh().arg("evaluate").arg(cohort.path()).arg("--run").arg(out.path().join("run")).arg("--json"));
        assert_eq!((told.status, told.stderr.as_str()), (Some(0), ""), "{told:?}");
    }
}
