//! Whole detectors against torchvision's: the same weights and films give the same detections, losses and gradients.

#![allow(clippy::unwrap_used)] // a failure here is a failed test

mod common;

use common::{box_difference, boxes, centred, difference, film, fixture, floats, noise, stored_boxes};
use svh_engine::detector::sampler::Picker;
use svh_engine::detector::transform::{self, rescale};
use svh_engine::detector::{Arch, DetectorConfig, FasterRcnn, Sizes, Target};
use svh_engine::nn::{ParamInit, Store};
use tch::{Device, Kind};

const FILMS: [[i64; 2]; 2] = [[130, 200], [180, 120]];

fn config(arch: Arch) -> DetectorConfig {
    let sizes = Sizes {
        fpn_channels: 24,
        head_width: 40,
        anchor_sizes: vec![12.0, 24.0, 48.0, 96.0, 144.0],
        rpn_pre_nms_train: 80,
        rpn_pre_nms_test: 60,
        rpn_post_nms_train: 70,
        rpn_post_nms_test: 50,
        rpn_batch: 32,
        box_batch: 24,
        box_detections: 30,
        ..Sizes::default()
    };
    DetectorConfig { min_size: 96, max_size: 150, sizes, ..DetectorConfig::stock(arch, 6) }
}

/// The weights of `fill` in the script.
fn fill(store: &Store) {
    let _guard = tch::no_grad_guard();
    for (name, tensor, _) in store.entries() {
        let shape = tensor.size();
        let u = centred(&name, &shape);
        let in_norm = name.contains("bn") || name.contains(".body.") || name.contains("downsample.1");
        let value = match shape.len() {
            _ if name.ends_with("running_var") => u * 0.5 + 1.0,
            1 if in_norm && name.ends_with("weight") => u * 0.3 + 0.8,
            1 => u * 0.1,
            _ => u * f64::from(spread(&name, &shape)),
        };
        tensor.shallow_clone().copy_(&value);
    }
}

fn spread(name: &str, shape: &[i64]) -> f32 {
    match name {
        _ if name.contains("cls_score.weight") => 2.0,
        _ if name.contains("rpn.head.cls_logits.weight") => 0.3,
        _ if name.contains("bbox_pred.weight") => 0.06,
        _ => (3.0 / shape[1..].iter().product::<i64>() as f64).sqrt() as f32,
    }
}

fn targets(scaled: &[[i64; 2]]) -> Vec<Target> {
    let target = |film: usize, boxes: Vec<svh_core::BBox>, labels: Vec<i64>| Target {
        boxes: boxes.into_iter().map(|b| rescale(b, FILMS[film], scaled[film])).collect(),
        labels,
    };
    let first = boxes("truth0", 5, [200.0, 130.0], [12.0, 60.0]);
    let second = boxes("truth1", 3, [120.0, 180.0], [20.0, 90.0]);
    vec![target(0, first, vec![1, 2, 3, 4, 5]), target(1, second, vec![5, 1, 1])]
}

fn check(arch: Arch, name: &str) {
    let fixture = fixture();
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    let network = FasterRcnn::new(&store, config(arch)).unwrap();
    fill(&store);
    let films = [film("film0", 130, 200), film("film1", 180, 120)];
    let batch = transform::batch(&films, network.config()).unwrap();

    let found = tch::no_grad(|| network.detect(&batch, &[None, None])).unwrap();
    for (index, detections) in found.iter().enumerate() {
        let stored = |key: &str| floats(&fixture, &format!("{name}.eval.{index}.{key}"));
        let classes: Vec<f32> = detections.iter().map(|d| f32::from(d.class_id)).collect();
        assert_eq!(classes, stored("labels"), "{name}, film {index}");
        let scores: Vec<f32> = detections.iter().map(|d| d.score).collect();
        assert!(difference(&scores, &stored("scores")) < 1e-4, "{name}, film {index}");
        let boxes: Vec<_> = detections.iter().map(|d| rescale(d.bbox, batch.sizes[index], FILMS[index])).collect();
        let worst = box_difference(&boxes, &stored_boxes(&fixture, &format!("{name}.eval.{index}.boxes")));
        assert!(worst < 1e-3, "{name}, film {index}: {worst}");
    }

    let losses = network.losses(&batch, &targets(&batch.sizes), &mut Picker::First).unwrap();
    let values = losses.values().unwrap().map(|v| v as f32);
    assert!(difference(&values, &floats(&fixture, &format!("{name}.losses"))) < 1e-4, "{name}: {values:?}");
    losses.total().unwrap().backward();
    for (parameter, tensor) in store.trainable() {
        let stored = floats(&fixture, &format!("{name}.grad.{parameter}"));
        let gradient = tensor.grad().to_kind(Kind::Double);
        let length = gradient.norm().double_value(&[]);
        let direction = centred(&format!("direction.{parameter}"), &tensor.size()).to_kind(Kind::Double);
        let along = (gradient * direction).sum(Kind::Double).double_value(&[]);
        // Relative to the gradient's length: the projection may cancel to almost nothing.
        let tolerance = 2e-3 * f64::from(stored[0]).max(1e-6);
        assert!((length - f64::from(stored[0])).abs() < tolerance, "{name}, {parameter}: length {length}, stored {}", stored[0]);
        assert!((along - f64::from(stored[1])).abs() < tolerance, "{name}, {parameter}: along {along}, stored {}", stored[1]);
    }
    let stored = fixture.names().filter(|key| key.starts_with(&format!("{name}.grad."))).count();
    assert_eq!(store.trainable().len(), stored, "the same parameters are trained");
}

#[test]
fn resnet18_detects_and_learns_as_torchvision_does() {
    check(Arch::ResNet18, "resnet18");
}

#[test]
fn resnet50_detects_and_learns_as_torchvision_does() {
    check(Arch::ResNet50, "resnet50");
}

#[test]
fn mobilenet_v2_detects_and_learns_as_torchvision_does() {
    check(Arch::MobileNetV2, "mobilenet_v2");
}

#[test]
fn the_stock_resnet50_has_torchvisions_number_of_tensors_and_parameters() {
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    FasterRcnn::new(&store, DetectorConfig::stock(Arch::ResNet50, 91)).unwrap();
    assert_eq!((store.names().len(), store.parameter_count()), (295, 41_755_286));
}

#[test]
fn classes_that_a_film_cannot_show_are_left_out_before_the_softmax() {
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    let network = FasterRcnn::new(&store, config(Arch::ResNet18)).unwrap();
    fill(&store);
    let batch = transform::batch(&[film("film0", 130, 200)], network.config()).unwrap();
    let _guard = tch::no_grad_guard();
    let all = network.detect(&batch, &[None]).unwrap().remove(0);
    let some = network.detect(&batch, &[Some(vec![2, 5])]).unwrap().remove(0);
    assert!(all.iter().any(|d| ![2, 5].contains(&d.class_id)) && !some.is_empty());
    assert!(some.iter().all(|d| [2, 5].contains(&d.class_id)));
    let best = |found: &[svh_engine::detector::RawDetection]| found.iter().filter(|d| d.class_id == 2).map(|d| d.score).fold(0.0, f32::max);
    assert!(best(&some) > best(&all), "a class gains what the impossible ones had");
}

#[test]
fn a_film_without_any_reference_has_finite_losses_and_only_background() {
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    let network = FasterRcnn::new(&store, config(Arch::MobileNetV2)).unwrap();
    fill(&store);
    let batch = transform::batch(&[film("film0", 130, 200)], network.config()).unwrap();
    let losses = network.losses(&batch, &[Target::default()], &mut Picker::First).unwrap();
    let [classifier, box_reg, objectness, rpn_box_reg] = losses.values().unwrap();
    assert!(classifier.is_finite() && objectness.is_finite());
    assert_eq!((box_reg, rpn_box_reg), (0.0, 0.0));
    losses.total().unwrap().backward();
    assert!(store.get("rpn.head.conv.0.0.weight").unwrap().grad().isfinite().all().int64_value(&[]) == 1);
}

#[test]
fn noise_is_the_scripts_noise() {
    assert_eq!(noise("film0", 3), [0.105_141_64, 0.579_180_24, 0.221_240_88]);
}

#[test]
fn a_network_in_16_bit_finds_nearly_the_same() {
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    let network = FasterRcnn::new(&store, config(Arch::ResNet18)).unwrap();
    fill(&store);
    store.freeze(|_| true);
    let _guard = tch::no_grad_guard();
    let find = |kind: Kind| {
        let batch = transform::batch(&[film("film0", 130, 200)], network.config()).unwrap().of_kind(kind).unwrap();
        network.detect(&batch, &[None]).unwrap().remove(0)
    };
    let (full, short) = (find(Kind::Float), find(Kind::BFloat16));
    // bfloat16 has 8 bits where half precision has 11; a CPU computes in it.
    let twin = |a: &svh_engine::detector::RawDetection| {
        short.iter().any(|b| b.class_id == a.class_id && (a.score - b.score).abs() < 0.05 && a.bbox.iou(&b.bbox) > 0.9)
    };
    let found = full.iter().take(10).filter(|detection| twin(detection)).count();
    assert!(found >= 8, "{found} of the 10 best");
    assert_ne!(full, short, "it was computed in another kind");
}
