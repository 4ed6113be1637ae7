//! From films of any size to one normalised, padded batch, and boxes there and back.

use svh_core::{BBox, film::Film};
use tch::{Device, Kind, TchError, Tensor};

use super::config::DetectorConfig;
use crate::nn;

/// The padded sides are multiples of this.
const DIVISOR: i64 = 32;

/// Films as the network sees them.
#[derive(Debug)]
pub struct Batch {
    /// [N, 3, H, W], normalised, zero right of and below each film.
    pub images: Tensor,
    /// Height and width of each film within it.
    pub sizes: Vec<[i64; 2]>,
}

impl Batch {
    /// The same films as numbers of this kind, in which the network then computes.
    pub fn of_kind(self, kind: Kind) -> Result<Self, TchError> {
        Ok(Self { images: self.images.f_to_kind(kind)?, ..self })
    }

    /// Height and width of the padded batch.
    #[must_use]
    pub(crate) fn padded(&self) -> [i64; 2] {
        let size = self.images.size();
        [size[2], size[3]]
    }
}

/// Height and width to which a film of this height and width is scaled.
#[must_use]
pub(crate) fn scaled_size([height, width]: [i64; 2], config: &DetectorConfig) -> [i64; 2] {
    let (short, long) = (height.min(width) as f64, height.max(width) as f64);
    let scale = (config.min_size as f64 / short).min(config.max_size as f64 / long);
    [height, width].map(|side| ((side as f64 * scale).floor() as i64).max(1))
}

/// Height and width of the padded batch in which a film of this height and width is alone.
#[must_use]
pub(crate) fn padded(size: [i64; 2], config: &DetectorConfig) -> [i64; 2] {
    scaled_size(size, config).map(up_to_divisor)
}

fn up_to_divisor(side: i64) -> i64 {
    (side + DIVISOR - 1) / DIVISOR * DIVISOR
}

/// A film at the size at which the network sees it: [1, H, W], 0 to 1, on the CPU. Equal to `film_tensor` scaled by [`batch`] up to rounding; only the
/// pixels that count are read, where a film may have a hundred times more.
pub(crate) fn scaled_film(film: &Film, config: &DetectorConfig) -> Result<Tensor, TchError> {
    let [height, width] = scaled_size([i64::from(film.height), i64::from(film.width)], config);
    let (rows, columns) = (neighbours(film.height, height), neighbours(film.width, width));
    let value = |v: u16| f32::from(v) / 65535.0;
    let mut values = Vec::with_capacity((height * width) as usize);
    for (y, below) in rows {
        let (upper, lower) = (film.row(y[0]), film.row(y[1]));
        let along = |row: &[u16], x: [u32; 2], right: f32| value(row[x[0] as usize]) * (1.0 - right) + value(row[x[1] as usize]) * right;
        values.extend(columns.iter().map(|(x, right)| along(upper, *x, *right) * (1.0 - below) + along(lower, *x, *right) * below));
    }
    Tensor::f_from_slice(&values)?.f_view([1, height, width])
}

/// Along one axis: for each place of a scaled side the two pixels between which it lies, and the weight of the second (bilinear, pixels' centres at halves).
fn neighbours(from: u32, to: i64) -> Vec<([u32; 2], f32)> {
    let scale = from as f32 / to as f32;
    let place = |index: i64| {
        let at = ((index as f32 + 0.5) * scale - 0.5).max(0.0);
        let first = (at as u32).min(from - 1);
        ([first, (first + 1).min(from - 1)], at - first as f32)
    };
    (0..to).map(place).collect()
}

/// A film as [1, H, W], 0 to 1.
#[cfg(test)]
pub(crate) fn film_tensor(film: &Film, device: Device) -> Result<Tensor, TchError> {
    /// Pixels that are turned into numbers at once: a film of 100 megapixels is then in memory once, not twice.
    const PART: usize = 1 << 22;
    let whole = Tensor::f_empty([film.pixels.len() as i64], (Kind::Float, Device::Cpu))?;
    for (number, part) in film.pixels.chunks(PART).enumerate() {
        let values: Vec<f32> = part.iter().map(|v| f32::from(*v) / 65535.0).collect();
        whole.f_narrow(0, (number * PART) as i64, part.len() as i64)?.f_copy_(&Tensor::f_from_slice(&values)?)?;
    }
    whole.f_view([1, i64::from(film.height), i64::from(film.width)])?.f_to_device(device)
}

/// Scales (bilinear, no antialiasing), normalises and pads images of [1 or 3, H, W], 0 to 1.
///
/// torchvision normalises first; the order makes no difference but in the last bit, and a gray film is scaled once instead of three times.
pub fn batch(images: &[Tensor], config: &DetectorConfig) -> Result<Batch, TchError> {
    let scale = |image: &Tensor| {
        let size = image.size();
        let wanted = scaled_size([size[1], size[2]], config);
        match wanted == [size[1], size[2]] {
            true => Ok(image.shallow_clone()),
            false => image.f_unsqueeze(0)?.f_upsample_bilinear2d(wanted, false, None, None)?.f_squeeze_dim(0),
        }
    };
    collate(&images.iter().map(scale).collect::<Result<Vec<_>, _>>()?, config)
}

/// Normalises and pads images that already have their size.
pub fn collate(images: &[Tensor], config: &DetectorConfig) -> Result<Batch, TchError> {
    let device = images.first().map_or(Device::Cpu, Tensor::device);
    let sizes: Vec<[i64; 2]> = images.iter().map(|image| [image.size()[1], image.size()[2]]).collect();
    let side = |axis: usize| up_to_divisor(sizes.iter().map(|size| size[axis]).max().unwrap_or(1));
    let whole = nn::zeros([images.len() as i64, 3, side(0), side(1)], Kind::Float, device)?;
    let constant = |values: [f64; 3]| Tensor::f_from_slice(&values.map(|v| v as f32))?.f_view([3, 1, 1])?.f_to_device(device);
    let (mean, std) = (constant(config.mean)?, constant(config.std)?);
    for (index, (image, size)) in images.iter().zip(&sizes).enumerate() {
        let mut place = whole.f_select(0, index as i64)?.f_narrow(1, 0, size[0])?.f_narrow(2, 0, size[1])?;
        place.f_copy_(&image.f_sub(&mean)?.f_div(&std)?)?;
    }
    Ok(Batch { images: whole, sizes })
}

/// A box of an image of height and width `from` in the same image scaled to `to`; each axis by its own ratio.
#[must_use]
pub fn rescale(b: BBox, from: [i64; 2], to: [i64; 2]) -> BBox {
    let (y, x) = (to[0] as f32 / from[0] as f32, to[1] as f32 / from[1] as f32);
    BBox { x0: b.x0 * x, y0: b.y0 * y, x1: b.x1 * x, y1: b.y1 * y }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::Arch;

    #[test]
    fn a_film_scaled_by_reading_only_what_counts_equals_the_whole_film_scaled() {
        for (width, height) in [(700, 1000), (1333, 520), (384, 384), (90, 61)] {
            let pixels = (0..width * height).map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 16) as u16).collect();
            let film = Film::new(width, height, pixels).unwrap();
            for config in [DetectorConfig::small(Arch::MobileNetV2, 43), DetectorConfig::stock(Arch::ResNet50, 43)] {
                let whole = batch(&[film_tensor(&film, Device::Cpu).unwrap()], &config).unwrap();
                let read = collate(&[scaled_film(&film, &config).unwrap()], &config).unwrap();
                assert_eq!(whole.sizes, read.sizes);
                let apart = (whole.images - read.images).abs().max().double_value(&[]);
                assert!(apart < 2e-4, "{width} x {height}: {apart}");
            }
        }
    }
}
