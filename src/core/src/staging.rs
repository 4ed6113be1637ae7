//! Folders appear whole or not at all: they are filled under a hidden name beside their place and renamed when they are complete.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;

use crate::access;
use crate::atomic::WriteError;

/// A folder that cannot be made.
#[derive(Debug, Error)]
pub enum StagingError {
    /// Something is there, and nothing is overwritten.
    #[error("{} is there already and not empty; name a new folder", path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// Somebody asked for an end.
    #[error("{} was not made, as it was stopped; nothing of it was left behind", path.display())]
    Stopped {
        /// The folder.
        path: PathBuf,
    },
    /// Another program fills the same folder.
    #[error("another program is filling {}; wait for it to finish, or stop it", path.display())]
    Busy {
        /// The hidden folder.
        path: PathBuf,
    },
    /// The disk is full, the place read-only...
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A hidden folder that an interrupted program left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// Where it is.
    pub path: PathBuf,
    /// The number of the process that filled it.
    pub process: u32,
}

impl fmt::Display for LeftBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, process } = self;
        write!(
            f,
            "{} holds what process {process} had not finished when it was interrupted; if no other machine is still filling it, delete it",
            path.display()
        )
    }
}

/// What interrupted programs left beside a folder that they were to make.
#[must_use]
pub fn left_behind(target: &Path) -> Vec<LeftBehind> {
    let (Some(parent), Some(name)) = (parent_of(target), target.file_name()) else { return Vec::new() };
    let name = format!(".{}{UNFINISHED}", name.to_string_lossy());
    all_left_behind(parent)
        .into_iter()
        .filter(|left| left.path.file_name().is_some_and(|own| own.to_string_lossy().starts_with(&name)))
        .collect()
}

/// What interrupted programs left in a folder, whatever it was to become.
#[must_use]
pub fn all_left_behind(folder: &Path) -> Vec<LeftBehind> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_prefix('.')?;
        let process = name.rsplit_once(UNFINISHED)?.1.parse().ok()?;
        (is_gone(process) && path.is_dir()).then(|| LeftBehind { process, path: path.clone() })
    };
    let mut left: Vec<_> = entries.filter_map(|entry| of(entry.path())).collect();
    left.sort_by(|a, b| a.path.cmp(&b.path));
    left
}

/// Between the name of the folder to be made and the process that makes it.
const UNFINISHED: &str = ".unfinished-";

fn parent_of(target: &Path) -> Option<&Path> {
    target.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}

/// Whether no process of this number is at work here; where that cannot be told, one is.
fn is_gone(process: u32) -> bool {
    cfg!(target_os = "linux") && !Path::new("/proc").join(process.to_string()).exists()
}

/// A folder on its way. Dropped without [`Staging::commit`], nothing of it stays.
#[derive(Debug)]
pub struct Staging<'a> {
    target: PathBuf,
    path: PathBuf,
    stop: &'a AtomicBool,
}

impl<'a> Staging<'a> {
    /// Begins a folder that must be new or empty. What programs that were killed left beside it is taken away. `stop` may ask for an end at any time.
    ///
    /// # Errors
    /// A place that is taken or cannot be written to.
    pub fn begin(target: &Path, stop: &'a AtomicBool) -> Result<Self, StagingError> {
        is_free(target)?;
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| WriteError::new(&path, error)
        };
        let name = target.file_name().ok_or_else(|| WriteError::new(target, io::Error::other("this is not a folder's name")))?;
        let parent = parent_of(target).unwrap_or(Path::new("."));
        access::make_folders(parent).map_err(failed(parent))?;
        let prefix = format!(".{}{UNFINISHED}", name.to_string_lossy());
        remove_left_behind(parent, &prefix);
        let path = parent.join(format!("{prefix}{}", std::process::id()));
        drop(fs::remove_dir_all(&path));
        fs::create_dir(&path).map_err(failed(&path))?;
        access::folder_like_above(&path);
        Ok(Self { target: target.to_owned(), path, stop })
    }

    /// Where to write for the time being.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether to go on; asked between files.
    ///
    /// # Errors
    /// When somebody asked for an end.
    pub fn go_on(&self) -> Result<(), StagingError> {
        if self.stop.load(Ordering::Relaxed) { Err(StagingError::Stopped { path: self.target.clone() }) } else { Ok(()) }
    }

    /// Puts the complete folder in its place.
    ///
    /// # Errors
    /// When somebody asked for an end or the place was taken meanwhile; then nothing is left behind.
    pub fn commit(self) -> Result<(), StagingError> {
        self.go_on()?;
        // An empty folder in its place gives way; a full one makes the rename fail.
        drop(fs::remove_dir(&self.target));
        fs::rename(&self.path, &self.target).map_err(|error| WriteError::new(&self.target, error).into())
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.path));
    }
}

/// Refuses a place where something is.
fn is_free(target: &Path) -> Result<(), StagingError> {
    match fs::read_dir(target) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(StagingError::Taken { path: target.to_owned() });
            }
        }
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound => {}
            io::ErrorKind::NotADirectory => return Err(StagingError::Taken { path: target.to_owned() }),
            _ => return Err(WriteError::new(target, error).into()),
        },
    }
    Ok(())
}

/// A folder on its way that stays when the program is stopped or killed, so that the same command resumes it.
#[derive(Debug)]
pub(crate) struct Resumable {
    target: PathBuf,
    path: PathBuf,
    /// Held as long as this program fills the folder; the system lets go of it when the program ends in any way.
    _lock: fs::File,
}

/// The file whose lock says that a program fills the folder.
const LOCK: &str = ".lock";

impl Resumable {
    /// Begins a folder that must be new or empty, or resumes it where an earlier program left it.
    ///
    /// # Errors
    /// A place that is taken, that another program fills, or that cannot be written to.
    pub fn begin(target: &Path) -> Result<Self, StagingError> {
        is_free(target)?;
        let name = target.file_name().ok_or_else(|| WriteError::new(target, io::Error::other("this is not a folder's name")))?;
        let path = parent_of(target).unwrap_or(Path::new(".")).join(format!(".{}.unfinished", name.to_string_lossy()));
        let failed = |error| WriteError::new(&path, error);
        access::make_folders(&path).map_err(failed)?;
        let lock = fs::OpenOptions::new().create(true).append(true).open(path.join(LOCK)).map_err(failed)?;
        access::like_folder(&lock, &path.join(LOCK));
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(StagingError::Busy { path }),
            // A file system without locks: two programs at once are then the user's to avoid.
            Err(fs::TryLockError::Error(_)) => {}
        }
        Ok(Self { target: target.to_owned(), path, _lock: lock })
    }

    /// Where to write for the time being.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the complete folder in its place.
    ///
    /// # Errors
    /// When the place was taken meanwhile; what was written stays.
    pub fn commit(self) -> Result<(), StagingError> {
        let failed = |error| WriteError::new(&self.target, error);
        fs::remove_file(self.path.join(LOCK)).map_err(failed)?;
        drop(fs::remove_dir(&self.target));
        Ok(fs::rename(&self.path, &self.target).map_err(failed)?)
    }

    /// Removes everything that was written.
    pub(crate) fn discard(self) {
        drop(fs::remove_dir_all(&self.path));
    }
}

/// Unfinished folders whose process is gone.
fn remove_left_behind(parent: &Path, prefix: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(prefix)?.parse::<u32>().ok());
        // Another machine's process cannot be looked at: a day is long enough for any of them.
        let old = || entry.metadata().and_then(|data| data.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() > 86_400));
        if process.is_some_and(|process| is_gone(process) && old()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static GO: AtomicBool = AtomicBool::new(false);

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_appears_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("new/cohort");
        let staging = Staging::begin(&target, &GO).unwrap();
        fs::write(staging.path().join("a"), b"1").unwrap();
        assert!(!target.exists());
        staging.commit().unwrap();
        assert_eq!((names(&target), names(&folder.path().join("new"))), (vec!["a".to_owned()], vec!["cohort".to_owned()]));
    }

    #[test]
    fn what_a_killed_program_left_is_found_and_what_is_being_filled_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("cohort");
        // Above the largest number of a process.
        let left = folder.path().join(".cohort.unfinished-4294967295");
        fs::create_dir(&left).unwrap();
        fs::create_dir(folder.path().join(".other.unfinished-4294967295")).unwrap();
        let at_work = Staging::begin(&target, &GO).unwrap();
        let found = left_behind(&target);
        assert_eq!(found, [LeftBehind { path: left, process: u32::MAX }]);
        assert!(found[0].to_string().contains("process 4294967295 had not finished"), "{}", found[0]);
        assert_eq!(all_left_behind(folder.path()).len(), 2);
        drop(at_work);
    }

    #[test]
    fn a_resumable_folder_is_found_again_and_belongs_to_one_program_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("new/cohort");
        let first = Resumable::begin(&target).unwrap();
        fs::write(first.path().join("a"), b"1").unwrap();
        assert!(matches!(Resumable::begin(&target), Err(StagingError::Busy { .. })));
        drop(first);
        let again = Resumable::begin(&target).unwrap();
        assert!(again.path().join("a").is_file() && !target.exists());
        again.commit().unwrap();
        assert_eq!((names(&target), names(&folder.path().join("new"))), (vec!["a".to_owned()], vec!["cohort".to_owned()]));
        assert!(matches!(Resumable::begin(&target), Err(StagingError::Taken { .. })));
        let other = Resumable::begin(&folder.path().join("other")).unwrap();
        fs::write(other.path().join("a"), b"1").unwrap();
        other.discard();
        assert_eq!(names(folder.path()), ["new"]);
    }

    #[test]
    fn a_folder_that_was_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let staging = Staging::begin(&folder.path().join("cohort"), &GO).unwrap();
        fs::write(staging.path().join("a"), b"1").unwrap();
        drop(staging);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_folder_that_was_stopped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let stop = AtomicBool::new(false);
        let staging = Staging::begin(&folder.path().join("cohort"), &stop).unwrap();
        staging.go_on().unwrap();
        stop.store(true, Ordering::Relaxed);
        let error = staging.commit().unwrap_err().to_string();
        assert!(error.contains("nothing of it was left behind"), "{error}");
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn what_is_there_is_not_overwritten_and_an_empty_folder_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (full, file, empty) = (folder.path().join("full"), folder.path().join("file"), folder.path().join("empty"));
        fs::create_dir(&full).unwrap();
        fs::write(full.join("a"), b"1").unwrap();
        fs::write(&file, b"1").unwrap();
        fs::create_dir(&empty).unwrap();
        for taken in [&full, &file] {
            let error = Staging::begin(taken, &GO).unwrap_err().to_string();
            assert!(error.contains("there already and not empty"), "{error}");
        }
        Staging::begin(&empty, &GO).unwrap().commit().unwrap();
        let late = Staging::begin(&empty, &GO).unwrap();
        fs::write(empty.join("meanwhile"), b"1").unwrap();
        assert!(late.commit().is_err());
        assert_eq!((names(&empty), names(folder.path()).len()), (vec!["meanwhile".to_owned()], 3));
    }
}
