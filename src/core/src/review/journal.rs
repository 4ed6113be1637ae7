//! The writing end: one file a reader and program start, and nothing forgotten when the disk refuses.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::{Before, Change, Entry, Line, Refused, ReviewError, ReviewTarget, Reviews, Time, check};
use crate::atomic::WriteError;
use crate::clock;
use crate::run::{JsonLines, Process};

/// A reader at work: gives lines their id, time and name.
#[derive(Clone, Debug)]
pub struct Author {
    reader: String,
    /// Names the program start, and with it the file.
    start: String,
    count: u64,
}

impl Author {
    /// A reader who begins now.
    #[must_use]
    pub fn new(reader: &str) -> Self {
        let reader: String = reader.trim().chars().filter(|letter| !letter.is_control()).collect();
        let process = Process::current();
        let now = clock::now_millis();
        let stamp: String = clock::utc(now / 1000).chars().filter(char::is_ascii_digit).collect();
        let (date, time) = stamp.split_at(8.min(stamp.len()));
        // Two starts are told apart by process and by the fraction of a second, also in containers that share a host's name.
        let fraction = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
        let start = format!("{}-{date}-{time}-{}-{}-{fraction:09}", in_names(&reader), in_names(&process.host), process.id);
        Self { reader, start, count: 0 }
    }

    /// The name.
    #[must_use]
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// The name of this program start.
    #[must_use]
    pub fn start(&self) -> &str {
        &self.start
    }

    /// How many lines this program start has given out.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// A line for a change, later than all that is known. It neither is in `reviews` yet nor on the disk.
    ///
    /// `before` is what the reader saw when the change was begun; where it names no lines, that is now.
    ///
    /// # Errors
    /// A change that cannot count, a second locked answer, or one over a change that came in since it was begun.
    pub fn entry(&mut self, reviews: &Reviews, target: &ReviewTarget, change: Change, mut before: Before) -> Result<Entry, Refused> {
        let joint = target.joint;
        check::check(joint, target.size, &change)?;
        let locked = || reviews.joint(&target.patient, joint).and_then(|review| review.lock_of(&self.reader)).is_some();
        if matches!(change, Change::Lock { .. }) && locked() {
            return Err(Refused::Locked { reader: self.reader.clone(), joint: joint.label.clone() });
        }
        if change.is_of_box() || matches!(change, Change::Grade { .. }) {
            before.saw = Some(self.seen(reviews, target, &change, before.saw)?);
        }
        Ok(Entry {
            id: self.next_id(),
            time: Time::now().max(reviews.latest().next()),
            reader: self.reader.clone(),
            patient: target.patient.clone(),
            film: target.film.clone(),
            size: target.size,
            task: joint.task,
            joint: joint.label.clone(),
            change,
            before,
            batch: None,
        })
    }

    /// The id of a further line, for lines that are not reviews.
    pub(crate) fn next_id(&mut self) -> String {
        self.count += 1;
        format!("{}/{}", self.start, self.count)
    }

    /// A name for the lines of one bulk action, which no other action has.
    #[must_use]
    pub fn batch(&self) -> String {
        format!("{}/from-{}", self.start, self.count + 1)
    }

    /// The lines that a change follows: those that were seen when it was begun, if none has come in since.
    fn seen(&self, reviews: &Reviews, target: &ReviewTarget, change: &Change, saw: Option<Vec<String>>) -> Result<Vec<String>, Refused> {
        let (patient, joint) = (&*target.patient, target.joint);
        let now = reviews.heads(patient, joint);
        if let Some(saw) = &saw {
            let theirs = |id: &&String| !saw.contains(*id) && reviews.is_head(patient, joint, id, change.is_of_box());
            let reader = |id: &String| reviews.entry(patient, id).map(|entry| entry.reader.clone());
            let others = now.iter().filter(theirs).filter_map(reader).find(|reader| *reader != self.reader);
            if let Some(reader) = others {
                return Err(Refused::Outdated { reader, joint: joint.label.clone() });
            }
        }
        let mut seen = saw.unwrap_or(now);
        if let Change::Relabel { to, .. } = change
            && let Some(other) = crate::joint::by_label(joint.task, to)
        {
            seen.extend(reviews.heads(patient, other));
        }
        Ok(seen)
    }

    /// A line that takes back another one, as [`Reviews::undoable`] or [`Reviews::redoable`] name it. It belongs to no bulk action.
    #[must_use]
    pub fn undo(&mut self, reviews: &Reviews, of: &Entry) -> Entry {
        Entry {
            id: self.next_id(),
            time: Time::now().max(reviews.latest().next()),
            reader: self.reader.clone(),
            change: Change::Undo { undoes: of.id.clone() },
            before: Before::default(),
            batch: None,
            ..of.clone()
        }
    }
}

/// A name as it may stand in a file's name.
fn in_names(name: &str) -> String {
    let mut name: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).take(24).collect();
    if name.is_empty() {
        name.push('_');
    }
    name
}

/// The file of a program start, of reviews or of other lines that are kept as they are. It is made with the first line.
#[derive(Debug)]
pub struct Journal<L = Entry> {
    folder: PathBuf,
    start: String,
    file: Option<(PathBuf, JsonLines)>,
    /// Files begun so far; a new one follows a failure, which may have left half a line.
    files: usize,
    waiting: VecDeque<L>,
}

impl<L: Line> Journal<L> {
    /// A journal of a cohort; nothing is written yet.
    #[must_use]
    pub fn new(cohort: &Path, author: &Author) -> Self {
        Self { folder: L::folder(cohort), start: author.start.clone(), file: None, files: 0, waiting: VecDeque::new() }
    }

    /// Brings a line to the disk, with all that wait.
    ///
    /// # Errors
    /// When that fails; what could not be written waits for the next call.
    pub fn append(&mut self, entry: L) -> Result<(), ReviewError> {
        self.append_all([entry])
    }

    /// Brings many lines to the disk at once, with all that wait: the disk is asked to keep them once, not line by line.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn append_all(&mut self, entries: impl IntoIterator<Item = L>) -> Result<(), ReviewError> {
        self.waiting.extend(entries);
        self.flush()
    }

    /// Brings the lines that wait to the disk.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn flush(&mut self) -> Result<(), ReviewError> {
        self.write().map_err(|error| {
            self.give_up_file();
            ReviewError::Unwritten { path: error.path, reason: error.source.to_string(), waiting: self.waiting.len() }
        })
    }

    /// How many lines wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn write(&mut self) -> Result<(), WriteError> {
        if self.file.as_ref().is_some_and(|(path, _)| !path.exists()) {
            // Somebody took the file away while it was open: what is written into it now would be gone.
            self.file = None;
        }
        if self.waiting.is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            crate::access::make_folders(&self.folder).map_err(|error| WriteError::new(&self.folder, error))?;
            let number = if self.files == 0 { String::new() } else { format!("-{}", self.files + 1) };
            let path = self.folder.join(format!("{}{number}.jsonl", self.start));
            self.file = Some((path.clone(), JsonLines::create(&path)?));
            self.files += 1;
        }
        if let Some((_, file)) = &mut self.file {
            self.waiting.iter().try_for_each(|entry| file.append(entry))?;
            // Lines that were written and not brought to the disk are written again; the same id counts once.
            file.sync()?;
            self.waiting.clear();
        }
        Ok(())
    }

    /// Goes on in a new file; one without a line is taken away again.
    fn give_up_file(&mut self) {
        if let Some((path, _)) = self.file.take()
            && path.metadata().is_ok_and(|data| data.len() == 0)
            && std::fs::remove_file(&path).is_ok()
        {
            self.files -= 1;
        }
    }
}
