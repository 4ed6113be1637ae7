//! `svh score` and the run it keeps, with an engine whose answers are known.

use std::{fs, path::Path};

use svh_tests::{
    cohort,
    program::{Ran, engine_script, run, svh},
};

/// An engine that gives every patient grade 1 at one joint of the first film's limb, fails films named `bad`, and dies at films named `deadly`.
/// It notes each request in `requests`. Before it is ready it runs `begin`, where there is such a script.
const ENGINE: &str = r#"here=$(dirname "$0")
[ -f "$here/begin" ] && . "$here/begin"
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
fn an_existing_run_is_resumed_and_only_what_failed_is_repeated() {
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
fn a_film_that_was_read_before_the_end_of_an_attempt_has_one_line_after_the_next() {
    let folder = tempfile::tempdir().unwrap();
    svh_tests::films::write(&folder.path().join("A-LH.png"), 64, 80);
    // The engine dies once, between the film and its patient.
    let film = r#"read -r request; id=$(echo "$request" | sed 's/.*"id":\([0-9]*\).*/\1/')
echo "{\"event\":\"film\",\"id\":$id,\"result\":{\"film\":\"A-LH.png\",\"width\":64,\"height\":80,\"limb\":\"LH\",\"limb_from\":\"name\",\"detections\":[]}}"
[ -f "$here/died" ] || { touch "$here/died"; kill -9 $$; }"#;
    let ready = ENGINE.lines().find(|line| line.starts_with("echo '{\"event\":\"ready\"")).unwrap();
    let rest = r#"echo "{\"event\":\"patient\",\"id\":$id,\"result\":{\"patient\":\"A\",\"joints\":{},\"totals\":{\"narrowing\":null,\"erosion\":null,\"overall\":null,\"limbs\":{}},\"scored\":0,\"expected_joints\":31}}"
echo "{\"event\":\"done\",\"id\":$id}"; read -r more"#;
    let engine = engine_script(folder.path(), &format!("here=$(dirname \"$0\")\n{ready}\n{film}\n{rest}"));
    let attempt = || run(svh().current_dir(folder.path()).env("SVH_ENGINE", &engine).args(["score", "A-LH.png", "--out", "run"]));
    let lines = || fs::read_to_string(folder.path().join("run/results.jsonl")).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(attempt().status, Some(1));
    let before = lines();
    assert_eq!(before.len(), 1, "{before:?}");
    let second = attempt();
    assert_eq!(second.status, Some(0), "{second:?}");
    let after = lines();
    assert_eq!((after.len(), &after[0]), (2, &before[0]), "{after:?}");
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
    // What lacks a patient cannot be taken for the whole table.
    assert!(!folder.path().join("out.csv").exists());
    let table = fs::read_to_string(folder.path().join("out.csv.partial")).unwrap();
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

#[test]
fn a_scoring_that_ends_early_leaves_no_csv_that_looks_whole() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("out.csv"), "of an earlier run").unwrap();
    // Two ends of the engine in a row end the command.
    let films = ["A-LH.png", "deadly-LH.png", "deadly2-LH.png", "D-LH.png"];
    let ran = score(folder.path(), &[&films[..], &["--csv", "out.csv"]].concat());
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert_eq!(fs::read_to_string(at("out.csv")).unwrap(), "of an earlier run");
    let partial = fs::read_to_string(at("out.csv.partial")).unwrap();
    assert_eq!(partial.lines().skip(1).map(|line| &line[..1]).collect::<Vec<_>>(), ["A"]);
    ran.says(&["1 patients were scored", "out.csv.partial"]);
    // A kept run has it already, and what is partial goes when the whole is there.
    let ran = score(folder.path(), &[&films[..], &["--csv", "other.csv", "--out", "run"]].concat());
    assert_eq!((ran.status, at("other.csv").exists(), at("other.csv.partial").exists()), (Some(1), false, false), "{ran:?}");
    assert_eq!(score(folder.path(), &["A-LH.png", "D-LH.png", "--csv", "out.csv"]).status, Some(0));
    assert_eq!(fs::read_to_string(at("out.csv")).unwrap().lines().count(), 3);
    assert!(!at("out.csv.partial").exists());
}

#[test]
fn a_cancel_that_comes_while_the_models_are_loaded_stops_the_run_before_its_first_patient() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("begin"), "touch run/attempts/1.cancel").unwrap();
    score(folder.path(), &["A-LH.png", "--out", "run", "--quiet"]).refused(2, &["run in run was stopped", "resume"]);
    assert_eq!(requests(folder.path()), 0);
    // It was for that attempt alone.
    let ran = score(folder.path(), &["A-LH.png", "--out", "run", "--quiet"]);
    assert_eq!((ran.status, requests(folder.path())), (Some(0), 1), "{ran:?}");
}

#[test]
fn a_second_program_does_not_write_into_a_run_at_work() {
    let folder = tempfile::tempdir().unwrap();
    let svh = svh().get_program().to_str().unwrap().to_owned();
    fs::write(folder.path().join("begin"), format!("{svh} score A-LH.png --out run > second 2>&1; echo $? >> second")).unwrap();
    assert_eq!(score(folder.path(), &["A-LH.png", "--out", "run", "--quiet"]).status, Some(0));
    let said = fs::read_to_string(folder.path().join("second")).unwrap();
    assert!(said.contains("run is being written by process") && said.ends_with("\n2\n"), "{said}");
    assert_eq!(requests(folder.path()), 1);
}

#[test]
fn a_run_is_resumed_under_another_spelling_of_its_paths() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(score(folder.path(), &["A-LH.png", "B-LH.png", "--out", "run", "--quiet"]).status, Some(0));
    let whole = folder.path().join("A-LH.png");
    let ran =
        score(folder.path(), &["./A-LH.png", "x/../B-LH.png", whole.to_str().unwrap().replace("A-LH", "C-LH").as_str(), "--out", "run"]);
    assert_eq!((ran.status, requests(folder.path())), (Some(0), 3), "{ran:?}");
    assert_eq!(score(folder.path(), &["C-LH.png", whole.to_str().unwrap(), "--out", "run"]).status, Some(0));
    assert_eq!(requests(folder.path()), 3);
}

#[test]
fn a_run_is_resumed_after_its_cohort_gained_a_film() {
    let folder = tempfile::tempdir().unwrap();
    let images = folder.path().join("cohort/images");
    fs::create_dir_all(&images).unwrap();
    for name in ["A-LH.png", "B-LH.png", "bad-LH.png"] {
        fs::write(images.join(name), name).unwrap();
    }
    let arguments = ["cohort", "--out", "run", "--quiet", "--json"];
    assert_eq!((score(folder.path(), &arguments).status, requests(folder.path())), (Some(2), 3));
    fs::write(images.join("B-RH.png"), "new").unwrap();
    fs::write(images.join("D-LH.png"), "new").unwrap();
    // B has another film now, D is new, and what failed is tried again.
    let ran = score(folder.path(), &arguments);
    assert_eq!((ran.status, ran.json().len(), requests(folder.path())), (Some(2), 3, 6), "{ran:?}");
    // The same cohort is not done again.
    assert_eq!((score(folder.path(), &arguments).status, requests(folder.path())), (Some(2), 7));
}

#[test]
fn a_run_is_resumed_by_its_options_and_never_by_words_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_script(folder.path(), ENGINE);
    let resume = |run_dir: &str| run(svh().current_dir(folder.path()).env("SVH_ENGINE", &engine).args(["resume", run_dir, "--quiet"]));
    // Ended early, by two ends of the engine in a row.
    let films = ["A-LH.png", "deadly-LH.png", "deadly2-LH.png", "D-LH.png"];
    score(folder.path(), &[&films[..], &["--out", "run", "--limb", "LH", "--csv", "victim"]].concat());
    let path = folder.path().join("run/run.json");
    let mut info: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((&info["options"]["limb"], &info["status"]), (&"LH".into(), &"failed".into()));
    info["command"] = serde_json::json!(["svh", "score", "A-LH.png", "--csv", "stolen"]);
    fs::write(&path, info.to_string()).unwrap();
    let healthy = ENGINE.replace("*deadly*) kill -9 $$ ;;", "");
    drop(engine_script(folder.path(), &healthy));
    let before = requests(folder.path());
    let ran = resume("run");
    assert_eq!((ran.status, requests(folder.path())), (Some(0), before + 3), "{ran:?}");
    assert!(!folder.path().join("stolen").exists() && !folder.path().join("victim").exists());
    resume("run").refused(2, &["run is finished"]);
    // One that came with somebody else's cohort.
    fs::create_dir(folder.path().join("copied")).unwrap();
    info["status"] = "cancelled".into();
    fs::write(folder.path().join("copied/run.json"), info.to_string()).unwrap();
    resume("copied").refused(2, &["another place", "--out"]);
}
