//! A note that a reader keeps with a run; it may be written at any time.

use std::fs;
use std::io;
use std::path::Path;

use super::{MAX_NOTE, RunError, RunReader};
use crate::atomic::{self, WriteError};
use crate::intake;

/// A reader's remark on a run. It is a file of its own, as the writer of a run replaces `run.json`.
pub(super) const NOTE: &str = "note.txt";

/// Keeps a note with a run in place of the one before; an empty note takes it away.
///
/// # Errors
/// A folder without a run, a note that is too long, a folder that cannot be written to.
pub fn annotate(folder: &Path, note: &str) -> Result<(), RunError> {
    RunReader::open(folder)?;
    let (path, note) = (folder.join(NOTE), note.trim());
    let characters = note.chars().count();
    if characters > MAX_NOTE {
        return Err(RunError::LongNote { characters });
    }
    if note.is_empty() {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(WriteError::new(&path, error).into()),
            _ => Ok(()),
        };
    }
    Ok(atomic::write(&path, format!("{note}\n").as_bytes())?)
}

/// The note of a run; a file that cannot be read is none.
pub(super) fn note(folder: &Path) -> Option<String> {
    let bytes = intake::bytes(&folder.join(NOTE), intake::MAX_SETTINGS).ok()?;
    let text: String = String::from_utf8_lossy(&bytes).trim().chars().take(MAX_NOTE).collect();
    (!text.is_empty()).then_some(text)
}
