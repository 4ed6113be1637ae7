//! The arithmetic of a fit: principal directions, the spread within grades, a logistic regression, quantiles.

use std::collections::BTreeMap;

use svh_core::{JointGroup, metrics};
use tch::{Kind, Tensor};

use super::samples::{Sample, Samples};
use crate::scorer::{About, Anchors, Familiarity, group_index, to_rows};
use crate::{Error, Result};

/// Directions that are kept at most.
const DIRECTIONS: i64 = 48;
/// How much of the mean spread is added to that of every direction, so that one in which few joints vary does not decide.
const SHRINKAGE: f64 = 0.05;
/// Joints that a grade needs for a centre of its own.
const CENTRE: usize = 10;
/// Joints that a grade needs for a quantile of its own.
const QUANTILE: usize = 20;
/// How strongly the weights of the doubt are held to 0, on features of deviation 1.
const RIDGE: f64 = 10.0;
/// Newton's steps at most.
const STEPS: usize = 25;

/// Everything that inference needs, with the anchors read off what was not fitted on.
pub fn familiarity(samples: &Samples, weights: &str, fitted_on: String) -> Result<Familiarity> {
    let spread = Spread::of(&samples.fit)?;
    let doubt = JointGroup::ALL.map(|group| doubt(samples, group, &spread));
    let doubt = doubt.into_iter().collect::<Result<Vec<_>>>()?;
    let about = About {
        weights: weights.to_owned(),
        fitted_on,
        centres: spread.centres.iter().map(|(key, _)| *key).collect(),
        outside: spread.outside,
        distance: [Anchors::NONE; 3],
        doubt: [Anchors::NONE; 3],
        healthy: (Vec::new(), 0),
    };
    let mut fitted = Familiarity {
        about,
        mean: spread.mean,
        directions: spread.directions,
        whitening: spread.whitening,
        centres: spread.centres.into_iter().map(|(_, centre)| centre).collect(),
        doubt,
        healthy: None,
    };
    for group in JointGroup::ALL {
        let place = group_index(group);
        fitted.about.distance[place] = anchors(samples, group, |sample| fitted.distance(group, &sample.features));
        fitted.about.doubt[place] = anchors(samples, group, |sample| fitted.doubt(group, &sample.features));
    }
    Ok(fitted)
}

/// The spread of features: see the fields of [`Familiarity`].
struct Spread {
    mean: Vec<f32>,
    deviation: Vec<f32>,
    directions: Vec<Vec<f32>>,
    whitening: Vec<Vec<f32>>,
    centres: Vec<((usize, u8), Vec<f32>)>,
    outside: f32,
}

impl Spread {
    fn of(samples: &[Sample]) -> Result<Self> {
        let x = matrix(samples.iter().map(|sample| sample.features.as_slice()))?;
        let (count, features) = x.size2()?;
        let mean = x.f_mean_dim([0i64].as_slice(), true, Kind::Double)?;
        let centred = x.f_sub(&mean)?;
        let covariance = centred.f_transpose(0, 1)?.f_matmul(&centred)?.f_div_scalar(count as f64)?;
        let (values, vectors) = covariance.f_linalg_eigh("L")?;
        let kept = DIRECTIONS.min(features).min(count / 4).max(1);
        // Ascending: the strongest stand last.
        let directions = vectors.f_narrow(1, features - kept, kept)?.f_flip([1i64])?.f_transpose(0, 1)?.f_contiguous()?;
        let within = centred.f_matmul(&directions.f_transpose(0, 1)?)?;
        let (rows, flat) = (double_rows(&within)?, doubles(&values)?);
        let means = means(samples, &rows);
        let centre_of = |sample: &Sample| {
            let group = group_index(sample.group);
            // A grade too rare for a centre of its own belongs to the nearest one that has one.
            let nearest = means.keys().filter(|(of, _)| *of == group).min_by_key(|(_, grade)| grade.abs_diff(sample.grade));
            nearest.and_then(|key| means.get(key))
        };
        let residuals: Vec<Vec<f64>> = samples
            .iter()
            .zip(&rows)
            .filter_map(|(sample, row)| Some(row.iter().zip(centre_of(sample)?).map(|(v, centre)| v - centre).collect()))
            .collect();
        let whitening = whitening(&residuals, kept)?;
        let centres = means
            .iter()
            .map(|(key, mean)| {
                let centre = whitening.iter().map(|row| row.iter().zip(mean).map(|(a, b)| a * b).sum::<f64>() as f32);
                (*key, centre.collect())
            })
            .collect();
        // The variance that the weaker directions share.
        let rest: f64 = flat[..(features - kept) as usize].iter().map(|v| v.max(0.0)).sum();
        let deviation = covariance.f_diagonal(0, 0, 1)?.f_clamp_min(1e-12)?.f_sqrt()?;
        Ok(Self {
            mean: floats(&mean)?,
            deviation: floats(&deviation)?,
            directions: to_rows(&directions.f_to_kind(Kind::Float)?)?,
            whitening: whitening.iter().map(|row| row.iter().map(|v| *v as f32).collect()).collect(),
            centres,
            // Where no direction is left out, what rounding leaves must not count.
            outside: if kept == features { f32::MAX } else { (rest / (features - kept) as f64).max(1e-9) as f32 },
        })
    }
}

/// The mean of each group and grade that has joints enough; of a group without such a grade the mean of all its joints.
fn means(samples: &[Sample], rows: &[Vec<f64>]) -> BTreeMap<(usize, u8), Vec<f64>> {
    let mean = |wanted: &dyn Fn(&Sample) -> bool| {
        let of: Vec<&Vec<f64>> = samples.iter().zip(rows).filter(|(sample, _)| wanted(sample)).map(|(_, row)| row).collect();
        let width = of.first().map_or(0, |row| row.len());
        let sum = |at: usize| of.iter().map(|row| row[at]).sum::<f64>() / of.len() as f64;
        (of.len(), (0..width).map(sum).collect::<Vec<f64>>())
    };
    let mut found = BTreeMap::new();
    for group in JointGroup::ALL {
        for grade in 0..=10 {
            let (count, mean) = mean(&|sample| sample.group == group && sample.grade == grade);
            if count >= CENTRE {
                found.insert((group_index(group), grade), mean);
            }
        }
        if !found.keys().any(|(of, _)| *of == group_index(group)) {
            let (count, mean) = mean(&|sample| sample.group == group);
            if count > 0 {
                found.insert((group_index(group), 0), mean);
            }
        }
    }
    found
}

/// The symmetric matrix that makes the spread of residuals even.
fn whitening(residuals: &[Vec<f64>], kept: i64) -> Result<Vec<Vec<f64>>> {
    let flat: Vec<f64> = residuals.concat();
    let x = Tensor::f_from_slice(&flat)?.f_view([-1, kept])?;
    let covariance = x.f_transpose(0, 1)?.f_matmul(&x)?.f_div_scalar(residuals.len().max(1) as f64)?;
    let share = covariance.f_trace()?.f_double_value(&[])? / kept as f64;
    let held = Tensor::f_eye(kept, (Kind::Double, tch::Device::Cpu))?.f_mul_scalar((SHRINKAGE * share).max(1e-12))?;
    let (values, vectors) = covariance.f_add(&held)?.f_linalg_eigh("L")?;
    let scaled = vectors.f_mul(&values.f_clamp_min(1e-12)?.f_rsqrt()?)?;
    double_rows(&scaled.f_matmul(&vectors.f_transpose(0, 1)?)?)
}

/// The weights of the doubt of a group; empty where it has no joints or nothing to hold against them.
fn doubt(samples: &Samples, group: JointGroup, spread: &Spread) -> Result<Vec<f32>> {
    let of = |from: &[Sample], no_joint: f64| -> Vec<(Vec<f64>, f64)> {
        let of_group = from.iter().filter(|sample| sample.group == group);
        let scaled = |sample: &Sample| {
            let parts = sample.features.iter().zip(&spread.mean).zip(&spread.deviation);
            parts.map(|((v, mean), deviation)| f64::from((v - mean) / deviation)).chain([1.0]).collect()
        };
        of_group.map(|sample| (scaled(sample), no_joint)).collect()
    };
    let trials: Vec<(Vec<f64>, f64)> = [(&samples.fit, 0.0), (&samples.far, 0.0), (&samples.no_joint, 1.0)]
        .into_iter()
        .flat_map(|(from, no_joint)| of(from, no_joint))
        .collect();
    let others = trials.iter().filter(|(_, no_joint)| *no_joint > 0.5).count();
    let width = spread.mean.len() + 1;
    if others == 0 || others == trials.len() {
        return Ok(vec![0.0; width]);
    }
    let flat: Vec<f64> = trials.iter().flat_map(|(row, _)| row.iter().copied()).collect();
    let x = Tensor::f_from_slice(&flat)?.f_view([-1, width as i64])?;
    let y = Tensor::f_from_slice(&trials.iter().map(|(_, no_joint)| *no_joint).collect::<Vec<_>>())?;
    let mut held = vec![RIDGE; width];
    held[width - 1] = 1e-3;
    let held = Tensor::f_from_slice(&held)?;
    let across = x.f_transpose(0, 1)?;
    let mut w = Tensor::f_zeros([width as i64], (Kind::Double, tch::Device::Cpu))?;
    for _ in 0..STEPS {
        let p = x.f_mv(&w)?.f_sigmoid()?;
        let gradient = across.f_mv(&p.f_sub(&y)?)?.f_add(&held.f_mul(&w)?)?;
        let weight = p.f_mul(&p.f_neg()?.f_add_scalar(1.0)?)?.f_clamp_min(1e-9)?;
        let hessian = across.f_matmul(&x.f_mul(&weight.f_unsqueeze(1)?)?)?.f_add(&held.f_diag(0)?)?;
        let step = Tensor::f_linalg_solve(&hessian, &gradient, true)?;
        // Far from the optimum a whole step may overshoot.
        let length = step.f_norm()?.f_double_value(&[])?;
        w = w.f_sub(&step.f_mul_scalar((4.0 / length.max(1e-12)).min(1.0))?)?;
        if length < 1e-6 {
            break;
        }
    }
    // On features as they are, less their mean.
    let w = doubles(&w)?;
    let scaled = w.iter().zip(&spread.deviation).map(|(w, deviation)| *w as f32 / deviation);
    Ok(scaled.chain([w[width - 1] as f32]).collect())
}

/// The anchors of a measure for a group; none where there are no joints to read them off.
fn anchors(samples: &Samples, group: JointGroup, measure: impl Fn(&Sample) -> f32) -> Anchors {
    let values = |from: &[Sample]| -> Vec<(u8, f32)> {
        let of_group = from.iter().filter(|sample| sample.group == group);
        of_group.map(|sample| (sample.grade, measure(sample))).filter(|(_, value)| value.is_finite()).collect()
    };
    let (plain, mut all) = (values(&samples.plain), values(&samples.wide));
    if plain.len() < QUANTILE {
        return Anchors::NONE;
    }
    all.extend(&plain);
    let only = |of: &[(u8, f32)]| of.iter().map(|(_, value)| *value).collect::<Vec<f32>>();
    let [least, median, usual] = [0.0, 0.5, 0.98].map(|share| quantile(only(&plain), share));
    let of_grade = |grade: u8| {
        let of: Vec<f32> = all.iter().filter(|(of, _)| *of == grade).map(|(_, value)| *value).collect();
        (of.len() >= QUANTILE).then(|| quantile(of, 0.98))
    };
    let wide = (0..=10).filter_map(of_grade).fold(quantile(only(&all), 0.995).max(usual), f32::max);
    // As far beyond as wide lies beyond usual, and half the way from the median to usual at least.
    let limit = wide + (wide - usual).max(0.5 * (usual - median));
    Anchors { least, median, usual, wide, limit }
}

/// The value below which this share of the values lies, linear between neighbours.
fn quantile(values: Vec<f32>, share: f32) -> f32 {
    let mut values: Vec<f64> = values.into_iter().map(f64::from).collect();
    values.sort_by(f64::total_cmp);
    metrics::quantile(&values, share.into()).unwrap_or(0.0) as f32
}

fn matrix<'a>(rows: impl Iterator<Item = &'a [f32]>) -> Result<Tensor> {
    let (mut flat, mut width) = (Vec::new(), 1);
    for row in rows {
        width = row.len().max(1);
        flat.extend(row.iter().map(|v| f64::from(*v)));
    }
    Ok(Tensor::f_from_slice(&flat)?.f_view([-1, width as i64])?)
}

fn doubles(tensor: &Tensor) -> Result<Vec<f64>> {
    Ok(Vec::<f64>::try_from(tensor.f_contiguous()?.f_view([-1])?)?)
}

fn floats(tensor: &Tensor) -> Result<Vec<f32>> {
    Ok(doubles(tensor)?.into_iter().map(|v| v as f32).collect())
}

fn double_rows(tensor: &Tensor) -> Result<Vec<Vec<f64>>> {
    let [_, columns] = tensor.size()[..] else { return Err(Error::Internal(format!("a matrix of shape {:?}", tensor.size()))) };
    Ok(doubles(tensor)?.chunks_exact(columns.max(1) as usize).map(<[f64]>::to_vec).collect())
}

#[cfg(test)]
mod tests {
    use rand::Rng;
    use svh_core::OPEN_ABOVE;

    use super::*;
    use crate::data::order::rng_of;

    /// Joints whose features vary in two of six directions and with the grade in a third; places that are none lie off in a fourth.
    fn samples() -> Samples {
        let mut rng = rng_of(9, 0, 0);
        let mut draw = |count: usize, spread: f32, joint: bool| -> Vec<Sample> {
            (0..count)
                .map(|place| {
                    let grade = (place % 5) as u8;
                    let mut bell = || (0..6).map(|_| rng.random_range(-0.5f32..0.5)).sum::<f32>() * spread;
                    let other = if joint { 0.0 } else { 3.0 };
                    let features =
                        vec![3.0 * bell(), bell(), 2.0 * f32::from(grade) + 0.3 * bell(), other + 0.1 * bell(), 0.1 * bell(), 5.0];
                    Sample { group: JointGroup::Finger, grade, features }
                })
                .collect()
        };
        Samples {
            fit: draw(2000, 1.0, true),
            far: draw(1000, 1.5, true),
            no_joint: draw(1000, 1.0, false),
            plain: draw(1000, 1.0, true),
            wide: draw(1000, 1.5, true),
            healthy: Vec::new(),
            no_joint_measured: draw(500, 1.0, false),
        }
    }

    #[test]
    fn held_out_joints_of_every_grade_stay_graded_and_other_places_do_not() {
        let samples = samples();
        let fitted = familiarity(&samples, "w", "a test".to_owned()).unwrap();
        let share = |of: &[Sample]| {
            let open = of.iter().filter(|sample| fitted.of(sample.group, &sample.features).value > OPEN_ABOVE).count();
            open as f32 / of.len() as f32
        };
        assert!(share(&samples.plain) <= 0.002 && share(&samples.wide) <= 0.01, "{} {}", share(&samples.plain), share(&samples.wide));
        assert!(share(&samples.no_joint_measured) > 0.95, "{}", share(&samples.no_joint_measured));
        // Unlike anything in a direction that no sample varies in.
        let odd = vec![0.0, 0.0, 0.0, 0.0, 40.0, 5.0];
        assert!(fitted.of(JointGroup::Finger, &odd).value > OPEN_ABOVE);
        // Half way in the quantiles.
        let at_usual = samples.plain.iter().filter(|s| fitted.of(s.group, &s.features).value > 0.5).count();
        assert!(at_usual <= samples.plain.len() / 25, "{at_usual}");
    }

    #[test]
    fn a_group_without_joints_tells_nothing() {
        let fitted = familiarity(&samples(), "w", String::new()).unwrap();
        assert_eq!(fitted.of(JointGroup::Foot, &[0.0, 0.0, 0.0, 9.0, 9.0, 5.0]).value, 0.0);
    }

    #[test]
    fn quantiles_are_linear_between_neighbours() {
        assert_eq!([0.0, 0.5, 0.75, 1.0].map(|share| quantile(vec![3.0, 1.0, 2.0], share)), [1.0, 2.0, 2.5, 3.0]);
    }
}
