//! Files of one JSON object a line, appended by one process and read by any number meanwhile.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access;
use crate::atomic::{self, WriteError};
use crate::intake;

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
            let is_new = !path.exists();
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
            if is_new && file.metadata()?.is_file() {
                access::like_folder(&file, path);
            }
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
        let file = made.map_err(|e| WriteError::new(path, e))?;
        access::like_folder(&file, path);
        Ok(Self { path: path.to_owned(), file })
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
    lines: usize,
    damaged: Damage,
    kind: PhantomData<T>,
}

/// Lines that are not what they should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// How many.
    pub count: usize,
    /// The numbers of the first of them, from 1.
    pub first: Vec<usize>,
}

impl Damage {
    /// So many numbers are kept.
    const KEPT: usize = 10;

    pub(super) fn add(&mut self, line: usize) {
        self.count += 1;
        if self.first.len() < Self::KEPT {
            self.first.push(line);
        }
    }
}

/// A line as it was read.
enum Line {
    /// With its end; empty where it was longer than [`intake::MAX_LINE`].
    Whole(Vec<u8>),
    /// The file ends before the line does.
    Unfinished(Vec<u8>),
}

impl<T: DeserializeOwned> Tail<T> {
    /// From the start of a file, which need not exist yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, offset: 0, lines: 0, damaged: Damage::default(), kind: PhantomData }
    }

    /// The lines written since the last call; a last line without its end is left for later.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(&mut self) -> io::Result<Vec<T>> {
        let mut values = Vec::new();
        self.each(|_, value| values.push(value))?;
        Ok(values)
    }

    /// As [`Tail::read`], each value with the number of its line. The unfinished last line comes back: of a file that nobody writes any more it is damage.
    pub(super) fn each(&mut self, mut take: impl FnMut(usize, T)) -> io::Result<Option<Vec<u8>>> {
        let mut file = match intake::open(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        if file.metadata()?.len() < self.offset {
            // Another program restarted it.
            (self.offset, self.lines) = (0, 0);
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        loop {
            match next_line(&mut reader, &mut self.offset)? {
                None => return Ok(None),
                Some(Line::Unfinished(rest)) => return Ok(Some(rest)),
                Some(Line::Whole(line)) => {
                    self.lines += 1;
                    if line == b"\n" || line == b"\r\n" {
                        continue;
                    }
                    match serde_json::from_slice(&line) {
                        Ok(value) => take(self.lines, value),
                        Err(_) => self.damaged.add(self.lines),
                    }
                }
            }
        }
    }

    /// How many whole lines so far were not what they should be.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.damaged.count
    }

    /// The whole lines so far that were not what they should be.
    #[must_use]
    pub const fn damage(&self) -> &Damage {
        &self.damaged
    }

    /// The number of the line that comes next.
    pub(super) const fn next_line(&self) -> usize {
        self.lines + 1
    }
}

/// Reads a line, and counts the bytes of a whole one; no more than a line's most is ever held.
fn next_line(reader: &mut impl BufRead, offset: &mut u64) -> io::Result<Option<Line>> {
    let (mut line, mut length, mut too_long) = (Vec::new(), 0, false);
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok((length > 0).then_some(Line::Unfinished(line)));
        }
        let end = memchr::memchr(b'\n', buffer).map(|at| at + 1);
        let part = &buffer[..end.unwrap_or(buffer.len())];
        length += part.len() as u64;
        too_long |= length > intake::MAX_LINE;
        if too_long {
            line.clear();
        } else {
            line.extend_from_slice(part);
        }
        let taken = part.len();
        reader.consume(taken);
        if end.is_some() {
            *offset += length;
            return Ok(Some(Line::Whole(line)));
        }
    }
}
