//! `svh-engine measure`: what single networks say and how fast they are, for comparisons with other devices and other programs.
//!
//! One JSON object a line on stdin, one on stdout, as `build/torchvision_side.py` answers for torchvision. The first line is `{"ready": true}`. Questions have `ask`:
//!
//! - `detect`: `model` (a detector's folder), `films` (paths), `batch` (films through the network at once), `rounds`, `half`, `decode` (whether reading the
//!   films is part of the time). Answers `found`: for each film its detections as [class, score, x0, y0, x1, y1].
//! - `grade`: `model` (a scorer's folder), `crops` (how many, made by a formula), `batch`, `rounds`, `half`. Answers `logits`, a row a crop.
//! - `train`: `network` (`detector` or `scorer`), `arch`, `batch`, `rounds` (steps), `bf16`, `side` (shorter side of the films, or side of the crops). Films and
//!   crops are made by a formula and stay the same, so that the loss must fall. Answers `losses`.
//! - `fill`: `gib`. Takes that much of the device's memory and keeps it, to see what happens when it is short; 0 gives it back.
//!
//! Every answer has `seconds`, one a round, and on a GPU `gpu_bytes`, the memory in use there; `batch` is what was left of it where memory did not suffice. A
//! question that cannot be answered gets `{"error": ...}`.

use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};
use svh_core::{BBox, Film, Task};
use tch::{Device, Kind, Reduction, Tensor};

use crate::crop::Gray;
use crate::detector::sampler::Picker;
use crate::detector::{Arch, Detector, DetectorConfig, FasterRcnn, Target, transform};
use crate::nn::{NormKind, ParamInit, Store};
use crate::scorer::{self, Network, Scorer, ScorerArch, ScorerConfig, ScorerTask};
use crate::sgd::{Sgd, SgdOptions};
use crate::{Error, Result, gpu};

/// A question.
#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
enum Question {
    Detect {
        model: PathBuf,
        films: Vec<PathBuf>,
        batch: usize,
        rounds: usize,
        #[serde(default)]
        half: bool,
        #[serde(default)]
        decode: bool,
    },
    Grade {
        model: PathBuf,
        crops: usize,
        batch: usize,
        rounds: usize,
        #[serde(default)]
        half: bool,
    },
    Train {
        network: String,
        arch: String,
        batch: usize,
        rounds: usize,
        side: i64,
        #[serde(default)]
        bf16: bool,
    },
    Fill {
        gib: f64,
    },
}

/// Answers until stdin ends.
///
/// # Errors
/// stdout cannot be written to.
pub fn measure(device: Device) -> Result<()> {
    let mut bench = Bench { device, detector: None, scorer: None, filling: Vec::new() };
    say(&json!({ "ready": true }))?;
    for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok).filter(|line| !line.trim().is_empty()) {
        let answer = match serde_json::from_str(&line) {
            Ok(question) => {
                catch_unwind(AssertUnwindSafe(|| bench.answer(question))).unwrap_or_else(|panic| Err(Error::from_panic(panic.as_ref())))
            }
            Err(error) => Err(Error::Usage(format!("`{line}` is not a question: {error}"))),
        };
        let mut answer = answer.unwrap_or_else(|error| json!({ "error": error.to_string() }));
        if let Some(memory) = gpu::memory_of(device) {
            answer["gpu_bytes"] = json!(memory.used());
        }
        say(&answer)?;
    }
    Ok(())
}

fn say(line: &Value) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    let written = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    written.map_err(|error| Error::Internal(format!("cannot write to stdout: {error}")))
}

/// The models that were asked for last, with the kind of number in which they compute, stay warm.
struct Bench {
    device: Device,
    detector: Option<(PathBuf, Kind, Detector)>,
    scorer: Option<(PathBuf, Kind, Scorer)>,
    filling: Vec<Tensor>,
}

impl Bench {
    fn answer(&mut self, question: Question) -> Result<Value> {
        let device = self.device;
        match question {
            Question::Detect { model, films, batch, rounds, half, decode } => {
                detect(self.detector(&model, kind(half))?, &films, batch, rounds, decode, device)
            }
            Question::Grade { model, crops, batch, rounds, half } => grade(self.scorer(&model, kind(half))?, crops, batch, rounds, device),
            Question::Train { network, arch, batch, rounds, side, bf16 } => {
                // Both models would lie beside the one that is trained.
                (self.detector, self.scorer) = (None, None);
                let kind = if bf16 { Kind::BFloat16 } else { Kind::Float };
                let training = Training { batch, rounds, side, kind, device };
                match network.as_str() {
                    "detector" => training.detector(arch.parse().map_err(Error::Usage)?),
                    "scorer" => training.scorer(arch.parse().map_err(Error::Usage)?),
                    other => Err(Error::Usage(format!("`{other}` is neither detector nor scorer"))),
                }
            }
            Question::Fill { gib } => {
                self.filling.clear();
                let bytes = (gib * f64::from(1 << 30)) as i64;
                if bytes > 0 {
                    self.filling.push(Tensor::f_zeros([bytes], (Kind::Uint8, device))?);
                }
                Ok(json!({ "filled": bytes }))
            }
        }
    }

    fn detector(&mut self, folder: &Path, kind: Kind) -> Result<&Detector> {
        if self.detector.as_ref().is_none_or(|(path, of, _)| path != folder || *of != kind) {
            self.detector = None;
            self.detector = Some((folder.to_owned(), kind, Detector::load(folder, self.device)?.computing_in(kind)));
        }
        self.detector.as_ref().map(|(.., detector)| detector).ok_or_else(|| Error::Internal("the detector was not loaded".to_owned()))
    }

    fn scorer(&mut self, folder: &Path, kind: Kind) -> Result<&Scorer> {
        if self.scorer.as_ref().is_none_or(|(path, of, _)| path != folder || *of != kind) {
            self.scorer = None;
            self.scorer = Some((folder.to_owned(), kind, Scorer::load(folder, self.device)?.computing_in(kind)));
        }
        self.scorer.as_ref().map(|(.., scorer)| scorer).ok_or_else(|| Error::Internal("the scorer was not loaded".to_owned()))
    }
}

const fn kind(half: bool) -> Kind {
    if half { Kind::Half } else { Kind::Float }
}

/// Does something as often as asked; what came of the last time, and the seconds of each.
fn rounds<T>(count: usize, device: Device, mut work: impl FnMut() -> Result<T>) -> Result<(T, Vec<f64>)> {
    let mut seconds = Vec::new();
    loop {
        gpu::finish(device);
        let start = Instant::now();
        let done = work()?;
        gpu::finish(device);
        seconds.push(start.elapsed().as_secs_f64());
        if seconds.len() >= count {
            return Ok((done, seconds));
        }
    }
}

fn detect(detector: &Detector, paths: &[PathBuf], batch: usize, count: usize, decode: bool, device: Device) -> Result<Value> {
    let open = || paths.iter().map(|path| Ok(Film::open(path)?)).collect::<Result<Vec<Film>>>();
    let decoded = if decode { None } else { Some(open()?) };
    detector.batches().set(batch);
    // Which task makes no difference to a detector of one.
    let task = detector.card().task.parse().unwrap_or(Task::Narrowing);
    let (found, seconds) = rounds(count, device, || {
        let fresh;
        let films = match &decoded {
            Some(films) => films,
            None => {
                fresh = open()?;
                &fresh
            }
        };
        let seen = detector.forward_features_all(&films.iter().collect::<Vec<_>>())?;
        seen.iter().map(|seen| seen.detections(task, None)).collect::<Result<Vec<_>>>()
    })?;
    let row = |one: &crate::detector::RawDetection| {
        let BBox { x0, y0, x1, y1 } = one.bbox;
        json!([one.class_id, one.score, x0, y0, x1, y1])
    };
    let found: Vec<Vec<Value>> = found.iter().map(|film| film.iter().map(row).collect()).collect();
    Ok(json!({ "found": found, "seconds": seconds, "batch": detector.batches().most() }))
}

fn grade(scorer: &Scorer, crops: usize, batch: usize, count: usize, device: Device) -> Result<Value> {
    let side = scorer.config().size as usize;
    let crops: Vec<Gray> = (0..crops).map(|row| Gray { values: values(row, side * side), coverage: vec![1.0; side * side] }).collect();
    scorer.batches().set(batch);
    let (logits, seconds) = rounds(count, device, || scorer.logits(&crops))?;
    Ok(json!({ "logits": logits, "seconds": seconds, "batch": scorer.batches().most() }))
}

/// The values of one picture: 0 to 0.999, in an order that repeats after 1000.
fn values(picture: usize, count: usize) -> Vec<f32> {
    let first = picture * count;
    (first..first + count).map(|at| (at * 7919 % 1000) as f32 / 1000.0).collect()
}

/// Steps over the same films or crops.
struct Training {
    batch: usize,
    rounds: usize,
    side: i64,
    kind: Kind,
    device: Device,
}

const SGD: SgdOptions = SgdOptions { momentum: 0.9, weight_decay: 0.0005, clip_norm: Some(10.0) };

impl Training {
    /// The paper's detector from random weights, so its norms must live; every film has 21 boxes in a grid.
    fn detector(&self, arch: Arch) -> Result<Value> {
        let mut config = DetectorConfig::stock(arch, 43);
        (config.norm, config.min_size) = (NormKind::Batch, self.side);
        let store = Store::new(self.device, ParamInit::Random(1));
        let network = FasterRcnn::new(&store, config)?;
        let [height, width] = [self.side * 5 / 4, self.side];
        let film = |place: usize| {
            Tensor::f_from_slice(&values(place, (height * width) as usize))?.f_view([1, height, width])?.f_to_device(self.device)
        };
        let images = (0..self.batch).map(film).collect::<Result<Vec<_>, _>>()?;
        let joint = |place: usize| {
            let cell = self.side as f32 / 8.0;
            BBox::square((cell * (1.0 + (place % 7) as f32), cell * (1.5 + (place / 7) as f32 * 2.0)), 0.7 * cell)
        };
        let target = Target { boxes: (0..21).map(joint).collect(), labels: (1..=21).collect() };
        let targets = vec![target; self.batch];
        self.steps(&store, || {
            let batch = transform::collate(&images, network.config())?.of_kind(self.kind)?;
            Ok(network.losses(&batch, &targets, &mut Picker::First)?.total()?)
        })
    }

    fn scorer(&self, arch: ScorerArch) -> Result<Value> {
        let mut config = ScorerConfig::stock(arch, ScorerTask::Narrowing, 5);
        config.size = self.side;
        let store = Store::new(self.device, ParamInit::Random(1));
        let network = Network::new(&store.root(), &config)?;
        let pixels = (self.side * self.side) as usize;
        // The lighter, the higher the grade: something to learn.
        let lit = |row: usize| values(row, pixels).into_iter().map(|v| 0.5 * v + 0.1 * (row % 5) as f32).collect();
        let crops: Vec<Gray> = (0..self.batch).map(|row| Gray { values: lit(row), coverage: vec![1.0; pixels] }).collect();
        let grades: Vec<i64> = (0..self.batch as i64).map(|row| row % 5).collect();
        self.steps(&store, || {
            let crops = scorer::input(&config, &crops, self.device)?.f_to_kind(self.kind)?;
            let grades = Tensor::f_from_slice(&grades)?.f_to_device(self.device)?;
            let logits = network.forward(&crops, true)?.f_to_kind(Kind::Float)?;
            Ok(logits.f_cross_entropy_loss(&grades, None::<Tensor>, Reduction::Mean, -100, 0.0)?)
        })
    }

    fn steps(&self, store: &Store, loss: impl Fn() -> Result<Tensor>) -> Result<Value> {
        let mut sgd = Sgd::new(store, SGD);
        let mut losses = Vec::new();
        // Dropout and skipped blocks are the same in every such training.
        tch::manual_seed(1);
        let (_, seconds) = rounds(self.rounds, self.device, || {
            sgd.zero_grad()?;
            let loss = loss()?;
            loss.f_backward()?;
            sgd.step(0.01)?;
            losses.push(loss.f_detach()?.f_double_value(&[])?);
            Ok(())
        })?;
        Ok(json!({ "losses": losses, "seconds": seconds, "batch": self.batch }))
    }
}
