//! The real engine with the models that ship: bad films, faulty models, and the forms of the JSON that others rely on.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use svh_core::{Limb, Task, coarse, joint};
use svh_tests::{
    cohort, films, models,
    program::{Ran, checkout, run, svh},
};

/// `svh` on the CPU, whatever the machine has.
fn on_cpu(command: &str, arguments: &[&str], paths: &[PathBuf]) -> Ran {
    run(svh().args(["--device", "cpu", command]).args(arguments).args(paths))
}

fn film(cohort: &Path, name: &str) -> PathBuf {
    cohort.join("images").join(name)
}

#[test]
fn bad_films_are_each_named_in_one_sentence_and_the_good_one_among_them_is_done() {
    let cohort = cohort::copy();
    let folder = tempfile::tempdir().unwrap();
    let bad = films::bad(folder.path());
    let good = film(cohort.path(), "PHA001-LH.jpg");
    let mut paths: Vec<PathBuf> = bad.iter().map(|(path, _)| path.clone()).collect();
    paths.insert(2, good.clone());
    let ran = on_cpu("detect", &["--json", "--quiet"], &paths);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    let [only] = &ran.json()[..] else { panic!("{ran:?}") };
    assert_eq!(only["film"].as_str(), good.to_str());
    let sentences = ran.sentences();
    assert_eq!(sentences.len(), bad.len() + 1, "{ran:?}");
    for (path, words) in &bad {
        let of_film = sentences.iter().find(|line| line.contains(path.to_str().unwrap())).unwrap_or_else(|| panic!("{path:?} in {ran:?}"));
        assert!(words.iter().all(|word| of_film.contains(word)), "{words:?} in {of_film}");
    }
    assert!(sentences[bad.len()].contains(&format!("{} of {} films failed", bad.len(), paths.len())), "{ran:?}");
    ran.says(&[]);
}

#[test]
fn a_film_whose_limb_nobody_can_tell_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("something.png");
    films::write(&path, 300, 400);
    let ran = on_cpu("detect", &["--json"], &[path]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    ran.says(&["something.png", "--limb"]);
}

#[test]
fn a_film_of_something_else_is_refused_and_in_a_cohort_its_limb_is_left_out() {
    let cohort = cohort::copy();
    let path = film(cohort.path(), "PHA001-LH.jpg");
    fs::remove_file(&path).unwrap();
    films::write(&film(cohort.path(), "PHA001-LH.png"), 600, 800);
    let alone = on_cpu("score", &["--json"], &[film(cohort.path(), "PHA001-LH.png")]);
    assert_eq!((alone.status, alone.stdout.as_str()), (Some(2), ""), "{alone:?}");
    alone.says(&["PHA001-LH.png", "it does not show a left hand", "--no-shape"]);
    let ran = run(svh().args(["--device", "cpu", "score", "--json", "--patient", "PHA001", "--quiet"]).arg(cohort.path()));
    assert_eq!(ran.status, Some(2), "{ran:?}");
    let [line] = &ran.json()[..] else { panic!("{ran:?}") };
    assert!(line["totals"]["limbs"].get("LH").is_none() && line["totals"]["limbs"].get("RH").is_some(), "{line}");
    assert!(line["left_out"]["LH"].as_str().unwrap().contains("does not show a left hand"), "{line}");
    assert!(line["scored"].as_u64() < line["expected_joints"].as_u64(), "{line}");
    let all_the_same = on_cpu("score", &["--json", "--no-shape", "--quiet"], &[film(cohort.path(), "PHA001-LH.png")]);
    let [line] = &all_the_same.json()[..] else { panic!("{all_the_same:?}") };
    assert_eq!((&line["scored"], &line["totals"]["overall"]), (&0.into(), &Value::Null), "nothing graded is not 0");
}

#[test]
fn a_foot_named_a_hand_is_refused_as_what_it_is() {
    let cohort = cohort::copy();
    let ran = on_cpu("detect", &["--json", "--limb", "LH"], &[film(cohort.path(), "PHA001-RF.jpg")]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    ran.says(&["it looks like a right foot"]);
}

#[test]
fn each_graded_joint_says_how_unfamiliar_it_looks() {
    let cohort = cohort::copy();
    let ran = on_cpu("score", &["--json", "--quiet"], &[film(cohort.path(), "PHA001-RH.jpg")]);
    let [line] = &ran.json()[..] else { panic!("{ran:?}") };
    let graded = line["joints"].as_object().unwrap();
    assert!(line["open"].as_object().unwrap().keys().all(|column| !graded.contains_key(column)), "{line}");
    for (column, score) in graded {
        let value = score["unfamiliarity"].as_f64().unwrap_or_else(|| panic!("{column}: {score}"));
        assert!((0.0..=0.9 + 1e-6).contains(&value), "{column}: {score}");
    }
}

#[test]
fn a_coarse_film_is_marked_and_graded_and_one_with_next_to_no_pixels_is_left_open() {
    let cohort = cohort::copy();
    let full = film(cohort.path(), "PHA001-LH.jpg");
    let (coarse, tiny) = (cohort.path().join("C-LH.png"), cohort.path().join("T-LH.png"));
    films::reduce(&full, &coarse, 3);
    films::reduce(&full, &tiny, 10);
    let grades = |path: &PathBuf| {
        let ran = on_cpu("score", &["--json"], std::slice::from_ref(path));
        let [line] = &ran.json()[..] else { panic!("{ran:?}") };
        (line.clone(), ran.stderr)
    };
    let few = |line: &Value| -> BTreeSet<String> {
        let open = line["open"].as_object().into_iter().flatten().filter(|(_, joint)| joint["reason"] == coarse::TOO_FEW_PIXELS);
        open.map(|(column, _)| column.clone()).collect()
    };
    let (line, said) = grades(&coarse);
    let side = line["coarse"]["LH"].as_f64().unwrap();
    assert!(side > 0.0 && side < f64::from(coarse::COARSE_BELOW) && said.contains("coarse: its joints are about"), "{line} {said}");
    assert!(few(&line).is_empty() && line["scored"].as_u64().unwrap() >= 28, "{line}");
    let found = |path: &PathBuf| on_cpu("detect", &["--json"], std::slice::from_ref(path)).json().remove(0);
    assert!((found(&coarse)["coarse"].as_f64().unwrap() - side).abs() < 0.01);
    // Found or not, no joint with next to no pixels gets a grade; the others do.
    let boxes: Vec<svh_core::Detection> = serde_json::from_value(found(&tiny)["detections"].clone()).unwrap();
    let joint = |found: &svh_core::Detection| joint::by_label(found.task, &found.joint).unwrap();
    let small = boxes.iter().filter(|found| found.kept && coarse::is_too_small(joint(found), &found.bbox));
    let small: BTreeSet<String> = small.map(|found| joint(found).ra2_column.clone()).collect();
    let (line, _) = grades(&tiny);
    assert!(!small.is_empty(), "{boxes:?}");
    assert_eq!(few(&line), small, "{line}");
    assert!(small.iter().all(|column| line["joints"].get(column).is_none()), "{line}");
}

#[test]
fn detections_have_the_form_that_others_rely_on() {
    let cohort = cohort::copy();
    let renamed = cohort.path().join("film.jpg");
    fs::copy(film(cohort.path(), "PHA001-LH.jpg"), &renamed).unwrap();
    let ran = on_cpu("detect", &["--json", "--limb", "LH"], &[renamed]);
    let [line] = &ran.json()[..] else { panic!("{ran:?}") };
    assert_eq!((&line["limb"], &line["limb_from"]), (&"LH".into(), &"option".into()));
    let (width, height) = (line["width"].as_f64().unwrap(), line["height"].as_f64().unwrap());
    let detections = line["detections"].as_array().unwrap();
    assert!(!detections.is_empty(), "{line}");
    for found in detections {
        let task: Task = found["task"].as_str().unwrap().parse().unwrap();
        let joint = joint::by_label(task, found["joint"].as_str().unwrap()).unwrap();
        assert_eq!((u64::from(joint.class_id), joint.limb), (found["class_id"].as_u64().unwrap(), Limb::LeftHand));
        assert!((0.0..=1.0).contains(&found["score"].as_f64().unwrap()), "{found}");
        let [x0, y0, x1, y1] = [0, 1, 2, 3].map(|edge| found["box"][edge].as_f64().unwrap());
        assert!(0.0 <= x0 && x0 < x1 && x1 <= width && 0.0 <= y0 && y0 < y1 && y1 <= height, "{found}");
        assert!(found["kept"].is_boolean() && ["detector", "narrowing", "inferred"].contains(&found["from"].as_str().unwrap()), "{found}");
    }
    for task in Task::ALL {
        let kept = detections.iter().filter(|found| found["task"] == task.name() && found["kept"] == true);
        let mut labels: Vec<&str> = kept.map(|found| found["joint"].as_str().unwrap()).collect();
        let all = labels.len();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), all, "a joint of {task} is kept twice");
    }
}

#[test]
fn scores_add_up_and_the_csv_says_the_same() {
    let cohort = cohort::copy();
    let csv = cohort.path().join("out.csv");
    let ran = run(svh().args(["--device", "cpu", "score", "--json", "--patient", "PHA002", "--quiet"]).arg(cohort.path()));
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let [line] = &ran.json()[..] else { panic!("{ran:?}") };
    assert_eq!((&line["patient"], &line["expected_joints"]), (&"PHA002".into(), &86.into()));
    let joints = line["joints"].as_object().unwrap();
    assert_eq!(line["scored"].as_u64().unwrap(), joints.len() as u64);
    let mut sums = [0, 0];
    for (column, score) in joints {
        let joint = joint::by_column(column).unwrap();
        let probabilities: Vec<f64> = score["probabilities"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect();
        let grade = score["grade"].as_u64().unwrap();
        assert_eq!(probabilities.len(), usize::from(joint.max_grade) + 1, "{column}");
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-3, "{column}: {probabilities:?}");
        assert!(probabilities.iter().all(|p| *p <= probabilities[usize::try_from(grade).unwrap()]), "{column}: {score}");
        let expected: f64 = (0_u32..).zip(&probabilities).map(|(grade, p)| f64::from(grade) * p).sum();
        assert!((expected - score["expected"].as_f64().unwrap()).abs() < 1e-3, "{column}: {score}");
        sums[joint.task as usize] += grade;
    }
    let totals = &line["totals"];
    assert_eq!((totals["narrowing"].as_u64(), totals["erosion"].as_u64()), (Some(sums[0]), Some(sums[1])));
    assert_eq!(totals["overall"].as_u64(), Some(sums[0] + sums[1]));
    let limbs: u64 = totals["limbs"].as_object().unwrap().values().map(|limb| limb["narrowing"].as_u64().unwrap()).sum();
    assert_eq!(limbs, sums[0]);

    let ran = run(svh().args(["--device", "cpu", "score", "--patient", "PHA002", "--quiet", "--csv"]).arg(&csv).arg(cohort.path()));
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    let table = fs::read_to_string(&csv).unwrap();
    let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let (header, row) = (rows.next().unwrap(), rows.next().unwrap());
    for (column, cell) in header.iter().zip(row) {
        let grade = joints.get(*column).map(|score| score["grade"].to_string());
        match *column {
            "Patient_ID" => assert_eq!(cell, "PHA002"),
            "Overall_Tol" => assert_eq!(cell, totals["overall"].to_string()),
            "Overall_erosion" => assert_eq!(cell, totals["erosion"].to_string()),
            "Overall_narrowing" => assert_eq!(cell, totals["narrowing"].to_string()),
            joint => assert_eq!(cell, grade.unwrap_or_default(), "{joint}"),
        }
    }
}

#[test]
fn one_hand_is_expected_to_hold_31_joints() {
    let cohort = cohort::copy();
    let ran = on_cpu("score", &["--json"], &[film(cohort.path(), "PHA001-RH.jpg")]);
    let [line] = &ran.json()[..] else { panic!("{ran:?}") };
    assert_eq!(line["expected_joints"], 31);
    assert!(line["joints"].as_object().unwrap().keys().all(|column| column.starts_with("RH_")), "{line}");
}

#[test]
fn a_model_whose_card_and_weights_disagree_is_refused_and_found_by_the_doctor() {
    let cohort = cohort::copy();
    for (what, wrong) in [("classes", Value::from(12)), ("sha256", "0".repeat(64).into())] {
        let folder = tempfile::tempdir().unwrap();
        models::copy_with_detectors_changed(folder.path(), |card| card[what] = wrong.clone());
        let models = folder.path().to_str().unwrap();
        let ran = on_cpu("detect", &["--json", "--models", models], &[film(cohort.path(), "PHA001-LH.jpg")]);
        ran.refused(2, &["card"]);
        let ran = run(svh().args(["doctor", "--json", "--models", models]));
        let problems: Vec<String> =
            ran.json()[0]["checks"].as_array().unwrap().iter().filter(|check| check["state"] == "problem").map(Value::to_string).collect();
        assert!(problems.iter().any(|problem| problem.contains("card")), "{what}: {problems:?}");
    }
}

#[test]
fn a_model_is_not_written_over_another_one() {
    let folder = tempfile::tempdir().unwrap();
    models::copy_with_detectors_changed(folder.path(), |_| ());
    let (out, weights) = (folder.path().join("detector"), checkout().join("models/scorer-narrowing/model.safetensors"));
    let before = fs::read(out.join("model.safetensors")).unwrap();
    let command = |words: &[&str]| run(svh().args(["--device", "cpu"]).args(words).arg("--out").arg(&out));
    let weights = weights.to_str().unwrap();
    command(&["model", "import", weights, "--arch", "efficientnet_b0", "--task", "narrowing"])
        .refused(2, &["detector", "never overwritten"]);
    let cohort = cohort::copy();
    let at = cohort.path().to_str().unwrap();
    for words in [&["train", "scorer", "--task", "narrowing", "--cohort", at][..], &["train", "detector", "--task", "both", "--cohort", at]]
    {
        let ran = command(words);
        assert_eq!(ran.status, Some(2), "{ran:?}");
        ran.says(&["detector"]);
    }
    assert!(fs::read(out.join("model.safetensors")).unwrap() == before, "the detector is another one");
}

#[test]
fn a_folder_without_models_is_refused_with_what_to_do() {
    let cohort = cohort::copy();
    let empty = tempfile::tempdir().unwrap();
    let ran = on_cpu("detect", &["--models", empty.path().to_str().unwrap()], &[film(cohort.path(), "PHA001-LH.jpg")]);
    ran.refused(2, &["--models", empty.path().to_str().unwrap()]);
}

#[test]
fn a_gpu_that_is_not_there_is_refused_with_the_reason() {
    let cohort = cohort::copy();
    let ran = run(svh().args(["doctor", "--json"]));
    let engine = &ran.json()[0]["engine"];
    let gpus = engine["devices"].as_array().unwrap().len() - 1;
    let ran = run(svh().args(["--device", &format!("cuda:{gpus}"), "detect"]).arg(film(cohort.path(), "PHA001-LH.jpg")));
    ran.refused(2, &[if gpus == 0 { "--device cpu" } else { "was not found; this machine has" }]);
}

#[test]
fn an_engine_that_is_killed_amid_films_costs_one_film_at_most() {
    let cohort = cohort::copy();
    let mut child = svh()
        .args(["--device", "cpu", "detect", "--json"])
        .arg(cohort.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let engine = child_of(child.id()).expect("svh has started an engine");
    assert!(std::process::Command::new("kill").args(["-9", &engine.to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), 1 + rest.len()), (Some(1), 7), "{first}\n{said}");
    assert!(said.contains("svh-engine ended unexpectedly (signal: 9") && said.contains("1 of 8 films failed"), "{said}");
}

/// The one process that another one has started.
fn child_of(parent: u32) -> Option<u32> {
    let processes = Path::new("/proc").read_dir().ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |id: &u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // The name in parentheses may hold spaces; state and parent follow it.
        stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok()) == Some(parent)
    };
    processes.into_iter().find(is_child)
}

#[test]
fn adapting_to_healthy_films_adds_at_most_a_point_a_patient() {
    let folder = tempfile::tempdir().unwrap();
    let (films, out) = (folder.path().join("healthy"), folder.path().join("adapted"));
    let made =
        run(svh().args(["phantom", "--patients", "6", "--seed", "31", "--grades", "healthy", "--max-side", "700", "--quiet"]).arg(&films));
    assert_eq!(made.status, Some(0), "{made:?}");
    let grades = fs::read_to_string(films.join("training.csv")).unwrap();
    assert!(grades.lines().skip(1).all(|line| line.split(',').skip(1).all(|grade| ["", "0"].contains(&grade.trim()))), "{grades}");
    for task in ["narrowing", "erosion"] {
        let (model, out) = (checkout().join(format!("models/scorer-{task}")), out.join(task));
        let adapt = |frequencies: Option<&str>, out: &Path| {
            let file = folder.path().join("frequencies.json");
            let mut command = svh();
            command
                .args(["--device", "cpu", "--quiet", "model", "adapt", "--json", "--cohort"])
                .arg(&films)
                .arg(&model)
                .arg("--out")
                .arg(out);
            if let Some(text) = frequencies {
                fs::write(&file, text).unwrap();
                command.arg("--frequencies").arg(&file);
            }
            run(&mut command)
        };
        let ran = adapt(None, &out);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let report = &ran.json()[0];
        assert_eq!(report["patients"].as_array().unwrap().len(), 6, "{report}");
        let gained = report["after"].as_f64().unwrap() - report["before"].as_f64().unwrap();
        assert!(gained <= 1.0, "{report}");
        // A rise is warned of before it reaches a point.
        assert_eq!(report["warning"].is_null(), gained <= 0.5, "{report}");
        // A model is not overwritten, and says what became of it.
        adapt(None, &out).says(&["never overwritten"]);
        assert!(fs::read_to_string(out.join("card.json")).unwrap().contains("Adapted without labels to 6 patients of healthy"));
        adapt(Some("{\"narrowing\": [1, 2]}"), &folder.path().join("other")).says(&["frequencies.json", "counts by grade"]);
    }
}
