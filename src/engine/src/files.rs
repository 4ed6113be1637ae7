//! Files that are replaced whole or not at all.

use std::io::Write;
use std::path::Path;

use crate::{Error, Result};

/// Writes a temporary file beside `path`, forces it to the disk and renames it; a failure leaves what was there.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = path.with_extension(format!("tmp{}", std::process::id()));
    let written = std::fs::File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let done = written.and_then(|()| std::fs::rename(&temporary, path));
    if done.is_err() {
        // The first error is the one worth telling; a temporary file that cannot be removed either adds nothing to it.
        let _ = std::fs::remove_file(&temporary);
    }
    done.map_err(Error::io("write", path))
}
