//! Films that come along with what is imported or exported.

use std::fs;
use std::io;
use std::path::Path;

use crate::atomic::WriteError;

/// How films reach their new folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bring {
    /// As a second name of the same file, which takes neither space nor time; as a copy where the file system has no second names.
    #[default]
    Link,
    /// As a copy.
    Copy,
    /// Not at all.
    No,
}

impl std::str::FromStr for Bring {
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

impl Bring {
    /// Brings one file to a place that is free.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn file(self, from: &Path, to: &Path) -> Result<(), WriteError> {
        let failed = |error: io::Error| WriteError::new(to, error);
        // What a symbolic link points to, not the link: its target may be relative.
        let from = fs::canonicalize(from).map_err(failed)?;
        match self {
            Self::No => Ok(()),
            Self::Link if fs::hard_link(&from, to).is_ok() => Ok(()),
            Self::Link | Self::Copy => fs::copy(&from, to).map(drop).map_err(failed),
        }
    }
}
