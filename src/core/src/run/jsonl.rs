//! Files of one JSON object a line, appended by one process and read by any number meanwhile.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::atomic::{self, WriteError};

/// The writing end.
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    file: File,
}

impl JsonLines {
    /// Opens a file to append to it; a torn last line, left by a process that died while writing it, is dropped.
    ///
    /// # Errors
    /// When the file cannot be opened for writing.
    pub fn open(path: &Path) -> Result<Self, WriteError> {
        atomic::outlive_size_limits();
        let open = || {
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
            if file.metadata()?.is_file() {
                let whole = end_of_last_line(&mut file)?;
                file.set_len(whole)?;
            }
            Ok(file)
        };
        open().map(|file| Self { path: path.to_owned(), file }).map_err(|e| WriteError::new(path, e))
    }

    /// Begins a file that must not exist yet.
    ///
    /// # Errors
    /// When there is one, or the file cannot be made.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        atomic::outlive_size_limits();
        let made = OpenOptions::new().append(true).create_new(true).open(path);
        made.map(|file| Self { path: path.to_owned(), file }).map_err(|e| WriteError::new(path, e))
    }

    /// Waits until everything appended is on the disk.
    ///
    /// # Errors
    /// When the system cannot bring it there.
    pub fn sync(&self) -> Result<(), WriteError> {
        self.file.sync_data().map_err(|e| WriteError::new(&self.path, e))
    }

    /// Appends one line in one write.
    ///
    /// # Errors
    /// When the line cannot be written whole; no part of it stays in the file.
    pub fn append(&mut self, value: &impl Serialize) -> Result<(), WriteError> {
        let mut write = || {
            let mut line = serde_json::to_vec(value)?;
            line.push(b'\n');
            let before = self.file.metadata()?.len();
            self.file.write_all(&line).inspect_err(|_| drop(self.file.set_len(before)))
        };
        write().map_err(|e| WriteError::new(&self.path, e))
    }
}

/// The length of a file without a torn last line, looked for from its end.
fn end_of_last_line(file: &mut File) -> io::Result<u64> {
    let mut end = file.metadata()?.len();
    let mut block = vec![0; 1 << 16];
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let part = &mut block[..usize::try_from(end - start).unwrap_or(0)];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(at) = memchr::memrchr(b'\n', part) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// The reading end: each [`Tail::read`] gives what was written since the last one.
#[derive(Debug)]
pub struct Tail<T> {
    path: PathBuf,
    offset: u64,
    unreadable: usize,
    lines: PhantomData<T>,
}

impl<T: DeserializeOwned> Tail<T> {
    /// From the start of a file, which need not exist yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, offset: 0, unreadable: 0, lines: PhantomData }
    }

    /// The lines written since the last call; a last line without its end is left for later.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(&mut self) -> io::Result<Vec<T>> {
        let mut file = match File::open(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            file => file?,
        };
        if file.metadata()?.len() < self.offset {
            // Somebody began it anew.
            self.offset = 0;
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
        self.offset += whole as u64;
        let mut values = Vec::new();
        for line in bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(value) => values.push(value),
                Err(_) => self.unreadable += 1,
            }
        }
        Ok(values)
    }

    /// How many whole lines so far were not what they should be.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }
}
