//! The right to write a run's folder, before it is written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::lease::{Lease, SILENCE};
use super::process::Liveness;
use super::{EVENTS, INFO, INPUTS, ModelUse, Observer, RESULTS, RunError, RunInfo, RunReader, RunState, RunWriter};
use crate::access;
use crate::atomic::WriteError;

/// The right to write a run's folder, taken before it is known which models there are: loading them takes a while, in which a cancel must not be lost and no
/// other program may begin the same. No run is written before [`RunClaim::begin`]; dropped without it, the folder is as it was.
#[derive(Debug)]
pub struct RunClaim {
    folder: PathBuf,
    info: RunInfo,
    before: Option<RunReader>,
    lease: Option<Lease>,
}

impl RunClaim {
    /// Takes a folder for a run: to begin one, or to resume the one that is there.
    ///
    /// # Errors
    /// A folder that another process writes or that cannot be written to, and a run that did other work.
    pub fn take(folder: &Path, info: RunInfo) -> Result<Self, RunError> {
        Self::take_if(folder, info, |_| Ok(()))
    }

    /// As [`RunClaim::take`], where what is there now passes.
    pub(super) fn take_if(
        folder: &Path,
        mut info: RunInfo,
        passes: impl Fn(Option<&RunReader>) -> Result<(), RunError>,
    ) -> Result<Self, RunError> {
        let check = |info: &RunInfo| {
            let before = if folder.join(INFO).exists() { Some(RunReader::open(folder)?) } else { None };
            passes(before.as_ref())?;
            match before.as_ref().and_then(|before| before.info().difference_but_models(info)) {
                Some(what) => Err(RunError::OtherWork { path: folder.to_owned(), what }),
                None => Ok(before),
            }
        };
        if check(&info)?.is_none() {
            free_of_remains(folder)?;
        }
        free_of_earlier_versions(folder)?;
        access::make_folders(folder).map_err(|e| WriteError::new(folder, e))?;
        let lease = Lease::claim_for_run(folder, info.process.clone())?;
        info.attempt = Some(lease.number());
        let mut claim = Self { folder: folder.to_owned(), info, before: None, lease: Some(lease) };
        // Another program may have made an attempt since.
        claim.before = check(&claim.info)?;
        Ok(claim)
    }

    /// Whether somebody asked for an end.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.lease.as_ref().is_some_and(Lease::cancelled)
    }

    /// Begins to write, with what is known by now.
    ///
    /// # Errors
    /// A run that was made with other models, or a folder that cannot be written to.
    pub fn begin(mut self, models: Vec<ModelUse>, versions: BTreeMap<String, String>) -> Result<RunWriter, RunError> {
        self.info.models = models;
        self.info.versions.extend(versions);
        self.write()
    }

    pub(super) fn write(mut self) -> Result<RunWriter, RunError> {
        if let Some(what) = self.before.as_ref().and_then(|before| before.info().difference(&self.info)) {
            return Err(RunError::OtherWork { path: self.folder.clone(), what });
        }
        let lease = self.lease.take().ok_or_else(|| RunError::TakenOver { path: self.folder.clone() })?;
        RunWriter::begin(&self.folder, self.info.clone(), self.before.as_ref(), lease)
    }
}

impl Drop for RunClaim {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take()
            && self.before.is_none()
            && !self.folder.join(INFO).exists()
        {
            lease.remove();
            // What else is in it stays, and so does the folder then.
            drop(fs::remove_dir(&self.folder));
        }
    }
}

/// That nothing is appended to results of which nothing says what made them. Empty files were left by a program that was killed while it began.
fn free_of_remains(folder: &Path) -> Result<(), RunError> {
    let holds = |name: &&str| fs::metadata(folder.join(name)).is_ok_and(|data| data.len() > 0);
    match [RESULTS, EVENTS, INPUTS].into_iter().find(holds) {
        Some(file) => Err(RunError::Remains { path: folder.to_owned(), file }),
        None => Ok(()),
    }
}

/// That no earlier version of svh is writing a run: those make no attempts.
fn free_of_earlier_versions(folder: &Path) -> Result<(), RunError> {
    let (mut observer, begin) = (Observer::default(), Instant::now());
    loop {
        let Ok(run) = RunReader::open(folder) else { return Ok(()) };
        let info = run.info();
        if info.attempt.is_some() || observer.state(&run) != RunState::Running {
            return Ok(());
        }
        if info.process.liveness() == Liveness::Alive || begin.elapsed() > SILENCE {
            return Err(RunError::Busy { path: folder.to_owned(), holder: info.process.describe() });
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}
