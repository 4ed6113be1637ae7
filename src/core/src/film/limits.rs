//! How small and how large a film may be, checked before its pixels are read.

use std::path::Path;

use super::luma::Size;
use super::{FilmError, MAX_PIXELS, MIN_SIDE};

/// Memory that a decoder may take: enough for [`MAX_PIXELS`] of four 16-bit samples twice, which is more than the decoders' own limit.
pub(super) const MAX_BYTES: u64 = MAX_PIXELS * 16;

/// Refuses what is too small or too large for a film.
pub(super) fn within_limits(path: &Path, (width, height): Size) -> Result<(), FilmError> {
    let path = || path.to_owned();
    if width.min(height) < MIN_SIDE {
        return Err(FilmError::TooSmall { path: path(), width, height });
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(FilmError::TooLarge { path: path(), width, height });
    }
    Ok(())
}
