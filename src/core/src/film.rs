//! A radiograph as numbers: one channel of 16 bits, upright as its EXIF says.
//!
//! Eight-bit films are stored as `v * 257`, so `pixel / 65535` is exactly `v / 255` and code downstream knows one scale only.

mod decode;
pub mod dicom;
mod error;
mod intensity;
mod jpeg;
mod tiff;
mod view;

use std::path::Path;

use decode::Values;
pub use error::FilmError;
pub use view::{CropRule, Window};

/// The shortest side, in pixels, that is read as a film.
pub const MIN_SIDE: u32 = 32;

/// The most pixels that are read as a film.
pub const MAX_PIXELS: u64 = 100_000_000;

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
    /// Reads a JPEG, PNG, TIFF, BMP or DICOM file, told apart by content and not by name; colour becomes luma (ITU-R 601, as Pillow's `L`). Values that fill
    /// less than half of their 16 bits, as those of 9 to 14 bits do, are spread over the whole range; films of 8 bits are as they are.
    ///
    /// # Errors
    /// A file that is missing, empty, no picture, cut short, damaged, of an unsupported kind, or too small or large for a film.
    pub fn open(path: &Path) -> Result<Self, FilmError> {
        decode::read(path, Values::Spread)
    }

    /// As [`Film::open`], with the values as they are stored.
    ///
    /// # Errors
    /// As [`Film::open`].
    pub fn open_stored(path: &Path) -> Result<Self, FilmError> {
        decode::read(path, Values::Stored)
    }

    /// Reads a film from the bytes of its file; `path` only names it in messages.
    ///
    /// # Errors
    /// As [`Film::open`].
    pub fn decode(path: &Path, bytes: &[u8]) -> Result<Self, FilmError> {
        decode::decode(path, bytes, Values::Spread)
    }

    /// Width and height of the upright film, from the header alone; refuses the sizes that [`Film::open`] refuses.
    ///
    /// # Errors
    /// As [`Film::open`], as far as the header tells.
    pub fn size(path: &Path) -> Result<(u32, u32), FilmError> {
        decode::size(path)
    }

    /// Millimetres between pixels at the detector, where the film is a DICOM file that tells them.
    #[must_use]
    pub fn spacing(path: &Path) -> Option<dicom::Spacing> {
        let mut reader = std::io::BufReader::new(crate::intake::open(path).ok()?);
        let start = std::io::BufRead::fill_buf(&mut reader).ok()?;
        dicom::is_dicom(start).then_some(())?;
        dicom::header(path, reader).ok()?.spacing
    }

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
