//! Operations of the detector forward and backward, and its four losses of fixed samples, against torchvision's: fixtures and their script are in
//! `fixtures/detector.*` (`gradients` in the script).

#![allow(clippy::unwrap_used)] // a failure here is a failed test

mod common;

use common::{boxes, centred, difference, fixture, floats, noise};
use svh_engine::detector::Sizes;
use svh_engine::detector::fpn::FeaturePyramid;
use svh_engine::detector::roi_align::{Roi, multi_scale};
use svh_engine::detector::roi_heads::{HeadOutput, SampledRois};
use svh_engine::detector::rpn::RpnOutput;
use svh_engine::detector::sampler::Picker;
use svh_engine::nn::{ConvNorm, ConvShape, NormKind, ParamInit, Store};
use svh_engine::weights::Weights;
use tch::{Device, Kind, Tensor};

fn values(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor.detach().flatten(0, -1)).unwrap()
}

/// A tensor of the script that wants a gradient.
fn leaf(name: &str, shape: &[i64], scale: f64) -> Tensor {
    (centred(name, shape) * scale).set_requires_grad(true)
}

fn set(store: &Store, name: &str, value: &Tensor) {
    let _guard = tch::no_grad_guard();
    store.get(name).unwrap().copy_(value);
}

/// The length of a gradient and its projection on a fixed direction.
fn assert_along(fixture: &Weights, name: &str, key: &str, gradient: &Tensor) {
    let gradient = gradient.to_kind(Kind::Double);
    let along = (&gradient * centred(&format!("direction.{key}"), &gradient.size())).sum(Kind::Double).double_value(&[]);
    let stored = floats(fixture, &format!("{name}.grad.{key}"));
    for (ours, stored) in [gradient.norm().double_value(&[]), along].into_iter().zip(&stored) {
        assert!((ours - f64::from(*stored)).abs() < 1e-5 * gradient.norm().double_value(&[]).max(1.0), "{key}: {ours}, not {stored}");
    }
}

#[test]
fn a_frozen_norm_and_its_gradients_follow_either_epsilon() {
    let fixture = fixture();
    for (name, eps) in [("frozen.0", 0.0), ("frozen.1e-05", 1e-5)] {
        let store = Store::new(Device::Cpu, ParamInit::Empty);
        let (conv, norm) = (store.root().enter("conv"), store.root().enter("norm"));
        let layer = ConvNorm::new([&conv, &norm], [3, 4], ConvShape::dense(3, 1), (NormKind::Frozen, eps)).unwrap();
        set(&store, "conv.weight", &centred("frozen.conv", &[4, 3, 3, 3]));
        let drawn = |name: &str| Tensor::from_slice(&noise(name, 4));
        set(&store, "norm.weight", &(drawn("frozen.weight") * 0.01));
        set(&store, "norm.bias", &centred("frozen.bias", &[4]));
        set(&store, "norm.running_mean", &centred("frozen.mean", &[4]));
        set(&store, "norm.running_var", &((drawn("frozen.var") + 0.5) * 2e-5));
        let x = leaf("frozen.x", &[2, 3, 6, 5], 1.0);
        let y = layer.forward(&x, true).unwrap();
        assert!(difference(&values(&y), &floats(&fixture, &format!("{name}.output"))) < 1e-5, "{name}");
        (&y * centred("frozen.gradient", &y.size())).sum(Kind::Float).backward();
        assert!(difference(&values(&x.grad()), &floats(&fixture, &format!("{name}.input"))) < 1e-5, "{name}");
        let weight = store.get("conv.weight").unwrap().grad();
        assert!(difference(&values(&weight), &floats(&fixture, &format!("{name}.weight"))) < 1e-5, "{name}");
        assert_eq!(store.trainable().len(), 1, "a frozen norm is not trained");
    }
    let [without, with] = ["frozen.0.output", "frozen.1e-05.output"].map(|name| floats(&fixture, name));
    assert!(difference(&without, &with) > 0.1, "the epsilon counts here");
}

#[test]
fn the_pyramid_and_its_gradients_are_torchvisions() {
    let fixture = fixture();
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    let pyramid = FeaturePyramid::new(&store.root(), [4, 6, 8, 10], 5).unwrap();
    for (name, tensor, _) in store.entries() {
        set(&store, &name, &centred(&format!("fpn.{name}"), &tensor.size()));
    }
    let sizes = [[2, 4, 13, 9], [2, 6, 7, 5], [2, 8, 4, 3], [2, 10, 2, 2]];
    let maps: Vec<Tensor> = sizes.iter().enumerate().map(|(index, size)| leaf(&format!("fpn.map{index}"), size, 1.0)).collect();
    let outputs = pyramid.forward(&maps).unwrap();
    assert_eq!(outputs.len(), 5);
    let mut sum = Tensor::from(0.0f32);
    for (index, y) in outputs.iter().enumerate() {
        assert!(difference(&values(y), &floats(&fixture, &format!("fpn.output{index}"))) < 1e-5, "level {index}");
        sum += (y * centred(&format!("fpn.gradient{index}"), &y.size())).sum(Kind::Float);
    }
    sum.backward();
    for (index, map) in maps.iter().enumerate() {
        assert!(difference(&values(&map.grad()), &floats(&fixture, &format!("fpn.input{index}"))) < 1e-5, "map {index}");
    }
    let trained = store.trainable();
    for (name, tensor) in &trained {
        assert_along(&fixture, "fpn", name, &tensor.grad());
    }
    assert_eq!(trained.len(), fixture.names().filter(|name| name.starts_with("fpn.grad.")).count());
}

#[test]
fn pooling_from_several_levels_gives_each_its_gradient() {
    let fixture = fixture();
    let sizes = [(32, 40), (16, 20), (8, 10), (4, 5)];
    let map = |(index, (h, w)): (usize, &(i64, i64))| leaf(&format!("pool.map{index}"), &[1, 3, 4 * h, 4 * w], 1.0);
    let maps: Vec<Tensor> = sizes.iter().enumerate().map(map).collect();
    let rois: Vec<Roi> = boxes("pool.boxes", 25, [640.0, 512.0], [10.0, 500.0]).into_iter().map(|bbox| Roi { film: 0, bbox }).collect();
    let pooled = multi_scale(&maps, &rois).unwrap();
    (&pooled * centred("pool.gradient", &pooled.size())).sum(Kind::Float).backward();
    for (index, map) in maps.iter().enumerate() {
        let gradient = map.grad();
        let gradient = if gradient.defined() { gradient } else { map.zeros_like() };
        assert_along(&fixture, "pool", &format!("pool.map{index}"), &gradient);
    }
}

#[test]
fn the_heads_losses_of_fixed_samples_and_their_gradients_are_torchvisions() {
    let fixture = fixture();
    let (logits, deltas) = (leaf("head.logits", &[12, 6], 3.0), leaf("head.deltas", &[12, 24], 0.3));
    let labels: Vec<i64> = noise("head.labels", 12).iter().map(|u| (u * 6.0) as i64).collect();
    let targets: Vec<f32> = noise("head.targets", 48).iter().map(|u| (u * 2.0 - 1.0) * 0.3).collect();
    let of_joints = targets.chunks_exact(4).zip(&labels).filter(|(_, label)| **label > 0).flat_map(|(offsets, _)| offsets).copied();
    let sampled = SampledRois { rois: Vec::new(), labels: labels.clone(), targets: of_joints.collect() };
    assert!(labels.contains(&0) && labels.iter().any(|label| *label > 0));
    let output = HeadOutput { logits: logits.shallow_clone(), deltas: deltas.shallow_clone() };
    let [classifier, box_reg] = output.losses(&sampled).unwrap();
    let ours = [&classifier, &box_reg].map(|loss| loss.double_value(&[]) as f32);
    assert!(difference(&ours, &floats(&fixture, "head.losses")) < 1e-6, "{ours:?}");
    (classifier + box_reg).backward();
    assert!(difference(&values(&logits.grad()), &floats(&fixture, "head.grad.logits")) < 1e-6);
    assert!(difference(&values(&deltas.grad()), &floats(&fixture, "head.grad.deltas")) < 1e-6);
}

#[test]
fn the_proposals_losses_of_fixed_samples_and_their_gradients_are_torchvisions() {
    let fixture = fixture();
    let anchors = boxes("match.candidates", 300, [100.0; 2], [10.0, 60.0]);
    let references = boxes("match.truths", 6, [100.0; 2], [15.0, 50.0]);
    let (objectness, deltas) = (leaf("rpn.objectness", &[1, 300], 3.0), leaf("rpn.deltas", &[1, 300, 4], 0.3));
    let output = RpnOutput { objectness: objectness.shallow_clone(), deltas: deltas.shallow_clone() };
    let sizes = Sizes { rpn_batch: 32, ..Sizes::default() };
    let [object, offsets] = output.losses(&anchors, &[references], &[], &sizes, &mut Picker::First).unwrap();
    let ours = [&object, &offsets].map(|loss| loss.double_value(&[]) as f32);
    assert!(difference(&ours, &floats(&fixture, "rpn.losses")) < 1e-6, "{ours:?}");
    (object + offsets).backward();
    assert!(difference(&values(&objectness.grad()), &floats(&fixture, "rpn.grad.objectness")) < 1e-6);
    assert!(difference(&values(&deltas.grad()), &floats(&fixture, "rpn.grad.deltas")) < 1e-6);
}
