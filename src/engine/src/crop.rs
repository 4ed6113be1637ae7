//! From a box on a film to the square of gray that a scorer is fed.
//!
//! The paper's recipe: the whole pixels inside the box, grayscale, normalised, padded to a square, resized. Each step has a switch in the
//! model card (`config`), because a scorer must see at work what it saw in training: `margin`, `square`, `intensity`.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::F32;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use serde::{Deserialize, Serialize};
use svh_core::{BBox, CropRule, Film};

use crate::{Error, Result};

/// How a box becomes a square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Square {
    /// The shorter side is filled up with gray, as in the paper.
    #[default]
    Pad,
    /// The shorter side takes in what lies beside it on the film; only what lies outside the film is filled up.
    Context,
}

/// What is done about exposure, on values from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Intensity {
    /// Nothing.
    #[default]
    None,
    /// Divided by twice the crop's mean: the recipe of the paper's appendix.
    Mean,
    /// Spread so that the crop's 1st percentile becomes black and its 99th white.
    Stretch,
}

/// A scorer's preprocessing, as the card's `config` holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CropConfig {
    /// Room added on every side, as a fraction of the box's longer side.
    pub margin: f32,
    /// How a box becomes a square.
    pub square: Square,
    /// What is done about exposure.
    pub intensity: Intensity,
}

impl CropConfig {
    /// Whether a film with dark bones is inverted first: a crop that ignores exposure ignores polarity too.
    #[must_use]
    pub(crate) fn wants_positive(&self) -> bool {
        self.intensity == Intensity::Stretch
    }

    /// Refuses a margin that no crop can have.
    pub fn check(&self) -> Result<(), String> {
        if (0.0..=4.0).contains(&self.margin) { Ok(()) } else { Err(format!("`margin` is {}; it must be from 0 to 4", self.margin)) }
    }

    /// The part of the film that is shown for a box, in film pixels; it may reach beyond the film.
    #[must_use]
    pub(crate) fn region(&self, bbox: BBox) -> BBox {
        let room = self.margin * bbox.width().max(bbox.height());
        let wide = BBox { x0: bbox.x0 - room, y0: bbox.y0 - room, x1: bbox.x1 + room, y1: bbox.y1 + room };
        match self.square {
            Square::Pad => wide,
            Square::Context => BBox::square(wide.centre(), wide.width().max(wide.height())),
        }
    }

    /// The square of `size` x `size` pixels for a box of a film.
    ///
    /// # Errors
    /// The box covers no pixel of the film.
    pub fn crop(&self, film: &Film, bbox: BBox, size: u32) -> Result<Gray> {
        self.cut(film, self.region(bbox), size)
    }

    /// The same for a picture that is a crop already.
    pub fn whole(&self, film: &Film, size: u32) -> Result<Gray> {
        self.cut(film, BBox { x0: 0.0, y0: 0.0, x1: film.width as f32, y1: film.height as f32 }, size)
    }

    /// Cuts a region out of a film, corrects its exposure, fills it up to a square around its middle, and scales that to `size`.
    fn cut(&self, film: &Film, region: BBox, size: u32) -> Result<Gray> {
        let nothing = || {
            let [x0, y0, x1, y1] = region.into();
            Error::Data(format!("the box {x0} {y0} {x1} {y1} covers no pixel of the film ({} x {})", film.width, film.height))
        };
        let part = film.crop(region, CropRule::Inside).ok_or_else(nothing)?;
        // Where the part lies in the square that the whole region would fill.
        let (width, height) = (region.x1.floor() - region.x0.ceil(), region.y1.floor() - region.y0.ceil());
        let side = (width.max(height) as u32).max(part.width).max(part.height);
        let left = ((side as f32 - width) / 2.0).floor() + (-region.x0.ceil()).max(0.0);
        let top = ((side as f32 - height) / 2.0).floor() + (-region.y0.ceil()).max(0.0);
        let (left, top) = ((left as u32).min(side - part.width), (top as u32).min(side - part.height));
        let gray: Vec<f32> = part.pixels.iter().map(|value| f32::from(*value) / 65535.0).collect();
        let levels = self.intensity.levels(&gray);
        let place = |value: &dyn Fn(usize) -> f32| {
            let mut square = vec![0.0f32; side as usize * side as usize];
            for y in 0..part.height as usize {
                let (start, width) = ((y + top as usize) * side as usize + left as usize, part.width as usize);
                for (x, pixel) in square[start..start + width].iter_mut().enumerate() {
                    *pixel = value(y * width + x);
                }
            }
            resized(&square, side, size)
        };
        let full = part.width == side && part.height == side;
        let coverage = if full { vec![1.0; size as usize * size as usize] } else { place(&|_| 1.0)? };
        Ok(Gray { values: place(&|at| levels.apply(gray[at]))?, coverage })
    }
}

/// A square of gray, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Gray {
    /// Gray times coverage: black 0, white 1 (more where [`Intensity::Mean`] makes it so).
    pub values: Vec<f32>,
    /// How much of a pixel the film covers, 0 to 1. With it the values are normalised as if that had been done before the square was filled up
    /// with zeros, which is the paper's order.
    pub coverage: Vec<f32>,
}

/// Bilinear with antialiasing, as Pillow and torchvision resize.
fn resized(pixels: &[f32], side: u32, size: u32) -> Result<Vec<f32>> {
    if side == size {
        return Ok(pixels.to_vec());
    }
    let failed = |error: &dyn std::fmt::Display| Error::Internal(format!("a crop of {side} pixels cannot be scaled to {size}: {error}"));
    let pixels: Vec<F32> = pixels.iter().map(|value| F32::new(*value)).collect();
    let source = TypedImageRef::new(side, side, &pixels).map_err(|error| failed(&error))?;
    let mut target = TypedImage::new(size, size);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize_typed(&source, &mut target, &options).map_err(|error| failed(&error))?;
    Ok(target.pixels().iter().map(|pixel| pixel.0).collect())
}

/// What is done to each gray value: less `low`, times `gain`, cut at white where `clip` is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Levels {
    low: f32,
    gain: f32,
    clip: bool,
}

impl Levels {
    /// The corrected value.
    #[must_use]
    pub(crate) fn apply(&self, value: f32) -> f32 {
        let value = (value - self.low) * self.gain;
        if self.clip { value.clamp(0.0, 1.0) } else { value }
    }
}

impl Intensity {
    /// The correction for these values, which are the crop's as far as it is film.
    #[must_use]
    pub(crate) fn levels(self, values: &[f32]) -> Levels {
        match self {
            Self::None => Levels { low: 0.0, gain: 1.0, clip: false },
            Self::Mean => {
                let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len().max(1) as f64;
                Levels { low: 0.0, gain: (0.5 / mean.max(1e-3)) as f32, clip: false }
            }
            Self::Stretch => {
                let [low, high] = percentiles(values, [0.01, 0.99]);
                Levels { low, gain: 1.0 / (high - low).max(1e-3), clip: true }
            }
        }
    }
}

/// Values below which these shares of the values lie, to the nearest of 1024 steps.
fn percentiles(values: &[f32], shares: [f32; 2]) -> [f32; 2] {
    let mut counts = [0u32; 1024];
    for value in values {
        counts[((value * 1023.0).round() as usize).min(1023)] += 1;
    }
    shares.map(|share| {
        let mut left = (share * values.len() as f32) as i64;
        let rank = counts.iter().position(|count| {
            left -= i64::from(*count);
            left < 0
        });
        rank.unwrap_or(1023) as f32 / 1023.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A film whose gray is 1000 x + y.
    fn film(width: u32, height: u32) -> Film {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (1000 * x + y) as u16)).collect();
        Film::new(width, height, pixels).unwrap()
    }

    fn values(gray: &Gray) -> Vec<u32> {
        gray.values.iter().map(|v| (v * 65535.0).round() as u32).collect()
    }

    #[test]
    fn a_square_box_of_the_right_size_is_taken_as_it_is() {
        let crop = CropConfig::default().crop(&film(40, 40), BBox::from([3.2, 5.0, 6.9, 8.0]), 3).unwrap();
        // ceil(3.2) = 4, floor(6.9) = 6: two columns, three rows, filled up to three columns.
        assert_eq!(crop.coverage, [1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
        assert_eq!(values(&crop)[..6], [4005, 5005, 0, 4006, 5006, 0]);
    }

    #[test]
    fn context_takes_what_lies_beside_the_box_and_marks_what_lies_outside_the_film() {
        let config = CropConfig { square: Square::Context, ..CropConfig::default() };
        let crop = config.crop(&film(40, 40), BBox::from([4.0, 4.0, 6.0, 8.0]), 4).unwrap();
        assert_eq!(values(&crop)[..4], [3004, 4004, 5004, 6004]);
        assert!(crop.coverage.iter().all(|covered| *covered == 1.0));
        let edge = config.crop(&film(40, 40), BBox::from([0.0, 4.0, 2.0, 8.0]), 4).unwrap();
        assert_eq!(edge.coverage[..4], [0.0, 1.0, 1.0, 1.0]);
        assert_eq!(values(&edge)[..4], [0, 4, 1004, 2004]);
    }

    #[test]
    fn a_margin_widens_every_side_by_a_fraction_of_the_longer_one() {
        let config = CropConfig { margin: 0.5, ..CropConfig::default() };
        assert_eq!(config.region(BBox::from([10.0, 10.0, 14.0, 18.0])), BBox::from([6.0, 6.0, 18.0, 22.0]));
    }

    #[test]
    fn stretching_makes_exposure_immaterial() {
        let config = CropConfig { intensity: Intensity::Stretch, ..CropConfig::default() };
        let bright = Film::new(40, 40, film(40, 40).pixels.iter().map(|v| v / 2 + 20000).collect()).unwrap();
        let bbox = BBox::from([2.0, 2.0, 34.0, 34.0]);
        let (a, b) = (config.crop(&film(40, 40), bbox, 16).unwrap(), config.crop(&bright, bbox, 16).unwrap());
        let apart = a.values.iter().zip(&b.values).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart < 0.01, "{apart}");
        assert!(a.values[0] < 0.1 && a.values[255] > 0.9);
    }

    #[test]
    fn the_appendix_recipe_puts_the_mean_at_one_half() {
        let config = CropConfig { intensity: Intensity::Mean, ..CropConfig::default() };
        let crop = config.crop(&film(40, 40), BBox::from([2.0, 2.0, 34.0, 34.0]), 16).unwrap();
        assert!((crop.values.iter().sum::<f32>() / 256.0 - 0.5).abs() < 1e-4);
    }

    #[test]
    fn a_box_outside_its_film_is_refused() {
        let error = CropConfig::default().crop(&film(40, 40), BBox::from([50.0, 50.0, 60.0, 60.0]), 16).unwrap_err();
        assert!(error.to_string().contains("covers no pixel of the film (40 x 40)"), "{error}");
    }
}
