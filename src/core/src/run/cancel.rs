//! Asking a run to stop, whether one program writes it or several write its shards.

use std::path::Path;

use super::{RunReader, lease, shards};
use crate::atomic::WriteError;

/// Asks whoever writes a run to stop; a writer looks for this between films or steps. A later attempt of the run does not see it.
///
/// # Errors
/// When the marker cannot be written.
pub fn request_cancel(folder: &Path) -> Result<(), WriteError> {
    match RunReader::open(folder) {
        Ok(run) if run.info().shards().is_some() => shards::request_cancel(&run),
        _ => lease::request_cancel(folder),
    }
}
