//! The engine as a process, with small models that know nothing.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;
use svh_core::Task;
use svh_core::card::ModelCard;
use svh_engine::detector::model::{About, save_model};
use svh_engine::detector::{Arch, DetectorConfig, DetectorTask, FasterRcnn};
use svh_engine::models::{WEIGHTS, write_card};
use svh_engine::nn::{ParamInit, Store};
use svh_engine::scorer::{Network, ScorerArch, ScorerConfig, ScorerTask};
use svh_engine::weights::{self, Precision};
use tch::Device;

/// An engine that serves.
pub struct Engine {
    /// The process.
    pub child: Child,
    /// What it reads requests from.
    pub stdin: Option<ChildStdin>,
    /// What it answers.
    pub stdout: Option<BufReader<ChildStdout>>,
}

impl Engine {
    pub fn start(models: &Path) -> Self {
        Self::start_with(models, &[])
    }

    pub fn start_with(models: &Path, environment: &[(&str, &Path)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_svh-engine"));
        command.args(["--device", "cpu", "--models"]).arg(models).arg("serve");
        command.envs(environment.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        let mut engine = Self { child, stdin, stdout };
        assert_eq!(engine.event()["event"], "ready");
        engine
    }

    pub fn ask(&mut self, request: &Value) {
        writeln!(self.stdin.as_mut().unwrap(), "{request}").unwrap();
    }

    pub fn event(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no event: `{line}`"))
    }

    /// Everything up to the end of a request.
    pub fn answer(&mut self, id: u64) -> Vec<Value> {
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

    pub fn end(mut self) -> Option<i32> {
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

pub fn add_detector(models: &Path) {
    add_detector_of(models, "detector", Task::Narrowing.into(), 0.05);
}

pub fn add_detector_of(models: &Path, name: &str, task: DetectorTask, least_score: f32) {
    let mut config = DetectorConfig::small(Arch::MobileNetV2, task.heads());
    (config.min_size, config.max_size) = (64, 96);
    (config.sizes.fpn_channels, config.sizes.head_width, config.sizes.box_score) = (16, 32, least_score);
    let store = Store::new(Device::Cpu, ParamInit::Random(1));
    FasterRcnn::new(&store, config.clone()).unwrap();
    save_model(&models.join(name), &store, &config, About { task: task.to_string(), ..About::default() }).unwrap();
}

pub fn add_scorer(models: &Path) {
    add_scorer_of(models, 2, 1.0);
}

/// A small scorer of narrowing with random weights.
pub fn add_scorer_of(models: &Path, seed: u64, temperature: f32) {
    let mut config = ScorerConfig::stock(ScorerArch::EfficientNet(0), ScorerTask::Narrowing, 5);
    (config.size, config.extras.stages, config.extras.temperature) = (32, 2, temperature);
    let store = Store::new(Device::Cpu, ParamInit::Random(seed));
    Network::new(&store.root(), &config).unwrap();
    let folder = models.join("scorer");
    std::fs::create_dir_all(&folder).unwrap();
    let sha256 = weights::save(&store, &folder.join(WEIGHTS), Precision::Half).unwrap();
    write_card(&folder, &ModelCard { sha256, ..config.card() }).unwrap();
}
