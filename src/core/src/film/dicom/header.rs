//! What the header of a DICOM film says of its pixels.

use std::path::Path;

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::TransferSyntaxIndex;
use dicom_object::{DefaultDicomObject, InMemDicomObject};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

use super::super::FilmError;
use super::super::error::{damaged, unsupported};
use super::super::luma::Size;

/// Where a pixel spacing was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpacingSource {
    /// At the detector (Imager Pixel Spacing, or Nominal Scanned Pixel Spacing of a digitised film): what lies before the detector is smaller than that.
    Detector,
}

/// Millimetres between the centres of neighbouring pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    /// From left to right.
    pub x: f64,
    /// From top to bottom.
    pub y: f64,
    /// Where this holds.
    pub source: SpacingSource,
}

/// The transfer syntaxes whose pixels can be decoded. JPEG with 12 bits a sample, which one of them allows, is refused when its frame is read.
const DECODED: [&str; 15] = [
    // Big endian is retired, and archives still hold it.
    "1.2.840.10008.1.2.2",
    uids::IMPLICIT_VR_LITTLE_ENDIAN,
    uids::EXPLICIT_VR_LITTLE_ENDIAN,
    uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    uids::ENCAPSULATED_UNCOMPRESSED_EXPLICIT_VR_LITTLE_ENDIAN,
    uids::JPEG_BASELINE8_BIT,
    uids::JPEG_EXTENDED12_BIT,
    uids::JPEG_LOSSLESS,
    uids::JPEG_LOSSLESS_SV1,
    uids::JPEG2000_LOSSLESS,
    uids::JPEG2000,
    uids::HTJ2K_LOSSLESS,
    uids::HTJ2K_LOSSLESS_RPCL,
    uids::HTJ2K,
    uids::RLE_LOSSLESS,
];

/// How samples are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    /// One sample, higher is whiter unless `inverted`.
    Gray,
    /// Red, green, blue.
    Rgb,
    /// Luma and two differences: luma is the film.
    Ybr,
}

/// What the header says.
#[derive(Clone, Debug)]
pub struct Header {
    /// Columns and rows.
    pub size: Size,
    /// Bits that a sample occupies: 8 or 16.
    pub bits_allocated: u16,
    /// Bits that hold the value.
    pub bits_stored: u16,
    /// The number of the highest of them.
    pub high_bit: u16,
    /// Values are signed (two's complement).
    pub signed: bool,
    /// Colours of a sample.
    pub(super) colour: Colour,
    /// Colours lie one plane after the other.
    pub(super) planar: bool,
    /// White is 0: by MONOCHROME1 or by Presentation LUT Shape INVERSE, which say the same thing of a file that has both.
    pub inverted: bool,
    /// Millimetres at the detector, where the file tells them.
    pub spacing: Option<Spacing>,
}

/// The first text of an element, without padding.
pub(super) fn text(object: &InMemDicomObject, tag: Tag) -> Option<String> {
    let text = object.get(tag)?.to_str().ok()?;
    let text = text.split('\\').next().unwrap_or_default().trim_matches(|c: char| c.is_whitespace() || c == '\0');
    (!text.is_empty()).then(|| text.to_owned())
}

impl Header {
    /// The header of a data set.
    ///
    /// # Errors
    /// Several frames, palettes, samples of other than 8 or 16 bits, no picture at all.
    pub(super) fn of(path: &Path, object: &DefaultDicomObject) -> Result<Self, FilmError> {
        let number = |tag: Tag| object.get(tag).and_then(|element| element.to_int::<i64>().ok());
        let Some((rows, columns)) = number(tags::ROWS).zip(number(tags::COLUMNS)) else {
            let what = text(object, tags::MODALITY).map_or_else(String::new, |modality| format!(" of modality {modality}"));
            return Err(unsupported(path, format!("DICOM{what} without a picture")));
        };
        let syntax = object.meta().transfer_syntax().trim_end_matches(['\0', ' ']);
        if !DECODED.contains(&syntax) {
            return Err(syntax_unsupported(path, syntax));
        }
        let frames = number(tags::NUMBER_OF_FRAMES).unwrap_or(1);
        if frames > 1 {
            return Err(FilmError::SeveralFrames { path: path.to_owned(), frames: u64::try_from(frames).unwrap_or(0) });
        }
        let samples = number(tags::SAMPLES_PER_PIXEL).unwrap_or(1);
        let photometric = text(object, tags::PHOTOMETRIC_INTERPRETATION).unwrap_or_default().to_ascii_uppercase();
        let colour = match (samples, photometric.as_str()) {
            (1, "MONOCHROME1" | "MONOCHROME2" | "") => Colour::Gray,
            (3, "RGB" | "YBR_RCT" | "YBR_ICT") => Colour::Rgb,
            (3, "YBR_FULL" | "YBR_FULL_422") => Colour::Ybr,
            _ => return Err(unsupported(path, format!("DICOM with {samples} samples a pixel in {photometric}"))),
        };
        let bits = |tag: Tag, default: i64| number(tag).unwrap_or(default);
        let allocated = bits(tags::BITS_ALLOCATED, 16);
        let stored = bits(tags::BITS_STORED, allocated);
        let high = bits(tags::HIGH_BIT, stored - 1);
        if !matches!(allocated, 8 | 16) || (colour != Colour::Gray && allocated != 8) {
            return Err(unsupported(path, format!("DICOM with {allocated} bits for a sample")));
        }
        if !(1..=allocated).contains(&stored) || high >= allocated || high + 1 < stored {
            return Err(damaged(path, format!("its header says {stored} of {allocated} bits up to bit {high}")));
        }
        let small = |value: i64| u16::try_from(value).unwrap_or(u16::MAX);
        let side = |value: i64| u32::try_from(value).unwrap_or(0);
        let shape = text(object, tags::PRESENTATION_LUT_SHAPE).unwrap_or_default();
        Ok(Self {
            size: (side(columns), side(rows)),
            bits_allocated: small(allocated),
            bits_stored: small(stored),
            high_bit: small(high),
            signed: number(tags::PIXEL_REPRESENTATION) == Some(1),
            colour,
            planar: number(tags::PLANAR_CONFIGURATION) == Some(1),
            inverted: photometric == "MONOCHROME1" || shape.eq_ignore_ascii_case("INVERSE"),
            spacing: spacing(object),
        })
    }

    /// Whether its samples have more than 8 bits.
    #[must_use]
    pub(crate) const fn is_deep(&self) -> bool {
        self.bits_stored > 8
    }

    /// Samples of a pixel.
    pub(super) const fn samples(&self) -> usize {
        if matches!(self.colour, Colour::Gray) { 1 } else { 3 }
    }

    /// Pixels of the film.
    pub(super) const fn pixels(&self) -> usize {
        self.size.0 as usize * self.size.1 as usize
    }

    /// The least and the greatest value that the stored bits hold.
    pub(super) const fn stored_range(&self) -> (i32, i32) {
        let values = 1_i32 << self.bits_stored;
        if self.signed { (-values / 2, values / 2 - 1) } else { (0, values - 1) }
    }
}

/// Whether so many millimetres can lie between two pixels of a film.
pub(crate) fn is_usable_spacing(value: f64) -> bool {
    (1e-3..=10.0).contains(&value)
}

/// Millimetres at the detector. Pixel Spacing alone is not taken: in a radiograph it may be calibrated to something in the picture, at an unknown depth.
fn spacing(object: &InMemDicomObject) -> Option<Spacing> {
    let pair = |tag: Tag| {
        let numbers = object.get(tag)?.to_multi_float64().ok()?;
        // Rows first: the distance from one row to the next, then from one column to the next.
        let (y, x) = (*numbers.first()?, *numbers.get(1)?);
        (is_usable_spacing(x) && is_usable_spacing(y)).then_some(Spacing { x, y, source: SpacingSource::Detector })
    };
    pair(tags::IMAGER_PIXEL_SPACING).or_else(|| pair(tags::NOMINAL_SCANNED_PIXEL_SPACING))
}

/// The sentence that refuses a transfer syntax by its name.
pub(super) fn syntax_unsupported(path: &Path, uid: &str) -> FilmError {
    let name = TransferSyntaxRegistry.get(uid).map_or_else(|| format!("the transfer syntax {uid}"), |syntax| syntax.name().to_owned());
    unsupported(path, format!("DICOM in {name}"))
}
