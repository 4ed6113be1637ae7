//! TIFF as scanners write it: classic and BigTIFF, one of several pages, gray of 1 to 64 bits with or without alpha, whole numbers and floats, palettes.
//!
//! The directories are read here (TIFF 6.0, and the BigTIFF design for 64-bit offsets), so that the film among several pages is known before anything
//! is decoded; strips and tiles are decoded by the `tiff` crate. What that crate does not know, bits that are packed across bytes and palettes, it is
//! given as rows of bytes, which are unpacked here.

use std::collections::HashSet;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use image::metadata::Orientation;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::{ColorType, TiffError};

use super::error::{damaged, of_io, unsupported};
use super::limits::MAX_BYTES;
use super::luma::{Size, luma8, luma16, widen};
use super::{Film, FilmError, value_range};

/// More pages than this in a file are a fault.
const MAX_PAGES: usize = 4096;

/// A page of at least this share of the largest one's pixels is a film of its own; the next level of a pyramid has a quarter.
const A_FILM_OF_ITS_OWN: f64 = 0.3;

const SUBFILE: u16 = 254;
const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const BITS: u16 = 258;
const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const ORIENTATION: u16 = 274;
const SAMPLES: u16 = 277;
const PREDICTOR: u16 = 317;
const COLOUR_MAP: u16 = 320;
const TILE_WIDTH: u16 = 322;
const SAMPLE_FORMAT: u16 = 339;

/// What a page's directory says.
#[derive(Clone, Debug)]
pub struct Page {
    /// As stored, before orientation.
    pub size: Size,
    /// How it has to be turned.
    pub orientation: Orientation,
    /// Where its directory begins.
    offset: u64,
    /// Marked as a smaller version or as a mask of another page.
    aside: bool,
    bits: u16,
    samples: u16,
    compression: u16,
    photometric: u16,
    format: u16,
    predictor: u16,
    tiled: bool,
    entries: Vec<Entry>,
}

impl Page {
    /// Whether its samples have more than 8 bits.
    pub(crate) const fn is_deep(&self) -> bool {
        self.bits > 8
    }
}

/// A field of a directory with the place of its value.
#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// Where the values are.
    values: u64,
}

/// Reads numbers in the file's order of bytes.
struct Numbers<R> {
    reader: R,
    big_endian: bool,
    big: bool,
}

impl<R: Read + Seek> Numbers<R> {
    fn open(mut reader: R) -> io::Result<Self> {
        let mut start = [0; 4];
        reader.seek(SeekFrom::Start(0))?;
        reader.read_exact(&mut start)?;
        Ok(Self { reader, big_endian: start[0] == b'M', big: start.contains(&43) })
    }

    fn number(&mut self, bytes: usize) -> io::Result<u64> {
        let mut buffer = [0; 8];
        self.reader.read_exact(&mut buffer[..bytes])?;
        let digits = &buffer[..bytes];
        let join = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Ok(if self.big_endian { digits.iter().fold(0, join) } else { digits.iter().rev().fold(0, join) })
    }

    fn short(&mut self) -> io::Result<u16> {
        Ok(u16::try_from(self.number(2)?).unwrap_or(0))
    }

    /// An offset, 4 or 8 bytes.
    fn offset(&mut self) -> io::Result<u64> {
        self.number(if self.big { 8 } else { 4 })
    }

    /// The place of the first directory.
    fn first(&mut self) -> io::Result<u64> {
        self.reader.seek(SeekFrom::Start(if self.big { 8 } else { 4 }))?;
        self.offset()
    }

    /// A directory and the place of the next one.
    fn directory(&mut self, at: u64) -> io::Result<(Vec<Entry>, u64)> {
        self.reader.seek(SeekFrom::Start(at))?;
        let count = if self.big { self.number(8)? } else { self.number(2)? };
        // A directory has some twenty fields.
        if count > 4096 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a page with {count} fields")));
        }
        let mut entries = Vec::new();
        for _ in 0..count {
            let (tag, kind) = (self.short()?, self.short()?);
            let many = self.offset()?;
            let here = self.reader.stream_position()?;
            let inline = if self.big { 8 } else { 4 };
            let outside = many.saturating_mul(size_of(kind)) > inline;
            let value = self.offset()?;
            entries.push(Entry { tag, kind, count: many, values: if outside { value } else { here } });
        }
        let next = self.offset()?;
        Ok((entries, next))
    }

    /// The first values of a field of whole numbers.
    fn values(&mut self, entry: &Entry, most: usize) -> io::Result<Vec<u64>> {
        self.reader.seek(SeekFrom::Start(entry.values))?;
        let bytes = usize::try_from(size_of(entry.kind)).unwrap_or(1).min(8);
        let count = usize::try_from(entry.count).unwrap_or(most).min(most);
        (0..count).map(|_| self.number(bytes)).collect()
    }

    fn page(&mut self, at: u64) -> io::Result<(Page, u64)> {
        let (entries, next) = self.directory(at)?;
        let mut first = |tag: u16, default: u64| -> io::Result<u64> {
            match entries.iter().find(|entry| entry.tag == tag && matches!(entry.kind, 1 | 3 | 4 | 16)) {
                Some(entry) => Ok(self.values(entry, 1)?.first().copied().unwrap_or(default)),
                None => Ok(default),
            }
        };
        let small = |value: u64| u16::try_from(value).unwrap_or(u16::MAX);
        let side = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        let page = Page {
            size: (side(first(WIDTH, 0)?), side(first(HEIGHT, 0)?)),
            orientation: u8::try_from(first(ORIENTATION, 1)?).ok().and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms),
            offset: at,
            // Bit 0: a smaller version of another page; bit 2: a mask.
            aside: first(SUBFILE, 0)? & 5 != 0 || first(PHOTOMETRIC, 1)? == 4,
            bits: small(first(BITS, 1)?),
            samples: small(first(SAMPLES, 1)?),
            compression: small(first(COMPRESSION, 1)?),
            photometric: small(first(PHOTOMETRIC, u64::MAX)?),
            format: small(first(SAMPLE_FORMAT, 1)?),
            predictor: small(first(PREDICTOR, 1)?),
            tiled: entries.iter().any(|entry| entry.tag == TILE_WIDTH),
            entries,
        };
        Ok((page, next))
    }
}

const fn size_of(kind: u16) -> u64 {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 1,
    }
}

/// The page that is the film: the largest that is neither marked as a smaller version nor as a mask.
///
/// # Errors
/// A file without a whole page; two pages or more that could each be the film.
pub fn page(path: &Path, reader: impl Read + Seek) -> Result<Page, FilmError> {
    let mut numbers = Numbers::open(reader).map_err(|e| of_io(path, &e))?;
    let mut next = numbers.first().map_err(|e| of_io(path, &e))?;
    let (mut pages, mut seen) = (Vec::new(), HashSet::new());
    while next != 0 {
        if !seen.insert(next) || pages.len() >= MAX_PAGES {
            return Err(damaged(path, "its pages refer to each other in a circle"));
        }
        match numbers.page(next) {
            Ok((page, after)) => {
                pages.push(page);
                next = after;
            }
            // The pages before it are whole.
            Err(error) if pages.is_empty() => return Err(of_io(path, &error)),
            Err(_) => return Err(FilmError::Truncated { path: path.to_owned() }),
        }
    }
    if pages.iter().any(|page| !page.aside) {
        pages.retain(|page| !page.aside);
    }
    // A black and white page beside gray ones is a mask or a drawing.
    if pages.iter().any(|page| page.bits > 1) {
        pages.retain(|page| page.bits > 1);
    }
    let pixels = |page: &Page| u64::from(page.size.0) * u64::from(page.size.1);
    let most = pages.iter().map(pixels).max().unwrap_or(0);
    let films: Vec<usize> = (0..pages.len()).filter(|at| pixels(&pages[*at]) as f64 >= A_FILM_OF_ITS_OWN * most as f64).collect();
    match films[..] {
        [] => Err(damaged(path, "it has no page")),
        [at] => Ok(pages.swap_remove(at)),
        _ => Err(FilmError::SeveralPages { path: path.to_owned(), pages: films.len() }),
    }
}

/// The film on a page, before orientation.
pub fn read(path: &Path, page: &Page, bytes: &[u8]) -> Result<Film, FilmError> {
    let mut copy = bytes.to_vec();
    patch_first(&mut copy, page.offset);
    let (bits, samples) = (page.bits, page.samples);
    let pixels = match page.photometric {
        _ if page.compression != 1 && compression(page.compression).is_none() => {
            Err(unsupported(path, format!("compressed as number {} of TIFF", page.compression)))?
        }
        _ if matches!(page.compression, 6 | 34712 | 33003 | 33005 | 34887 | 34925 | 50000 | 50001 | 50002) => {
            Err(unsupported(path, format!("TIFF compressed with {}", compression(page.compression).unwrap_or_default())))?
        }
        u16::MAX => Err(unsupported(path, "TIFF that does not say whether 0 is black or white"))?,
        // Of a palette, and of bits that are packed across bytes, the rows are read as bytes.
        3 if samples == 1 && bits <= 8 => palette(path, page, &copy)?,
        0 | 1 if samples == 1 && page.format == 1 && bits < 16 && bits != 8 => packed(path, page, &copy)?,
        0 | 1 | 2 | 5 | 6 => unpacked(path, page, copy)?,
        other => Err(unsupported(path, format!("TIFF in {}", colours(other))))?,
    };
    let (width, height) = page.size;
    Film::new(width, height, pixels).ok_or_else(|| damaged(path, "the number of pixels is not that of its header"))
}

/// The common name of a compression.
const fn compression(number: u16) -> Option<&'static str> {
    Some(match number {
        1 => "nothing",
        2..=4 => "fax coding",
        5 => "LZW",
        6 => "old-style JPEG",
        7 => "JPEG",
        8 | 32946 => "deflate",
        32773 => "PackBits",
        33003 | 33005 | 34712 => "JPEG 2000",
        34887 => "LERC",
        34925 => "LZMA",
        50000 => "Zstandard",
        50001 => "WebP",
        50002 => "JPEG XL",
        _ => return None,
    })
}

const fn colours(photometric: u16) -> &'static str {
    match photometric {
        3 => "a palette of more than 8 bits",
        8..=10 => "Lab colours",
        32803 => "a camera's raw colours",
        32844 | 32845 => "LogLuv colours",
        _ => "colours of an unknown kind",
    }
}

/// Makes this directory the first one.
fn patch_first(bytes: &mut [u8], offset: u64) {
    let (big_endian, big) = (bytes[0] == b'M', bytes[2..4].contains(&43));
    let (at, length) = if big { (8, 8) } else { (4, 4) };
    put(bytes, at, length, offset, big_endian);
}

fn put(bytes: &mut [u8], at: u64, length: usize, value: u64, big_endian: bool) {
    let digits = if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let digits = if big_endian { &digits[8 - length..] } else { &digits[..length] };
    let Ok(at) = usize::try_from(at) else { return };
    if let Some(place) = bytes.get_mut(at..at + length) {
        place.copy_from_slice(digits);
    }
}

/// Rewrites a field of one number in a copy of the file; what is not there has its default, which fits.
fn patch(bytes: &mut [u8], page: &Page, tag: u16, value: u64) {
    let big_endian = bytes[0] == b'M';
    let Some(entry) = page.entries.iter().find(|entry| entry.tag == tag) else { return };
    put(bytes, entry.values, usize::try_from(size_of(entry.kind)).unwrap_or(1).min(8), value, big_endian);
}

fn decoder(path: &Path, bytes: Vec<u8>) -> Result<Decoder<Cursor<Vec<u8>>>, FilmError> {
    let mut limits = Limits::default();
    let most = usize::try_from(MAX_BYTES / 2).unwrap_or(usize::MAX);
    (limits.decoding_buffer_size, limits.intermediate_buffer_size, limits.ifd_value_size) = (most, most, most / 16);
    Ok(Decoder::new(Cursor::new(bytes)).map_err(|e| of_tiff(path, e))?.with_limits(limits))
}

/// Rows of samples of 1 to 15 bits as numbers.
fn rows(path: &Path, page: &Page, bytes: &[u8]) -> Result<Vec<u16>, FilmError> {
    let bits = u32::from(page.bits);
    if page.tiled {
        return Err(unsupported(path, format!("TIFF in tiles of {bits} bits a sample")));
    }
    if page.predictor != 1 && bits != 8 {
        return Err(unsupported(path, format!("TIFF with differences of {bits} bits")));
    }
    if !page.entries.iter().any(|entry| entry.tag == BITS) && bits != 1 {
        return Err(damaged(path, "it does not say how many bits a sample has"));
    }
    let (width, height) = page.size;
    let row_bytes = (u64::from(width) * u64::from(bits)).div_ceil(8);
    let mut copy = bytes.to_vec();
    // Without the field a sample has one bit; such rows are read as they are.
    let as_bytes = page.entries.iter().any(|entry| entry.tag == BITS) && bits != 1;
    if as_bytes {
        for (tag, value) in [(WIDTH, row_bytes), (BITS, 8), (PHOTOMETRIC, 1)] {
            patch(&mut copy, page, tag, value);
        }
    } else {
        patch(&mut copy, page, PHOTOMETRIC, 1);
    }
    let DecodingResult::U8(packed) = decoder(path, copy)?.read_image().map_err(|e| of_tiff(path, e))? else {
        return Err(damaged(path, "its rows are not whole bytes"));
    };
    let row_bytes = usize::try_from(row_bytes).unwrap_or(usize::MAX);
    let mut samples = Vec::with_capacity(width as usize * height as usize);
    for row in packed.chunks_exact(row_bytes).take(height as usize) {
        let (mut held, mut count, mut bytes) = (0_u32, 0, row.iter());
        for _ in 0..width {
            while count < bits {
                held = held << 8 | u32::from(bytes.next().copied().unwrap_or(0));
                count += 8;
            }
            count -= bits;
            samples.push((held >> count & ((1 << bits) - 1)) as u16);
        }
    }
    Ok(samples)
}

/// Gray of 1 to 15 bits.
fn packed(path: &Path, page: &Page, bytes: &[u8]) -> Result<Vec<u16>, FilmError> {
    let mut samples = rows(path, page, bytes)?;
    let highest = (1_u32 << page.bits) - 1;
    for sample in &mut samples {
        let value = (u32::from(*sample) * 65535 + highest / 2) / highest;
        *sample = u16::try_from(value).unwrap_or(u16::MAX);
        if page.photometric == 0 {
            *sample = u16::MAX - *sample;
        }
    }
    Ok(samples)
}

/// The luma of a palette's colours.
fn palette(path: &Path, page: &Page, bytes: &[u8]) -> Result<Vec<u16>, FilmError> {
    let colours = 1_usize << page.bits;
    let entry =
        page.entries.iter().find(|entry| entry.tag == COLOUR_MAP).filter(|entry| entry.kind == 3 && entry.count == 3 * colours as u64);
    let entry = entry.ok_or_else(|| damaged(path, "its palette is missing"))?;
    let mut numbers = Numbers::open(Cursor::new(bytes)).map_err(|e| of_io(path, &e))?;
    let map = numbers.values(entry, 3 * colours).map_err(|e| of_io(path, &e))?;
    let colour = |at: usize| [map[at], map[colours + at], map[2 * colours + at]].map(|value| u16::try_from(value).unwrap_or(u16::MAX));
    // Some writers give 8 bits for 16.
    let scale = if map.iter().all(|value| *value < 256) { 257 } else { 1 };
    let table: Vec<u16> = (0..colours).flat_map(|at| luma16(&colour(at).map(|value| value * scale), 3)).collect();
    Ok(rows(path, page, bytes)?.into_iter().map(|index| table[usize::from(index)]).collect())
}

/// What the decoder gives as samples of 8 bits and more; of several planes and of alpha the first samples.
fn unpacked(path: &Path, page: &Page, mut bytes: Vec<u8>) -> Result<Vec<u16>, FilmError> {
    if matches!(page.photometric, 0 | 1) {
        // Black and white are exchanged here, whatever the kind of number.
        patch(&mut bytes, page, PHOTOMETRIC, 1);
    }
    let mut decoder = decoder(path, bytes)?;
    let kind = decoder.colortype().map_err(|e| of_tiff(path, e))?;
    let mut samples = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut samples).map_err(|e| of_tiff(path, e))?;
    let pixels = page.size.0 as usize * page.size.1 as usize;
    let planar = layout.planes > 1;
    if planar && samples_of(&samples) < pixels * layout.planes {
        return Err(unsupported(path, "TIFF of planes that are too large"));
    }
    let channels = usize::from(page.samples);
    let colour = match kind {
        // The JPEG decoder gives the three samples of YCbCr as they are stored: the first is the luma.
        ColorType::Gray(_) | ColorType::GrayA(_) | ColorType::Multiband { .. } | ColorType::YCbCr(_) => Colour::Gray,
        ColorType::RGB(_) | ColorType::RGBA(_) => Colour::Rgb,
        ColorType::CMYK(_) | ColorType::CMYKA(_) => Colour::Cmyk,
        other => return Err(unsupported(path, format!("TIFF of {other:?}"))),
    };
    let need = match colour {
        Colour::Gray => 1,
        Colour::Rgb => 3,
        Colour::Cmyk => 4,
    };
    let given = samples_of(&samples).checked_div(pixels).unwrap_or(0);
    if given < need || channels < need {
        return Err(damaged(path, "the number of samples is not that of its header"));
    }
    let pick = Pick { pixels, given, need, planar };
    let numbers = |numbers: Vec<f32>| value_range::of_numbers(&numbers);
    let mut mixed = match samples {
        DecodingResult::U8(v) => mixed8(&pick.map(&v, |v| v), colour),
        DecodingResult::U16(v) => mixed16(pick.map(&v, |v| v), colour),
        DecodingResult::I8(v) => mixed16(pick.map(&v, |v| (i16::from(v) + 128) as u16 * 257), colour),
        DecodingResult::I16(v) => mixed16(pick.map(&v, |v| (i32::from(v) + 32768) as u16), colour),
        DecodingResult::U32(v) => mixed16(numbers(pick.map(&v, |v| v as f32)), colour),
        DecodingResult::I32(v) => mixed16(numbers(pick.map(&v, |v| v as f32)), colour),
        DecodingResult::U64(v) => mixed16(numbers(pick.map(&v, |v| v as f32)), colour),
        DecodingResult::I64(v) => mixed16(numbers(pick.map(&v, |v| v as f32)), colour),
        DecodingResult::F16(v) => mixed16(numbers(pick.map(&v, f32::from)), colour),
        DecodingResult::F32(v) => mixed16(numbers(pick.map(&v, |v| v)), colour),
        DecodingResult::F64(v) => mixed16(numbers(pick.map(&v, |v| v as f32)), colour),
    };
    if page.photometric == 0 {
        mixed.iter_mut().for_each(|value| *value = u16::MAX - *value);
    }
    Ok(mixed)
}

#[derive(Clone, Copy)]
enum Colour {
    Gray,
    Rgb,
    Cmyk,
}

fn samples_of(result: &DecodingResult) -> usize {
    match result {
        DecodingResult::U8(v) => v.len(),
        DecodingResult::U16(v) => v.len(),
        DecodingResult::U32(v) => v.len(),
        DecodingResult::U64(v) => v.len(),
        DecodingResult::F16(v) => v.len(),
        DecodingResult::F32(v) => v.len(),
        DecodingResult::F64(v) => v.len(),
        DecodingResult::I8(v) => v.len(),
        DecodingResult::I16(v) => v.len(),
        DecodingResult::I32(v) => v.len(),
        DecodingResult::I64(v) => v.len(),
    }
}

/// Picks the first `need` of the `given` samples of each pixel.
struct Pick {
    pixels: usize,
    given: usize,
    need: usize,
    planar: bool,
}

impl Pick {
    fn map<T: Copy, U>(&self, samples: &[T], of: impl Fn(T) -> U + Copy) -> Vec<U> {
        let place = |pixel: usize, at: usize| if self.planar { at * self.pixels + pixel } else { pixel * self.given + at };
        let mut picked = Vec::with_capacity(self.pixels * self.need);
        for pixel in 0..self.pixels {
            picked.extend((0..self.need).map(|at| of(samples[place(pixel, at)])));
        }
        picked
    }
}

fn mixed8(samples: &[u8], colour: Colour) -> Vec<u16> {
    match colour {
        Colour::Gray => samples.iter().map(|v| widen(*v)).collect(),
        Colour::Rgb => luma8(samples, 3),
        Colour::Cmyk => {
            let shown = |ink: u8, black: u8| (u32::from(255 - ink) * u32::from(255 - black) / 255) as u8;
            let rgb: Vec<u8> = samples.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]].map(|ink| shown(ink, p[3]))).collect();
            luma8(&rgb, 3)
        }
    }
}

fn mixed16(samples: Vec<u16>, colour: Colour) -> Vec<u16> {
    match colour {
        Colour::Gray => samples,
        Colour::Rgb => luma16(&samples, 3),
        Colour::Cmyk => {
            let shown = |ink: u16, black: u16| (u64::from(65535 - ink) * u64::from(65535 - black) / 65535) as u16;
            let rgb: Vec<u16> = samples.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]].map(|ink| shown(ink, p[3]))).collect();
            luma16(&rgb, 3)
        }
    }
}

fn of_tiff(path: &Path, error: TiffError) -> FilmError {
    match error {
        TiffError::IoError(error) => of_io(path, &error),
        TiffError::UnsupportedError(error) => unsupported(path, format!("TIFF: {error}")),
        TiffError::LimitsExceeded => unsupported(path, "TIFF whose parts are larger than a film"),
        error => damaged(path, error),
    }
}
