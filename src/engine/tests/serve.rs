//! The engine as a process: requests in, events out, through every kind of trouble. The models are small and know nothing: what is tested
//! is how they are asked.

#![allow(clippy::unwrap_used)] // a failure here is a failed test

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use svh_engine::detector::DetectorTask;
use svh_engine::models::WEIGHTS;

use common::served::{Engine, add_detector, add_detector_of, add_scorer};

/// Models and a few films in a folder of their own.
fn place() -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let models = root.path().join("models");
    std::fs::create_dir(&models).unwrap();
    let gray = image::GrayImage::from_fn(90, 120, |x, y| image::Luma([((x * 7) ^ (y * 5)) as u8]));
    for name in ["P1-LH.png", "P1-RF.png"] {
        gray.save(root.path().join(name)).unwrap();
    }
    std::fs::write(root.path().join("text-LH.jpg"), "no picture").unwrap();
    (root, models)
}

fn films(root: &Path, names: &[&str]) -> Value {
    json!(names.iter().map(|name| json!({ "path": root.join(name) })).collect::<Vec<_>>())
}

#[test]
fn a_line_that_is_no_request_is_answered_and_the_next_one_is_served() {
    let (root, models) = place();
    add_detector(&models);
    let mut engine = Engine::start(&models);
    engine.ask(&json!("hello"));
    let refused = engine.event();
    assert_eq!((&refused["event"], &refused["fault"], refused.get("id")), (&json!("failed"), &json!("user"), None));
    engine.ask(&json!({ "request": "detect", "id": 4, "films": films(root.path(), &["P1-LH.png"]) }));
    let events = engine.answer(4);
    assert_eq!(events[0]["event"], "film", "{events:?}");
    assert_eq!(events[0]["result"]["limb"], "LH");
    assert_eq!((&events[0]["result"]["width"], &events[0]["result"]["height"]), (&json!(90), &json!(120)));
    assert_eq!(engine.end(), Some(0));
}

#[test]
fn a_film_that_cannot_be_read_is_named_and_the_others_are_done() {
    let (root, models) = place();
    add_detector(&models);
    let mut engine = Engine::start(&models);
    engine.ask(
        &json!({ "request": "detect", "id": 1, "raw": true, "films": films(root.path(), &["text-LH.jpg", "gone-LH.png", "P1-LH.png"]) }),
    );
    let events = engine.answer(1);
    let kinds: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["film_failed", "film_failed", "film", "done"]);
    assert!(events[0]["message"].as_str().unwrap().contains("text-LH.jpg"));
    assert!(events[2]["result"]["detections"].as_array().unwrap().iter().all(|detection| detection["kept"] == false));
}

#[test]
fn one_detector_of_both_tasks_answers_for_both_with_and_without_the_shape_of_limbs() {
    let (root, models) = place();
    add_detector_of(&models, "detector", DetectorTask::Both, 0.0);
    let mut engine = Engine::start(&models);
    let mut tasks_of = |id: u64, options: &Value| {
        let mut request = json!({ "request": "detect", "id": id, "threshold": 0.0, "films": films(root.path(), &["P1-LH.png"]) });
        request.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        engine.ask(&request);
        let events = engine.answer(id);
        let found = events[0]["result"]["detections"].as_array().unwrap_or_else(|| panic!("{events:?}")).clone();
        let of = |task: &str| found.iter().filter(|d| d["task"] == task).count();
        (of("narrowing"), of("erosion"), found.iter().filter(|d| d["implausible"].is_string() || d["from"] == "inferred").count())
    };
    let (narrowing, erosion, _) = tasks_of(1, &json!({ "raw": true }));
    assert!(narrowing > 50 && erosion > 50, "{narrowing} {erosion}");
    let (narrowing, erosion, doubted) = tasks_of(2, &json!({ "no_shape": true }));
    assert!(narrowing > 15 && erosion > 16 && doubted == 0, "{narrowing} {erosion} {doubted}");
}

#[test]
fn where_the_time_goes_is_told_on_demand() {
    let (root, models) = place();
    add_detector(&models);
    add_scorer(&models);
    let times = root.path().join("times.jsonl");
    let mut engine = Engine::start_with(&models, &[("SVH_TIMES", &times)]);
    for id in 1..=2 {
        engine.ask(&json!({ "request": "score", "id": id, "patient": "P1", "films": films(root.path(), &["P1-LH.png", "P1-RF.png"]) }));
        engine.answer(id);
    }
    let text = std::fs::read_to_string(&times).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    for line in &lines {
        let of = |name: &str| line[name].as_f64().unwrap_or_else(|| panic!("{name} in {line}"));
        let parts = ["wait", "prepare", "transfer", "network", "choose"].map(of);
        assert!(of("decode") > 0.0 && parts.iter().all(|part| *part > 0.0), "{line}");
        assert!(parts.iter().sum::<f64>() <= of("seconds"), "the parts are parts of the whole: {line}");
    }
}

#[test]
fn a_patient_is_graded_with_what_its_films_can_hold() {
    let (root, models) = place();
    add_detector(&models);
    add_scorer(&models);
    let mut engine = Engine::start(&models);
    engine.ask(&json!({ "request": "score", "id": 1, "patient": "P1", "films": films(root.path(), &["P1-LH.png", "P1-RF.png"]) }));
    let events = engine.answer(1);
    let kinds: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["film", "film", "patient", "done"], "{events:?}");
    let patient = &events[2]["result"];
    assert_eq!(patient["expected_joints"], 31 + 12);
    let joints = patient["joints"].as_object().unwrap();
    assert_eq!(patient["scored"], joints.len());
    for (column, score) in joints {
        let probabilities: Vec<f64> = score["probabilities"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect();
        assert!(probabilities.len() == 5 && (probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-5, "{column}");
    }
    // The same limb twice cannot be added up.
    std::fs::copy(root.path().join("P1-LH.png"), root.path().join("again-LH.png")).unwrap();
    engine.ask(&json!({ "request": "score", "id": 2, "patient": "P1", "films": films(root.path(), &["P1-LH.png", "again-LH.png"]) }));
    let failed = engine.answer(2).pop().unwrap();
    assert!(failed["message"].as_str().unwrap().contains("two films of the left hand"), "{failed}");
}

#[test]
fn a_waiting_request_can_be_cancelled() {
    let (root, models) = place();
    add_detector(&models);
    let mut engine = Engine::start(&models);
    let many = vec!["P1-LH.png"; 12];
    engine.ask(&json!({ "request": "detect", "id": 1, "films": films(root.path(), &many) }));
    engine.ask(&json!({ "request": "detect", "id": 2, "films": films(root.path(), &many) }));
    engine.ask(&json!({ "request": "cancel", "id": 2 }));
    assert_eq!(engine.answer(1).len(), 13);
    let answer = engine.answer(2);
    assert_eq!((answer.len(), &answer[0]["message"]), (1, &json!("cancelled")));
}

#[test]
fn quit_ends_the_engine_and_a_closed_stdout_does_too() {
    let (root, models) = place();
    add_detector(&models);
    let mut engine = Engine::start(&models);
    engine.ask(&json!({ "request": "quit" }));
    assert_eq!(engine.child.wait().unwrap().code(), Some(0));
    let mut engine = Engine::start(&models);
    drop(engine.stdout.take());
    engine.ask(&json!({ "request": "detect", "id": 1, "films": films(root.path(), &["P1-LH.png"; 50]) }));
    assert_eq!(engine.child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_engine_ends_with_the_reader_of_its_answers_even_while_its_stdin_is_open() {
    let (_root, models) = place();
    add_detector(&models);
    let mut engine = Engine::start(&models);
    drop(engine.stdout.take());
    // Nothing is asked of it, so that it has nothing to write; a caller's other child may hold stdin open.
    assert_eq!(engine.child.wait().unwrap().code(), Some(0));
    assert!(engine.stdin.is_some());
}

#[test]
fn a_model_whose_card_and_weights_disagree_is_told_and_the_engine_lives_on() {
    let (root, models) = place();
    add_detector(&models);
    let card = models.join("detector/card.json");
    let text = std::fs::read_to_string(&card).unwrap();
    let ask = |engine: &mut Engine, id| {
        engine.ask(&json!({ "request": "detect", "id": id, "films": films(root.path(), &["P1-LH.png"]) }));
        engine.answer(id).pop().unwrap()
    };
    std::fs::write(&card, text.replace("\"classes\": 43", "\"classes\": 45")).unwrap();
    let mut engine = Engine::start(&models);
    let failed = ask(&mut engine, 1);
    assert_eq!((&failed["event"], &failed["fault"]), (&json!("failed"), &json!("user")));
    assert!(failed["message"].as_str().unwrap().contains("architecture, classes or sizes that its card"), "{failed}");
    std::fs::write(&card, &text).unwrap();
    engine.ask(&json!({ "request": "device", "id": 3, "device": "cpu" }));
    let moved = engine.answer(3);
    assert_eq!((&moved[0]["event"], &moved[1]["event"]), (&json!("ready"), &json!("done")));
    assert_eq!(ask(&mut engine, 4)["event"], "done");
    let info = Command::new(env!("CARGO_BIN_EXE_svh-engine")).args(["info", "--json", "--models"]).arg(&models).output().unwrap();
    let info: Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!(info["models"][0].get("problem"), None, "{info}");
    std::fs::write(models.join("detector").join(WEIGHTS), b"junk").unwrap();
    let info = Command::new(env!("CARGO_BIN_EXE_svh-engine")).args(["info", "--json", "--models"]).arg(&models).output().unwrap();
    let info: Value = serde_json::from_slice(&info.stdout).unwrap();
    assert!(info["models"][0]["problem"].as_str().unwrap().contains("no safetensors file"), "{info}");
}

#[test]
fn a_device_that_is_not_there_is_the_users_mistake() {
    let (_root, models) = place();
    let run =
        Command::new(env!("CARGO_BIN_EXE_svh-engine")).args(["--device", "cuda:99", "serve", "--models"]).arg(&models).output().unwrap();
    assert_eq!((run.status.code(), run.stdout.len()), (Some(2), 0));
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.contains("use --device cpu") || said.contains("cuda:99 was not found"), "{said}");
    let mut engine = Engine::start(&models);
    engine.ask(&json!({ "request": "detect", "id": 1, "films": [] }));
    let failed = engine.answer(1).pop().unwrap();
    assert!(failed["message"].as_str().unwrap().contains("--models"), "{failed}");
}
