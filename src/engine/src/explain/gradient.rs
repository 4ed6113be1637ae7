//! Which part of a crop a scorer's grade rests on, by gradients: integrated gradients (Sundararajan, Taly and Yan 2017, arXiv 1703.01365) from the blurred crop to
//! the crop itself. Twenty passes instead of
//! occlusion's 145, and less stable: `svh-engine model explain --gradient` measures it, and the workbench shows occlusion only.

use svh_core::Joint;
use tch::{Kind, Tensor};

use super::occlusion::{PLACES, blurred};
use crate::crop::Gray;
use crate::scorer::{Scorer, expected, to_rows};
use crate::{Error, Result};

/// Points between the blurred crop and the crop, each the middle of its part of the way.
const POINTS: usize = 20;
/// Change of a logit by which the expected grade is differentiated, times the model's temperature.
const STEP: f32 = 1e-2;

/// What each place adds to the expected grade beside the blurred crop: [`PLACES`] × [`PLACES`] grades in row order. Their sum is the difference between the crop's
/// expected grade and the blurred one's, but for the error of [`POINTS`] points.
///
/// # Errors
/// The scorer does not grade the joint, or the network fails.
pub fn of_crop(scorer: &Scorer, joint: &Joint, crop: &Gray) -> Result<Vec<f32>> {
    let size = scorer.config().size as usize;
    let soft = blurred(&crop.values, size);
    let at = |share: f32| Gray { values: mixed(&soft, &crop.values, share), coverage: crop.coverage.clone() };
    let points: Vec<Gray> = (0..POINTS).map(|point| at((point as f32 + 0.5) / POINTS as f32)).collect();
    let (crops, logits) = scorer.tracked_logits(&points)?;
    let slopes = to_rows(&logits)?.iter().map(|row| slope(scorer, joint, row)).collect::<Result<Vec<_>>>()?.concat();
    let slopes = Tensor::f_from_slice(&slopes)?.f_view_as(&logits)?.f_to_device(logits.device())?;
    let graded = logits.f_mul(&slopes)?.f_sum(Kind::Float)?;
    let gradients = Tensor::f_run_backward(&[graded], &[&crops], false, false)?.remove(0).f_mean_dim([0].as_slice(), false, Kind::Float)?;
    // The points lie half a step within the ends.
    let whole = POINTS as f64 / (POINTS - 1) as f64;
    let way = crops.f_detach()?.f_select(0, POINTS as i64 - 1)?.f_sub(&crops.f_detach()?.f_select(0, 0)?)?.f_mul_scalar(whole)?;
    let pixels = gradients.f_mul(&way)?.f_sum_dim_intlist([0].as_slice(), false, Kind::Float)?;
    Ok(by_place(&to_rows(&pixels)?.concat(), size))
}

/// Part of the way from one crop to another.
fn mixed(from: &[f32], to: &[f32], share: f32) -> Vec<f32> {
    from.iter().zip(to).map(|(from, to)| from + share * (to - from)).collect()
}

/// How the expected grade changes with each logit, by central differences: of outputs that the joint does not use, 0.
fn slope(scorer: &Scorer, joint: &Joint, logits: &[f32]) -> Result<Vec<f32>> {
    let with = |at: usize, change: f32| {
        let moved: Vec<f32> = logits.iter().enumerate().map(|(index, logit)| logit + if index == at { change } else { 0.0 }).collect();
        expected(scorer.config(), joint, &moved)
    };
    let step = STEP * scorer.config().extras.temperature;
    let slopes = (0..logits.len()).map(|at| Some((with(at, step)? - with(at, -step)?) / (2.0 * step)));
    slopes.collect::<Option<Vec<f32>>>().ok_or_else(|| Error::Usage(format!("the model does not grade {}", joint.label)))
}

/// Sums of a crop's pixels by place.
fn by_place(pixels: &[f32], size: usize) -> Vec<f32> {
    let mut places = vec![0.0; PLACES * PLACES];
    for (at, value) in pixels.iter().enumerate() {
        places[at / size * PLACES / size * PLACES + at % size * PLACES / size] += value;
    }
    places
}
