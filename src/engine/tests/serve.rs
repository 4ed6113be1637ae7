//! The engine as a process: requests in, events out, through every kind of trouble. The models are small and know nothing: what is tested
//! is how they are asked.

#![allow(clippy::unwrap_used)] // a failure here is a failed test

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use svh_core::Task;
use svh_core::card::ModelCard;
use svh_engine::detector::model::{About, save_model};
use svh_engine::detector::{Arch, DetectorConfig, DetectorTask, FasterRcnn};
use svh_engine::models::{WEIGHTS, write_card};
use svh_engine::nn::{ParamInit, Store};
use svh_engine::scorer::{Network, ScorerArch, ScorerConfig, ScorerTask};
use svh_engine::weights::{self, Precision};
use tch::Device;

struct Engine {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
}

impl Engine {
    fn start(models: &Path) -> Self {
        Self::start_with(models, &[])
    }

    fn start_with(models: &Path, environment: &[(&str, &Path)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_svh-engine"));
        command.args(["--device", "cpu", "--models"]).arg(models).arg("serve");
        command.envs(environment.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        let mut engine = Self { child, stdin, stdout };
        assert_eq!(engine.event()["event"], "ready");
        engine
    }

    fn ask(&mut self, request: &Value) {
        writeln!(self.stdin.as_mut().unwrap(), "{request}").unwrap();
    }

    fn event(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no event: `{line}`"))
    }

    /// Everything up to the end of a request.
    fn answer(&mut self, id: u64) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let event = self.event();
            let ended = event["id"] == id && (event["event"] == "done" || event["event"] == "failed");
            if event["event"] != "progress" {
                events.push(event);
            }
            if ended {
                return events;
            }
        }
    }

    fn end(mut self) -> Option<i32> {
        drop(self.stdin.take());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn add_detector(models: &Path) {
    add_detector_of(models, "detector", Task::Narrowing.into(), 0.05);
}

fn add_detector_of(models: &Path, name: &str, task: DetectorTask, least_score: f32) {
    let mut config = DetectorConfig::small(Arch::MobileNetV2, task.heads());
    (config.min_size, config.max_size) = (64, 96);
    (config.sizes.fpn_channels, config.sizes.head_width, config.sizes.box_score) = (16, 32, least_score);
    let store = Store::new(Device::Cpu, ParamInit::Random(1));
    FasterRcnn::new(&store, config.clone()).unwrap();
    save_model(&models.join(name), &store, &config, About { task: task.to_string(), ..About::default() }).unwrap();
}

fn add_scorer(models: &Path) {
    let mut config = ScorerConfig::stock(ScorerArch::EfficientNet(0), ScorerTask::Narrowing, 5);
    (config.size, config.extras.stages) = (32, 2);
    let store = Store::new(Device::Cpu, ParamInit::Random(2));
    Network::new(&store.root(), &config).unwrap();
    let folder = models.join("scorer");
    std::fs::create_dir_all(&folder).unwrap();
    let sha256 = weights::save(&store, &folder.join(WEIGHTS), Precision::Half).unwrap();
    let (input, norm, entries) = config.card_parts();
    let card = ModelCard {
        arch: config.arch.to_string(),
        task: config.task.to_string(),
        classes: 5,
        input,
        norm,
        config: entries,
        trained_on: String::new(),
        metrics: BTreeMap::new(),
        sha256,
        licence: String::new(),
    };
    write_card(&folder, &card).unwrap();
}

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
