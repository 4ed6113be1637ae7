//! What an import has done so far, in a file beside the key, so that the same command resumes it after it was stopped or killed.
//!
//! The file holds names of files of the archive, so it is readable by its owner only, and it is removed once the cohort is complete.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::{ArchiveError, Part, Seen};
use crate::WriteError;

/// The file's ending behind the key's name.
pub(super) const ENDING: &str = "progress.jsonl";

/// A file of the archive as it was when it was read: one that has changed since is read again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Source {
    file: PathBuf,
    size: u64,
    modified: u128,
    /// The columns, where it is a part of a plate.
    part: Part,
}

impl Source {
    fn of(file: &Path, part: Part) -> io::Result<Self> {
        let data = fs::metadata(file)?;
        let modified = data.modified()?.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        Ok(Self { file: file.to_owned(), size: data.len(), modified, part })
    }
}

/// A picture that was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Made {
    out: PathBuf,
    film: String,
    source: Source,
    /// What was done to it, such as blanking.
    how: String,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Seen(Source, Result<Seen, String>),
    Made(Made),
}

/// The journal of an import.
pub struct Journal {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    file: Option<File>,
    seen: HashMap<Source, Result<Seen, String>>,
    made: HashSet<Made>,
}

impl Journal {
    /// Reads what an import with this key has done. A line that a killed program left half written is passed over.
    #[must_use]
    pub fn open(key: &Path) -> Self {
        let path = super::write::beside(key, ENDING);
        let mut state = State::default();
        let text = fs::read(&path).unwrap_or_default();
        for line in text.split(|byte| *byte == b'\n') {
            match serde_json::from_slice(line) {
                Ok(Line::Seen(source, seen)) => drop(state.seen.insert(source, seen)),
                Ok(Line::Made(made)) => drop(state.made.insert(made)),
                Err(_) => {}
            }
        }
        Self { path, state: Mutex::new(state) }
    }

    /// How many pictures an earlier import has written into this folder.
    #[must_use]
    pub fn made_for(&self, out: &Path) -> usize {
        self.state().made.iter().filter(|made| made.out == out).count()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the detector sees on a file: as it was noted, or as `look` says, which is noted.
    ///
    /// # Errors
    /// Those of `look`, and a journal that cannot be written.
    pub fn seen(
        &self,
        file: &Path,
        part: Part,
        look: impl FnOnce() -> Result<Result<Seen, String>, ArchiveError>,
    ) -> Result<Result<Seen, String>, ArchiveError> {
        let Ok(source) = Source::of(file, part) else { return look() };
        if let Some(known) = self.state().seen.get(&source) {
            return Ok(known.clone());
        }
        let seen = look()?;
        let mut state = self.state();
        self.append(&mut state, &Line::Seen(source.clone(), seen.clone()))?;
        state.seen.insert(source, seen.clone());
        Ok(seen)
    }

    pub(super) fn picture(&self, out: &Path, film: &str, file: &Path, part: Part, how: &str) -> Option<Made> {
        let source = Source::of(file, part).ok()?;
        Some(Made { out: out.to_owned(), film: film.to_owned(), source, how: how.to_owned() })
    }

    pub(super) fn has(&self, made: &Made) -> bool {
        self.state().made.contains(made)
    }

    pub(super) fn note(&self, made: Made) -> Result<(), WriteError> {
        let mut state = self.state();
        self.append(&mut state, &Line::Made(made.clone()))?;
        state.made.insert(made);
        Ok(())
    }

    fn append(&self, state: &mut State, line: &Line) -> Result<(), WriteError> {
        let write = |state: &mut State| {
            if state.file.is_none() {
                let mut options = OpenOptions::new();
                options.append(true).create(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut file = options.open(&self.path)?;
                // A half line of a killed program ends here.
                file.write_all(b"\n")?;
                state.file = Some(file);
            }
            let mut bytes = serde_json::to_vec(line)?;
            bytes.push(b'\n');
            state.file.as_mut().map_or(Ok(()), |file| file.write_all(&bytes))
        };
        write(state).map_err(|error| WriteError::new(&self.path, error))
    }

    /// Removes the file: the cohort is complete, or nothing of it is kept.
    pub fn remove(&self) {
        drop(fs::remove_file(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limb;

    #[test]
    fn what_was_seen_and_made_is_known_again_unless_the_file_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (key, file) = (folder.path().join("key"), folder.path().join("a.dcm"));
        fs::write(&file, b"one").unwrap();
        let seen = Seen { limb: Limb::LeftFoot, boxes: vec![[1.0, 2.0, 3.0, 4.0]] };
        let journal = Journal::open(&key);
        journal.seen(&file, None, || Ok(Ok(seen.clone()))).unwrap().unwrap();
        journal.seen(&file, Some([0, 4]), || Ok(Err("nothing".into()))).unwrap().unwrap_err();
        let made = journal.picture(Path::new("/out"), "A.png", &file, None, "").unwrap();
        journal.note(made.clone()).unwrap();
        // A half line behind it, as a killed program leaves it.
        OpenOptions::new().append(true).open(&journal.path).unwrap().write_all(b"{\"made\":{\"ou").unwrap();
        let again = Journal::open(&key);
        let never = || -> Result<_, ArchiveError> { panic!("it is known") };
        assert_eq!(again.seen(&file, None, never).unwrap().unwrap(), seen);
        assert_eq!(again.seen(&file, Some([0, 4]), never).unwrap().unwrap_err(), "nothing");
        assert!(again.has(&made) && again.made_for(Path::new("/out")) == 1);
        again.note(again.picture(Path::new("/out"), "B.png", &file, None, "").unwrap()).unwrap();
        assert_eq!(Journal::open(&key).made_for(Path::new("/out")), 2, "the half line spoils no other");
        fs::write(&file, b"changed").unwrap();
        assert!(!again.has(&again.picture(Path::new("/out"), "A.png", &file, None, "").unwrap()));
        again.seen(&file, None, || Ok(Err("new".into()))).unwrap().unwrap_err();
        again.remove();
        assert!(!journal.path.exists());
    }
}
