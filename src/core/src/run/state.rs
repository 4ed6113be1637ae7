//! How a run stands: what its writer left, and whether that writer is still at work.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use super::lease::{self, Attempt, SILENCE};
use super::process::Liveness;
use super::{EVENTS, INFO, RESULTS, RunInfo, RunStatus, shards};

/// Whether a run is running, finished, interrupted or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Its process is at work here, or elsewhere as far as is known.
    Running,
    /// Everything was done.
    Finished,
    /// It ended on an error.
    Failed,
    /// Somebody asked it to end.
    Cancelled,
    /// Its process is gone without having finished it; it can be resumed.
    Interrupted,
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        })
    }
}

/// What can be said of a run at once.
pub(super) enum Sighting {
    Known(RunState),
    /// Its holder cannot be looked at.
    Elsewhere(Elsewhere),
}

/// A run whose holder cannot be looked at.
pub(super) struct Elsewhere {
    /// As long as this changes, it is at work.
    pub pulse: Vec<u8>,
    /// How it stands once the pulse is silent.
    left: RunState,
    /// The attempt; `None` of an earlier version.
    attempt: Option<u32>,
    /// When its heartbeat was written, by the clock of the file's machine.
    pub written: Option<SystemTime>,
}

pub(super) fn sight(folder: &Path, info: &RunInfo) -> Sighting {
    let left = match info.status {
        RunStatus::Running => RunState::Interrupted,
        RunStatus::Finished => RunState::Finished,
        RunStatus::Failed => RunState::Failed,
        RunStatus::Cancelled => RunState::Cancelled,
    };
    if info.shards().is_some() {
        return Sighting::Known(shards::state(folder, info));
    }
    let attempt = Attempt::newest(folder, info.attempt);
    // The newest attempt has said how it ended.
    let is_over = info.status != RunStatus::Running && attempt.as_ref().is_none_or(|newest| info.attempt == Some(newest.number));
    if is_over {
        return Sighting::Known(left);
    }
    let (liveness, is_silent, elsewhere) = match attempt {
        Some(newest) => {
            let elsewhere = Elsewhere { left, attempt: Some(newest.number), written: newest.written, pulse: newest.pulse.clone() };
            (newest.liveness(), newest.silent, elsewhere)
        }
        // An earlier version wrote it, without a heartbeat; what it writes must do.
        None => (info.process.liveness(), false, Elsewhere { pulse: sizes(folder), left, attempt: None, written: None }),
    };
    match liveness {
        Liveness::Alive => Sighting::Known(RunState::Running),
        Liveness::Gone => Sighting::Known(left),
        Liveness::Elsewhere if is_silent => Sighting::Known(left),
        Liveness::Elsewhere => Sighting::Elsewhere(elsewhere),
    }
}

fn sizes(folder: &Path) -> Vec<u8> {
    let size = |name: &str| fs::metadata(folder.join(name)).map_or(0, |data| data.len());
    [INFO, EVENTS, RESULTS].into_iter().flat_map(|name| size(name).to_le_bytes()).collect()
}

/// How a run stands at one look. A holder elsewhere counts as being at work; an [`Observer`] tells more.
pub(super) fn at_once(folder: &Path, info: &RunInfo) -> RunState {
    match sight(folder, info) {
        Sighting::Known(state) => state,
        Sighting::Elsewhere(..) => RunState::Running,
    }
}

/// Looks at runs again and again, and so finds out which of those that other machines wrote are no longer written.
#[derive(Debug, Default)]
pub struct Observer {
    /// By folder: the last pulse and since when it has been so.
    seen: HashMap<PathBuf, (Vec<u8>, Instant)>,
}

impl Observer {
    /// How a run stands at this time, by its `run.json`.
    pub fn state_at(&mut self, folder: &Path, info: &RunInfo, now: Instant) -> RunState {
        match sight(folder, info) {
            Sighting::Known(state) => {
                self.seen.remove(folder);
                state
            }
            Sighting::Elsewhere(Elsewhere { pulse, left, attempt, .. }) => {
                let seen = self.seen.entry(folder.to_owned()).or_insert_with(|| (pulse.clone(), now));
                if seen.0 != pulse {
                    *seen = (pulse, now);
                }
                if now.duration_since(seen.1) < SILENCE {
                    return RunState::Running;
                }
                if let Some(number) = attempt {
                    lease::note_silence(folder, number, &seen.0);
                }
                left
            }
        }
    }

    /// Forgets the runs that are not among these.
    pub fn retain(&mut self, folders: &[PathBuf]) {
        self.seen.retain(|folder, _| folders.contains(folder));
    }
}
