//! From a file to a [`Film`]: format by content, limits from the header, then pixels, then orientation.

use std::io::{self, BufRead, BufReader, Cursor, Seek};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::error::{damaged, of_io, unreadable, unsupported};
use super::limits::{MAX_BYTES, within_limits};
use super::luma::{Size, luma8, luma16, widen};
use super::{Film, FilmError, dicom, jpeg, spacing, tiff, value_range};
use crate::intake;

impl Film {
    /// Reads a JPEG, PNG, TIFF, BMP or DICOM file, told apart by content and not by name; colour becomes luma (ITU-R 601, as Pillow's `L`). Values that fill
    /// less than half of their 16 bits, as those of 9 to 14 bits do, are spread over the whole range; films of 8 bits are as they are.
    ///
    /// # Errors
    /// A file that is missing, empty, no picture, cut short, damaged, of an unsupported kind, or too small or large for a film.
    pub fn open(path: &Path) -> Result<Self, FilmError> {
        read(path, Values::Spread)
    }

    /// As [`Film::open`], with the values as they are stored.
    ///
    /// # Errors
    /// As [`Film::open`].
    pub fn open_stored(path: &Path) -> Result<Self, FilmError> {
        read(path, Values::Stored)
    }

    /// Reads a film from the bytes of its file; `path` only names it in messages.
    ///
    /// # Errors
    /// As [`Film::open`].
    pub fn decode(path: &Path, bytes: &[u8]) -> Result<Self, FilmError> {
        decode(path, bytes, Values::Spread)
    }

    /// Width and height of the upright film, from the header alone; refuses the sizes that [`Film::open`] refuses.
    ///
    /// # Errors
    /// As [`Film::open`], as far as the header tells.
    pub fn size(path: &Path) -> Result<(u32, u32), FilmError> {
        size(path)
    }

    /// Millimetres between pixels at the detector, where the film is a DICOM file that tells them or was imported from one.
    #[must_use]
    pub fn spacing(path: &Path) -> Option<dicom::Spacing> {
        let mut reader = BufReader::new(intake::open(path).ok()?);
        let start = reader.fill_buf().ok()?.to_vec();
        if dicom::is_dicom(&start) { dicom::header(path, reader).ok()?.spacing } else { spacing::of_png(&start, reader) }
    }
}

/// Size of the upright film, from the header.
fn size(path: &Path) -> Result<(u32, u32), FilmError> {
    let file = intake::open(path).map_err(|e| unreadable(path, &e))?;
    let mut reader = BufReader::new(file);
    let magic = reader.fill_buf().map_err(|e| unreadable(path, &e))?.to_vec();
    if dicom::is_dicom(&magic) {
        let size = dicom::header(path, reader)?.size;
        return within_limits(path, size).map(|()| size);
    }
    let format = format(path, &magic)?;
    let (size, orientation, _) = header(path, format, reader)?;
    Ok(if swaps_sides(orientation) { (size.1, size.0) } else { size })
}

/// What becomes of values that fill a part of their 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    /// They are spread over the whole range.
    Spread,
    /// They stay as they are stored.
    Stored,
}

/// The whole film. Its header is judged before the rest of the file is brought into memory.
fn read(path: &Path, values: Values) -> Result<Film, FilmError> {
    size(path)?;
    let bytes = intake::bytes(path, intake::MAX_FILM).map_err(|e| unreadable(path, &e))?;
    decode(path, &bytes, values)
}

/// The whole film from the bytes of its file; `path` is for messages.
fn decode(path: &Path, bytes: &[u8], values: Values) -> Result<Film, FilmError> {
    let ((mut film, deep), orientation) = if dicom::is_dicom(bytes) {
        // Before anything of that size is decoded.
        within_limits(path, dicom::header(path, bytes)?.size)?;
        (dicom::read(path, bytes)?, Orientation::NoTransforms)
    } else {
        let format = format(path, bytes)?;
        let (_, orientation, page) = header(path, format, Cursor::new(bytes))?;
        let read = match (format, page) {
            (ImageFormat::Jpeg, _) => (jpeg::read(path, bytes)?, false),
            (_, Some(page)) => (tiff::read(path, &page, bytes)?, page.is_deep()),
            (other, None) => read_other(path, other, bytes)?,
        };
        (read, orientation)
    };
    // Eight bits always fill their type.
    if deep && values == Values::Spread {
        value_range::spread(&mut film.pixels);
    }
    Ok(upright(film, orientation))
}

fn format(path: &Path, magic: &[u8]) -> Result<ImageFormat, FilmError> {
    if magic.is_empty() {
        return Err(FilmError::Empty { path: path.to_owned() });
    }
    if let [b'I', b'I', 43, 0, ..] | [b'M', b'M', 0, 43, ..] = magic {
        // BigTIFF, which the image crate does not know by its mark.
        return Ok(ImageFormat::Tiff);
    }
    // JPEG-LS starts as JPEG does, and its next marker says so.
    if magic.starts_with(&[0xFF, 0xD8, 0xFF, 0xF7]) {
        return Ok(ImageFormat::Jpeg);
    }
    match image::guess_format(magic) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Tiff | ImageFormat::Bmp)) => Ok(format),
        _ => Err(FilmError::NotAPicture { path: path.to_owned(), kind: intake::kind(magic) }),
    }
}

/// Stored size, found to be within the limits, orientation, and of TIFF the page that is the film.
fn header(path: &Path, format: ImageFormat, mut reader: impl BufRead + Seek) -> Result<(Size, Orientation, Option<tiff::Page>), FilmError> {
    if format == ImageFormat::Tiff {
        let page = tiff::page(path, reader)?;
        within_limits(path, page.size)?;
        return Ok((page.size, page.orientation, Some(page)));
    }
    let (size, orientation) = if format == ImageFormat::Jpeg {
        let header = jpeg::header(&mut reader).map_err(|e| of_io(path, &e))?;
        let header = header.ok_or_else(|| FilmError::Truncated { path: path.to_owned() })?;
        if let Some(coding) = header.unread {
            return Err(unsupported(path, format!("it is {coding}")));
        }
        if header.precision != 8 {
            return Err(unsupported(path, format!("JPEG with {} bits a sample", header.precision)));
        }
        ((header.width, header.height), header.orientation)
    } else {
        if let Some(size) = fixed_size(format, reader.fill_buf().map_err(|e| unreadable(path, &e))?) {
            within_limits(path, size)?;
        }
        let mut decoder = open_decoder(format, reader).map_err(|e| of_image(path, e))?;
        let size = decoder.dimensions();
        // Limits come first: a hostile header may make even the metadata expensive.
        within_limits(path, size)?;
        (size, decoder.orientation().unwrap_or(Orientation::NoTransforms))
    };
    within_limits(path, size)?;
    Ok((size, orientation, None))
}

/// The size where a format keeps it at a fixed place; decoders want more than that before they tell it.
fn fixed_size(format: ImageFormat, start: &[u8]) -> Option<Size> {
    let four = |at: usize| <[u8; 4]>::try_from(start.get(at..at + 4)?).ok();
    match format {
        ImageFormat::Png => Some((u32::from_be_bytes(four(16)?), u32::from_be_bytes(four(20)?))),
        _ => None,
    }
}

fn open_decoder<'a>(format: ImageFormat, reader: impl BufRead + Seek + 'a) -> Result<impl ImageDecoder + 'a, ImageError> {
    let mut reader = ImageReader::with_format(reader, format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    reader.into_decoder()
}

/// The film, and whether its samples had more than 8 bits.
fn read_other(path: &Path, format: ImageFormat, bytes: &[u8]) -> Result<(Film, bool), FilmError> {
    let decoder = open_decoder(format, Cursor::new(bytes)).map_err(|e| of_image(path, e))?;
    let (width, height) = decoder.dimensions();
    let deep = decoder.color_type().bytes_per_pixel() / decoder.color_type().channel_count() > 1;
    let pixels = match DynamicImage::from_decoder(decoder).map_err(|e| of_image(path, e))? {
        DynamicImage::ImageLuma8(i) => i.iter().map(|v| widen(*v)).collect(),
        DynamicImage::ImageLumaA8(i) => i.chunks_exact(2).map(|p| widen(p[0])).collect(),
        DynamicImage::ImageRgb8(i) => luma8(&i, 3),
        DynamicImage::ImageRgba8(i) => luma8(&i, 4),
        DynamicImage::ImageLuma16(i) => i.into_raw(),
        DynamicImage::ImageLumaA16(i) => i.chunks_exact(2).map(|p| p[0]).collect(),
        DynamicImage::ImageRgb16(i) => luma16(&i, 3),
        DynamicImage::ImageRgba16(i) => luma16(&i, 4),
        other => return Err(unsupported(path, format!("pixels of type {:?}", other.color()))),
    };
    let film = Film::new(width, height, pixels).ok_or_else(|| damaged(path, "the number of pixels is not that of its header"))?;
    Ok((film, deep))
}

fn of_image(path: &Path, error: ImageError) -> FilmError {
    match error {
        ImageError::IoError(error) => of_io(path, &error),
        ImageError::Unsupported(error) => unsupported(path, error),
        // The PNG decoder wraps the end of the file into its own kind of error and keeps it as the source.
        ImageError::Decoding(error) if ends_early(&error) => FilmError::Truncated { path: path.to_owned() },
        error => damaged(path, error),
    }
}

fn ends_early(error: &(dyn std::error::Error + 'static)) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|e| e.kind() == io::ErrorKind::UnexpectedEof) || error.source().is_some_and(ends_early)
}

fn swaps_sides(orientation: Orientation) -> bool {
    matches!(orientation, Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH)
}

fn upright(film: Film, orientation: Orientation) -> Film {
    match orientation {
        Orientation::NoTransforms => film,
        Orientation::Rotate90 => film.turned(90),
        Orientation::Rotate180 => film.turned(180),
        Orientation::Rotate270 => film.turned(270),
        Orientation::FlipHorizontal => film.mirrored(),
        Orientation::FlipVertical => film.turned(180).mirrored(),
        Orientation::Rotate90FlipH => film.turned(90).mirrored(),
        Orientation::Rotate270FlipH => film.turned(270).mirrored(),
    }
}
