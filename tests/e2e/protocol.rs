//! `svh protocol` with the real engine on a few small phantoms: every step, an interruption, and what is refused.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use svh_tests::{
    cohort,
    program::{Ran, checkout, run, svh, svh_with},
};

/// Six patients, two of whom are held out; a few steps of each training. The detector starts from one that knows joints, so that there are boxes.
fn protocol(cohort: &Path, out: &Path) -> Command {
    let mut command = svh();
    command.args(["--device", "cpu", "protocol"]).arg(cohort).arg("--out").arg(out);
    command.arg("--coco").arg(checkout().join("models/detector"));
    command.args(["--small", "--held-out", "0.34", "--seed", "3", "--detector-epochs", "2", "--scorer-epochs", "2"]);
    command.args(["--epoch-films", "4", "--epoch-crops", "16", "--detector-options=--min-size 160 --max-size 200 --validation-films 2"]);
    command.args(["--scorer-options=--size 32 --stages 2 --batch 8", "--convnet-options=--batch 8"]);
    command
}

fn phantoms(folder: &Path) -> PathBuf {
    let out = folder.join("phantoms");
    let ran = svh_with(
        [Path::new("phantom"), &out, Path::new("--quiet")]
            .into_iter()
            .map(PathBuf::from)
            .chain(["--patients", "6", "--seed", "5", "--max-side", "320"].map(PathBuf::from)),
    );
    assert_eq!(ran.status, Some(0), "{ran:?}");
    out
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

fn names(folder: &Path) -> BTreeSet<String> {
    folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The patients that a cohort's films are of.
fn patients(cohort: &Path) -> BTreeSet<String> {
    names(&cohort.join("images")).iter().map(|name| name.split('-').next().unwrap().to_owned()).collect()
}

fn metrics(cohort: &Path, run: &str, split: &str, name: &str) -> usize {
    let ran = svh_with([Path::new("runs"), cohort, Path::new("--curves"), Path::new(run)]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    ran.stdout.lines().filter(|line| line.starts_with("figure") && line.contains(&format!(",{split},{name},"))).count()
}

fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

#[test]
fn a_protocol_that_is_interrupted_goes_on_and_leaves_models_runs_and_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let (cohort, out) = (phantoms(folder.path()), folder.path().join("out"));

    // Interrupted while the first detector is trained.
    let mut child = protocol(&cohort, &out).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let events = out.join("training/runs/detector-narrowing/events.jsonl");
    let started = Instant::now();
    while !fs::read_to_string(&events).is_ok_and(|text| text.contains("\"event\":\"step\"")) {
        assert!(started.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none(), "no step was taken");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!((ended.status.code(), ended.stdout.len()), (Some(2), 0), "{said}");
    assert!(said.contains("small networks") && said.contains("rerun the same command with --resume"), "{said}");
    assert!(out.join("models/detector-narrowing/checkpoint.safetensors").is_file(), "{said}");
    assert!(!out.join("models/detector-narrowing/card.json").exists());

    // Neither restarted nor resumed under other settings.
    run(&mut protocol(&cohort, &out)).refused(2, &["already holds a protocol", "--resume"]);
    run(protocol(&cohort, &out).args(["--resume", "--imagenet", "b0.safetensors"]))
        .refused(2, &["begun with imagenet none", "b0.safetensors"]);
    let split = json(&out.join("split.json"));

    let ran = run(protocol(&cohort, &out).arg("--resume"));
    assert_eq!(ran.status, Some(0), "{ran:?}");
    ran.says(&["continuing after step"]);
    assert_eq!(json(&out.join("split.json")), split);
    check(&cohort, &out, &ran);

    // What is finished is not done again.
    let model = out.join("models/scorer-erosion/model.safetensors");
    let before = modified(&model);
    let again = run(protocol(&cohort, &out).args(["--resume", "--json", "--quiet"]));
    assert_eq!((again.status, again.stderr.as_str()), (Some(0), ""), "{again:?}");
    assert_eq!(again.json()[0], json(&out.join("protocol.json")));
    crate::json::is_documented("protocol", &["protocol"], &again.json());
    assert_eq!(modified(&model), before);
}

fn check(cohort: &Path, out: &Path, ran: &Ran) {
    let split = json(&out.join("split.json"));
    let ids = |part: &str| split[part].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
    let (training, held_out) = (ids("training"), ids("held_out"));
    assert_eq!((training.len(), held_out.len(), split["seed"].as_u64()), (4, 2, Some(3)));
    assert!(training.is_disjoint(&held_out));
    for part in ["training", "held-out"] {
        let own = out.join(part);
        assert_eq!(patients(&own), if part == "training" { training.clone() } else { held_out.clone() });
        let film = names(&own.join("images")).into_iter().next().unwrap();
        assert_eq!(fs::read(own.join("images").join(&film)).unwrap(), fs::read(cohort.join("images").join(&film)).unwrap());
        // The boxes of the second cohort are the detectors', its grades the readers'.
        let found = out.join("found").join(part);
        assert_eq!(fs::read(found.join("training.csv")).unwrap(), fs::read(own.join("training.csv")).unwrap());
        let boxes = |cohort: &Path| {
            names(&cohort.join("narrowing_labels"))
                .iter()
                .map(|name| fs::read_to_string(cohort.join("narrowing_labels").join(name)).unwrap())
                .collect::<String>()
        };
        assert!(boxes(&found).contains("<object>") && boxes(&found) != boxes(&own), "{part}");
    }
    let runs = out.join("training/runs");
    for (name, splits) in [
        ("detector-narrowing", vec![("train", "loss"), ("validation", "loss"), ("validation", "recall")]),
        ("detector-erosion", vec![("train", "loss"), ("validation", "loss")]),
        (
            "scorer-narrowing",
            vec![("train", "accuracy"), ("validation_narrowing", "accuracy"), ("balanced_validation_narrowing", "accuracy")],
        ),
        ("scorer-erosion", vec![("train", "accuracy"), ("validation_foot_erosion", "loss"), ("balanced_validation_foot_erosion", "loss")]),
        ("convnet-narrowing", vec![("train", "accuracy"), ("validation_narrowing", "accuracy")]),
        ("convnet-erosion", vec![("train", "accuracy")]),
    ] {
        assert_eq!(json(&runs.join(name).join("run.json"))["status"], "finished", "{name}");
        for (split, metric) in splits {
            assert_eq!(metrics(&out.join("training"), name, split, metric), 2, "{name}: {metric} of {split} once an epoch");
        }
    }
    let erosion = json(&out.join("models/scorer-erosion/card.json"));
    assert_eq!((erosion["classes"].as_u64(), erosion["config"].get("log_prior")), (Some(11), None), "one head, and nothing taken back");
    for name in ["efficientnet", "convnet"] {
        let table = fs::read_to_string(out.join(format!("predictions-{name}.csv"))).unwrap();
        assert_eq!(table.lines().count(), 3, "{table}");
        assert!(table.lines().all(|line| line.split(',').count() == 90) && !table.contains(",,"), "every cell is filled: {table}");
        assert_eq!(json(&out.join(format!("evaluation-{name}.json")))["patients"], 2);
    }
    let summary = json(&out.join("protocol.json"));
    assert_eq!(
        (&summary["training"], &summary["held_out"], &summary["detection"]["narrowing"]["films"]),
        (&4.into(), &2.into(), &8.into())
    );
    // The summary has the evaluation's own metrics.
    let evaluated = svh_with([
        Path::new("evaluate"),
        &out.join("held-out"),
        "--run".as_ref(),
        "efficientnet".as_ref(),
        "--json".as_ref(),
        "--quiet".as_ref(),
    ]);
    let evaluated = &evaluated.json()[0];
    assert_eq!(summary["detection"]["narrowing"]["ap50"], evaluated["detection"]["narrowing"]["stats"][1]);
    assert_eq!(summary["grading"]["efficientnet"]["narrowing"]["accuracy"], evaluated["grading"]["narrowing"]["accuracy"]);
    for words in ["4 patients learned from, 2 held out", "AP50", "EfficientNet-B0", "the appendix's network", "kappa q"] {
        assert!(ran.stdout.contains(words), "`{words}` is not in {}", ran.stdout);
    }
    assert!(ran.stdout.lines().skip(1).all(|line| line.chars().count() <= 80 || line.contains('/')), "{}", ran.stdout);
}

#[test]
fn a_cohort_of_one_patient_and_a_folder_that_is_taken_are_refused() {
    let cohort = cohort::copy();
    let out = cohort.path().join("out");
    run(&mut protocol(cohort.path(), cohort.path())).refused(2, &["not empty"]);
    let ran = run(svh().args(["--device", "cpu", "protocol", "--small", "--quiet"]).arg(cohort.path()).arg("--out").arg(&out));
    ran.refused(2, &["0.1 of 2 patients is less than one", "--held-out"]);
    run(svh().args(["protocol", "--small", "--resume"]).arg(cohort.path()).arg("--out").arg(cohort.path().join("none")))
        .refused(2, &["holds no protocol"]);
}
