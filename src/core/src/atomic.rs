//! Files are replaced whole or not at all: temporary file in the same folder, fsync, rename.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use thiserror::Error;

use crate::access;

/// A file that could not be written. What stood there before stands there still.
#[derive(Debug, Error)]
#[error("{} could not be written ({source}); what was there is unchanged: free some space or choose another place", path.display())]
pub struct WriteError {
    /// The file that was to be written.
    pub path: PathBuf,
    /// The system's reason.
    #[source]
    pub source: io::Error,
}

impl WriteError {
    /// For a path and what the system said of it.
    #[must_use]
    pub fn new(path: &Path, source: io::Error) -> Self {
        Self { path: path.to_owned(), source }
    }
}

/// Replaces a file by these bytes; its folder must exist.
///
/// # Errors
/// When the bytes cannot be written to the end, for a full disk or a file size limit for instance; the old file is whole and nothing is left behind.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    write_with(path, |out| out.write_all(bytes))
}

/// Writes a file that must be new: `false`, and nothing is touched, where something of the name is there, also when it appeared a moment ago.
///
/// # Errors
/// As [`write`].
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<bool, WriteError> {
    outlive_size_limits();
    let new = || {
        let temporary = Temporary::beside(path)?;
        (&temporary.file).write_all(bytes)?;
        temporary.file.sync_all()?;
        // A hard link fails if the name is taken, which a rename does not. The temporary name is removed afterwards.
        match fs::hard_link(&temporary.path, path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            // Some file systems have no hard links: the moment between look and rename is all that is lost.
            Err(_) if path.exists() => return Ok(false),
            Err(_) => fs::rename(&temporary.path, path)?,
        }
        sync_folder(path);
        Ok(true)
    };
    new().map_err(|source| WriteError::new(path, source))
}

/// Replaces a file by what `fill` writes. Devices and pipes are written directly, a link stays a link.
///
/// # Errors
/// As [`write`], and whatever `fill` reports.
pub fn write_with(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteError> {
    outlive_size_limits();
    replace(path, fill).map_err(|source| WriteError::new(path, source))
}

/// Makes a write beyond the file size limit (`ulimit -f`) an error, where the system's default is to end the program.
pub fn outlive_size_limits() {
    #[cfg(unix)]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        // Any handler does: the write then returns EFBIG. Without it there still is a write, so a failure here is not an error.
        ONCE.call_once(|| drop(signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default())));
    }
}

fn replace(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Through a link, so that the link stays; a name that does not exist yet is taken as it is.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = fs::metadata(&target).ok();
    if old.as_ref().is_some_and(|old| !old.is_file() && !old.is_dir()) {
        let mut device = OpenOptions::new().write(true).open(&target)?;
        return fill(&mut device).and_then(|()| device.flush());
    }
    let temporary = Temporary::beside(&target)?;
    let mut out = BufWriter::new(&temporary.file);
    fill(&mut out)?;
    out.flush()?;
    drop(out);
    if let Some(old) = old {
        temporary.file.set_permissions(old.permissions())?;
    }
    temporary.file.sync_all()?;
    fs::rename(&temporary.path, &target)?;
    sync_folder(&target);
    Ok(())
}

/// A new name reaches the disk with its folder; some file systems refuse to sync one, which loses nothing.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent() {
        drop(File::open(folder).and_then(|folder| folder.sync_all()));
    }
}

/// A file that is gone again when it is dropped, unless it was renamed.
struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    fn beside(target: &Path) -> io::Result<Self> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name = target.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this is not a file name"))?;
        loop {
            let number = COUNTER.fetch_add(1, Ordering::Relaxed);
            let mut hidden = std::ffi::OsString::from(".");
            hidden.push(name);
            hidden.push(format!(".{}-{number}.tmp", std::process::id()));
            let path = target.with_file_name(hidden);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                opened => {
                    let file = opened?;
                    access::like_folder(&file, &path);
                    return Ok(Self { path, file });
                }
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_write_that_fails_half_way_leaves_the_old_file_whole_and_no_litter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, b"old").unwrap();
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let error = write_with(&path, |out| out.write_all(&[b'x'; 100_000]).and_then(|()| Err(full()))).unwrap_err();
        assert!(error.to_string().contains("a.txt could not be written"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_reported_and_not_replaced() {
        let error = write(Path::new("/dev/full"), b"text").unwrap_err();
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
        assert!(!fs::metadata("/dev/full").unwrap().is_file());
    }

    #[test]
    fn a_file_that_must_be_new_is_written_once_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        assert!(write_new(&path, b"one").unwrap());
        assert!(!write_new(&path, b"two").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_the_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        write(&real, b"one").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&real, &link).unwrap();
        write(&link, b"two").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"two");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_that_does_not_exist_is_named() {
        let error = write(Path::new("no/such/folder/a.txt"), b"").unwrap_err();
        assert!(error.to_string().contains("no/such/folder/a.txt"));
    }
}
