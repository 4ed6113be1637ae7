//! The skeleton of a JPEG file (ITU-T T.81, annex B): size, orientation, and whether the file reaches its end.
//!
//! The pixel decoders fill what is missing with gray and say nothing; this walk over the markers is what tells a cut file from a whole one.

use std::io::{self, BufRead};

use image::metadata::Orientation;

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
