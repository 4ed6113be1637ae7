//! An engine that is missing, cannot load, dies or talks nonsense.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use svh_core::{Task, VocFile, joint};
use svh_tests::{
    films,
    program::{Ran, engine_script, program, run, svh},
};

/// A first line as the real engine writes it.
const READY: &str =
    r#"echo '{"event":"ready","version":"0.1.0","libtorch":"2.11.0","device":"cpu","devices":[["cpu","CPU"]],"models":[]}'"#;

fn detect(folder: &Path, script: &str) -> Ran {
    let engine = engine_script(folder, script);
    films::write(&folder.join("a-LH.png"), 64, 80);
    // No python3 on this path, so that no PyTorch of the machine helps out.
    run(svh()
        .env("SVH_ENGINE", engine)
        .env("PATH", "/nowhere")
        .env("HOME", folder)
        .env_remove("XDG_CACHE_HOME")
        .args(["detect", "--json"])
        .arg(folder.join("a-LH.png")))
}

#[test]
fn no_libtorch_is_one_sentence_that_says_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let loader = "echo './svh-engine: error while loading shared libraries: libtorch_cpu.so: cannot open shared object file: No such file or directory' >&2; exit 127";
    detect(folder.path(), loader).refused(2, &["libtorch was not found", "libtorch_cpu.so", "pip install torch==2.11.0", "SVH_TORCH"]);
}

#[test]
fn a_torch_of_another_version_is_named_with_the_version_that_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("torch/lib")).unwrap();
    std::fs::write(folder.path().join("torch/lib/libtorch_cpu.so"), "").unwrap();
    std::fs::write(folder.path().join("torch/version.py"), "__version__ = '2.9.1+cu128'\n").unwrap();
    let engine = engine_script(folder.path(), READY);
    let ran = run(svh().env("SVH_ENGINE", engine).env("SVH_TORCH", folder.path().join("torch")).args(["detect", "a-LH.png"]));
    ran.refused(2, &["SVH_TORCH", "2.9.1+cu128", "2.11.0"]);
}

#[test]
fn the_loader_is_shown_the_way_to_the_torch_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("site/torch/lib")).unwrap();
    std::fs::create_dir_all(folder.path().join("site/nvidia/cu13/lib")).unwrap();
    std::fs::write(folder.path().join("site/torch/lib/libtorch_cpu.so"), "").unwrap();
    std::fs::write(folder.path().join("site/torch/version.py"), "__version__ = '2.11.0+cu130'\n").unwrap();
    let engine = engine_script(folder.path(), "echo \"$LD_LIBRARY_PATH\" >&2; exit 2");
    let ran = run(svh().env("SVH_ENGINE", engine).env("SVH_TORCH", folder.path().join("site/torch")).args(["detect", "a-LH.png"]));
    ran.refused(2, &["site/torch/lib:", "site/nvidia/cu13/lib"]);
}

#[test]
fn an_engine_that_is_not_there_is_named() {
    let ran = run(svh().env("SVH_ENGINE", "/nowhere/svh-engine").args(["detect", "a-LH.png"]));
    ran.refused(2, &["/nowhere/svh-engine", "make build", "SVH_ENGINE"]);
}

#[test]
fn an_engine_that_dies_amid_a_request_is_reported_with_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("{READY}\nread request\necho 'half way through' >&2\nkill -9 $$");
    detect(folder.path(), &script).refused(1, &["svh-engine ended unexpectedly", "signal: 9", "half way through"]);
}

#[test]
fn results_that_came_before_the_death_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a-LH.png");
    let result = json!({ "film": path, "width": 64, "height": 80, "limb": "LH", "limb_from": "name", "detections": [] });
    let film = json!({ "event": "film", "id": 1, "result": result });
    let ran = detect(folder.path(), &format!("{READY}\nread request\necho '{film}'\nkill -9 $$"));
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert_eq!(ran.json()[0]["film"], json!(path));
    ran.says(&["svh-engine ended unexpectedly"]);
}

#[test]
fn an_engine_of_another_version_is_told_by_a_line_that_makes_no_sense() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("{READY}\nread request\necho '{{\"event\":\"from the future\"}}'\nread more");
    detect(folder.path(), &script).refused(1, &["does not understand", "same version"]);
}

#[test]
fn a_film_that_kills_the_engine_is_named_and_the_others_are_done_by_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    // Answers films as long as none of those that are asked for is b: then it answers those before b and dies.
    let script = format!(
        r#"{READY}
read request
film() {{ echo "{{\"event\":\"film\",\"id\":$id,\"result\":{{\"film\":\"$1\",\"width\":64,\"height\":80,\"limb\":\"LH\",\"limb_from\":\"name\",\"detections\":[]}}}}"; }}
id=$(echo "$request" | sed 's/.*"id":\([0-9]*\).*/\1/')
case "$request" in *a-LH*) film a-LH.png ;; esac
case "$request" in *b-LH*) kill -9 $$ ;; esac
film c-LH.png
echo "{{\"event\":\"done\",\"id\":$id}}"
read more"#
    );
    let engine = engine_script(folder.path(), &script);
    let ran = run(svh().env("SVH_ENGINE", engine).args(["detect", "--json", "a-LH.png", "b-LH.png", "c-LH.png"]));
    let films: Vec<String> = ran.json().iter().map(|film| film["film"].as_str().unwrap().to_owned()).collect();
    assert_eq!(films, ["a-LH.png", "c-LH.png"], "{ran:?}");
    assert_eq!(ran.status, Some(1));
    ran.says(&["b-LH.png: svh-engine ended unexpectedly", "1 of 3 films failed"]);
}

/// An engine that answers its first request with these lines, for a cohort of two films, A-LH and B-LH; `svh label` of it.
fn label(root: &Path, answers: &[serde_json::Value]) -> Ran {
    let model = json!({ "name": "detector", "arch": "fasterrcnn_mobilenet_v2_fpn", "task": "narrowing", "sha256": "0".repeat(64) });
    let ready = READY.replace(r#""models":[]"#, &format!(r#""models":[{model}]"#));
    let lines: Vec<String> = answers.iter().map(|answer| format!("echo '{answer}'")).collect();
    let done = r#"echo '{"event":"done","id":1}'"#;
    let engine = engine_script(root, &format!("{ready}\nread request\n{}\n{done}\nread more", lines.join("\n")));
    let cohort = root.join("cohort");
    std::fs::create_dir_all(cohort.join("images")).unwrap();
    ["A-LH.png", "B-LH.png"].iter().for_each(|name| films::write(&cohort.join("images").join(name), 64, 80));
    run(svh().env("SVH_ENGINE", engine).arg("label").arg(&cohort))
}

fn answer(root: &Path, film: &str, at: f32) -> serde_json::Value {
    let joint = joint::by_label(Task::Narrowing, "LH_mcp_2").unwrap();
    let found = json!({ "task": "narrowing", "joint": joint.label, "class_id": joint.class_id, "score": 0.9, "box": [at, at, at + 20.0, at + 20.0],
        "kept": true, "from": "detector" });
    let film = root.join("cohort/images").join(film);
    let result = json!({ "film": film, "width": 64, "height": 80, "limb": "LH", "limb_from": "name", "detections": [found] });
    json!({ "event": "film", "id": 1, "result": result })
}

#[test]
fn an_answer_belongs_to_the_film_that_it_names_in_whatever_order_answers_come() {
    let root = tempfile::tempdir().unwrap();
    let ran = label(root.path(), &[answer(root.path(), "B-LH.png", 30.0), answer(root.path(), "A-LH.png", 10.0)]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let left = |name: &str| {
        let file = VocFile::read(&root.path().join("cohort/narrowing_labels").join(name)).unwrap();
        file.objects()[0].bbox.x0
    };
    assert_eq!((left("A-LH.xml"), left("B-LH.xml")), (10.0, 30.0));
}

#[test]
fn an_answer_for_a_film_that_was_not_asked_for_is_refused_and_nothing_is_written() {
    let root = tempfile::tempdir().unwrap();
    let stray = answer(root.path(), "C-LH.png", 10.0);
    let ran = label(root.path(), &[stray.clone(), stray]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    ran.says(&["C-LH.png, which does not wait for an answer"]);
    assert!(!root.path().join("cohort/narrowing_labels").exists(), "{ran:?}");
}

#[test]
fn a_stop_that_is_asked_for_while_a_training_loads_reaches_the_engine() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = |name: &str| {
        assert!(Command::new("mkfifo").arg(folder.path().join(name)).status().unwrap().success());
        folder.path().join(name)
    };
    let loading = pipe("loading");
    // Loads for as long as nobody stops it, without a line on its stdout, as a training does that reads its cohort and its checkpoint.
    let script = format!("echo now > {}\nread request\necho \"svh-engine: asked: $request\" >&2\nexit 2", loading.display());
    let engine = engine_script(folder.path(), &script);
    let out = folder.path().join("m");
    let words = ["train", "scorer", "--task", "narrowing", "--cohort", ".", "--out", out.to_str().unwrap()];
    let mut command = Command::new("timeout");
    command.args(["--foreground", "60"]).arg(program("svh")).args(words).env("SVH_ENGINE", engine);
    let svh = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert_eq!(std::fs::read_to_string(&loading).unwrap(), "now\n");
    let stopped = Command::new("kill").args(["-INT", &svh.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let done = svh.wait_with_output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("asked: {\"request\":\"cancel\",\"id\":0}") && said.contains("stopping after this step"), "{said}");
}
