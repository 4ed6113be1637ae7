//! Deleting, renaming and annotating runs. A run that is being written is neither deleted nor renamed; it may be annotated at any time.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files::NOTE;
use super::lease::{ATTEMPTS, Lease};
use super::process::Process;
use super::{CANCEL, EVENTS, INFO, INPUTS, MAX_NOTE, METRICS, RESULTS, RunError, RunReader, RunState};
use crate::atomic::{self, WriteError};
use crate::intake;

/// What svh writes into the folder of a run, tables derived from the results included.
const OWN: [&str; 16] = [
    INFO,
    RESULTS,
    EVENTS,
    INPUTS,
    METRICS,
    CANCEL,
    NOTE,
    ATTEMPTS,
    super::shards::FOLDER,
    "slurm",
    "films.parquet",
    "detections.parquet",
    "grades.parquet",
    "tables.json",
    "start.log",
    DELETED,
];

/// Where files of a run that is being deleted are moved first, in a folder that holds other files too.
const DELETED: &str = ".deleted";

/// Deletes a run: all that svh wrote into its folder, and the folder itself if nothing else is in it. Gives the names of the files that stay.
///
/// # Errors
/// A folder without a run, a run that is being written, files that cannot be deleted.
pub fn delete(folder: &Path) -> Result<Vec<String>, RunError> {
    let (folder, lease) = take(folder)?;
    let names = entries(&folder).map_err(|error| cannot(&folder, error))?;
    let (own, others): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| is_own(name));
    let removed = if others.is_empty() { remove_folder(&folder) } else { remove_files(&folder, &own) };
    drop(lease);
    removed.map_err(|error| cannot(&folder, error))?;
    Ok(others)
}

/// Gives a run another name in the same folder, and returns its new path.
///
/// # Errors
/// A folder without a run, a run that is being written, a name that is taken or cannot be a folder's.
pub fn rename(folder: &Path, name: &str) -> Result<PathBuf, RunError> {
    let refuse = |reason: &'static str| RunError::Name { name: name.to_owned(), reason };
    if name.is_empty() || name.starts_with(['.', '-']) || name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        return Err(refuse("give a name without slashes that begins with neither a dot nor a hyphen"));
    }
    if name.len() > 200 {
        return Err(refuse("it is too long; give one of at most 200 bytes"));
    }
    let (folder, lease) = take(folder)?;
    let target = folder.with_file_name(name);
    if intake::is_there(&target) {
        return Err(refuse("something of this name is there already; choose another"));
    }
    fs::rename(&folder, &target).map_err(|error| WriteError::new(&target, error))?;
    // Where a run says that it lies is how a copy is told from the run itself.
    let run = RunReader::open(&target)?;
    let mut info = run.info().clone();
    if info.folder.as_ref() == Some(&folder) {
        info.folder = Some(target.clone());
        super::writer::json(&target.join(INFO), &info)?;
    }
    drop(lease);
    Ok(target)
}

/// Keeps a note with a run in place of the one before; an empty note takes it away.
///
/// # Errors
/// A folder without a run, a note that is too long, a folder that cannot be written to.
pub fn annotate(folder: &Path, note: &str) -> Result<(), RunError> {
    RunReader::open(folder)?;
    let (path, note) = (folder.join(NOTE), note.trim());
    let characters = note.chars().count();
    if characters > MAX_NOTE {
        return Err(RunError::LongNote { characters });
    }
    if note.is_empty() {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(WriteError::new(&path, error).into()),
            _ => Ok(()),
        };
    }
    Ok(atomic::write(&path, format!("{note}\n").as_bytes())?)
}

/// A run's real folder, held so that nobody writes it meanwhile.
fn take(folder: &Path) -> Result<(PathBuf, Lease), RunError> {
    let run = RunReader::open(folder)?;
    let folder = fs::canonicalize(folder).map_err(|error| WriteError::new(folder, error))?;
    if run.state() == RunState::Running && run.info().attempt.is_none() {
        // An earlier version of svh is at work, which holds no lease.
        return Err(RunError::Busy { path: folder, holder: run.info().process.describe() });
    }
    let lease = Lease::claim_for_run(&folder, Process::current())?;
    Ok((folder, lease))
}

fn cannot(folder: &Path, source: io::Error) -> RunError {
    RunError::NotDeleted { path: folder.to_owned(), reason: source.to_string() }
}

fn entries(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// Whether svh writes a file of this name into a run, temporary files that a killed program left included.
fn is_own(name: &str) -> bool {
    let temporary =
        |name: &str| OWN.iter().any(|own| name.strip_prefix('.').and_then(|name| name.strip_prefix(own)).is_some_and(is_suffix));
    OWN.contains(&name) || temporary(name)
}

/// `.PID-NUMBER.tmp`, see [`atomic`].
fn is_suffix(rest: &str) -> bool {
    let number = rest.strip_prefix('.').and_then(|rest| rest.strip_suffix(".tmp"));
    number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit() || c == '-'))
}

/// Under another name first, so that no half of it can be taken for the run.
fn remove_folder(folder: &Path) -> io::Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let hidden = folder.with_file_name(format!(".{name}.deleted-{}", std::process::id()));
    fs::rename(folder, &hidden)?;
    fs::remove_dir_all(&hidden)
}

/// `run.json` first: without it nothing is a run.
fn remove_files(folder: &Path, own: &[String]) -> io::Result<()> {
    let away = folder.join(DELETED);
    fs::create_dir_all(&away)?;
    fs::rename(folder.join(INFO), away.join(INFO))?;
    for name in own.iter().filter(|name| ![INFO, DELETED].contains(&name.as_str())) {
        fs::rename(folder.join(name), away.join(name))?;
    }
    fs::remove_dir_all(&away)
}
