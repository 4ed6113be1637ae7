//! A radiograph as numbers: one channel of 16 bits, upright as its EXIF says.
//!
//! Eight-bit films are stored as `v * 257`, so `pixel / 65535` is exactly `v / 255` and code downstream knows one scale only.

mod decode;
pub mod dicom;
mod error;
mod jpeg;
mod limits;
mod luma;
pub mod spacing;
mod tiff;
mod value_range;
mod view;

pub use error::FilmError;
pub use view::{CropRule, Window};

/// The shortest side, in pixels, that is read as a film.
pub const MIN_SIDE: u32 = 32;

/// The most pixels that are read as a film.
pub(crate) const MAX_PIXELS: u64 = 100_000_000;

/// A film in memory.
#[derive(Clone, PartialEq, Eq)]
pub struct Film {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Row by row from the top left, `width * height` values, 0 black to 65535 white.
    pub pixels: Vec<u16>,
}

impl std::fmt::Debug for Film {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Film({} x {})", self.width, self.height)
    }
}

impl Film {
    /// A film from its pixels; `None` where their number is not `width * height`.
    #[must_use]
    pub fn new(width: u32, height: u32, pixels: Vec<u16>) -> Option<Self> {
        let expected = usize::try_from(u64::from(width) * u64::from(height)).ok()?;
        (pixels.len() == expected).then_some(Self { width, height, pixels })
    }

    /// A film from 8-bit pixels; `None` where their number is not `width * height`.
    #[must_use]
    pub fn from_gray8(width: u32, height: u32, gray: &[u8]) -> Option<Self> {
        Self::new(width, height, gray.iter().map(|v| u16::from(*v) * 257).collect())
    }

    /// The pixels of one row, or of an empty row past the end.
    #[must_use]
    pub fn row(&self, y: u32) -> &[u16] {
        let width = self.width as usize;
        self.pixels.get(y as usize * width..).and_then(|rest| rest.get(..width)).unwrap_or_default()
    }

    /// The film flipped left to right.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let mut pixels = self.pixels.clone();
        for row in pixels.chunks_exact_mut(self.width.max(1) as usize) {
            row.reverse();
        }
        Self { pixels, ..*self }
    }

    /// The film with black and white exchanged.
    #[must_use]
    pub fn inverted(&self) -> Self {
        Self { pixels: self.pixels.iter().map(|v| u16::MAX - v).collect(), ..*self }
    }

    /// The film turned clockwise by the nearest multiple of 90 degrees.
    #[must_use]
    pub fn turned(&self, degrees: i32) -> Self {
        let (w, h) = (self.width as usize, self.height as usize);
        match (f64::from(degrees) / 90.0).round() as i64 & 3 {
            0 => self.clone(),
            2 => Self { pixels: self.pixels.iter().rev().copied().collect(), ..*self },
            quarter => {
                let source = |x: usize, y: usize| if quarter == 1 { (h - 1 - x) * w + y } else { x * w + (w - 1 - y) };
                let pixels = (0..w).flat_map(|y| (0..h).map(move |x| source(x, y))).map(|i| self.pixels[i]).collect();
                Self { width: self.height, height: self.width, pixels }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film() -> Film {
        Film::new(3, 2, vec![1, 2, 3, 4, 5, 6]).expect("six pixels")
    }

    #[test]
    fn a_quarter_turn_is_clockwise_and_four_of_them_are_none() {
        let turned = film().turned(90);
        assert_eq!((turned.width, turned.height), (2, 3));
        assert_eq!(turned.pixels, [4, 1, 5, 2, 6, 3]);
        assert_eq!(film().turned(-90).pixels, [3, 6, 2, 5, 1, 4]);
        assert_eq!(film().turned(270), film().turned(-90));
        assert_eq!(film().turned(180).pixels, [6, 5, 4, 3, 2, 1]);
        assert_eq!(film().turned(90).turned(90).turned(90).turned(90), film());
    }

    #[test]
    fn a_mirrored_film_has_its_rows_reversed() {
        assert_eq!(film().mirrored().pixels, [3, 2, 1, 6, 5, 4]);
    }

    #[test]
    fn pixels_of_the_wrong_number_are_no_film() {
        assert!(Film::new(3, 2, vec![0; 5]).is_none());
        assert_eq!(film().row(1), [4, 5, 6]);
        assert!(film().row(2).is_empty());
    }
}
