//! Runs as the screens see them: how they stand, how far they are, what they have written.

use std::path::PathBuf;

use svh_core::{RunEvent, RunInfo, RunKind, RunState};

use super::{format, load::Load};

/// A run as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its folder.
    pub folder: PathBuf,
    /// The folder's name.
    pub name: String,
    /// What ran.
    pub info: RunInfo,
    /// How it stands.
    pub state: RunState,
    /// What somebody noted about it.
    pub note: Option<String>,
    /// How far it is, where it has said so.
    pub reached: Option<Reached>,
    /// Jobs of a Slurm cluster score it.
    pub on_cluster: bool,
    /// What it takes of this machine, while it runs here.
    pub load: Option<Load>,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// Steps or patients done.
    pub done: u64,
    /// Of so many.
    pub total: u64,
    /// What is done: an epoch, a patient.
    pub what: String,
    /// Steps or patients a second, where the latest events tell.
    pub rate: Option<f64>,
}

impl Reached {
    /// The share that is done, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.total == 0 { 0.0 } else { (self.done as f64 / self.total as f64).min(1.0) }
    }

    /// Seconds until the end at the latest pace.
    #[must_use]
    pub fn seconds_left(&self) -> Option<f64> {
        let rate = self.rate.filter(|rate| *rate > 0.0)?;
        Some(self.total.saturating_sub(self.done) as f64 / rate)
    }
}

impl Run {
    /// What it is about, in a few words: the network that is trained, or how many patients are scored.
    #[must_use]
    pub fn content(&self) -> String {
        let setting = |name: &str| self.info.settings.get(name).and_then(|value| value.as_str());
        match self.info.kind {
            RunKind::Train => {
                let words = ["network", "task", "arch"].into_iter().filter_map(setting);
                words.collect::<Vec<_>>().join(" ")
            }
            RunKind::Score | RunKind::Detect => match &self.reached {
                Some(reached) => format::count(reached.total as usize, "patient"),
                None => "from the workbench".to_owned(),
            },
        }
    }
}

/// Events that a followed run has written.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The run's folder.
    pub folder: PathBuf,
    /// They are its first ones: what was known of it before counts no more.
    pub first: bool,
    /// The events, in their order.
    pub events: Vec<RunEvent>,
}

/// A run that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    /// Its folder before.
    pub before: PathBuf,
    /// Its folder now; `None` where it was deleted.
    pub now: Option<PathBuf>,
    /// What was done, in a sentence.
    pub text: String,
}
