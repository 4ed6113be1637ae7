//! DICOM files as films: what the header says, the stored values in every syntax that can be decoded, and what these values mean.
//!
//! The data set is read by dicom-rs. The pixels of its frame are decoded here by crates that never trust the header: dicom-rs's own adapters for JPEG 2000 and
//! RLE panic where a frame and its header disagree. Overlays are not drawn: those in groups of their own are not read, and bits above the stored ones are cut off.

mod header;
mod lengths;
mod pixels;
mod presentation;
mod rle;

use std::io::{Cursor, Read, Seek};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use dicom_object::file::ReadPreamble;
use dicom_object::{DefaultDicomObject, OpenFileOptions};
pub(super) use header::is_usable_spacing;
pub use header::{Header, Spacing, SpacingSource};

use self::lengths::{Extent, Misfit};
use super::error::damaged;
use super::limits::within_limits;
use super::{Film, FilmError};

/// Whether the windows and tables of values of interest in DICOM files are left out.
static IGNORE_VOI: AtomicBool = AtomicBool::new(false);

/// The environment variable that has the engine ignore VOI windows; the command line sets it for `--ignore-voi`.
pub const IGNORE_VOI_VARIABLE: &str = "SVH_IGNORE_VOI";

/// From now on this process ignores the VOI window or table of every DICOM film, and takes the range that the pixels fill. For files whose window is wrong.
pub fn ignore_voi(ignore: bool) {
    IGNORE_VOI.store(ignore, Ordering::Relaxed);
}

/// Whether this process ignores VOI windows and tables.
pub fn ignores_voi() -> bool {
    IGNORE_VOI.load(Ordering::Relaxed)
}

/// Takes over what [`IGNORE_VOI_VARIABLE`] says, and returns it.
pub fn ignore_voi_from_environment() -> bool {
    let ignore = std::env::var_os(IGNORE_VOI_VARIABLE).is_some_and(|value| !value.is_empty() && value != "0");
    ignore_voi(ignore);
    ignore
}

/// Whether this starts as a DICOM file does: with its mark after the preamble, or at once.
pub fn is_dicom(start: &[u8]) -> bool {
    start.get(128..132) == Some(b"DICM") || start.starts_with(b"DICM")
}

/// The data set of a file, up to its pixels or with them.
///
/// # Errors
/// What dicom-rs says of a file that is cut short or is not DICOM.
pub(crate) fn data_set(path: &Path, reader: impl Read + Seek, with_pixels: bool) -> Result<DefaultDicomObject, FilmError> {
    let options = OpenFileOptions::new().read_preamble(ReadPreamble::Auto);
    let options = if with_pixels { options.read_all() } else { options.read_until(dicom_dictionary_std::tags::PIXEL_DATA) };
    options.from_reader(reader).map_err(|error| of_reading(path, &error))
}

/// The sentence of dicom-rs with its causes, each once.
fn of_reading(path: &Path, error: &dyn std::error::Error) -> FilmError {
    let mut causes = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        if error.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::UnexpectedEof) {
            return FilmError::Truncated { path: path.to_owned() };
        }
        causes.push(error.to_string());
        source = error.source();
    }
    causes.dedup();
    damaged(path, causes.join(": "))
}

/// The sentence for a data set that is not given to dicom-rs.
fn of_misfit(path: &Path, misfit: Misfit) -> FilmError {
    match misfit {
        Misfit::Short => FilmError::Truncated { path: path.to_owned() },
        Misfit::Nested => damaged(path, "its data set nests sequences or counts elements as no film does"),
        Misfit::Inflated => damaged(path, "its deflated data set is larger than any film"),
    }
}

/// The header of a DICOM film.
///
/// # Errors
/// A file that holds no single gray or colour picture.
pub fn header(path: &Path, reader: impl Read) -> Result<Header, FilmError> {
    Header::of(path, &header_elements(path, reader)?)
}

/// So much of a file nearly always holds its header.
const START: u64 = 1 << 20;

/// The data set of a file without its pixels.
///
/// # Errors
/// A file that is cut short or is not DICOM.
pub(crate) fn header_elements(path: &Path, mut reader: impl Read) -> Result<DefaultDicomObject, FilmError> {
    let mut bytes = Vec::new();
    let unreadable = |error: std::io::Error| super::error::unreadable(path, &error);
    (&mut reader).take(START).read_to_end(&mut bytes).map_err(unreadable)?;
    if lengths::check(&bytes, Extent::Header).is_err() {
        // A file without pixels, or a long header.
        reader.take(crate::intake::MAX_FILM).read_to_end(&mut bytes).map_err(unreadable)?;
        if lengths::check(&bytes, Extent::Header).is_err() {
            lengths::check(&bytes, Extent::Whole).map_err(|misfit| of_misfit(path, misfit))?;
        }
    }
    data_set(path, Cursor::new(bytes), false)
}

/// The film, and whether its samples had more than 8 bits.
///
/// # Errors
/// As [`header`]; pixels that are cut short, damaged, or in a syntax that cannot be decoded.
pub fn read(path: &Path, bytes: &[u8]) -> Result<(Film, bool), FilmError> {
    read_with(path, bytes, IGNORE_VOI.load(Ordering::Relaxed))
}

/// The film in the range of everything that its bits hold, whatever the process's setting is; for the import, which looks for windows that show nothing.
///
/// # Errors
/// As [`read`].
pub fn read_without_voi(path: &Path, bytes: &[u8]) -> Result<Film, FilmError> {
    read_with(path, bytes, true).map(|(film, _)| film)
}

fn read_with(path: &Path, bytes: &[u8], ignore_voi: bool) -> Result<(Film, bool), FilmError> {
    lengths::check(bytes, Extent::Whole).map_err(|misfit| of_misfit(path, misfit))?;
    let object = data_set(path, Cursor::new(bytes), true)?;
    let header = Header::of(path, &object)?;
    // Before anything of that size is decoded.
    within_limits(path, header.size)?;
    let stored = pixels::stored(path, &object, &header)?;
    let presentation = presentation::Presentation::of(&object, &header, ignore_voi).map_err(|reason| damaged(path, reason))?;
    let (width, height) = header.size;
    let film = Film::new(width, height, presentation.apply(stored));
    let film = film.ok_or_else(|| damaged(path, "the number of pixels is not that of its header"))?;
    Ok((film, header.is_deep()))
}
