//! The stored values of a film's only frame, whatever syntax it is in.

use std::borrow::Cow;
use std::path::Path;

use dicom_core::value::Value;
use dicom_dictionary_std::{tags, uids};
use dicom_object::DefaultDicomObject;
use hayro_jpeg2000::{DecodeSettings, DecoderContext};

use super::super::error::{damaged, of_io, unsupported};
use super::super::luma::luma8;
use super::super::{FilmError, jpeg};
use super::header::{Colour, Header, syntax_unsupported};
use super::rle;

/// The end of a JPEG 2000 codestream.
const EOC: [u8; 2] = [0xFF, 0xD9];

/// Samples of all channels of a codestream. Its decoder keeps some 19 bytes a gray pixel and 30 a coloured one.
const MAX_JPEG2000_SAMPLES: usize = 150_000_000;

/// A value for each pixel: of gray films as stored, of colour its luma.
pub fn stored(path: &Path, object: &DefaultDicomObject, header: &Header) -> Result<Vec<i32>, FilmError> {
    let uid = object.meta().transfer_syntax().trim_end_matches(['\0', ' ']);
    let element = object.get(tags::PIXEL_DATA).ok_or_else(|| unsupported(path, "DICOM without pixels"))?;
    let native = |bytes: &[u8], planar: bool| native(path, bytes, header, planar);
    match element.value() {
        Value::Primitive(value) => native(&value.to_bytes(), header.planar),
        Value::Sequence(_) => Err(damaged(path, "its pixels are a sequence of data sets")),
        Value::PixelSequence(sequence) => {
            let frame = match sequence.fragments() {
                [] => return Err(FilmError::Truncated { path: path.to_owned() }),
                [one] => Cow::Borrowed(&one[..]),
                // Of one frame all fragments are parts.
                several => Cow::Owned(several.concat()),
            };
            let raw = match uid {
                uids::RLE_LOSSLESS => {
                    let bytes = usize::from(header.bits_allocated / 8);
                    let decoded = rle::decode(&frame, header.samples(), bytes, header.pixels());
                    return native(&decoded.ok_or_else(|| damaged(path, "its run lengths do not add up to the picture"))?, false);
                }
                uids::JPEG_BASELINE8_BIT | uids::JPEG_EXTENDED12_BIT | uids::JPEG_LOSSLESS | uids::JPEG_LOSSLESS_SV1 => {
                    jpeg_frame(path, &frame, header)?
                }
                uids::JPEG2000_LOSSLESS | uids::JPEG2000 | uids::HTJ2K_LOSSLESS | uids::HTJ2K_LOSSLESS_RPCL | uids::HTJ2K => {
                    jpeg2000(path, &frame, header)?
                }
                uids::ENCAPSULATED_UNCOMPRESSED_EXPLICIT_VR_LITTLE_ENDIAN => return native(&frame, header.planar),
                other => return Err(syntax_unsupported(path, other)),
            };
            Ok(raw)
        }
    }
}

/// Little-endian samples as values.
fn native(path: &Path, bytes: &[u8], header: &Header, planar: bool) -> Result<Vec<i32>, FilmError> {
    let pixels = header.pixels();
    let wide = header.bits_allocated == 16;
    let needed = pixels * header.samples() * if wide { 2 } else { 1 };
    let bytes = match header.colour {
        // Every two pixels share their differences, which are not needed.
        Colour::Ybr if bytes.len() >= pixels * 2 && bytes.len() < needed => {
            return Ok(bytes.chunks_exact(4).flat_map(|four| [i32::from(four[0]), i32::from(four[1])]).take(pixels).collect());
        }
        _ => bytes.get(..needed).ok_or_else(|| FilmError::Truncated { path: path.to_owned() })?,
    };
    Ok(match header.colour {
        Colour::Gray if wide => bytes.chunks_exact(2).map(|two| sample(u16::from_le_bytes([two[0], two[1]]), header)).collect(),
        Colour::Gray => bytes.iter().map(|value| sample(u16::from(*value), header)).collect(),
        Colour::Ybr if planar => bytes[..pixels].iter().map(|value| i32::from(*value)).collect(),
        Colour::Ybr => bytes.chunks_exact(3).map(|three| i32::from(three[0])).collect(),
        Colour::Rgb if planar => {
            let mixed: Vec<u8> = (0..pixels).flat_map(|at| [bytes[at], bytes[pixels + at], bytes[2 * pixels + at]]).collect();
            luma(&mixed)
        }
        Colour::Rgb => luma(bytes),
    })
}

fn luma(rgb: &[u8]) -> Vec<i32> {
    luma8(rgb, 3).into_iter().map(|value| i32::from(value / 257)).collect()
}

/// The stored bits of a word as a number; bits above them, which may hold overlays, are cut off.
fn sample(word: u16, header: &Header) -> i32 {
    let shift = header.high_bit + 1 - header.bits_stored;
    let value = i32::from(word >> shift) & ((1 << header.bits_stored) - 1);
    let negative = header.signed && value >> (header.bits_stored - 1) == 1;
    if negative { value - (1 << header.bits_stored) } else { value }
}

/// A sample of a codestream: its bits are the stored ones wherever the header puts them in a word.
fn coded(word: u16, header: &Header) -> i32 {
    sample(word, &Header { high_bit: header.bits_stored - 1, ..header.clone() })
}

fn same_size(path: &Path, header: &Header, width: usize, height: usize) -> Result<(), FilmError> {
    let (columns, rows) = header.size;
    match (columns as usize, rows as usize) == (width, height) {
        true => Ok(()),
        false => Err(damaged(path, format!("its header says {columns} x {rows} pixels, its compressed picture {width} x {height}"))),
    }
}

fn jpeg_frame(path: &Path, frame: &[u8], header: &Header) -> Result<Vec<i32>, FilmError> {
    let found = jpeg::header(&mut &frame[..]).map_err(|e| of_io(path, &e))?;
    let found = found.ok_or_else(|| FilmError::Truncated { path: path.to_owned() })?;
    same_size(path, header, found.width as usize, found.height as usize)?;
    match found.unread {
        None if found.precision == 8 => {
            let film = jpeg::read(path, frame)?;
            Ok(film.pixels.into_iter().map(|value| coded(value / 257, header)).collect())
        }
        None => Err(unsupported(path, format!("DICOM in lossy JPEG with {} bits a sample", found.precision))),
        Some("lossless JPEG") => lossless(path, frame, header),
        Some(other) => Err(unsupported(path, format!("DICOM in {other}"))),
    }
}

fn lossless(path: &Path, frame: &[u8], header: &Header) -> Result<Vec<i32>, FilmError> {
    if !jpeg::is_whole(frame) {
        return Err(FilmError::Truncated { path: path.to_owned() });
    }
    let mut decoder = jpeg_decoder::Decoder::new(frame);
    let bytes = decoder.decode().map_err(|e| damaged(path, e))?;
    let info = decoder.info().ok_or_else(|| damaged(path, "its compressed picture has no header"))?;
    same_size(path, header, usize::from(info.width), usize::from(info.height))?;
    let values: Vec<i32> = match info.pixel_format {
        jpeg_decoder::PixelFormat::L8 => bytes.iter().map(|value| coded(u16::from(*value), header)).collect(),
        // In the machine's order of bytes.
        jpeg_decoder::PixelFormat::L16 => bytes.chunks_exact(2).map(|two| coded(u16::from_ne_bytes([two[0], two[1]]), header)).collect(),
        jpeg_decoder::PixelFormat::RGB24 if header.colour == Colour::Ybr => {
            bytes.chunks_exact(3).map(|three| i32::from(three[0])).collect()
        }
        jpeg_decoder::PixelFormat::RGB24 => luma(&bytes),
        jpeg_decoder::PixelFormat::CMYK32 => return Err(unsupported(path, "DICOM in lossless JPEG with four colours")),
    };
    (values.len() == header.pixels()).then_some(values).ok_or_else(|| FilmError::Truncated { path: path.to_owned() })
}

fn jpeg2000(path: &Path, frame: &[u8], header: &Header) -> Result<Vec<i32>, FilmError> {
    // The decoder makes do with what there is of a cut codestream; a whole one ends with its mark, and a zero where it had an odd length.
    if !frame.ends_with(&EOC) && !frame.ends_with(&[EOC[0], EOC[1], 0]) {
        return Err(FilmError::Truncated { path: path.to_owned() });
    }
    let settings = DecodeSettings { strict: true, ..DecodeSettings::default() };
    let image = hayro_jpeg2000::Image::new(frame, &settings).map_err(|e| damaged(path, e))?;
    // Before anything of that size is decoded.
    same_size(path, header, image.width() as usize, image.height() as usize)?;
    let channels = usize::from(image.color_space().num_channels()) + usize::from(image.has_alpha());
    if header.pixels() * channels > MAX_JPEG2000_SAMPLES {
        return Err(unsupported(path, "DICOM in JPEG 2000 with colour and more than 50 megapixels"));
    }
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|e| damaged(path, e))?;
    let components = decoded.components();
    let short = || FilmError::Truncated { path: path.to_owned() };
    if components.iter().any(|component| component.samples().len() < header.pixels()) {
        return Err(short());
    }
    let plane = |at: usize| components.get(at).map(|component| &component.samples()[..header.pixels()]).ok_or_else(short);
    if components.len() >= 3 {
        // Of YBR_RCT and YBR_ICT the codestream itself is in RGB once it is decoded.
        let (r, g, b) = (plane(0)?, plane(1)?, plane(2)?);
        let byte = |value: f32| value.round().clamp(0.0, 255.0) as u8;
        let mixed: Vec<u8> = (0..header.pixels()).flat_map(|at| [byte(r[at]), byte(g[at]), byte(b[at])]).collect();
        return Ok(luma(&mixed));
    }
    // The decoder adds the shift of unsigned values to signed ones too.
    let shift = if is_signed(frame) { 1 << (components[0].bit_depth().clamp(1, 17) - 1) } else { 0 };
    // Lossy coding may leave the range of the bits. A codestream holds signed values as such or as their bits.
    let (low, high) = (header.stored_range().0, (1 << header.bits_stored) - 1);
    Ok(plane(0)?.iter().map(|value| coded((value.round() as i32 - shift).clamp(low, high) as u16, header)).collect())
}

/// Whether the first component of a codestream is signed: the highest bit of its Ssiz, 38 bytes behind the SIZ marker (ITU-T T.800, A.5.1).
fn is_signed(frame: &[u8]) -> bool {
    let siz = memchr::memmem::find(frame, b"\xFF\x4F\xFF\x51").map(|at| at + 42);
    siz.and_then(|at| frame.get(at)).is_some_and(|ssiz| ssiz & 0x80 != 0)
}
