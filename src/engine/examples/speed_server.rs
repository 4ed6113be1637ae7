//! The engine's half of the comparison with torchvision in `build/beside_torchvision.py`.
//!
//! `speed_server DETECTOR SCORER` loads two model folders and answers lines on stdin: `film PATH` with the number of raw detections on a film, `crops N`
//! with the first logit of N crops that a formula gives; behind each the seconds it took.

use std::io::BufRead;
use std::path::Path;
use std::time::Instant;

use svh_core::Film;
use svh_engine::crop::Gray;
use svh_engine::detector::Detector;
use svh_engine::scorer::Scorer;
use svh_engine::{Error, Result};
use tch::Device;

fn main() -> Result<()> {
    let folders: Vec<String> = std::env::args().skip(1).collect();
    let [detector, scorer] = &folders[..] else { return Err(Error::Usage("two model folders are needed".to_owned())) };
    let (detector, scorer) = (Detector::load(Path::new(detector), Device::Cpu)?, Scorer::load(Path::new(scorer), Device::Cpu)?);
    let side = scorer.config().size as usize;
    let value = |at: usize| (at * 7919 % 1000) as f32 / 1000.0;
    let crop =
        |row: usize| Gray { values: (0..side * side).map(|at| value(row * side * side + at)).collect(), coverage: vec![1.0; side * side] };
    let crops: Vec<Gray> = (0..86).map(crop).collect();
    println!("ready");
    for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok) {
        let start = Instant::now();
        let answer = match line.split_once(' ') {
            Some(("film", path)) => detector.look(&Film::open(Path::new(path))?)?.detections(None)?.len() as f32,
            Some(("crops", count)) => scorer.logits(&crops[..count.parse().unwrap_or(86)])?[0][0],
            _ => return Err(Error::Usage(format!("`{line}` is neither film nor crops"))),
        };
        println!("{answer} {}", start.elapsed().as_secs_f64());
    }
    Ok(())
}
