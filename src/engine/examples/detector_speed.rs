//! Measures a detector's training step and its reading of a film, with where the time goes.
//!
//! `cargo run --release -p svh-engine --example detector_speed -- [ARCH] [THREADS]`

use std::time::Instant;

use svh_core::BBox;
use svh_engine::detector::sampler::Picker;
use svh_engine::detector::{Arch, DetectorConfig, FasterRcnn, Target, init, transform};
use svh_engine::nn::{ParamInit, Store};
use svh_engine::sgd::{Sgd, SgdOptions};
use tch::{Device, Kind, Tensor};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arch: Arch = arguments.first().map_or("fasterrcnn_mobilenet_v2_fpn", String::as_str).parse()?;
    tch::set_num_threads(arguments.get(1).map_or(2, |n| n.parse().unwrap_or(2)));
    let frozen = arguments.get(2).map_or(0, |n| n.parse().unwrap_or(0));
    let store = Store::new(Device::Cpu, ParamInit::Random(1));
    let network = FasterRcnn::new(&store, DetectorConfig::recipe(arch, 43))?;
    init::freeze_stages(&store, arch, frozen);
    let config = network.config();
    let images: Vec<Tensor> = (0..2).map(|_| Tensor::rand([1, config.max_size, config.min_size], (Kind::Float, Device::Cpu))).collect();
    let batch = transform::collate(&images, config)?;
    let joint = |index: i64| BBox::square((20.0 + 16.0 * index as f32, 40.0 + 20.0 * (index % 7) as f32), 28.0);
    let target = Target { boxes: (0..15).map(joint).collect(), labels: (1..16).collect() };
    let targets = [target.clone(), target];
    let mut sgd = Sgd::new(&store, SgdOptions { momentum: 0.9, weight_decay: 0.0005, clip_norm: None });
    for round in 0..6 {
        let start = Instant::now();
        let losses = network.losses(&batch, &targets, &mut Picker::First)?;
        let forward = start.elapsed();
        sgd.zero_grad()?;
        losses.total()?.backward();
        let backward = start.elapsed() - forward;
        sgd.step(1e-4)?;
        let step = start.elapsed() - forward - backward;
        println!("step {round}: {:.3} s: forward {forward:.3?}, backward {backward:.3?}, update {step:.3?}", start.elapsed().as_secs_f64());
    }
    let _guard = tch::no_grad_guard();
    let one = transform::collate(&images[..1], config)?;
    for _ in 0..4 {
        let start = Instant::now();
        network.detect(&one, &[None])?;
        println!("one film: {:.3} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}
