//! A detector of both tasks against detectors of one: the same weights see the same, and each learns from the other's files.

#![allow(clippy::unwrap_used)] // a failure here is a failed test

use std::path::Path;
use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use svh_core::film::Film;
use svh_core::{BBox, Task, joint};
use svh_engine::data::{FilmSource, LabelledFilm, Preparation};
use svh_engine::detector::sampler::Picker;
use svh_engine::detector::{Arch, Detector, DetectorConfig, DetectorTask, FasterRcnn, Heads, Target, init, transform};
use svh_engine::nn::{ParamInit, Store};
use svh_engine::train::{Progress, Watcher};
use svh_engine::train::{detector::run_on, detector_training::DetectorTraining};
use svh_engine::weights::{self, Precision};
use svh_engine::{Error, Result};
use tch::{Device, Tensor};

fn config(heads: impl Into<Heads>) -> DetectorConfig {
    let mut config = DetectorConfig { min_size: 96, max_size: 128, ..DetectorConfig::small(Arch::MobileNetV2, heads) };
    (config.sizes.fpn_channels, config.sizes.head_width) = (16, 32);
    config.sizes.anchor_sizes = vec![24.0, 48.0, 96.0, 192.0, 384.0];
    (config.sizes.box_batch, config.sizes.rpn_batch, config.sizes.box_score) = (32, 64, 0.0);
    config
}

fn network(seed: u64, heads: impl Into<Heads>) -> (Store, FasterRcnn) {
    let store = Store::new(Device::Cpu, ParamInit::Random(seed));
    let network = FasterRcnn::new(&store, config(heads)).unwrap();
    (store, network)
}

fn file(folder: &Path, store: &Store) -> std::path::PathBuf {
    let path = folder.join("weights.safetensors");
    weights::save(store, &path, Precision::Full).unwrap();
    path
}

fn films() -> transform::Batch {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut film = || Tensor::from_slice(&(0..96 * 128).map(|_| rng.random::<f32>()).collect::<Vec<_>>()).view([1, 128, 96]);
    transform::batch(&[film(), film()], &config(43)).unwrap()
}

fn reference() -> Vec<Target> {
    let target = |x: f32, label: i64| Target { boxes: vec![BBox::square((x, 60.0), 28.0)], labels: vec![label] };
    vec![target(30.0, 8), target(60.0, 12)]
}

#[test]
fn with_the_weights_of_a_detector_of_narrowing_it_finds_and_loses_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (one_store, one) = network(1, 43);
    let (both_store, both) = network(2, Heads::Both);
    let taken = init::init_from(&both_store, both.config(), &file(folder.path(), &one_store)).unwrap();
    assert_eq!(taken, init::Taken::AllButPredictor, "nothing is known of erosion");

    let batch = films();
    tch::no_grad(|| {
        let looked = both.forward_features(&batch).unwrap();
        let narrowing = both.detections(&looked, Heads::Both.place(Task::Narrowing), &batch.sizes, &[None, None]).unwrap();
        assert_eq!(narrowing, one.detect(&batch, &[None, None]).unwrap());
        assert!(narrowing.iter().all(|found| found.len() > 10));
        let erosion = both.detections(&looked, Heads::Both.place(Task::Erosion), &batch.sizes, &[None, Some(vec![44])]).unwrap();
        assert!(erosion[1].iter().all(|d| d.class_id == 44) && !erosion[1].is_empty());
        // A joint that both tasks grade starts as it is known; where nothing else may be seen, both see the same.
        let only = |task: Task| {
            let class = joint::by_label(task, "RH_mcp_2").unwrap().class_id;
            let found = both.detections(&looked, Heads::Both.place(task), &batch.sizes, &[Some(vec![class]), None]).unwrap();
            found[0].iter().map(|d| (d.score.to_bits(), d.bbox)).collect::<Vec<_>>()
        };
        assert_eq!(only(Task::Narrowing), only(Task::Erosion));
    });

    // Films that nobody has labelled for erosion teach it nothing.
    let labelled: Vec<_> = reference().into_iter().map(Some).collect();
    let shared = both.losses_of_heads(&batch, &[labelled.clone(), vec![None, None]], &[], &mut Picker::First).unwrap();
    assert_eq!(shared.values().unwrap(), one.losses(&batch, &reference(), &mut Picker::First).unwrap().values().unwrap());
    shared.total().unwrap().backward();
    let gradient = |name: &str| both_store.get(&format!("roi_heads.box_predictor.{name}.cls_score.weight")).unwrap().grad();
    assert!(!gradient("erosion").defined() && gradient("narrowing").abs().max().double_value(&[]) > 0.0);

    // With labels of both, both learn, and their losses are added.
    let whole = both.losses_of_heads(&batch, &[labelled.clone(), labelled], &[], &mut Picker::First).unwrap().values().unwrap();
    assert!(whole[0] > shared.values().unwrap()[0] + 1.0, "two untrained heads lose about ln(43) + ln(45)");
}

#[test]
fn a_detector_of_one_task_takes_its_layers_out_of_one_of_both() {
    let folder = tempfile::tempdir().unwrap();
    let (both_store, both) = network(3, Heads::Both);
    let path = file(folder.path(), &both_store);
    let batch = films();
    for (task, classes) in [(Task::Narrowing, 43), (Task::Erosion, 45)] {
        let (store, one) = network(4, classes);
        assert_eq!(init::init_from(&store, one.config(), &path).unwrap(), init::Taken::All);
        let found = tch::no_grad(|| one.detect(&batch, &[None, None])).unwrap();
        let looked = tch::no_grad(|| both.forward_features(&batch)).unwrap();
        assert_eq!(found, tch::no_grad(|| both.detections(&looked, Heads::Both.place(task), &batch.sizes, &[None, None])).unwrap());
    }
}

/// Films with one bright square: an MCP joint, graded for both tasks; every second film is labelled for narrowing alone.
struct Squares;

fn square(index: usize) -> LabelledFilm {
    let mut rng = ChaCha8Rng::seed_from_u64(index as u64);
    let centre = (rng.random_range(20.0..76.0), rng.random_range(20.0..108.0));
    let inside = |x: f32, y: f32| (x - centre.0).abs() < 11.0 && (y - centre.1).abs() < 11.0;
    let pixels = (0..128).flat_map(|y| (0..96).map(move |x| (x as f32, y as f32)));
    let pixels = pixels.map(|(x, y)| if inside(x, y) { 50_000 } else { 8_000 } + rng.random_range(0..5_000u16)).collect();
    let bbox = BBox::square(centre, 24.0);
    let joints = Task::ALL.into_iter().filter_map(|task| Some((joint::by_label(task, "LH_mcp_3")?, bbox)));
    LabelledFilm { film: Film::new(96, 128, pixels).unwrap(), joints: joints.take(1 + index % 2).collect() }
}

impl FilmSource for Squares {
    fn len(&self) -> usize {
        200
    }

    fn film(&self, index: usize) -> Result<LabelledFilm> {
        Ok(square(index))
    }

    fn refuse(&self, _index: usize, why: &str) {
        panic!("{}", Error::Data(why.into()));
    }
}

struct Quiet;

impl Watcher for Quiet {
    fn step(&mut self, _progress: &Progress) -> Result<()> {
        Ok(())
    }

    fn note(&mut self, _message: &str) {}

    fn cancelled(&mut self) -> bool {
        false
    }
}

#[test]
fn one_training_teaches_both_tasks_and_one_look_at_a_film_answers_both() {
    tch::set_num_threads(1);
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(Heads::Both);
    config.sizes.box_score = 0.05;
    let options = DetectorTraining {
        config,
        steps: Some(90),
        warm_up: 10,
        freeze: 0,
        preparation: Preparation::NONE,
        learning_rate: 0.05,
        ..DetectorTraining::recipe(Arch::MobileNetV2, DetectorTask::Both, Path::new("unused"), folder.path())
    };
    run_on(Arc::new(Squares), None, &options, "squares", &mut Quiet).unwrap();
    let detector = Detector::load(folder.path(), Device::Cpu).unwrap();
    assert_eq!((detector.card().task.as_str(), detector.card().classes), ("both", 88));
    let mut right = [0; 2];
    for index in 1000..1010 {
        let labelled = square(index);
        let seen = detector.forward_features(&labelled.film).unwrap();
        for task in Task::ALL {
            let wanted = joint::by_label(task, "LH_mcp_3").unwrap().class_id;
            let best = seen.detections(task, None).unwrap().into_iter().next();
            right[task as usize] += u32::from(best.is_some_and(|d| d.class_id == wanted && d.bbox.iou(&labelled.joints[0].1) >= 0.5));
        }
    }
    assert!(right.iter().all(|right| *right >= 9), "{right:?} of 10 for narrowing and erosion");
}
