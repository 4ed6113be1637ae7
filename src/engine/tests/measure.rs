//! `svh-engine measure` as a process, and what it stands on: films looked at together are seen as each alone, and trainings in bfloat16 learn.

#![allow(clippy::unwrap_used)] // a failure here is a failed test

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use svh_core::{Film, Task};
use svh_engine::detector::model::{About, save_model};
use svh_engine::detector::{Arch, Detector, DetectorConfig, FasterRcnn};
use svh_engine::nn::{ParamInit, Store};
use tch::Device;

/// A small detector of random weights that finds something everywhere.
fn detector(folder: &Path) {
    let mut config = DetectorConfig { min_size: 64, max_size: 128, ..DetectorConfig::small(Arch::MobileNetV2, 43) };
    (config.sizes.fpn_channels, config.sizes.head_width, config.sizes.box_score) = (16, 32, 0.02);
    let store = Store::new(Device::Cpu, ParamInit::Random(4));
    FasterRcnn::new(&store, config.clone()).unwrap();
    save_model(folder, &store, &config, About { task: "narrowing".into(), ..About::default() }).unwrap();
}

fn film(width: u32, height: u32, seed: u32) -> Film {
    let pixel = |at: u32| ((at % width * 300 + at / width * 200) ^ (at.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 18)) as u16;
    Film::new(width, height, (0..width * height).map(pixel).collect()).unwrap()
}

#[test]
fn films_looked_at_together_are_seen_as_each_alone() {
    let folder = tempfile::tempdir().unwrap();
    detector(folder.path());
    let detector = Detector::load(folder.path(), Device::Cpu).unwrap();
    assert_eq!(detector.batches().most(), 1, "one at a time on the CPU");
    detector.batches().set(4);
    // Two shapes, in turn: those of one shape go together.
    let films: Vec<Film> = (0..6).map(|n| if n % 2 == 0 { film(64, 96, n) } else { film(100, 64 + n, n) }).collect();
    let together = detector.forward_features_all(&films.iter().collect::<Vec<_>>()).unwrap();
    let (mut compared, mut worst) = (0, 0.0f32);
    for (film, seen) in films.iter().zip(&together) {
        let (a, b) = (
            seen.detections(Task::Narrowing, None).unwrap(),
            detector.forward_features(film).unwrap().detections(Task::Narrowing, None).unwrap(),
        );
        // Scores that hardly differ may change places through rounding.
        for one in &a {
            let twin = b.iter().filter(|other| other.class_id == one.class_id).map(|other| {
                let corners = [
                    (one.bbox.x0, other.bbox.x0),
                    (one.bbox.y0, other.bbox.y0),
                    (one.bbox.x1, other.bbox.x1),
                    (one.bbox.y1, other.bbox.y1),
                ];
                corners.iter().map(|(a, b)| (a - b).abs()).fold((one.score - other.score).abs(), f32::max)
            });
            worst = worst.max(twin.fold(f32::INFINITY, f32::min));
            compared += 1;
        }
        assert_eq!(a.len(), b.len());
    }
    assert!(compared > 60 && worst < 1e-2, "{compared} boxes, the worst {worst} from its twin");
}

struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Server {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_svh-engine"));
        command.args(["measure", "--device", "cpu"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut server = Self { child, stdin, stdout };
        assert_eq!(server.line(), json!({ "ready": true }));
        server
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.stdin.as_mut().unwrap(), "{question}").unwrap();
        self.line()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn questions_are_answered_and_bad_ones_told_and_trainings_learn_in_either_kind_of_number() {
    let folder = tempfile::tempdir().unwrap();
    detector(folder.path());
    let path = folder.path().join("film.png");
    image::GrayImage::from_fn(64, 96, |x, y| image::Luma([(x * 3 + y) as u8])).save(&path).unwrap();
    let mut server = Server::start();
    let asked = json!({ "ask": "detect", "model": folder.path(), "films": [path, path, path], "batch": 2, "rounds": 2 });
    let answer = server.ask(&asked);
    assert_eq!((answer["found"].as_array().unwrap().len(), answer["seconds"].as_array().unwrap().len()), (3, 2), "{answer}");
    assert_eq!(answer["found"][0].as_array().unwrap()[0].as_array().unwrap().len(), 6);
    assert!(server.ask(&json!({ "ask": "dance" }))["error"].as_str().unwrap().contains("is not a question"));
    assert!(server.ask(&json!({ "ask": "detect", "model": "/nowhere", "films": [], "batch": 1, "rounds": 1 }))["error"].is_string());
    for (network, arch, batch, side, rounds) in
        [("scorer", "efficientnet_b0", 10, 32, 12), ("detector", "fasterrcnn_mobilenet_v2_fpn", 1, 64, 3)]
    {
        let losses = [false, true].map(|bf16| {
            let asked =
                json!({ "ask": "train", "network": network, "arch": arch, "batch": batch, "rounds": rounds, "side": side, "bf16": bf16 });
            let answer = server.ask(&asked);
            let losses: Vec<f64> =
                answer["losses"].as_array().unwrap_or_else(|| panic!("{answer}")).iter().map(|v| v.as_f64().unwrap()).collect();
            let last = losses[rounds - 2..].iter().sum::<f64>() / 2.0;
            assert!(losses.len() == rounds && last < losses[0], "{network}, bf16 {bf16}: {losses:?}");
            losses
        });
        let [full, short] = losses;
        // The same start, a little apart through the 8 bits of bfloat16.
        assert!((full[0] - short[0]).abs() < 0.1 * full[0] && full[0] != short[0], "{network}: {full:?} {short:?}");
    }
}
