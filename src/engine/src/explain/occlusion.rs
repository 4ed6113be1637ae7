//! Which part of a crop a scorer's grade rests on: each part in turn is blurred away, and what the expected grade loses by that is its weight
//! (occlusion after Zeiler and Fergus 2014, with blur in place of gray so that no new edge appears).

use serde::{Deserialize, Serialize};
use svh_core::Joint;

use crate::crop::Gray;
use crate::scorer::{Scorer, expected};
use crate::{Error, Result};

/// Places a side at which a crop is blurred.
pub(crate) const PLACES: usize = 12;
/// Deviation of the blurred spot as a share of the crop's side.
pub(crate) const SPOT: f32 = 0.07;
/// What a crop's grade rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Occlusion {
    /// The expected grade of the crop as it is, before the model's calibration.
    pub expected: f32,
    /// By how much the expected grade falls where each place is blurred, [`PLACES`] rows of as many, grades; below 0 where it rises.
    pub falls: Vec<f32>,
}

/// The map of a joint's crop.
///
/// # Errors
/// The scorer does not grade the joint, or the network fails.
pub fn of_crop(scorer: &Scorer, joint: &Joint, crop: &Gray) -> Result<Occlusion> {
    let size = scorer.config().size as usize;
    let blurred = blurred(&crop.values, size);
    let mut crops = vec![crop.clone()];
    for row in 0..PLACES {
        for column in 0..PLACES {
            let centre = [column, row].map(|k| (k as f32 + 0.5) * size as f32 / PLACES as f32);
            crops.push(Gray { values: without(&crop.values, &blurred, size, centre), coverage: crop.coverage.clone() });
        }
    }
    let grades: Vec<f32> = scorer.logits(&crops)?.iter().filter_map(|logits| expected(scorer.config(), joint, logits)).collect();
    match grades.split_first() {
        Some((whole, rest)) if rest.len() == PLACES * PLACES => {
            Ok(Occlusion { expected: *whole, falls: rest.iter().map(|grade| whole - grade).collect() })
        }
        _ => Err(Error::Usage(format!("the model does not grade {}", joint.label))),
    }
}

/// The crop with one spot blurred.
fn without(values: &[f32], blurred: &[f32], size: usize, centre: [f32; 2]) -> Vec<f32> {
    let spread = 2.0 * (SPOT * size as f32).powi(2);
    let mixed = values.iter().zip(blurred).enumerate().map(|(at, (value, soft))| {
        let (x, y) = ((at % size) as f32 + 0.5 - centre[0], (at / size) as f32 + 0.5 - centre[1]);
        let share = (-(x * x + y * y) / spread).exp();
        value + share * (soft - value)
    });
    mixed.collect()
}

/// A strongly blurred crop: three box filters of an eighth of its side, the border continued.
pub fn blurred(values: &[f32], size: usize) -> Vec<f32> {
    let reach = (size / 16).max(1) as i64;
    let mut now = values.to_vec();
    for pass in 0..6 {
        let step = if pass % 2 == 0 { [1, 0] } else { [0, 1] };
        let at = |x: i64, y: i64| now[y.clamp(0, size as i64 - 1) as usize * size + x.clamp(0, size as i64 - 1) as usize];
        now = (0..size * size)
            .map(|index| {
                let (x, y) = ((index % size) as i64, (index / size) as i64);
                (-reach..=reach).map(|k| at(x + k * step[0], y + k * step[1])).sum::<f32>() / (2 * reach + 1) as f32
            })
            .collect();
    }
    now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blurring_takes_an_edge_away_and_leaves_an_even_crop_alone() {
        let size = 32;
        let even = vec![0.4; size * size];
        assert!(blurred(&even, size).iter().all(|v| (v - 0.4).abs() < 1e-5));
        let edge: Vec<f32> = (0..size * size).map(|at| f32::from(u8::from(at % size >= size / 2))).collect();
        let soft = blurred(&edge, size);
        let step = |values: &[f32]| values[size / 2] - values[size / 2 - 1];
        assert!(step(&edge) > 0.99 && step(&soft) < 0.3);
        let spot = without(&edge, &soft, size, [16.0, 16.0]);
        assert!((spot[16 * size + 16] - soft[16 * size + 16]).abs() < 0.05, "the middle of the spot is blurred");
        assert!((spot[0] - edge[0]).abs() < 1e-4, "far from it nothing changes");
    }
}
