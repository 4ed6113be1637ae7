//! Who may write a run: one attempt at a time, numbered, with a heartbeat.
//!
//! An attempt is a file `attempts/N.json` that is created exclusively, so that of two programs only one gets the number; this works on NFS, where locks are
//! not to be relied on. Its holder renews a counter in it. Whoever cannot look at the holder's process (another machine, a container) watches whether the
//! counter changes: no two clocks are compared. A later attempt ends an earlier one, which finds that out before it writes its next line.
//! `attempts/N.cancel` asks attempt N to stop, and no other.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use super::process::{Liveness, Process};
use super::{CANCEL, RunError};
use crate::access;
use crate::atomic::{self, WriteError};
use crate::intake;

pub(super) const ATTEMPTS: &str = "attempts";
/// Between two heartbeats.
const BEAT: Duration = Duration::from_secs(10);
/// A holder elsewhere that shows no heartbeat for so long has ended. NFS clients may show a file as it was a minute ago.
pub(super) const SILENCE: Duration = Duration::from_secs(90);

/// The content of an attempt's file. It always has the same length, so that it is renewed by one write in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Content {
    process: Process,
    /// Heartbeats, with leading zeros.
    beat: String,
    /// 1 once the holder has let go of it.
    ended: u8,
}

/// An attempt as others see it.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub number: u32,
    /// `None` while the file is being created.
    process: Option<Process>,
    ended: bool,
    /// What changes with each heartbeat.
    pub pulse: Vec<u8>,
    /// When the holder last wrote it, by the clock of the file's machine.
    pub written: Option<SystemTime>,
    /// Whether somebody watched this very heartbeat until it was clear that none follows.
    pub silent: bool,
}

impl Attempt {
    /// The newest attempt of a folder, looked for from a number on that is known to be there.
    pub fn newest(folder: &Path, known: Option<u32>) -> Option<Self> {
        let place = folder.join(ATTEMPTS);
        let mut number = match known {
            Some(known) => known,
            None => numbers(&place).max()?,
        };
        while file(&place, number + 1).exists() {
            number += 1;
        }
        let pulse = intake::bytes(&file(&place, number), intake::MAX_SETTINGS).ok()?;
        let content: Option<Content> = serde_json::from_slice(&pulse).ok();
        let ended = content.as_ref().is_some_and(|content| content.ended != 0);
        let written = fs::metadata(file(&place, number)).and_then(|data| data.modified()).ok();
        let silent = intake::bytes(&silence_mark(&place, number), intake::MAX_SETTINGS).is_ok_and(|mark| mark == pulse);
        Some(Self { number, process: content.map(|content| content.process), ended, pulse, written, silent })
    }

    pub fn liveness(&self) -> Liveness {
        if self.ended { Liveness::Gone } else { self.process.as_ref().map_or(Liveness::Elsewhere, Process::liveness) }
    }

    fn holder(&self) -> String {
        self.process.as_ref().map_or_else(|| "another process".to_owned(), Process::describe)
    }
}

/// The right to write a folder, held by this process until it is dropped.
#[derive(Debug)]
pub struct Lease {
    folder: PathBuf,
    number: u32,
    renewal: Arc<Mutex<Renewal>>,
    heart: Option<(Sender<()>, JoinHandle<()>)>,
}

#[derive(Debug)]
struct Renewal {
    file: File,
    content: Content,
    beats: u64,
}

impl Lease {
    /// Takes the next attempt for this process. The folder must exist. Where the last holder belongs to another machine and gives no sign of its end, its
    /// heartbeat is watched, for a minute and a half at most.
    ///
    /// # Errors
    /// Another process holds it, or the folder cannot be written to.
    pub fn claim(folder: &Path) -> Result<Self, RunError> {
        Self::claim_for_run(folder, Process::current())
    }

    pub(super) fn claim_for_run(folder: &Path, process: Process) -> Result<Self, RunError> {
        Self::claim_for(folder, process, |before| is_silent(folder, before))
    }

    fn claim_for(folder: &Path, process: Process, is_silent: impl Fn(&Attempt) -> bool) -> Result<Self, RunError> {
        let place = folder.join(ATTEMPTS);
        access::make_folders(&place).map_err(|error| WriteError::new(&place, error))?;
        loop {
            let newest = Attempt::newest(folder, None);
            if let Some(before) = &newest {
                let gone = match before.liveness() {
                    Liveness::Alive => false,
                    Liveness::Gone => true,
                    Liveness::Elsewhere => is_silent(before),
                };
                if !gone {
                    return Err(RunError::Busy { path: folder.to_owned(), holder: before.holder() });
                }
            }
            let number = newest.map_or(1, |before| before.number + 1);
            if let Some(renewal) = Renewal::begin(&place, number, process.clone()).map_err(|e| WriteError::new(&file(&place, number), e))? {
                let renewal = Arc::new(Mutex::new(renewal));
                return Ok(Self { folder: folder.to_owned(), number, heart: heart(&renewal), renewal });
            }
            // Somebody else took this number a moment ago.
        }
    }

    /// The attempt's number, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Whether somebody asked this attempt to stop.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        cancel_mark(&self.folder, self.number).exists()
    }

    /// That no later attempt has begun.
    ///
    /// # Errors
    /// One has: another machine took this process for dead.
    pub fn check(&self) -> Result<(), RunError> {
        if file(&self.folder.join(ATTEMPTS), self.number + 1).exists() {
            return Err(RunError::TakenOver { path: self.folder.clone() });
        }
        Ok(())
    }

    /// Lets go, and takes the attempt's files away: for folders that are no runs and keep no history.
    pub fn remove(self) {
        let (place, number) = (self.folder.join(ATTEMPTS), self.number);
        // From the first on, so that whoever looks for the newest meanwhile finds this one until the last moment.
        drop(fs::remove_file(cancel_mark(&self.folder, number)));
        (1..number).for_each(|earlier| drop(fs::remove_file(file(&place, earlier))));
        drop(self);
        drop(fs::remove_file(file(&place, number)));
        drop(fs::remove_file(silence_mark(&place, number)));
        drop(fs::remove_dir(&place));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((stop, heart)) = self.heart.take() {
            drop(stop);
            drop(heart.join());
        }
        let mut renewal = self.renewal.lock().unwrap_or_else(PoisonError::into_inner);
        // What is held for another process ends with that process.
        if renewal.content.process == Process::current() {
            renewal.content.ended = 1;
            // Where this cannot be written, the end of the process says the same.
            drop(renewal.write());
        }
    }
}

impl Renewal {
    /// Makes an attempt's file, with its content from the first moment on: a program that is killed here leaves none that names nobody. `None` where the
    /// number is taken.
    fn begin(place: &Path, number: u32, process: Process) -> io::Result<Option<Self>> {
        let path = file(place, number);
        let begun = place.join(format!(".{number}.{}.tmp", std::process::id()));
        let options = OpenOptions::new().write(true).create(true).truncate(true).clone();
        let mut renewal = Self { file: options.open(&begun)?, content: Content { process, beat: String::new(), ended: 0 }, beats: 0 };
        access::like_folder(&renewal.file, &path);
        let linked = renewal.write().and_then(|()| fs::hard_link(&begun, &path));
        drop(fs::remove_file(&begun));
        match linked {
            Ok(()) => Ok(Some(renewal)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            // Some file systems have no hard links.
            Err(_) => match OpenOptions::new().write(true).create_new(true).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
                made => {
                    renewal.file = made?;
                    access::like_folder(&renewal.file, &path);
                    renewal.write()?;
                    Ok(Some(renewal))
                }
            },
        }
    }

    fn write(&mut self) -> io::Result<()> {
        self.beats += 1;
        self.content.beat = format!("{:020}", self.beats);
        let mut text = serde_json::to_vec(&self.content)?;
        text.push(b'\n');
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&text)?;
        // A server shows it to other machines only now.
        self.file.sync_data()
    }
}

fn heart(renewal: &Arc<Mutex<Renewal>>) -> Option<(Sender<()>, JoinHandle<()>)> {
    let (stop, stopped) = channel();
    let renewal = Arc::clone(renewal);
    let beat = move || {
        while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
            // A beat that is lost is followed by others.
            drop(renewal.lock().unwrap_or_else(PoisonError::into_inner).write());
        }
    };
    let thread = std::thread::Builder::new().name("lease".into()).spawn(beat).ok()?;
    Some((stop, thread))
}

/// Watches a holder elsewhere until its heartbeat changes or has been silent for [`SILENCE`].
fn is_silent(folder: &Path, before: &Attempt) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < SILENCE {
        std::thread::sleep(Duration::from_secs(1));
        let now = Attempt::newest(folder, Some(before.number));
        if now.is_some_and(|now| now.pulse != before.pulse) {
            return false;
        }
    }
    true
}

/// Asks the newest attempt of a run to stop.
pub(super) fn request_cancel(folder: &Path) -> Result<(), WriteError> {
    match Attempt::newest(folder, None) {
        Some(newest) => atomic::write(&cancel_mark(folder, newest.number), b""),
        // An earlier version is at work, which looks for this.
        None => atomic::write(&folder.join(CANCEL), b""),
    }
}

/// Whether the newest attempt of a run was asked to stop.
#[must_use]
pub fn cancel_requested(folder: &Path) -> bool {
    Attempt::newest(folder, None).map_or_else(|| folder.join(CANCEL).exists(), |newest| cancel_mark(folder, newest.number).exists())
}

fn file(place: &Path, number: u32) -> PathBuf {
    place.join(format!("{number}.json"))
}

/// Keeps for everybody that the heartbeat of an attempt has been silent; another heartbeat makes that void. Where it cannot be written it is found out again.
pub(super) fn note_silence(folder: &Path, number: u32, pulse: &[u8]) {
    drop(atomic::write(&silence_mark(&folder.join(ATTEMPTS), number), pulse));
}

fn silence_mark(place: &Path, number: u32) -> PathBuf {
    place.join(format!("{number}.silent"))
}

fn cancel_mark(folder: &Path, number: u32) -> PathBuf {
    folder.join(ATTEMPTS).join(format!("{number}.cancel"))
}

fn numbers(place: &Path) -> impl Iterator<Item = u32> {
    fs::read_dir(place).into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".json")?.parse().ok())
}
