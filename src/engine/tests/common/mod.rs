//! What the parity tests share: values drawn from an integer hash, as `fixtures/detector.py` draws them, and readers of its results.

#![allow(dead_code)] // each test uses a part of it

pub mod served;

use std::path::Path;

use svh_core::BBox;
use svh_engine::weights::Weights;
use tch::{Kind, Tensor};

/// The results that the script stored.
pub fn fixture() -> Weights {
    Weights::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/detector.safetensors")).unwrap()
}

/// Values from 0 up to 1, fixed by the name: FNV-1a of the name, then splitmix64, the upper 24 bits.
pub fn noise(name: &str, count: usize) -> Vec<f32> {
    let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let value = |index: u64| {
        let mut z = seed.wrapping_add((index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 40) as f32 / (1u32 << 24) as f32
    };
    (0..count as u64).map(value).collect()
}

/// Values from -1 up to 1 in a tensor.
pub fn centred(name: &str, shape: &[i64]) -> Tensor {
    let values = noise(name, shape.iter().product::<i64>() as usize);
    Tensor::from_slice(&values).reshape(shape) * 2.0 - 1.0
}

/// Boxes whose corner and sides are drawn within a film.
pub fn boxes(name: &str, count: usize, [width, height]: [f32; 2], [least, most]: [f32; 2]) -> Vec<BBox> {
    let one = |u: &[f32]| {
        let (w, h) = (least + u[2] * (most - least), least + u[3] * (most - least));
        let (x0, y0) = (u[0] * (width - w), u[1] * (height - h));
        BBox { x0, y0, x1: x0 + w, y1: y0 + h }
    };
    noise(name, count * 4).chunks_exact(4).map(one).collect()
}

/// A film of soft stripes with noise: [1, H, W], 0 to 1.
pub fn film(name: &str, height: i64, width: i64) -> Tensor {
    let noise = noise(name, (height * width) as usize);
    let value = |index: i64| {
        let stripes = ((index % width * 7 + index / width * 3) % 64) as f32 / 64.0;
        0.7 * stripes + 0.3 * noise[index as usize]
    };
    let values: Vec<f32> = (0..height * width).map(value).collect();
    Tensor::from_slice(&values).reshape([1, height, width])
}

/// A stored tensor's values as boxes.
pub fn stored_boxes(fixture: &Weights, name: &str) -> Vec<BBox> {
    floats(fixture, name).chunks_exact(4).map(|c| BBox::from([c[0], c[1], c[2], c[3]])).collect()
}

/// A stored tensor's values.
pub fn floats(fixture: &Weights, name: &str) -> Vec<f32> {
    let tensor = fixture.get(name).unwrap_or_else(|| panic!("the fixture has no {name}"));
    Vec::try_from(tensor.to_kind(Kind::Float).flatten(0, -1)).unwrap()
}

/// The greatest difference between two lists, relative to 1 or to the stored value where that is larger.
pub fn difference(ours: &[f32], stored: &[f32]) -> f32 {
    assert_eq!(ours.len(), stored.len());
    ours.iter().zip(stored).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f32::max)
}

/// The same for boxes.
pub fn box_difference(ours: &[BBox], stored: &[BBox]) -> f32 {
    let flat = |boxes: &[BBox]| boxes.iter().flat_map(|b| <[f32; 4]>::from(*b)).collect::<Vec<_>>();
    difference(&flat(ours), &flat(stored))
}
