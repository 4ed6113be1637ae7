//! The training of a detector on films made here: that it learns, that it can be interrupted anywhere, and that faults are told.

#![allow(clippy::unwrap_used)] // a failure here is a failed test
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use svh_core::film::Film;
use svh_core::{BBox, Joint, Task, joint};
use svh_engine::checkpoint;
use svh_engine::data::{FilmSource, LabelledFilm, Preparation};
use svh_engine::detector::inference::DetectRequest;
use svh_engine::detector::{Arch, Detector, DetectorConfig, Heads};
use svh_engine::train::detector_validation::Validation;
use svh_engine::train::{End, Progress, Watcher};
use svh_engine::train::{detector::run_on, detector_training::DetectorTraining};
use svh_engine::weights::Weights;
use svh_engine::{Error, Result};
use tch::Device;

/// Films with three joints of a left hand drawn as a disc, a ring and a cross, each anywhere.
struct Shapes {
    films: usize,
    broken: Option<usize>,
    refused: Mutex<Vec<usize>>,
}

impl Shapes {
    fn new(films: usize) -> Arc<Self> {
        Arc::new(Self { films, broken: None, refused: Mutex::default() })
    }
}

fn joints() -> [&'static Joint; 3] {
    ["LH_pip_2", "LH_mcp_3", "LH_wrist_radcar"].map(|label| joint::by_label(Task::Narrowing, label).unwrap())
}

/// Whether the shape covers a point, in radii from its centre.
fn covers(shape: usize, x: f32, y: f32) -> bool {
    let r = (x * x + y * y).sqrt();
    match shape {
        0 => r < 0.9,
        1 => (0.6..1.0).contains(&r),
        _ => x.abs().max(y.abs()) < 1.0 && x.abs().min(y.abs()) < 0.3,
    }
}

fn draw(seed: u64) -> LabelledFilm {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (width, height) = (96u32, 128u32);
    // One shape a third of the film, so that none hides another.
    let mut thirds = [0, 1, 2];
    thirds.swap(0, rng.random_range(0..3));
    let centres: Vec<_> =
        thirds.iter().map(|t| (rng.random_range(18.0..78.0), 21.0 + 43.0 * *t as f32 + rng.random_range(-4.0..4.0))).collect();
    let radius = 13.0;
    let mut pixels = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let hit = centres.iter().enumerate().any(|(shape, (cx, cy))| covers(shape, (x as f32 - cx) / radius, (y as f32 - cy) / radius));
        let value = if hit { 48_000 } else { 9_000 } + rng.random_range(0..6_000u32);
        pixels.push(value as u16);
    }
    let boxes = centres.iter().zip(joints()).map(|((x, y), joint)| (joint, BBox::square((*x, *y), 2.0 * radius)));
    LabelledFilm { film: Film::new(width, height, pixels).unwrap(), joints: boxes.collect() }
}

impl FilmSource for Shapes {
    fn len(&self) -> usize {
        self.films
    }

    fn film(&self, index: usize) -> Result<LabelledFilm> {
        if self.broken == Some(index) { Err(Error::Data("broken film".into())) } else { Ok(draw(index as u64)) }
    }

    fn refuse(&self, index: usize, _why: &str) {
        self.refused.lock().unwrap().push(index);
    }
}

/// Step, epoch, what was measured on, metrics.
type Measured = (u64, u64, String, Vec<(String, f64)>);

/// Remembers losses and metrics and stops after a step.
#[derive(Default)]
struct Log {
    losses: Vec<f64>,
    metrics: Vec<Measured>,
    stop_after: Option<u64>,
    asked: u64,
}

impl Watcher for Log {
    fn step(&mut self, progress: &Progress) -> Result<()> {
        self.losses.push(progress.loss());
        self.asked = progress.step;
        Ok(())
    }

    fn metrics(&mut self, step: u64, epoch: u64, split: &str, values: &[(&str, f64)]) -> Result<()> {
        self.metrics.push((step, epoch, split.to_owned(), values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()));
        Ok(())
    }

    fn note(&mut self, _message: &str) {}

    fn cancelled(&mut self) -> bool {
        self.stop_after == Some(self.asked)
    }
}

fn options(out: &Path, steps: u64) -> DetectorTraining {
    let mut config = DetectorConfig { min_size: 96, max_size: 128, ..DetectorConfig::small(Arch::MobileNetV2, 43) };
    config.sizes.fpn_channels = 32;
    config.sizes.head_width = 64;
    config.sizes.anchor_sizes = vec![24.0, 48.0, 96.0, 192.0, 384.0];
    config.sizes.box_batch = 32;
    config.sizes.rpn_batch = 64;
    DetectorTraining {
        config,
        steps: Some(steps),
        warm_up: 10,
        freeze: 0,
        preparation: Preparation::NONE,
        learning_rate: 0.05,
        ..DetectorTraining::recipe(Arch::MobileNetV2, Task::Narrowing, Path::new("unused"), out)
    }
}

fn train(films: Arc<Shapes>, options: &DetectorTraining, log: &mut Log) -> Result<End> {
    tch::set_num_threads(1);
    run_on(films, None, options, "shapes", log)
}

#[test]
fn the_loss_falls_and_the_shapes_are_found_by_the_saved_model() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::default();
    // Every hundredth film, most of which the training does not see.
    let held_out = Shapes::new(2000);
    tch::set_num_threads(1);
    let measured_on = Validation::new(&*held_out, Some(20));
    let end = run_on(Shapes::new(400), Some(&measured_on), &options(folder.path(), 150), "shapes", &mut log).unwrap();
    assert_eq!(end, End::Finished);
    let [(150, _, train, _), (150, _, split, metrics)] = &log.metrics[..] else { panic!("{:?}", log.metrics) };
    assert_eq!((train.as_str(), split.as_str()), ("train", "validation"));
    let metric = |name: &str| metrics.iter().find(|(of, _)| of == name).unwrap().1;
    assert!(metric("recall") >= 0.9, "{metrics:?}");
    let parts = ["classifier", "box_reg", "objectness", "rpn_box_reg"].map(metric);
    assert!((metric("loss") - parts.iter().sum::<f64>()).abs() < 1e-9);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (first, last) = (mean(&log.losses[..10]), mean(&log.losses[140..]));
    assert!(last < first / 2.0, "the loss fell from {first} to {last} only");

    let detector = Detector::load(folder.path(), Device::Cpu).unwrap();
    let films: Vec<_> = (1000..1010).map(draw).collect();
    let requests: Vec<_> = films.iter().map(|film| DetectRequest { film: &film.film, allowed: None }).collect();
    let mut found = 0;
    for (film, detections) in films.iter().zip(detector.detect(&requests).unwrap()) {
        for (joint, reference) in &film.joints {
            let best = detections.iter().find(|d| d.class_id == joint.class_id);
            found += u32::from(best.is_some_and(|d| d.bbox.iou(reference) >= 0.5));
        }
    }
    assert!(found >= 27, "{found} of 30 shapes on films that the training had not seen");
}

/// Every tensor of the checkpoint, byte for byte.
fn same_state(a: &Path, b: &Path) -> bool {
    let read = |folder: &Path| Weights::read(&folder.join(checkpoint::FILE)).unwrap();
    let (a, b) = (read(a), read(b));
    assert!(a.names().any(|name| name.starts_with("velocity.")));
    a.names().eq(b.names()) && a.names().all(|name| a.get(name).unwrap().equal(b.get(name).unwrap()))
}

#[test]
fn three_steps_and_three_more_are_exactly_six() {
    let (straight, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let varied = |out: &Path| DetectorTraining { preparation: Preparation::TRAINING, ..options(out, 6) };
    let mut whole = Log::default();
    assert_eq!(train(Shapes::new(5), &varied(straight.path()), &mut whole).unwrap(), End::Finished);
    let mut first = Log { stop_after: Some(3), ..Log::default() };
    assert_eq!(train(Shapes::new(5), &varied(broken.path()), &mut first).unwrap(), End::Cancelled(3));
    assert!(!broken.path().join("model.safetensors").exists(), "an unfinished training leaves no model");
    // Another number of loaders must change nothing either.
    let resumed = DetectorTraining { resume: true, workers: 3, ..varied(broken.path()) };
    let mut second = Log::default();
    assert_eq!(train(Shapes::new(5), &resumed, &mut second).unwrap(), End::Finished);
    assert_eq!([first.losses, second.losses].concat(), whole.losses);
    assert!(same_state(straight.path(), broken.path()));
}

#[test]
fn every_epoch_is_measured_once_and_measuring_changes_nothing_that_is_learned() {
    let (plain, measured, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let options = |out: &Path| DetectorTraining { epoch_films: Some(4), ..options(out, 6) };
    let held_out = Shapes::new(3);
    let measured_on = Validation::new(&*held_out, Some(2));
    assert_eq!(measured_on.film_count(), 2);
    tch::set_num_threads(1);
    let train = |options: &DetectorTraining, on: Option<&Validation>, log: &mut Log| run_on(Shapes::new(9), on, options, "shapes", log);
    train(&options(plain.path()), None, &mut Log::default()).unwrap();
    let mut whole = Log::default();
    train(&options(measured.path()), Some(&measured_on), &mut whole).unwrap();
    assert!(same_state(plain.path(), measured.path()));
    let places = |log: &Log| log.metrics.iter().map(|(step, epoch, split, _)| (*step, *epoch, split.clone())).collect::<Vec<_>>();
    let expected =
        [(2, 0), (4, 1), (6, 2)].into_iter().flat_map(|(step, epoch)| ["train", "validation"].map(|on| (step, epoch, on.to_owned())));
    assert_eq!(places(&whole), expected.collect::<Vec<_>>());

    // Stopped at the end of an epoch, which is measured before the training ends.
    let mut first = Log { stop_after: Some(2), ..Log::default() };
    assert_eq!(train(&options(broken.path()), Some(&measured_on), &mut first).unwrap(), End::Cancelled(2));
    let mut second = Log::default();
    let resumed = DetectorTraining { resume: true, ..options(broken.path()) };
    assert_eq!(train(&resumed, Some(&measured_on), &mut second).unwrap(), End::Finished);
    assert_eq!([places(&first), places(&second)].concat(), places(&whole));
    assert_eq!([first.metrics, second.metrics].concat(), whole.metrics);
}

#[test]
fn a_resume_with_other_options_or_without_a_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let resume = |seed| DetectorTraining { resume: true, seed, ..options(folder.path(), 2) };
    let message = train(Shapes::new(3), &resume(1), &mut Log::default()).unwrap_err().to_string();
    assert!(message.contains("checkpoint.safetensors"), "{message}");
    train(Shapes::new(3), &options(folder.path(), 2), &mut Log::default()).unwrap();
    let message = train(Shapes::new(3), &resume(2), &mut Log::default()).unwrap_err().to_string();
    assert!(message.contains("seed = 1, now seed = 2"), "{message}");
}

#[test]
fn a_film_that_cannot_be_read_gives_way_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let films = Arc::new(Shapes { films: 3, broken: Some(1), refused: Mutex::default() });
    assert_eq!(train(Arc::clone(&films), &options(folder.path(), 2), &mut Log::default()).unwrap(), End::Finished);
    assert!(films.refused.lock().unwrap().iter().all(|index| *index == 1) && !films.refused.lock().unwrap().is_empty());
    let none = Arc::new(Shapes { films: 0, broken: None, refused: Mutex::default() });
    assert!(train(none, &options(folder.path(), 2), &mut Log::default()).unwrap_err().to_string().contains("no film"));
}

#[test]
fn a_detector_can_start_from_another_whose_classes_differ() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    train(Shapes::new(3), &options(first.path(), 1), &mut Log::default()).unwrap();
    let mut erosion = options(second.path(), 1);
    erosion.config.heads = Heads::One(45);
    erosion.init = Some(first.path().to_path_buf());
    erosion.learning_rate = 0.0;
    train(Shapes::new(3), &erosion, &mut Log::default()).unwrap();
    let read = |folder: &Path| Weights::read(&folder.join("model.safetensors")).unwrap();
    let (a, b) = (read(first.path()), read(second.path()));
    let body = "backbone.body.4.conv.0.0.weight";
    assert!(a.get(body).unwrap().equal(b.get(body).unwrap()), "the body was taken over");
    assert_eq!(b.get("roi_heads.box_predictor.cls_score.weight").unwrap().size(), [45, 64]);
}
