//! Reading what everybody wrote: all files of the folder, and later what was added to them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Entry, Reviews};
use crate::intake;
use crate::names::nfc;

/// How far a file has been read.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Bytes of whole lines.
    bytes: u64,
    /// Whole lines.
    lines: usize,
    /// Bytes after them when the file was last looked at.
    rest: usize,
    /// The rest, or that the file cannot be read, has been reported.
    reported: bool,
}

/// What is kept in a cohort as lines of many files: reviews, tags.
pub trait Line: Clone + Serialize + DeserializeOwned {
    /// What a line is called.
    const NOUN: &'static str;

    /// The folder of the files.
    fn folder(cohort: &Path) -> PathBuf;

    /// The line with its names as the cohort has them.
    #[must_use]
    fn composed(self) -> Self;
}

impl Line for Entry {
    const NOUN: &'static str = "review";

    fn folder(cohort: &Path) -> PathBuf {
        super::folder(cohort)
    }

    fn composed(mut self) -> Self {
        if let std::borrow::Cow::Owned(composed) = nfc(&self.patient) {
            self.patient = composed;
        }
        self
    }
}

/// Reads the files of a cohort's reviews, or of other lines, again and again, each line once.
#[derive(Clone, Debug)]
pub struct Follower<L = Entry> {
    folder: PathBuf,
    files: BTreeMap<String, Place>,
    reported: bool,
    kind: PhantomData<L>,
}

/// What a look at the files has brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Update<L> {
    /// Lines with their file and number.
    pub lines: Vec<(String, usize, L)>,
    /// What could not be read, one sentence each.
    pub problems: Vec<String>,
}

/// What a look at the files of reviews has brought.
pub type ReviewUpdate = Update<Entry>;

impl<L> Default for Update<L> {
    fn default() -> Self {
        Self { lines: Vec::new(), problems: Vec::new() }
    }
}

impl<L> Update<L> {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.problems.is_empty()
    }
}

impl Reviews {
    /// Reads all reviews of a cohort. A line that cannot be read, such as the last one of a program that was cut off, is left out and told by
    /// [`Reviews::problems`]; all others count.
    #[must_use]
    pub fn read(cohort: &Path) -> Self {
        let mut reviews = Self::default();
        let mut follower: Follower = Follower::new(cohort);
        reviews.take(follower.poll());
        // Nobody waits for the end of a line that is not there.
        reviews.take(follower.poll());
        reviews
    }
}

impl<L: Line> Follower<L> {
    /// From the start of every file; the folder need not exist.
    #[must_use]
    pub fn new(cohort: &Path) -> Self {
        Self { folder: L::folder(cohort), files: BTreeMap::new(), reported: false, kind: PhantomData }
    }

    /// What was written since the last call. A last line without its end may still be on its way: it is given, or reported as torn, only when it was
    /// the same the last time.
    pub fn poll(&mut self) -> Update<L> {
        let mut news = Update::default();
        let names = match names(&self.folder) {
            Ok(names) => names,
            Err(error) => {
                if !std::mem::replace(&mut self.reported, true) {
                    news.problems.push(unreadable(&self.folder, &error));
                }
                return news;
            }
        };
        for name in names {
            let place = self.files.entry(name.clone()).or_default();
            if let Err(error) = read(&self.folder, &name, place, &mut news)
                && !std::mem::replace(&mut place.reported, true)
            {
                news.problems.push(unreadable(&self.folder.join(&name), &error));
            }
        }
        news
    }
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    super::ReviewError::Unreadable { path: path.to_owned(), reason: error.to_string() }.to_string()
}

/// The files of reviews, sorted; no folder has none.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".jsonl") && !name.starts_with('.')).collect();
    names.sort_unstable();
    Ok(names)
}

fn read<L: Line>(folder: &Path, name: &str, place: &mut Place, news: &mut Update<L>) -> io::Result<()> {
    let mut file = intake::open(&folder.join(name))?;
    let length = file.metadata()?.len();
    if length == place.bytes + place.rest as u64 && (place.rest == 0 || place.reported) {
        return Ok(());
    }
    if length < place.bytes {
        // Somebody put another file in its place; lines that are known change nothing.
        *place = Place::default();
    }
    file.seek(SeekFrom::Start(place.bytes))?;
    if length - place.bytes > intake::MAX_JSON {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than any reader's work"));
    }
    let mut bytes = Vec::new();
    file.take(intake::MAX_JSON).read_to_end(&mut bytes)?;
    let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
    for line in bytes[..whole].split_inclusive(|byte| *byte == b'\n') {
        place.lines += 1;
        take(name, place.lines, line, news);
    }
    place.bytes += whole as u64;
    let rest = &bytes[whole..];
    let waited = place.rest == rest.len() && !rest.is_empty() && whole == 0;
    place.rest = rest.len();
    if !waited {
        place.reported = false;
    } else if let Ok(entry) = parse(rest) {
        // Only the line break is missing.
        news.lines.push((name.to_owned(), place.lines + 1, entry));
        place.reported = true;
    } else if !std::mem::replace(&mut place.reported, true) {
        news.problems.push(format!(
            "{name}, line {}: the line is torn, as its program or its disk ended while writing; it is left out, all others count",
            place.lines + 1
        ));
    }
    Ok(())
}

fn take<L: Line>(name: &str, number: usize, line: &[u8], news: &mut Update<L>) {
    if line.trim_ascii().is_empty() {
        return;
    }
    match parse(line) {
        Ok(entry) => news.lines.push((name.to_owned(), number, entry)),
        Err(error) => {
            news.problems
                .push(format!("{name}, line {number}: this is not a {} ({error}); the line is left out, all others count", L::NOUN));
        }
    }
}

fn parse<L: Line>(line: &[u8]) -> Result<L, serde_json::Error> {
    serde_json::from_slice(line).map(L::composed)
}
