//! Measures the scorers' networks: seconds for the 86 crops of a patient, and for a training step of 32.
//!
//! `cargo run --release -p svh-engine --example scorer_speed [cpu|cuda]`

use std::time::Instant;

use svh_engine::convnet::{self, ConvNet};
use svh_engine::device;
use svh_engine::efficientnet::{Config, EfficientNet};
use svh_engine::nn::{ParamInit, Store};
use tch::{Device, Kind, Tensor};

type Forward<'a> = &'a dyn Fn(&Tensor, bool) -> svh_engine::Result<Tensor>;

fn main() -> svh_engine::Result<()> {
    let choice = std::env::args().nth(1).unwrap_or_else(|| "cpu".to_owned());
    let device = device::open(choice.parse().map_err(svh_engine::Error::Usage)?)?;
    println!("{}; {} threads", device::name(device), tch::get_num_threads());
    println!("network            side   86 crops   step of 32");
    for stages in [7, 5] {
        let store = Store::new(device, ParamInit::Random(1));
        let network = EfficientNet::new(&store.root(), &Config { stages, ..Config::torchvision(0, 5) })?;
        for side in [96, 112, 128, 160, 224] {
            measure(&format!("b0, {stages} stages"), side, &store, &|x, train| network.forward(x, train))?;
        }
    }
    let store = Store::new(device, ParamInit::Random(1));
    let network = ConvNet::new(&store.root(), 5, 1e-5)?;
    measure("appendix", convnet::INPUT, &store, &|x, train| network.forward(x, train))
}

fn measure(name: &str, side: i64, store: &Store, forward: Forward) -> svh_engine::Result<()> {
    let input = |n| Tensor::rand([n, 3, side, side], (Kind::Float, store.device()));
    let inference = best_of_three(store.device(), || tch::no_grad(|| forward(&input(86), false)).map(drop))?;
    let step = best_of_three(store.device(), || {
        let target = Tensor::zeros([32], (Kind::Int64, store.device()));
        forward(&input(32), true)?.f_cross_entropy_loss::<Tensor>(&target, None, tch::Reduction::Mean, -100, 0.0)?.backward();
        Ok(())
    })?;
    println!("{name:18} {side:4} {inference:8.3} s {step:10.3} s");
    Ok(())
}

fn best_of_three(device: Device, run: impl Fn() -> svh_engine::Result<()>) -> svh_engine::Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        run()?;
        if let Device::Cuda(index) = device {
            tch::Cuda::synchronize(index as i64);
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}
