//! What ran: the content of `run.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock;
use crate::protocol::DEFAULT_THRESHOLD;

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunKind {
    /// Joints found on films.
    Detect,
    /// Joints found and graded, patient by patient.
    Score,
    /// A network trained.
    Train,
}

/// How a run stands, as its writer left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Not ended yet, or its process died without a word: see [`RunInfo::state`].
    Running,
    /// Everything was done.
    Finished,
    /// It ended on an error.
    Failed,
    /// Somebody asked it to end.
    Cancelled,
}

/// How a run stands in truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Its process is at work, or on another machine.
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

/// A model that a run uses or starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUse {
    /// The model folder's name.
    pub name: String,
    /// The task it serves.
    pub task: String,
    /// Its architecture.
    pub arch: String,
    /// SHA-256 of its weights.
    pub sha256: String,
}

/// The cohort that a run works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohortRef {
    /// Where it lay.
    pub path: PathBuf,
    /// See [`crate::Cohort::fingerprint`].
    pub fingerprint: String,
}

/// The process that writes a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub id: u32,
    /// The machine's name; empty where it cannot be told.
    pub host: String,
    /// Its start in clock ticks since the machine's, which tells it from a later process of the same number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<u64>,
}

/// What ran, with all it takes to do it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// What it does.
    pub kind: RunKind,
    /// The command as it was typed.
    pub command: Vec<String>,
    /// The models in use; for a training the starting weights.
    #[serde(default)]
    pub models: Vec<ModelUse>,
    /// Settings by name.
    #[serde(default)]
    pub settings: BTreeMap<String, serde_json::Value>,
    /// The seed of everything random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Versions of programs and libraries by name.
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
    /// The cohort, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<CohortRef>,
    /// When it began, UTC.
    pub started: String,
    /// When it ended, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<String>,
    /// As its writer left it.
    pub status: RunStatus,
    /// Why it failed, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Who writes it.
    #[serde(default)]
    pub process: Process,
}

impl RunInfo {
    /// A run of this process that begins now.
    #[must_use]
    pub fn new(kind: RunKind, command: Vec<String>) -> Self {
        Self {
            kind,
            command,
            models: Vec::new(),
            settings: BTreeMap::new(),
            seed: None,
            versions: BTreeMap::new(),
            cohort: None,
            started: clock::utc_now(),
            finished: None,
            status: RunStatus::Running,
            message: None,
            process: Process::current(),
        }
    }

    /// How the run stands, with a look at whether its process still lives.
    #[must_use]
    pub fn state(&self) -> RunState {
        match self.status {
            RunStatus::Running if self.process.is_gone() => RunState::Interrupted,
            RunStatus::Running => RunState::Running,
            RunStatus::Finished => RunState::Finished,
            RunStatus::Failed => RunState::Failed,
            RunStatus::Cancelled => RunState::Cancelled,
        }
    }

    /// The settings, with what was in force where an earlier version of svh kept nothing of it.
    fn all_settings(&self) -> BTreeMap<String, serde_json::Value> {
        let mut settings = self.settings.clone();
        if self.kind != RunKind::Train {
            settings.entry("threshold".to_owned()).or_insert_with(|| threshold(DEFAULT_THRESHOLD));
            settings.entry("shape".to_owned()).or_insert_with(|| true.into());
        }
        settings
    }

    /// What keeps this run from being gone on with as `other`: the results of both would not belong together.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        let prints = |run: &Self| run.cohort.as_ref().map(|cohort| cohort.fingerprint.clone());
        let hashes = |run: &Self| run.models.iter().map(|model| (model.task.clone(), model.sha256.clone())).collect::<Vec<_>>();
        [
            ("kind of run", self.kind != other.kind),
            ("cohort", prints(self) != prints(other)),
            ("set of models", hashes(self) != hashes(other)),
            ("set of settings", self.all_settings() != other.all_settings()),
            ("seed", self.seed != other.seed),
        ]
        .into_iter()
        .find_map(|(what, differs)| differs.then_some(what))
    }
}

/// A threshold as a setting: the shortest number that means it.
#[must_use]
pub fn threshold(value: f32) -> serde_json::Value {
    value.to_string().parse::<f64>().unwrap_or_else(|_| f64::from(value)).into()
}

impl Process {
    /// This process.
    #[must_use]
    pub fn current() -> Self {
        let id = std::process::id();
        Self { id, host: host(), start: start(id) }
    }

    /// Whether it ran on this machine and does so no more. Where that cannot be told it counts as alive.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let tellable = cfg!(target_os = "linux") && !self.host.is_empty() && self.host == host();
        tellable && (start(self.id).is_none() || (self.start.is_some() && start(self.id) != self.start))
    }
}

fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned()
}

/// Field 22 of `/proc/ID/stat` (proc(5)): the process's start.
fn start(id: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field, the name in parentheses, may hold spaces; what follows it starts with field 3.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}
