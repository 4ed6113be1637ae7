//! Films that come along with what is imported or exported.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::atomic::WriteError;
use crate::intake;

/// How films reach their new folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkMode {
    /// As a hard link, which takes neither space nor time; as a copy where the file system cannot link.
    #[default]
    Link,
    /// As a copy.
    Copy,
    /// Not at all.
    No,
}

impl std::str::FromStr for LinkMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "link" => Ok(Self::Link),
            "copy" => Ok(Self::Copy),
            "no" => Ok(Self::No),
            _ => Err(format!("`{text}` is no way to bring films along; use link, copy or no")),
        }
    }
}

impl LinkMode {
    /// Brings one file to a place that is free. A file that cannot be read is left behind: what comes back says why.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn file(self, from: &Path, to: &Path) -> Result<Option<String>, WriteError> {
        if self == Self::No {
            return Ok(None);
        }
        let left_behind = |error: io::Error| Ok(Some(format!("{} cannot be read ({error}) and is left out", from.display())));
        // What a symbolic link points to, not the link: its target may be relative.
        let source = match fs::canonicalize(from) {
            Ok(source) => source,
            Err(error) => return left_behind(error),
        };
        let mut open = match intake::open(&source) {
            Ok(open) => open,
            Err(error) => return left_behind(error),
        };
        if self == Self::Link && fs::hard_link(&source, to).is_ok() {
            return Ok(None);
        }
        let mut copy = OpenOptions::new().write(true).create_new(true).open(to).map_err(|error| WriteError::new(to, error))?;
        crate::access::like_folder(&copy, to);
        match io::copy(&mut Reading(&mut open), &mut copy) {
            Ok(_) => Ok(None),
            Err(error) if error.get_ref().and_then(|inner| inner.downcast_ref::<Unread>()).is_some() => {
                drop(fs::remove_file(to));
                left_behind(error)
            }
            Err(error) => Err(WriteError::new(to, error)),
        }
    }
}

/// Tells faults of reading from those of writing.
struct Reading<'a>(&'a mut File);

/// A disk that gives a file no more.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unread(io::Error);

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            kind => io::Error::new(kind, Unread(error)),
        })
    }
}
