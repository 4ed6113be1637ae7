//! A joint with room around it, and the varied crops that are drawn from it.

use rand::Rng;
use svh_core::{BBox, Film};

use super::photometric::{self, PhotometricRange};
use super::warp::between;
use crate::crop::{CropConfig, Gray, Square};

/// How many times wider than the crop the stored patch is.
const ROOM: f32 = 1.5;
/// Pixels of the patch a pixel of the crop: drawn from a patch as coarse as the crop itself, a crop would be blurred twice, and a joint's space is only a few
/// pixels wide.
const DETAIL: f32 = 1.3;

/// How much crops vary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CropVariation {
    /// Degrees of turning, at most.
    pub turn: f32,
    /// Natural logarithm of the greatest scaling.
    pub scale: f32,
    /// How far the crop slides, as a fraction of its side.
    pub slide: f32,
    /// How far it is sheared.
    pub shear: f32,
    /// Distortion, as if the crop were seen at a slant: how much nearer one corner may be than the middle, as a fraction.
    pub slant: f32,
    /// How often it is flipped left to right.
    pub flip: f64,
    /// Exposure, noise and blur.
    pub photometric: PhotometricRange,
}

impl CropVariation {
    /// What a detector's boxes and other machines' exposures make of a joint.
    pub const TRAINING: Self = Self {
        turn: 15.0,
        scale: 0.16,
        slide: 0.13,
        shear: 0.08,
        slant: 0.0,
        flip: 0.5,
        photometric: PhotometricRange { gamma: 0.5, contrast: 0.0, brightness: 0.0, noise: 0.09, blur: 0.4, invert: 0.0 },
    };

    /// The paper's: a random crop, flipped, turned, distorted; exposure as it is.
    pub const PAPER: Self =
        Self { turn: 15.0, scale: 0.1, slide: 0.07, shear: 0.0, slant: 0.3, flip: 0.5, photometric: PhotometricRange::NONE };

    /// Crops as they are.
    pub const NONE: Self =
        Self { turn: 0.0, scale: 0.0, slide: 0.0, shear: 0.0, slant: 0.0, flip: 0.0, photometric: PhotometricRange::NONE };
}

/// A joint with room around it: a square of 8-bit gray, somewhat finer than the crop.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    side: usize,
    /// 0 to 255 stand for `low` to `high`.
    pixels: Vec<u8>,
    low: f32,
    high: f32,
    /// Side of the crop in its own pixels.
    size: usize,
    /// Half width and height of what a crop shows, over half its side: 1, 1 unless the box is padded to a square.
    shown: [f32; 2],
    /// The film's edges in pixels of the patch.
    film: BBox,
}

impl Patch {
    /// Cuts a patch around a box; `None` where it covers no pixel of the film.
    #[must_use]
    pub(crate) fn cut(film: &Film, bbox: BBox, config: &CropConfig, size: u32) -> Option<Self> {
        let region = config.region(bbox);
        let (longer, centre) = (region.width().max(region.height()), region.centre());
        let wide = BBox::square(centre, longer * ROOM);
        let side = (size as f32 * ROOM * DETAIL).ceil() as u32;
        let plain = CropConfig { margin: 0.0, square: Square::Pad, intensity: crate::crop::Intensity::None };
        let gray = plain.crop(film, wide, side).ok()?;
        // Pixels at the film's edge are part of it by a fraction; beyond it there is nothing to be seen.
        let known = |at: usize| (gray.coverage[at] > 0.1).then(|| gray.values[at] / gray.coverage[at]);
        let all = || (0..gray.values.len()).filter_map(known);
        let (low, high) = (all().fold(1.0, f32::min), all().fold(0.0, f32::max));
        let span = (high - low).max(1e-6);
        let byte = |at: usize| ((known(at).unwrap_or(low) - low) / span * 255.0).round().clamp(0.0, 255.0) as u8;
        let pixels = (0..gray.values.len()).map(byte).collect();
        let scale = side as f32 / wide.width();
        let edge = BBox { x0: -wide.x0, y0: -wide.y0, x1: film.width as f32 - wide.x0, y1: film.height as f32 - wide.y0 };
        let film = BBox { x0: edge.x0 * scale, y0: edge.y0 * scale, x1: edge.x1 * scale, y1: edge.y1 * scale };
        let shown = [region.width() / longer, region.height() / longer];
        Some(Self { side: side as usize, pixels, low, high: low + span, size: size as usize, shown, film })
    }

    /// A crop drawn from the patch.
    #[must_use]
    pub fn draw(&self, config: &CropConfig, variation: &CropVariation, rng: &mut impl Rng) -> Gray {
        let size = self.size;
        let angle = between(rng, -variation.turn, variation.turn).to_radians();
        let scale = between(rng, -variation.scale, variation.scale).exp();
        let shear = between(rng, -variation.shear, variation.shear);
        let slant = [0, 1].map(|_| between(rng, -variation.slant, variation.slant) / size as f32);
        let slide = [0, 1].map(|_| between(rng, -variation.slide, variation.slide) * size as f32);
        let flip = if rng.random_bool(variation.flip) { -1.0 } else { 1.0 };
        let (sin, cos) = angle.sin_cos();
        let middle = self.side as f32 / 2.0;
        let detail = self.side as f32 / (size as f32 * ROOM);
        let half = size as f32 / 2.0;
        let (mut values, mut inside) = (Vec::with_capacity(size * size), Vec::with_capacity(size * size));
        for row in 0..size {
            for column in 0..size {
                let (x, y) = (column as f32 + 0.5 - half, row as f32 + 0.5 - half);
                let padded = x.abs() > half * self.shown[0] || y.abs() > half * self.shown[1];
                let near = 1.0 + slant[0] * x + slant[1] * y;
                let (x, y) = ((x * scale * flip + shear * y) / near, y * scale / near);
                let (x, y) = (cos * x - sin * y + slide[0], sin * x + cos * y + slide[1]);
                let (x, y) = (x * detail + middle, y * detail + middle);
                values.push(self.sample(x - 0.5, y - 0.5));
                inside.push(!padded && x >= self.film.x0 && x <= self.film.x1 && y >= self.film.y0 && y <= self.film.y1);
            }
        }
        photometric::vary(&mut values, size, &variation.photometric, rng);
        let film: Vec<f32> = values.iter().zip(&inside).filter(|(_, inside)| **inside).map(|(value, _)| *value).collect();
        let levels = config.intensity.levels(&film);
        let coverage: Vec<f32> = inside.iter().map(|inside| f32::from(u8::from(*inside))).collect();
        let values = values.iter().zip(&coverage).map(|(value, covered)| covered * levels.apply(*value)).collect();
        Gray { values, coverage }
    }

    fn sample(&self, x: f32, y: f32) -> f32 {
        let last = (self.side - 1) as f32;
        let (x, y) = (x.clamp(0.0, last), y.clamp(0.0, last));
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.side - 1), (y0 + 1).min(self.side - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let at = |x: usize, y: usize| f32::from(self.pixels[y * self.side + x]);
        let top = at(x0, y0) + (at(x1, y0) - at(x0, y0)) * fx;
        let bottom = at(x0, y1) + (at(x1, y1) - at(x0, y1)) * fx;
        self.low + (self.high - self.low) * (top + (bottom - top) * fy) / 255.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::order::rng_of;

    fn film() -> Film {
        let wave = |x: u32, y: u32| (((x as f32 * 0.11).sin() + (y as f32 * 0.07).cos() + 2.0) * 15000.0) as u16;
        Film::new(200, 160, (0..160).flat_map(|y| (0..200).map(move |x| wave(x, y))).collect()).unwrap()
    }

    #[test]
    fn without_variation_training_sees_what_inference_sees() {
        for square in [Square::Pad, Square::Context] {
            for bbox in [BBox::from([60.0, 50.0, 110.0, 100.0]), BBox::from([60.0, 50.0, 90.0, 110.0]), BBox::from([0.0, 40.0, 40.0, 90.0])]
            {
                let config = CropConfig { margin: 0.2, square, ..CropConfig::default() };
                let patch = Patch::cut(&film(), bbox, &config, 48).unwrap();
                let ours = patch.draw(&config, &CropVariation::NONE, &mut rng_of(1, 0, 0));
                let theirs = config.crop(&film(), bbox, 48).unwrap();
                let coverage = || ours.coverage.iter().zip(&theirs.coverage);
                let differing = coverage().filter(|(a, b)| (**a - **b).abs() > 0.5).count();
                assert!(differing <= 2 * 48, "{differing} pixels are film for one only");
                let values = ours.values.iter().zip(&theirs.values).zip(coverage());
                let both = values.filter(|(_, (a, b))| **a == 1.0 && **b > 0.999);
                let worst = both.map(|((a, b), _)| (a - b).abs()).fold(0.0, f32::max);
                assert!(worst < 0.05, "{square:?} {bbox:?}: {worst}");
            }
        }
    }

    #[test]
    fn a_slant_brings_one_edge_nearer_and_leaves_the_middle_where_it_was() {
        let config = CropConfig::default();
        let patch = Patch::cut(&film(), BBox::from([60.0, 50.0, 110.0, 100.0]), &config, 33).unwrap();
        let slanted = CropVariation { slant: 0.4, ..CropVariation::NONE };
        let plain = patch.draw(&config, &CropVariation::NONE, &mut rng_of(1, 0, 0)).values;
        for index in 0..8 {
            let drawn = patch.draw(&config, &slanted, &mut rng_of(1, 0, index)).values;
            let middle = 16 * 33 + 16;
            assert!((drawn[middle] - plain[middle]).abs() < 1e-4, "the middle moved");
            let moved = drawn.iter().zip(&plain).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(moved > 0.01, "nothing moved");
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_crop() {
        let config = CropConfig::default();
        let patch = Patch::cut(&film(), BBox::from([60.0, 50.0, 110.0, 100.0]), &config, 32).unwrap();
        let draw = |index| patch.draw(&config, &CropVariation::TRAINING, &mut rng_of(1, 0, index));
        assert_eq!(draw(4), draw(4));
        assert_ne!(draw(4), draw(5));
    }
}
