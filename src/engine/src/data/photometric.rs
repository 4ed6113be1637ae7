//! Varies a film as exposure, development and scanning do.

use rand::Rng;

use super::warp::between;

/// How much films vary; 0 everywhere leaves them alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhotometricRange {
    /// Natural logarithm of the greatest gamma.
    pub gamma: f32,
    /// Contrast lies between 1 minus this and 1 plus this.
    pub contrast: f32,
    /// Brightness moves by at most this.
    pub brightness: f32,
    /// Standard deviation of the noise, at most.
    pub noise: f32,
    /// How often the film is blurred, once to four times by 1 2 1 in both directions.
    pub blur: f64,
    /// How often bones are dark instead of bright.
    pub invert: f64,
}

impl PhotometricRange {
    /// The films as they are.
    pub const NONE: Self = Self { gamma: 0.0, contrast: 0.0, brightness: 0.0, noise: 0.0, blur: 0.0, invert: 0.0 };
}

/// Varies the pixels (0 to 1, rows of `width`) in place.
pub(crate) fn vary(pixels: &mut Vec<f32>, width: usize, range: &PhotometricRange, rng: &mut impl Rng) {
    let gamma = between(rng, -range.gamma, range.gamma).exp();
    let contrast = 1.0 + between(rng, -range.contrast, range.contrast);
    let brightness = between(rng, -range.brightness, range.brightness);
    let noise = range.noise * rng.random::<f32>();
    let (blur, invert) = (rng.random_bool(range.blur), rng.random_bool(range.invert));
    if blur {
        for _ in 0..rng.random_range(1..=4) {
            *pixels = blurred(pixels, width);
        }
    }
    for value in pixels.iter_mut() {
        let v = if invert { 1.0 - *value } else { *value };
        let v = if range.gamma > 0.0 { v.powf(gamma) } else { v };
        let v = (v - 0.5) * contrast + 0.5 + brightness;
        *value = if noise > 0.0 { v + noise * bell(rng) } else { v }.clamp(0.0, 1.0);
    }
}

/// Close to a normal number with deviation 1, from the sum of the bytes of one draw (Irwin-Hall): exact tails do not matter for noise.
fn bell(rng: &mut impl Rng) -> f32 {
    let bytes = rng.next_u32().to_le_bytes();
    let sum: u32 = bytes.iter().map(|b| u32::from(*b)).sum();
    // Four bytes: mean 510, variance 4 * (256^2 - 1) / 12.
    (sum as f32 - 510.0) / 147.8
}

/// Weights 1 2 1 in both directions, edges repeated.
fn blurred(pixels: &[f32], width: usize) -> Vec<f32> {
    let width = width.max(1);
    let across: Vec<f32> = pixels
        .chunks_exact(width)
        .flat_map(|row| (0..width).map(move |x| (row[x.saturating_sub(1)] + 2.0 * row[x] + row[(x + 1).min(width - 1)]) / 4.0))
        .collect();
    let height = across.len() / width;
    let at = |x: usize, y: usize| across[y * width + x];
    let down = |y: usize| (0..width).map(move |x| (at(x, y.saturating_sub(1)) + 2.0 * at(x, y) + at(x, (y + 1).min(height - 1))) / 4.0);
    (0..height).flat_map(down).collect()
}

#[cfg(test)]
mod tests {
    use crate::data::order::rng_of;

    use super::*;

    #[test]
    fn no_range_changes_nothing_and_inversion_is_exact() {
        let film = vec![0.0, 0.25, 0.5, 1.0];
        let mut same = film.clone();
        vary(&mut same, 2, &PhotometricRange::NONE, &mut rng_of(1, 0, 0));
        assert_eq!(same, film);
        vary(&mut same, 2, &PhotometricRange { invert: 1.0, ..PhotometricRange::NONE }, &mut rng_of(1, 0, 0));
        assert_eq!(same, [1.0, 0.75, 0.5, 0.0]);
    }

    #[test]
    fn noise_has_the_deviation_asked_for() {
        let mut rng = rng_of(2, 0, 0);
        let values: Vec<f32> = (0..20_000).map(|_| bell(&mut rng)).collect();
        let mean = values.iter().sum::<f32>() / 20_000.0;
        let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 20_000.0).sqrt();
        assert!(mean.abs() < 0.03 && (deviation - 1.0).abs() < 0.03);
    }

    #[test]
    fn blur_keeps_the_sum_of_a_spot_inside() {
        let mut spot = vec![0.0; 49];
        spot[24] = 1.0;
        let soft = blurred(&spot, 7);
        assert!((soft.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!((soft[24], soft[23], soft[16]), (0.25, 0.125, 0.0625));
    }
}
