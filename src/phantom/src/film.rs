//! From attenuation to a gray film: scatter, tone, local contrast, exposure field, blur and grain.

use image::GrayImage;

use crate::field::Field;
use crate::plane::{Point, smooth};
use crate::seeded_rng::SeededRng;
use crate::setting::Setting;
use crate::texture::GRAIN;

/// How a film was exposed and developed.
pub struct Exposure {
    /// Weight of bone against soft tissue.
    pub contrast: f32,
    gamma: f32,
    /// Saturation of the tone curve, 0 for a straight one.
    knee: f32,
    background: f32,
    top: f32,
    /// Share of the densest attenuation that is shown as white.
    white: f32,
    scatter: f32,
    local: f32,
    /// Strength and radius (palm widths) of the edge enhancement of digital films.
    edges: (f32, f32),
    slope: Point,
    stripes: f32,
    blur: f32,
    noise: f32,
    clumps: f32,
    inverted: bool,
}

impl Exposure {
    /// Draws an exposure.
    pub fn draw(setting: Setting, dice: &mut SeededRng) -> Self {
        let ranges = setting.ranges();
        Self {
            contrast: dice.band(ranges.contrast),
            gamma: dice.band(ranges.gamma),
            knee: if dice.chance(0.6) { dice.range(0.2, 2.2) } else { 0.0 },
            background: dice.band(ranges.background),
            top: dice.band(ranges.top),
            white: dice.range(0.9, 1.25),
            scatter: if dice.chance(0.5) { dice.range(0.0, 0.10) } else { 0.0 },
            local: if dice.chance(0.55) { dice.range(0.1, 0.7) } else { 0.0 },
            edges: if dice.chance(0.4) { (dice.range(0.2, 1.8), dice.range(0.008, 0.035)) } else { (0.0, 0.0) },
            slope: [dice.clipped(0.05, 2.0), dice.clipped(0.05, 2.0)],
            stripes: if dice.chance(0.15) { dice.range(0.002, 0.01) } else { 0.0 },
            blur: dice.band(ranges.blur),
            noise: dice.band(ranges.noise),
            clumps: dice.unit(),
            inverted: dice.chance(0.03),
        }
    }

    /// Gray values 0 to 1 of a field of attenuation, before anything is laid on the film; `unit` is the palm width in pixels.
    pub fn develop(&self, mut field: Field, unit: f32) -> Field {
        let white = quantile(&field, 0.992).max(0.2) * self.white;
        let near = (self.edges.0 > 0.0).then(|| Slow::of(&field, self.edges.1 * unit));
        let slow = (self.local > 0.0 || self.scatter > 0.0).then(|| Slow::of(&field, 0.35 * unit));
        let (width, height) = (field.width, field.height);
        let scale = 1.0 / (1.0 - (-self.knee).exp()).max(1e-3);
        for y in 0..height {
            for x in 0..width {
                let place = &mut field.values[y * width + x];
                let mut value = *place;
                if let Some(near) = &near {
                    value += self.edges.0 * (value - near.at(x, y)) * smooth(0.0, 0.15, value);
                }
                if let Some(slow) = &slow {
                    let around = slow.at(x, y);
                    value += self.scatter * around + self.local * (value - around) * smooth(0.0, 0.15, value);
                }
                let value = (value / white).max(0.0);
                let curved = if self.knee > 0.0 { (1.0 - (-self.knee * value).exp()) * scale } else { value };
                *place = curved.powf(self.gamma).min(1.15);
            }
        }
        for y in 0..height {
            for x in 0..width {
                let place = &mut field.values[y * width + x];
                let (fx, fy) = (x as f32 / width as f32 - 0.5, y as f32 / height as f32 - 0.5);
                let stripe = self.stripes * GRAIN[(x / 3 * 7919) & 0xffff];
                let gray = self.background + (self.top - self.background) * *place;
                *place = gray * (1.0 + self.slope[0] * fx + self.slope[1] * fy) + stripe;
            }
        }
        field
    }

    /// Blurs, adds grain and rounds to a picture.
    pub fn finish(&self, mut field: Field, unit: f32, dice: &mut SeededRng) -> GrayImage {
        blur(&mut field, (self.blur * unit).clamp(0.35, 6.0));
        let (width, height) = (field.width, field.height);
        let mut pixels = Vec::with_capacity(width * height);
        let (fine, coarse) = (self.noise * (1.0 - 0.6 * self.clumps), self.noise * self.clumps);
        let cell = ((unit / 200.0).round() as usize).max(2);
        let mut below = 0;
        for y in 0..height {
            let start = (dice.unit() * 65_536.0) as usize;
            if y % cell == 0 {
                below = (dice.unit() * 65_536.0) as usize;
            }
            for x in 0..width {
                let gray = field.values[y * width + x];
                let grain = fine * GRAIN[(start + x) & 0xffff] + coarse * GRAIN[(below + x / cell) & 0xffff];
                let gray = gray + grain * (1.15 - 0.6 * gray.clamp(0.0, 1.0));
                let gray = if self.inverted { 1.0 - gray } else { gray };
                pixels.push((gray.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
            }
        }
        GrayImage::from_raw(width as u32, height as u32, pixels).unwrap_or_default()
    }
}

/// The value below which this share of the limb's pixels lies.
fn quantile(field: &Field, share: f32) -> f32 {
    let mut sample: Vec<f32> = field.values.iter().step_by(13).copied().filter(|v| *v > 0.02).collect();
    if sample.is_empty() {
        return 0.0;
    }
    let index = ((sample.len() - 1) as f32 * share) as usize;
    *sample.select_nth_unstable_by(index, f32::total_cmp).1
}

/// A strongly blurred copy of a field, kept coarse.
struct Slow {
    field: Field,
    step: usize,
}

impl Slow {
    fn of(field: &Field, sigma: f32) -> Self {
        let step = ((sigma / 4.0) as usize).max(1);
        let (columns, rows) = (field.width.div_ceil(step), field.height.div_ceil(step));
        let mut coarse = Field::new(columns, rows);
        for row in 0..rows {
            for column in 0..columns {
                let (x, y) = ((column * step + step / 2).min(field.width - 1), (row * step + step / 2).min(field.height - 1));
                coarse.values[row * columns + column] = field.values[y * field.width + x];
            }
        }
        blur(&mut coarse, sigma / step as f32);
        Self { field: coarse, step }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        let half = 0.5 * self.step as f32;
        self.field.at([(x as f32 - half) / self.step as f32, (y as f32 - half) / self.step as f32])
    }
}

/// Gaussian blur, the border continued.
pub fn blur(field: &mut Field, sigma: f32) {
    let reach = (2.5 * sigma).ceil() as usize;
    let mut kernel: Vec<f32> = (0..=reach).map(|k| (-0.5 * (k as f32 / sigma).powi(2)).exp()).collect();
    let sum = kernel[0] + 2.0 * kernel[1..].iter().sum::<f32>();
    kernel.iter_mut().for_each(|k| *k /= sum);
    let (width, height) = (field.width, field.height);
    let mut line = vec![0.0; width + 2 * reach];
    for row in field.values.chunks_exact_mut(width) {
        line[reach..reach + width].copy_from_slice(row);
        line[..reach].fill(row[0]);
        line[reach + width..].fill(row[width - 1]);
        for (x, out) in row.iter_mut().enumerate() {
            let c = x + reach;
            let mut value = kernel[0] * line[c];
            for (k, weight) in kernel.iter().enumerate().skip(1) {
                value += weight * (line[c - k] + line[c + k]);
            }
            *out = value;
        }
    }
    let source = field.values.clone();
    for y in 0..height {
        let row = &mut field.values[y * width..(y + 1) * width];
        row.iter_mut().zip(&source[y * width..(y + 1) * width]).for_each(|(out, v)| *out = kernel[0] * v);
        for (k, weight) in kernel.iter().enumerate().skip(1) {
            let (up, down) = (y.saturating_sub(k), (y + k).min(height - 1));
            let (up, down) = (&source[up * width..(up + 1) * width], &source[down * width..(down + 1) * width]);
            for ((out, a), b) in row.iter_mut().zip(up).zip(down) {
                *out += weight * (a + b);
            }
        }
    }
}
