//! What is cut out of a film and how it is shown: percentiles, window and level, 8-bit gray, crops.

use super::Film;
use crate::BBox;

/// The range of values that is spread from black to white. It may reach beyond the values that a film can have, 0 to 65535, so that what lies at their
/// ends can be shown gray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Shown black.
    pub low: i32,
    /// Shown white; at least `low + 1` to have an effect.
    pub high: i32,
    /// White becomes black.
    pub inverted: bool,
    /// Hundredths: 100 spreads grays evenly, more brightens what lies between black and white, less darkens it.
    pub gamma: u16,
}

impl Window {
    /// Every value as it is.
    pub const FULL: Self = Self { low: 0, high: u16::MAX as i32, inverted: false, gamma: 100 };

    /// The gammas that one goes through, in hundredths.
    pub(crate) const GAMMAS: [u16; 5] = [100, 140, 200, 50, 70];

    /// The window around `level` of this `width`, cut at black and white.
    #[must_use]
    pub fn around(level: u16, width: u16) -> Self {
        let low = level.saturating_sub(width / 2);
        Self { low: low.into(), high: low.saturating_add(width.max(1)).into(), ..Self::FULL }
    }

    /// The middle of the window.
    #[must_use]
    pub fn level(&self) -> i32 {
        i32::midpoint(self.low, self.high)
    }

    /// High minus low.
    #[must_use]
    pub fn width(&self) -> i32 {
        self.high.saturating_sub(self.low).max(0)
    }

    /// The window moved by a share of its width, at most until all values are black or white.
    #[must_use]
    pub fn shifted(self, share: f32) -> Self {
        let step = (self.width() as f32 * share) as i32;
        let low = (self.low + step).clamp(-self.width(), Self::FULL.high);
        Self { low, high: low + self.width(), ..self }
    }

    /// The window made wider or narrower around its middle, up to four times all values.
    #[must_use]
    pub fn widened(self, factor: f32) -> Self {
        let width = (self.width() as f32 * factor).clamp(256.0, 4.0 * Self::FULL.high as f32) as i32;
        let low = self.level() - width / 2;
        Self { low, high: low + width, ..self }
    }

    /// The gamma after a gamma.
    #[must_use]
    pub fn next_gamma(gamma: u16) -> u16 {
        let place = Self::GAMMAS.iter().position(|one| *one == gamma).map_or(0, |place| (place + 1) % Self::GAMMAS.len());
        Self::GAMMAS[place]
    }

    /// The 8-bit gray of every value of a film, where that is cheaper than asking for each pixel.
    #[must_use]
    pub fn table(&self) -> Vec<u8> {
        (0..=u16::MAX).map(|value| self.gray8(value)).collect()
    }

    /// The 8-bit gray of a value, rounded to the nearest.
    #[must_use]
    pub fn gray8(&self, value: u16) -> u8 {
        let span = i64::from(self.width().max(1));
        let inside = (i64::from(value) - i64::from(self.low)).clamp(0, span);
        let gray = match self.gamma {
            100 => ((inside * 255 + span / 2) / span) as u8,
            gamma => ((inside as f32 / span as f32).powf(100.0 / f32::from(gamma.max(1))) * 255.0).round() as u8,
        };
        if self.inverted { 255 - gray } else { gray }
    }
}

/// Which whole pixels a crop takes of a box with fractional edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CropRule {
    /// Those wholly inside: ceiling of `x0`, `y0`, floor of `x1`, `y1`; the paper's rule for joint crops.
    Inside,
    /// Those touched: floor of `x0`, `y0`, ceiling of `x1`, `y1`.
    Touched,
}

impl Film {
    /// The values below which these shares (0 to 1) of the pixels lie: the sorted pixels at the nearest rank.
    #[must_use]
    pub(crate) fn percentiles(&self, shares: &[f64]) -> Vec<u16> {
        let mut counts = vec![0_u32; 1 << 16];
        for value in &self.pixels {
            counts[usize::from(*value)] += 1;
        }
        shares
            .iter()
            .map(|share| at_rank(&counts, (share.clamp(0.0, 1.0) * self.pixels.len().saturating_sub(1) as f64).round() as u64))
            .collect()
    }

    /// A window that shows bone and soft tissue of most films: from the 1st to the 99.5th percentile, so that neither the black around the limb
    /// nor a lead marker sets the contrast.
    #[must_use]
    pub fn auto_window(&self) -> Window {
        let found = self.percentiles(&[0.01, 0.995]);
        if found[0] < found[1] { Window { low: found[0].into(), high: found[1].into(), ..Window::FULL } } else { Window::FULL }
    }

    /// The film in 8 bits, row by row, `width * height` bytes.
    #[must_use]
    pub fn to_gray8(&self, window: Window) -> Vec<u8> {
        // One table instead of a division a pixel.
        let table = window.table();
        self.pixels.iter().map(|value| table[usize::from(*value)]).collect()
    }

    /// The part of the film that a box covers, clipped to the film; `None` when nothing is left.
    #[must_use]
    pub fn crop(&self, bbox: BBox, rule: CropRule) -> Option<Self> {
        let whole = match rule {
            CropRule::Inside => BBox { x0: bbox.x0.ceil(), y0: bbox.y0.ceil(), x1: bbox.x1.floor(), y1: bbox.y1.floor() },
            CropRule::Touched => BBox { x0: bbox.x0.floor(), y0: bbox.y0.floor(), x1: bbox.x1.ceil(), y1: bbox.y1.ceil() },
        };
        // Casts saturate at 0, and a NaN becomes 0: such a box is empty.
        let (x0, y0) = (whole.x0 as u32, whole.y0 as u32);
        let (x1, y1) = ((whole.x1 as u32).min(self.width), (whole.y1 as u32).min(self.height));
        if x0 >= x1 || y0 >= y1 {
            return None;
        }
        let pixels = (y0..y1).flat_map(|y| &self.row(y)[x0 as usize..x1 as usize]).copied().collect();
        Some(Self { width: x1 - x0, height: y1 - y0, pixels })
    }
}

fn at_rank(counts: &[u32], rank: u64) -> u16 {
    let mut seen = 0;
    for (value, count) in counts.iter().enumerate() {
        seen += u64::from(*count);
        if seen > rank {
            return u16::try_from(value).unwrap_or(u16::MAX);
        }
    }
    u16::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Film {
        Film::new(10, 10, (0..100).collect()).expect("a hundred pixels")
    }

    #[test]
    fn percentiles_are_the_sorted_pixels_at_their_rank() {
        assert_eq!(ramp().percentiles(&[0.0, 0.25, 0.5, 1.0]), [0, 25, 50, 99]);
    }

    #[test]
    fn the_full_window_gives_back_the_bytes_of_an_8_bit_film() {
        let bytes: Vec<u8> = (0..=255).collect();
        let film = Film::from_gray8(16, 16, &bytes).expect("256 pixels");
        assert_eq!(film.to_gray8(Window::FULL), bytes);
        let inverted = Window { inverted: true, ..Window::FULL };
        assert_eq!(film.to_gray8(inverted), bytes.iter().rev().copied().collect::<Vec<_>>());
    }

    #[test]
    fn a_window_cuts_below_and_above() {
        let window = Window { low: 100, high: 200, ..Window::FULL };
        assert_eq!([0, 100, 150, 200, 65535].map(|v| window.gray8(v)), [0, 0, 128, 255, 255]);
        assert_eq!((window.level(), window.width()), (150, 100));
        assert_eq!(Window::around(150, 100), window);
    }

    #[test]
    fn gamma_bends_what_lies_between_black_and_white() {
        let of = |gamma: u16| [0, 100, 150, 200, 65535].map(|v| Window { low: 100, high: 200, gamma, ..Window::FULL }.gray8(v));
        // By hand: 255 * 0.5 ^ (1 / 2) and 255 * 0.5 ^ 2.
        assert_eq!((of(200), of(50)), ([0, 0, 180, 255, 255], [0, 0, 64, 255, 255]));
        let dark = Window { inverted: true, gamma: 200, ..Window { low: 100, high: 200, ..Window::FULL } };
        assert_eq!(dark.gray8(150), 255 - 180);
        let all: Vec<u16> = std::iter::successors(Some(100), |gamma| Some(Window::next_gamma(*gamma))).take(6).collect();
        assert_eq!((all[0], all[5]), (100, 100));
    }

    #[test]
    fn a_flat_film_still_has_a_window() {
        let film = Film::new(10, 10, vec![7; 100]).expect("a hundred pixels");
        assert_eq!(film.auto_window(), Window::FULL);
    }

    #[test]
    fn a_crop_rounds_inward_as_the_paper_does_and_never_leaves_the_film() {
        let bbox = BBox::from([1.2, 2.0, 4.9, 3.5]);
        let crop = ramp().crop(bbox, CropRule::Inside).expect("a crop");
        assert_eq!((crop.width, crop.height, crop.pixels), (2, 1, vec![22, 23]));
        let crop = ramp().crop(bbox, CropRule::Touched).expect("a crop");
        assert_eq!((crop.width, crop.height), (4, 2));
        let corner = ramp().crop(BBox::from([-5.0, 8.0, 2.0, 90.0]), CropRule::Inside).expect("a crop");
        assert_eq!(corner.pixels, [80, 81, 90, 91]);
        assert!(ramp().crop(BBox::from([4.0, 4.0, 3.0, 9.0]), CropRule::Inside).is_none());
        assert!(ramp().crop(BBox::from([f32::NAN, 4.0, f32::NAN, 9.0]), CropRule::Inside).is_none());
        assert!(ramp().crop(BBox::from([20.0, 4.0, 30.0, 9.0]), CropRule::Touched).is_none());
    }
}
