//! JPEG files (ITU-T T.81): size, orientation and whether the file is whole, from its markers (annex B), and its pixels.
//!
//! Pixel decoders fill what is missing with gray and say nothing; the walk over the markers is what tells a cut file from a whole one.

use std::io::{self, BufRead};
use std::path::Path;

use image::metadata::Orientation;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::error::damaged;
use super::luma::{luma8, widen};
use super::{Film, FilmError};

/// What the markers before the first scan say.
#[derive(Debug, PartialEq)]
pub struct Header {
    /// As stored, before orientation.
    pub width: u32,
    /// As stored, before orientation.
    pub height: u32,
    /// Bits a sample: 8 in all common files.
    pub precision: u8,
    /// The common name of a way of coding that is not read.
    pub unread: Option<&'static str>,
    /// From the EXIF segment.
    pub orientation: Orientation,
}

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP1: u8 = 0xE1;
const TEM: u8 = 0x01;
/// The start of frame of JPEG-LS (ITU-T T.87).
const JPEG_LS: u8 = 0xF7;

/// Reads the pixels of a whole file, before its orientation is applied. Colour becomes luma.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Film, FilmError> {
    if !is_whole(bytes) {
        return Err(FilmError::Truncated { path: path.to_owned() });
    }
    // Strict: otherwise the decoder turns what it cannot read into gray and calls it success.
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| damaged(path, e))?;
    let gray = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let out = if gray { ColorSpace::Luma } else { ColorSpace::RGB };
    decoder.set_options(options.jpeg_set_out_colorspace(out));
    let samples = decoder.decode().map_err(|e| damaged(path, e))?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let pixels = if gray { samples.iter().map(|v| widen(*v)).collect() } else { luma8(&samples, 3) };
    let (width, height) = (u32::try_from(width).unwrap_or(0), u32::try_from(height).unwrap_or(0));
    Film::new(width, height, pixels).ok_or_else(|| damaged(path, "the number of pixels is not that of its header"))
}

/// Reads up to the frame header. `Ok(None)`: there is none.
pub fn header(reader: &mut impl BufRead) -> io::Result<Option<Header>> {
    let mut orientation = Orientation::NoTransforms;
    while let Some(marker) = next_marker(reader)? {
        match marker {
            SOI | TEM | 0xD0..=0xD7 => {}
            EOI | SOS => return Ok(None),
            // Every start of frame but DHT (C4), JPG (C8) and DAC (CC), which share its range.
            0xC0..=0xCF | JPEG_LS if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                let unread = match marker {
                    0xC0..=0xC2 => None,
                    JPEG_LS => Some("JPEG-LS"),
                    0xC3 => Some("lossless JPEG"),
                    0xC5..=0xC7 => Some("hierarchical JPEG"),
                    _ => Some("JPEG with arithmetic coding"),
                };
                let body = segment(reader)?;
                let &[precision, h1, h0, w1, w0, ..] = body.as_slice() else { return Ok(None) };
                let pair = |high, low| u32::from(u16::from_be_bytes([high, low]));
                return Ok(Some(Header { width: pair(w1, w0), height: pair(h1, h0), precision, unread, orientation }));
            }
            APP1 => {
                let body = segment(reader)?;
                if let Some(found) = body.strip_prefix(b"Exif\0\0").and_then(Orientation::from_exif_chunk) {
                    orientation = found;
                }
            }
            _ => drop(segment(reader)?),
        }
    }
    Ok(None)
}

/// Whether the markers lead to an end of image after at least one scan; segments are stepped over, so a thumbnail's own end does not count.
pub fn is_whole(mut bytes: &[u8]) -> bool {
    let mut scans = 0;
    while let Ok(Some(marker)) = next_marker(&mut bytes) {
        match marker {
            EOI => return scans > 0,
            SOI | TEM | 0xD0..=0xD7 => {}
            _ => {
                scans += usize::from(marker == SOS);
                if segment(&mut bytes).is_err() {
                    return false;
                }
            }
        }
    }
    false
}

/// Skips to the next marker, past entropy-coded data, stuffed zeros and fill bytes; `None` at the end of the file.
fn next_marker(reader: &mut impl BufRead) -> io::Result<Option<u8>> {
    let mut after_ff = false;
    loop {
        let buffer = reader.fill_buf()?;
        let Some(&byte) = buffer.first() else { return Ok(None) };
        if !after_ff {
            // Entropy-coded data makes up most of a file: jump to the next 0xFF instead of looking at each byte.
            let skip = memchr::memchr(0xFF, buffer).map_or(buffer.len(), |at| at + 1);
            after_ff = buffer[skip - 1] == 0xFF;
            reader.consume(skip);
            continue;
        }
        reader.consume(1);
        match byte {
            0xFF => {}
            0x00 => after_ff = false,
            marker => return Ok(Some(marker)),
        }
    }
}

fn segment(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    reader.read_exact(&mut length)?;
    let mut body = vec![0; usize::from(u16::from_be_bytes(length)).saturating_sub(2)];
    reader.read_exact(&mut body)?;
    Ok(body)
}
