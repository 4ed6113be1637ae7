//! The scorers' networks against torchvision, the paper's own EfficientNet library and a PyTorch build of the appendix's network:
//! `fixtures/scorers.py` made the numbers, both sides make weights and inputs by the same formula.

#![allow(clippy::unwrap_used)] // a helper of a test fails by panicking, as the test does

mod common;

use serde_json::Value;
use sha2::{Digest, Sha256};
use svh_engine::convnet::ConvNet;
use svh_engine::efficientnet::{Block, Config, EfficientNet, Padding, SqueezeExcite, Stage, keep_rows, torchvision_name};
use svh_engine::nn::{Norm2d, NormKind, ParamInit, Role, Store};
use tch::{Device, Kind, Reduction, Tensor};

fn fixture(name: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("fixtures/scorers.json")).unwrap();
    all[name].clone()
}

/// Values from -1 up to 1, fixed by the name.
fn noise(name: &str, shape: &[i64]) -> Tensor {
    let count = shape.iter().product::<i64>() as usize;
    Tensor::from_slice(&common::noise(name, count)).reshape(shape).to_kind(Kind::Double) * 2.0 - 1.0
}

fn fill(store: &Store) {
    let _guard = tch::no_grad_guard();
    for (name, mut tensor, _) in store.entries() {
        if name.ends_with("num_batches_tracked") {
            continue;
        }
        let size = tensor.size();
        let (scale, offset) = match () {
            () if size.len() > 1 => (2.0 / (size[1..].iter().product::<i64>() as f64).sqrt(), 0.0),
            () if name.ends_with("running_var") => (0.5, 1.0),
            () if name.ends_with("weight") => (0.2, 1.0),
            () => (0.1, 0.0),
        };
        tensor.copy_(&(noise(&name, &size) * scale + offset));
    }
}

fn crops(n: usize, side: i64) -> Tensor {
    let size = 3 * side * side;
    let slow = |row: usize, i: i64| (0.003 * (row + 1) as f64 * i as f64).cos() + 0.3 * row as f64;
    let values: Vec<f64> = (0..n).flat_map(|row| (0..size).map(move |i| slow(row, i))).collect();
    let slow = Tensor::from_slice(&values).reshape([n as i64, size]);
    (noise("input", &[n as i64, size]) * 0.5 + slow).reshape([n as i64, 3, side, side]).to_kind(Kind::Float)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// The largest difference, relative to the largest value.
fn apart(ours: &Tensor, theirs: &Value) -> f64 {
    let ours = Vec::<f64>::try_from(ours.detach().to_kind(Kind::Double).reshape([-1])).unwrap();
    let theirs = numbers(theirs);
    assert_eq!(ours.len(), theirs.len());
    let scale = theirs.iter().fold(1e-6, |m: f64, v| m.max(v.abs()));
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs() / scale).fold(0.0, f64::max)
}

/// Length and projection of every gradient against those of `along` in the script; both relative to the length, since a projection may cancel to
/// almost nothing. A convolution before a norm in training has gradients that almost cancel, and so has a bias: 1e-5 of the largest is allowed for.
fn gradients_agree(store: &Store, expected: &Value) {
    let expected = expected.as_object().unwrap();
    let most = expected.values().map(|pair| numbers(pair)[0]).fold(0.0, f64::max);
    for (name, pair) in expected {
        let ours = store.get(name).unwrap().grad().to_kind(Kind::Double);
        let projection = (&ours * noise(&format!("direction.{name}"), &ours.size())).sum(Kind::Double).double_value(&[]);
        let allowed = 1e-3 * numbers(pair)[0] + 1e-5 * most;
        for (ours, theirs) in [ours.norm().double_value(&[]), projection].into_iter().zip(numbers(pair)) {
            assert!((ours - theirs).abs() < allowed, "{name}: {ours}, not {theirs}");
        }
    }
    assert_eq!(store.trainable().len(), expected.len(), "the same parameters are trained");
}

/// The fixture is in double precision, so that what differs is our 32 bit alone; batch norm of few values widens it in training.
fn agrees(store: &Store, expected: &Value, forward: impl Fn(&Tensor, bool) -> Tensor) {
    fill(store);
    let x = crops(4, expected["side"].as_i64().unwrap());
    let difference = apart(&tch::no_grad(|| forward(&x, false)), &expected["logits"]);
    assert!(difference < 1e-5, "logits differ by {difference}");
    let logits = forward(&x, true);
    assert!(apart(&logits, &expected["train_logits"]) < 2e-4, "{}", apart(&logits, &expected["train_logits"]));
    let target = Tensor::from_slice(&[0i64, 1, 2, 3]);
    let loss = logits.cross_entropy_loss(&target, None::<&Tensor>, Reduction::Mean, -100, 0.0);
    assert!((loss.double_value(&[]) / expected["loss"].as_f64().unwrap() - 1.0).abs() < 1e-4);
    loss.backward();
    gradients_agree(store, &expected["gradients"]);
    for (name, running) in expected["running"].as_object().unwrap() {
        let difference = apart(&store.get(name).unwrap().narrow(0, 0, 4), running);
        assert!(difference < 1e-4, "{name}: running variance differs by {difference}");
    }
}

/// One operation in training: its output, and the gradients of its input and its parameters for a given gradient of the output.
fn operation_agrees(expected: &Value, store: &Store, x: &Tensor, forward: impl Fn(&Tensor) -> Tensor) {
    fill(store);
    let x = x.to_kind(Kind::Float).set_requires_grad(true);
    let y = forward(&x);
    assert!(apart(&y, &expected["output"]) < 1e-5, "output: {}", apart(&y, &expected["output"]));
    (&y * noise("gradient", &y.size()).to_kind(Kind::Float)).sum(Kind::Float).backward();
    let difference = apart(&x.grad(), &expected["input_gradient"]);
    assert!(difference < 1e-5, "gradient of the input: {difference}");
    if !store.trainable().is_empty() {
        gradients_agree(store, &expected["gradients"]);
    }
}

#[test]
fn squeeze_and_excitation_and_its_gradients_are_torchvisions() {
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    let squeeze = SqueezeExcite::new(&store.root(), 8, 2).unwrap();
    operation_agrees(&fixture("operations")["squeeze"], &store, &noise("x", &[2, 8, 5, 4]), |x| squeeze.forward(x).unwrap());
}

#[test]
fn inverted_bottlenecks_and_their_gradients_are_torchvisions() {
    let config = Config { eps: 1e-3, momentum: 0.01, ..Config::torchvision(0, 5) };
    for (stride, output) in [(1, 8), (2, 16)] {
        let store = Store::new(Device::Cpu, ParamInit::Empty);
        let stage = Stage { expand: 4, kernel: 5, stride, input: 8, output, layers: 1 };
        let block = Block::new(&store.root(), &stage, true, 0.0, &config, &mut 0).unwrap();
        let expected = &fixture("operations")[format!("bottleneck_{stride}")];
        operation_agrees(expected, &store, &noise("x", &[3, 8, 7, 6]), |x| block.forward(x, true).unwrap());
    }
}

#[test]
fn batch_norm_its_statistics_and_its_gradients_are_pytorchs_under_either_epsilon() {
    for (name, eps) in [("1e-05", 1e-5), ("0.001", 1e-3)] {
        let store = Store::new(Device::Cpu, ParamInit::Empty);
        let norm = Norm2d::new(&store.root(), 4, NormKind::Batch, eps).unwrap();
        let small = Tensor::from_slice(&[1.0, 0.03, 0.01, 0.003]).view([1, 4, 1, 1]);
        let expected = &fixture("operations")[format!("batch_norm_{name}")];
        operation_agrees(expected, &store, &(noise("x", &[3, 4, 3, 5]) * small), |x| norm.forward(x, true).unwrap());
        let ours = Tensor::cat(&[store.get("running_mean").unwrap(), store.get("running_var").unwrap()], 0);
        assert!(apart(&ours, &expected["running"]) < 1e-6, "{name}");
    }
}

#[test]
fn rows_that_stochastic_depth_keeps_and_their_gradients_are_scaled_as_torchvisions() {
    let expected = &fixture("operations")["stochastic_depth"];
    let kept = Tensor::from_slice(&numbers(&expected["kept"]).iter().map(|kept| *kept as f32).collect::<Vec<_>>());
    let ones = Tensor::ones([6, 2, 2, 1], (Kind::Double, Device::Cpu));
    let nothing = Store::new(Device::Cpu, ParamInit::Empty);
    operation_agrees(expected, &nothing, &ones, |x| keep_rows(x, &kept, 0.4).unwrap());
}

fn efficientnet_agrees(name: &str, config: Config) {
    let config = Config { dropout: 0.0, stochastic_depth: 0.0, ..config };
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    let network = EfficientNet::new(&store.root(), &config).unwrap();
    agrees(&store, &fixture(name), |x, train| network.forward(x, train).unwrap());
}

#[test]
fn b0_computes_what_torchvision_computes() {
    efficientnet_agrees("efficientnet_b0", Config::torchvision(0, 5));
}

#[test]
fn b4_computes_what_torchvision_computes() {
    efficientnet_agrees("efficientnet_b4", Config::torchvision(4, 5));
}

#[test]
fn the_papers_variant_computes_what_its_library_computes() {
    efficientnet_agrees("lukemelas_b4", Config::lukemelas(4, 5));
    efficientnet_agrees("lukemelas_b4_128", Config { padding: Padding::Same(128), ..Config::lukemelas(4, 5) });
}

#[test]
fn the_appendix_network_computes_what_pytorch_computes() {
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    let network = ConvNet::new(&store.root(), 5, 1e-5).unwrap();
    agrees(&store, &fixture("svh_convnet"), |x, train| network.forward(x, train).unwrap());
}

#[test]
fn names_shapes_and_sizes_of_b0_to_b7_are_torchvisions() {
    for (arch, expected) in fixture("keys").as_object().unwrap() {
        let store = Store::new(Device::Cpu, ParamInit::Empty);
        EfficientNet::new(&store.root(), &Config::torchvision(Config::variant_of(arch).unwrap(), 1000)).unwrap();
        let entries = store.entries();
        let lines: Vec<String> = entries.iter().map(|(name, tensor, _)| format!("{name} {:?}", tensor.size())).collect();
        assert_eq!(lines.len() as u64, expected["count"].as_u64().unwrap(), "{arch}");
        assert_eq!(store.parameter_count() as u64, expected["parameters"].as_u64().unwrap(), "{arch}");
        assert_eq!(format!("{:x}", Sha256::digest(lines.join("\n"))), expected["sha256"].as_str().unwrap(), "{arch}");
        assert!(entries.iter().all(|(name, _, role)| (*role == Role::Buffer) == (name.contains("running_") || name.ends_with("tracked"))));
    }
}

#[test]
fn the_names_of_the_papers_library_lead_to_torchvisions() {
    let config = Config::lukemelas(4, 5);
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    EfficientNet::new(&store.root(), &config).unwrap();
    // The fixture holds the hash of every pair of names; ours are found by trying the library's names in turn.
    let mut pairs = Vec::new();
    for layer in ["_conv_stem", "_bn0", "_conv_head", "_bn1", "_fc"] {
        pairs.extend(fields(layer).map(|name| name.to_owned()));
    }
    for block in 0..32 {
        for layer in ["_expand_conv", "_bn0", "_depthwise_conv", "_bn1", "_se_reduce", "_se_expand", "_project_conv", "_bn2"] {
            pairs.extend(fields(layer).map(|name| format!("_blocks.{block}.{name}")));
        }
    }
    let exists = |name: &String| torchvision_name(&config, name).is_some_and(|ours| store.get(&ours).is_some());
    let mut pairs: Vec<String> = pairs.into_iter().filter(exists).collect();
    pairs.sort();
    let lines: Vec<String> = pairs.iter().map(|name| format!("{name} {}", torchvision_name(&config, name).unwrap())).collect();
    assert_eq!(format!("{:x}", Sha256::digest(lines.join("\n"))), fixture("lukemelas_b4")["names"].as_str().unwrap());
}

fn fields(layer: &str) -> impl Iterator<Item = String> {
    ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"].into_iter().map(move |field| format!("{layer}.{field}"))
}

#[test]
fn folded_norms_are_unfolded_without_changing_the_answer() {
    let store = Store::new(Device::Cpu, ParamInit::Random(3));
    let config = Config { eps: 1e-3, dropout: 0.0, stochastic_depth: 0.0, ..Config::torchvision(0, 5) };
    let network = EfficientNet::new(&store.root(), &config).unwrap();
    let x = crops(4, 64);
    let before = tch::no_grad(|| network.forward(&x, false)).unwrap();
    network.recover_statistics(&x).unwrap();
    let scale = before.abs().max().double_value(&[]);
    // Training normalises by the batch's own statistics, which are those just adopted: it starts from the same answer too.
    for train in [false, true] {
        let after = tch::no_grad(|| network.forward(&x, train)).unwrap();
        let difference = (&after - &before).abs().max().double_value(&[]) / scale;
        assert!(difference < 1e-4, "train {train}: {difference}");
    }
}
