//! Reading what others made: regular files only, up to a stated size, as text in the encoding they are in, and called by their true kind where
//! they are something else.
//!
//! Every reader of this crate and of the others opens files here, so that a pipe never blocks it and a huge file never fills the memory.

pub mod json;
mod kind;
pub mod table;
mod text;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

pub use kind::{Kind, kind};
pub use text::{Encoded, decode, decode_declared, decode_xml};

/// The most bytes of a film's file: 100 megapixels of three 16-bit samples, uncompressed, and room for metadata.
pub(crate) const MAX_FILM: u64 = 1 << 30;
/// The most bytes of a table: 100,000 patients take 20 MB.
pub const MAX_TABLE: u64 = 1 << 29;
/// The most bytes of a JSON file of boxes: 100,000 films with 31 boxes take 500 MB.
pub const MAX_JSON: u64 = 1 << 30;
/// The most bytes of a label file; LabelImg's take 10 kB.
pub(crate) const MAX_LABELS: u64 = 1 << 24;
/// The most bytes of a card, of `run.json` and of other small files of settings.
pub const MAX_SETTINGS: u64 = 1 << 24;
/// The most bytes of a line of results, events or reviews; a patient's results take 20 kB.
pub const MAX_LINE: u64 = 1 << 24;

/// Opens a regular file. What a link points to counts.
///
/// # Errors
/// What the system says; or that this is a folder, a pipe, a socket or a device, which is told without waiting for anybody at its other end.
pub fn open(path: &Path) -> io::Result<File> {
    check(&fs::metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    // Between the look and the opening another file may have taken the name: a pipe then opens at once and is refused below.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// All bytes of a regular file.
///
/// # Errors
/// As [`open`]; more than `most` bytes.
pub fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    if length > most {
        return Err(too_large(length, most));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    // A file may grow while it is read, and those of /proc have no length.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(bytes.len() as u64, most)) } else { Ok(bytes) }
}

/// Whether something of this name is there, a link to nothing included: a thing that cannot be read is not absent.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    !matches!(fs::symlink_metadata(path), Err(error) if matches!(error.kind(), io::ErrorKind::NotFound))
}

fn too_large(length: u64, most: u64) -> io::Error {
    let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it has {} MB, and at most {} MB are read", megabytes(length), megabytes(most)))
}

fn check(data: &fs::Metadata) -> io::Result<()> {
    match what(data.file_type()) {
        None => Ok(()),
        Some(what) => Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, not a file"))),
    }
}

/// What something is that is no regular file; `None` for a regular file.
#[must_use]
pub fn what(kind: fs::FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_block_device() || kind.is_char_device() {
            return Some("a device");
        }
    }
    if kind.is_dir() {
        return Some("a folder");
    }
    (!kind.is_file()).then_some("something else")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_bound_and_a_folder_is_called_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(bytes(&path, 5).unwrap(), b"12345");
        assert!(bytes(&path, 4).unwrap_err().to_string().contains("at most"));
        assert!(bytes(folder.path(), 4).unwrap_err().to_string().contains("it is a folder"));
        assert_eq!(bytes(&folder.path().join("b"), 4).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_nobody_writes_to_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(bytes(&path, 4).unwrap_err().to_string().contains("it is a pipe, not a file"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nothing_is_there_and_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("link");
        std::os::unix::fs::symlink("gone", &path).unwrap();
        assert!(is_there(&path) && bytes(&path, 4).is_err() && !is_there(&folder.path().join("other")));
    }
}
