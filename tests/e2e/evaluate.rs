//! `svh evaluate` and `svh agreement`: the metrics of other tools through the real program, a run over a cohort, and everything that can be wrong.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use svh_core::{
    Cohort, Detection, Film, FilmDetections, LabelledBox, Limb, Origin, PatientScore, Reviews, RunInfo, RunKind, RunStatus, RunWriter,
    Task,
    review::{Author, Before, Change, Journal, ReviewTarget},
    score::JointScore,
};
use svh_tests::{
    cohort,
    program::{Ran, checkout, run, svh},
};

fn reference(name: &str) -> PathBuf {
    checkout().join("src/analysis/tests/fixtures/reference").join(name)
}

fn expected(name: &str) -> Value {
    serde_json::from_slice(&fs::read(reference(name)).unwrap()).unwrap()
}

fn evaluate<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    run(svh().arg("evaluate").args(arguments))
}

fn one(ran: &Ran) -> Value {
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let [json] = &ran.json()[..] else { panic!("{ran:?}") };
    json.clone()
}

#[track_caller]
fn near(found: &Value, expected: &Value, within: f64) {
    let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= within, "{found} is not {expected}");
}

#[test]
fn every_block_names_the_scores_of_its_boxes_and_only_counts_follow_the_threshold() {
    let demo = checkout().join("datasets/demo");
    let at = |threshold: &str, json: &[&str]| {
        let ran = evaluate([demo.to_str().unwrap(), "--threshold", threshold].iter().chain(json));
        assert_eq!(ran.status, Some(0), "{ran:?}");
        ran
    };
    let text = at("0.9", &[]).stdout;
    let blocks = text.split("DETECTION, ").skip(1).collect::<Vec<_>>();
    assert_eq!(blocks.len(), 2, "{text}");
    for block in blocks {
        let headings: Vec<String> = block
            .lines()
            .filter(|line| ["BOXES OF", "ERRORS", "FOUND"].iter().any(|word| line.starts_with(word)))
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(headings[0], "BOXES OF any score rules, score 0.9", "{block}");
        assert!(headings[1..].iter().all(|heading| heading.contains("score 0.9 and up")) && headings.len() == 4, "{headings:?}");
        let place = |word: &str| block.find(word).unwrap_or_else(|| panic!("{word} in {block}"));
        assert!(place("TIDE Class") < place("BOXES OF score 0.9"), "TIDE stands with the boxes of any score");
    }
    let [low, high] = ["0.2", "0.9"].map(|threshold| one(&at(threshold, &["--json"])));
    let narrowing = |report: &Value| report["detection"]["narrowing"].clone();
    assert_eq!(narrowing(&low)["all"]["tide"], narrowing(&high)["all"]["tide"]);
    assert_ne!(narrowing(&low)["missed_before"], narrowing(&high)["missed_before"]);
}

#[test]
fn coco_files_have_the_metrics_of_pycocotools_and_tide_and_every_planted_error_by_name() {
    let files = [reference("coco_gt.json"), reference("coco_dt.json")];
    let found = one(&evaluate([Path::new("--coco"), &files[0], &files[1], Path::new("--json")]));
    let golden = expected("coco_expected.json");
    for place in 0..12 {
        near(&found["stats"][place], &golden["stats"][place], 1e-9);
    }
    for (label, metrics) in golden["per_class"].as_object().unwrap() {
        ["AP", "AP50", "AP75"].iter().for_each(|name| near(&found["per_class"][label][name], &metrics[name], 1e-9));
    }
    assert_eq!(found["tide"]["count"], golden["tide"]["count"]);
    golden["tide"]["dap"].as_object().unwrap().iter().for_each(|(kind, dap)| near(&found["tide"]["dap"][kind], dap, 0.05));
    let told = |errors: &Value| {
        let told = |error: &Value| ["film", "kind", "joint", "detection"].map(|key| error[key].to_string()).join(" ");
        let mut told: Vec<String> = errors.as_array().unwrap().iter().map(told).collect();
        told.sort();
        told
    };
    assert_eq!(told(&found["errors"]), told(&expected("planted.json")));
    let text = evaluate([Path::new("--coco"), &files[0], &files[1]]);
    assert!(text.stdout.contains("TIDE Class") && text.stdout.contains("Neighbour"), "{text:?}");
}

/// Two columns of grades as a CSV file, patients where they are known.
fn table(path: &Path, reference: &Value, model: &Value, patients: Option<&Value>) {
    let rows = reference.as_array().unwrap().iter().zip(model.as_array().unwrap()).enumerate();
    let mut text = format!("true,predicted{}\n", if patients.is_some() { ",patient" } else { "" });
    for (row, (reference, model)) in rows {
        let patient = patients.map_or_else(String::new, |patients| format!(",P{}", patients[row]));
        text += &format!("{reference},{model}{patient}\n");
    }
    fs::write(path, text).unwrap();
}

fn agreement(path: &Path, more: &[&str]) -> Ran {
    run(svh().arg("agreement").arg(path).args(["--max-grade", "4"]).args(more))
}

#[test]
fn two_columns_of_grades_have_the_metrics_of_scikit_learn_over_the_full_scale() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grades.csv");
    for name in ["ordinal_A_all_grades", "ordinal_B_grade3_absent"] {
        let golden = &expected("stats_golden.json")[name];
        table(&path, &golden["y_true"], &golden["y_pred"], None);
        let found = one(&agreement(&path, &["--json"]));
        let names = [
            ("accuracy", "accuracy"),
            ("balanced_accuracy", "balanced_accuracy"),
            ("macro_f1", "macro_f1_present"),
            ("within1", "within1"),
            ("qwk", "qwk_labels_0_4"),
            ("kappa", "kappa"),
            ("rmse", "rmse"),
            ("mae", "mae"),
        ];
        names.iter().for_each(|(ours, theirs)| near(&found[ours], &golden[theirs], 1e-9));
        assert_eq!((&found["n"], &found["confusion"]), (&300.into(), &golden["confusion_rows_true"]));
        for baseline in ["majority", "zero"] {
            near(&found[baseline]["rmse"], &golden["majority_baseline"]["rmse"], 1e-9);
        }
        assert!(found["ci95"].is_null(), "nobody named the patients");
    }
    let golden = &expected("stats_golden.json")["cluster_bootstrap_rmse"];
    table(&path, &golden["y_true"], &golden["y_pred"], Some(&golden["patient"]));
    let found = one(&agreement(&path, &["--json"]));
    assert_eq!(found["patients"], 12);
    (0..2).for_each(|end| near(&found["ci95"]["rmse"][end], &golden["percentile95_linear"][end], 0.03));
    let text = agreement(&path, &[]);
    assert!(text.stdout.contains("95 % interval") && text.stdout.contains("majority 0"), "{text:?}");
}

#[test]
fn weights_change_what_a_wrong_grade_costs() {
    let folder = tempfile::tempdir().unwrap();
    let (grades, weights) = (folder.path().join("grades.csv"), folder.path().join("weights.csv"));
    fs::write(&grades, "predicted,true\n0,0\n1,0\n3,2\n,4\n").unwrap();
    fs::write(&weights, "grade,weight\n,0.5\n2,3\n").unwrap();
    let found = one(&agreement(&grades, &["--json", "--weights", weights.to_str().unwrap()]));
    // 0.5 and 0.5 for reference 0, 3 for reference 2.
    near(&found["weighted"]["mae"], &json!(3.5 / 4.0), 1e-12);
    near(&found["weighted"]["rmse"], &json!((3.5_f64 / 4.0).sqrt()), 1e-12);
    assert_eq!((&found["n"], &found["missing"]), (&3.into(), &1.into()));
}

#[test]
fn one_grade_only_has_no_kappa_rather_than_nan() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grades.csv");
    fs::write(&path, "true,predicted\n0,0\n0,0\n").unwrap();
    let ran = agreement(&path, &["--json"]);
    assert!(!ran.stdout.contains("NaN"));
    let found = one(&ran);
    assert_eq!((&found["kappa"], &found["qwk"], &found["accuracy"]), (&Value::Null, &Value::Null, &1.0.into()));
}

/// A run over a phantom cohort that finds every box where it was drawn and gives every grade as the reader did, but for what a test changes.
fn made_run(cohort: &Path, change: impl Fn(&mut Vec<FilmDetections>, &mut Vec<PatientScore>)) -> PathBuf {
    named_run(cohort, "made", change)
}

fn named_run(cohort: &Path, name: &str, change: impl Fn(&mut Vec<FilmDetections>, &mut Vec<PatientScore>)) -> PathBuf {
    let opened = Cohort::open(cohort).unwrap();
    let (mut films, mut scores) = (Vec::new(), Vec::new());
    for patient in opened.patients() {
        for limb in Limb::ALL {
            let labels = opened.boxes(patient, limb);
            let detection = |task: Task| {
                let from = if task == Task::Erosion && !limb.is_hand() { Origin::Narrowing } else { Origin::Detector };
                let found = |reference: &LabelledBox| Detection::new(reference.joint, reference.bbox, 0.9);
                labels.of(task).iter().map(move |reference| Detection { kept: true, from, ..found(reference) })
            };
            let film = Film::open(&opened.film(patient, limb).unwrap()).unwrap();
            let (name, size) = (format!("elsewhere/{}-{limb}.jpg", patient.id), (film.width, film.height));
            films.push(FilmDetections::new(name, size, limb, Task::ALL.into_iter().flat_map(detection).collect()));
        }
        let sure = |grade: u8, max: u8| JointScore::from_probabilities((0..=max).map(|at| f32::from(u8::from(at == grade))).collect());
        let known = opened.grades_of(patient).unwrap().known();
        let joints: BTreeMap<String, JointScore> =
            known.map(|(joint, grade)| (joint.ra2_column.clone(), sure(grade, joint.max_grade))).collect();
        scores.push(PatientScore::new(patient.id.clone(), joints, 86));
    }
    change(&mut films, &mut scores);
    let folder = cohort.join("runs").join(name);
    let mut writer = RunWriter::create(&folder, RunInfo::new(RunKind::Score, vec![])).unwrap();
    films.iter().for_each(|film| writer.film(film).unwrap());
    scores.iter().for_each(|score| writer.patient(score).unwrap());
    writer.finish(RunStatus::Finished, None).unwrap();
    folder
}

#[test]
fn a_run_that_agrees_with_the_reader_is_perfect_and_gets_its_tables() {
    let cohort = cohort::copy();
    let folder = made_run(cohort.path(), |_, _| {});
    let found = one(&evaluate([cohort.path(), Path::new("--run"), &folder, Path::new("--json")]));
    for (task, boxes) in [("narrowing", 84), ("erosion", 64)] {
        let detection = &found["detection"][task];
        near(&detection["stats"][0], &json!(1.0), 1e-9);
        assert_eq!(
            (&detection["missed"], &detection["false_positives"], &detection["true_positives"]),
            (&0.into(), &0.into(), &boxes.into())
        );
        assert_eq!(detection["errors"], json!([]));
    }
    for (scale, joints) in [("narrowing", 84), ("hand_erosion", 64), ("foot_erosion", 24)] {
        let grading = &found["grading"][scale];
        assert_eq!((&grading["n"], &grading["accuracy"], &grading["rmse"]), (&joints.into(), &1.0.into(), &0.0.into()));
        assert!(grading["ci95"]["accuracy"].is_array() && grading["zero"]["rmse"].is_f64());
    }
    assert_eq!((&found["totals"]["overall"]["n"], &found["totals"]["overall"]["rmse"]), (&2.into(), &0.0.into()));
    for table in ["films", "detections", "grades"] {
        let bytes = fs::read(folder.join(format!("{table}.parquet"))).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"), "{table}");
    }
    // By its name among the cohort's runs, in words.
    let text = evaluate([cohort.path(), Path::new("--run"), Path::new("made")]);
    assert_eq!(text.status, Some(0), "{text:?}");
    for words in ["DETECTION, narrowing", "after the rules", "GRADES, foot erosion", "TOTALS", "majority"] {
        assert!(text.stdout.contains(words), "`{words}` is not in {}", text.stdout);
    }
    assert!(text.stdout.lines().all(|line| line.chars().count() <= 80), "{}", text.stdout);
}

#[test]
fn what_a_run_gets_wrong_is_counted_named_and_carried_to_the_total() {
    let cohort = cohort::copy();
    let folder = made_run(cohort.path(), |films, scores| {
        // PHA001's left hand: mcp_2 is not found for narrowing, mcp_3 lies in a corner.
        let hand = films.iter_mut().find(|film| film.film.ends_with("PHA001-LH.jpg")).unwrap();
        hand.detections.retain(|found| (found.task, found.joint.as_str()) != (Task::Narrowing, "LH_mcp_2"));
        let third = hand.detections.iter_mut().find(|found| (found.task, found.joint.as_str()) == (Task::Narrowing, "LH_mcp_3")).unwrap();
        third.bbox = [0.0, 0.0, 9.0, 9.0].into();
        scores[0].joints.remove("LH_mcp_J__2");
        scores[0].joints.insert("LH_mcp_J__3".to_owned(), JointScore::from_probabilities(vec![0.0, 0.0, 0.0, 0.0, 1.0]));
    });
    let found = one(&evaluate([cohort.path(), Path::new("--run"), &folder, Path::new("--json")]));
    let grade = |column: &str| {
        let opened = Cohort::open(cohort.path()).unwrap();
        let grades = opened.grades_of(opened.patient("PHA001").unwrap()).unwrap();
        i64::from(grades.get(svh_core::joint::by_column(column).unwrap()).unwrap())
    };
    let detection = &found["detection"]["narrowing"];
    assert_eq!((&detection["missed"], &detection["false_positives"]), (&1.into(), &1.into()));
    assert_eq!(detection["per_joint"]["LH_mcp_3"]["false_positives"], 1);
    let errors: Vec<_> =
        detection["errors"].as_array().unwrap().iter().map(|e| (e["kind"].clone(), e["joint"].clone(), e["effect"].clone())).collect();
    // The joint behind the box in the corner is lost to it, but still missed by name: no box is on it.
    assert!(errors.contains(&("Missed".into(), "LH_mcp_2".into(), (-grade("LH_mcp_J__2")).into())), "{errors:?}");
    assert!(errors.contains(&("Background".into(), "LH_mcp_3".into(), (4 - grade("LH_mcp_J__3")).into())), "{errors:?}");
    assert_eq!(found["grading"]["narrowing"]["missing"], 1);
    let total = &found["patient_totals"][0];
    assert_eq!((&total["predicted"]["joints"], &total["joints"]), (&85.into(), &86.into()));
    assert_eq!(total["difference"], 4 - grade("LH_mcp_J__3"));
}

#[test]
fn two_runs_are_laid_side_by_side() {
    let cohort = cohort::copy();
    named_run(cohort.path(), "good", |_, _| {});
    named_run(cohort.path(), "bad", |films, scores| {
        films.iter_mut().for_each(|film| film.detections.retain(|found| found.class_id != 7));
        let worst = |(column, score): (&String, &JointScore)| {
            let mut turned = score.probabilities.clone();
            turned.reverse();
            (column.clone(), JointScore::from_probabilities(turned))
        };
        for score in scores {
            score.joints = score.joints.iter().map(worst).collect();
        }
    });
    let words = ["--run", "bad", "--against", "good"].map(Path::new);
    let found = one(&evaluate([cohort.path()].into_iter().chain(words).chain([Path::new("--json")])));
    let row = |rows: &Value, name: &str| rows.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap().clone();
    let accuracy = row(&found["grades"]["narrowing"], "accuracy");
    assert_eq!(accuracy["second"], 1.0);
    assert!(accuracy["ci95"][0].as_f64().unwrap() > 0.0 && accuracy["difference"].as_f64().unwrap() > 0.5, "{accuracy}");
    // Class 7 is LH_mcp_1 for narrowing, and for erosion too.
    let missed = row(&found["boxes"]["narrowing"], "missed");
    assert_eq!((&missed["first"], &missed["second"], &missed["ci95"]), (&1.0.into(), &0.0.into(), &json!([-1.0, -1.0])));
    let text = evaluate([cohort.path()].into_iter().chain(words));
    assert!(text.stdout.contains("first bad, second good: 2 patients") && text.stdout.contains(" *"), "{text:?}");
    assert!(text.stdout.lines().all(|line| line.chars().count() <= 80), "{}", text.stdout);
}

#[test]
fn the_tables_have_a_header_and_a_row_a_thing() {
    let cohort = cohort::copy();
    let folder = made_run(cohort.path(), |films, _| films[0].detections.clear());
    let tables = [
        ("grades", "Scope,Name,Accuracy", 46),
        ("errors", "film,patient,limb", 31),
        ("joints", "task,joint,truth", 86),
        ("totals", "patient,part", 14),
    ];
    for (name, header, rows) in tables {
        let words = ["--csv", "-", "--table", name].map(Path::new);
        let ran = evaluate([cohort.path(), Path::new("--run"), &folder].into_iter().chain(words));
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let lines: Vec<&str> = ran.stdout.lines().collect();
        assert!(lines[0].starts_with(header), "{name}: {}", lines[0]);
        assert_eq!(lines.len() - 1, rows, "{name}");
    }
    let out = cohort.path().join("imbalance.csv");
    let words = [Path::new("--csv"), &out, Path::new("--table"), Path::new("imbalance")];
    assert_eq!(evaluate([cohort.path(), Path::new("--run"), &folder].into_iter().chain(words)).status, Some(0));
    let text = fs::read_to_string(out).unwrap();
    // A row a grade of each joint's scale, and one for what is missing.
    assert_eq!(text.lines().count() - 1, 42 * 6 + 32 * 7 + 12 * 12);
}

#[test]
fn bad_input_is_refused_in_one_sentence() {
    let cohort = cohort::copy();
    let path = |name: &str| cohort.path().join(name);
    let write = |name: &str, text: &str| {
        fs::write(path(name), text).unwrap();
        path(name)
    };
    let (gt, dt) = (reference("coco_gt.json"), reference("coco_dt.json"));
    let coco = |reference: &Path, found: &Path| evaluate([Path::new("--coco"), reference, found, Path::new("--json")]);
    coco(&path("no.json"), &dt).refused(2, &["no.json", "cannot be read", "No such file"]);
    coco(&dt, &gt).refused(2, &["coco_dt.json", "COCO ground truth"]);
    coco(&gt, &write("cut.json", "[{\"image_id\": 1,")).refused(2, &["cut.json", "COCO results"]);
    coco(&gt, &write("far.json", r#"[{"image_id": 99999, "category_id": 1, "bbox": [0, 0, 5, 5], "score": 0.5}]"#))
        .refused(2, &["far.json, entry 0", "image 99999"]);
    // A box of no size is a wrong one, as pycocotools has it.
    let flat = coco(&gt, &write("flat.json", r#"[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 0, 5], "score": 0.5}]"#));
    assert_eq!(flat.status, Some(0), "{flat:?}");
    evaluate([cohort.path(), Path::new("--run"), &path("nothing")]).refused(2, &["nothing is not a run"]);
    evaluate([&path("nowhere"), Path::new("--run"), &made_run(cohort.path(), |_, _| {})]).refused(2, &["nowhere", "cannot be opened"]);
    let run = path("runs/made");
    let weights = write("weights.csv", "joint,weight\nelbow,1\n");
    evaluate([cohort.path(), Path::new("--run"), &run, Path::new("--weights"), &weights]).refused(2, &["weights.csv, line 2", "elbow"]);
    let other = tempfile::tempdir().unwrap();
    fs::create_dir(other.path().join("images")).unwrap();
    svh_tests::films::write(&other.path().join("images/X-LH.png"), 64, 80);
    let ran = evaluate([other.path(), Path::new("--run"), &run, Path::new("--quiet")]);
    ran.refused(2, &["holds no film and no patient of"]);
    let grades = write("grades.csv", "true,predicted\n0,0\n1,7\n");
    agreement(&grades, &[]).refused(2, &["grades.csv, line 3, column predicted", "`7`", "0 to 4"]);
    agreement(&write("one.csv", "true\n0\n"), &[]).refused(2, &["one.csv", "no column predicted"]);
    agreement(&write("empty.csv", "true,predicted\n,1\n"), &[]).refused(2, &["empty.csv", "nothing to compare"]);
    agreement(&write("odd.csv", "true,predicted,patient\n0,1,\n"), &[]).refused(2, &["odd.csv, line 2", "patient is missing"]);
    agreement(&path("no.csv"), &[]).refused(2, &["no.csv", "cannot be read"]);
    let joints = write("joints.csv", "joint,weight\nmcp_2,1\n");
    agreement(&write("fine.csv", "true,predicted\n0,1\n"), &["--weights", joints.to_str().unwrap()])
        .refused(2, &["joints.csv", "grades only"]);
    assert_eq!(evaluate(["--json"]).status, Some(2));
    assert_eq!(evaluate([cohort.path(), Path::new("--run"), &run, Path::new("--threshold"), Path::new("2")]).status, Some(2));
}

#[test]
fn a_run_does_not_differ_from_itself_after_a_review() {
    let cohort = cohort::copy();
    let root = cohort.path();
    let run = made_run(root, |_, _| {});
    let opened = Cohort::open(root).unwrap();
    let patient = &opened.patients()[0];
    let (joint, grade) = opened.grades_of(patient).unwrap().known().next().unwrap();
    let target = ReviewTarget { patient: patient.id.clone(), film: None, joint, size: None };
    let mut author = Author::new("anna");
    let entry = author.entry(&Reviews::default(), &target, Change::Grade { grade: Some(grade ^ 1) }, Before::default()).unwrap();
    Journal::new(root, &author).append(entry).unwrap();
    let found = one(&evaluate([root, Path::new("--run"), &run, Path::new("--against"), &run, Path::new("--json")]));
    let differences = |metrics: &Value| metrics.as_array().unwrap().iter().map(|metric| metric["difference"].clone()).collect::<Vec<_>>();
    let all: Vec<Value> =
        found["grades"].as_object().unwrap().values().flat_map(differences).chain(differences(&found["totals"])).collect();
    assert!(!all.is_empty() && all.iter().all(|difference| difference.is_null() || difference == 0.0), "{found}");
}
