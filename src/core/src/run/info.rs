//! What ran: the content of `run.json`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Process, RunOptions};
use crate::names::nfc;
use crate::protocol::{DEFAULT_THRESHOLD, ModelSummary};
use crate::{Cohort, clock};

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

impl fmt::Display for RunKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Detect => "detect",
            Self::Score => "score",
            Self::Train => "train",
        })
    }
}

/// How a run stands, as its writer left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Not ended yet, or its process died without a word: see [`super::RunState`].
    Running,
    /// Everything was done.
    Finished,
    /// It ended on an error.
    Failed,
    /// Somebody asked it to end.
    Cancelled,
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

impl From<&ModelSummary> for ModelUse {
    fn from(model: &ModelSummary) -> Self {
        let ModelSummary { name, arch, task, sha256 } = model.clone();
        Self { name, task, arch, sha256 }
    }
}

/// The cohort that a run works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohortRef {
    /// Where it lay.
    pub path: PathBuf,
    /// See [`crate::Cohort::fingerprint`].
    pub fingerprint: String,
}

/// What ran, with all it takes to do it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// What it does.
    pub kind: RunKind,
    /// The command as it was typed, for people. A resume goes by [`RunInfo::options`].
    pub command: Vec<String>,
    /// The folder in which the command was typed, from which relative paths lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<PathBuf>,
    /// The run's folder as its writer knows it: a run that lies elsewhere was copied or moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// What was asked for, so that it can be resumed; `None` of runs that no command resumes, and of those of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<RunOptions>,
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
    /// The attempt that wrote this; `None` of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
}

impl RunInfo {
    /// A run of this process that begins now.
    #[must_use]
    pub fn new(kind: RunKind, command: Vec<String>) -> Self {
        Self {
            kind,
            command,
            cwd: std::env::current_dir().ok(),
            folder: None,
            options: None,
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
            attempt: None,
        }
    }

    /// A run of the command that this process was started with.
    #[must_use]
    pub fn of_this_command(kind: RunKind) -> Self {
        Self::new(kind, std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect())
    }

    /// With what it takes to resume it.
    #[must_use]
    pub fn with_options(mut self, options: RunOptions) -> Self {
        self.options = Some(options);
        self
    }

    /// Over this cohort, from wherever it is looked at.
    #[must_use]
    pub fn with_cohort(mut self, cohort: &Cohort) -> Self {
        let path = std::fs::canonicalize(cohort.root()).unwrap_or_else(|_| cohort.root().to_owned());
        self.cohort = Some(CohortRef { path, fingerprint: cohort.fingerprint() });
        self
    }

    /// With a setting that must stay the same when the run is resumed.
    #[must_use]
    pub fn with_setting(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }

    /// With the version of a program or library, where it is known.
    #[must_use]
    pub fn with_version(mut self, name: &str, version: Option<impl Into<String>>) -> Self {
        self.versions.extend(version.map(|version| (name.to_owned(), version.into())));
        self
    }

    /// With the models that an engine has.
    #[must_use]
    pub fn with_models<'a>(mut self, models: impl IntoIterator<Item = &'a ModelSummary>) -> Self {
        self.models = models.into_iter().map(ModelUse::from).collect();
        self
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

    /// What keeps this run from being resumed as `other`, in words that follow "with": the results of both would not belong together. A cohort that gained or
    /// lost films is the same cohort, but for a training.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<String> {
        self.difference_but_models(other).or_else(|| {
            let hashes = |run: &Self| run.models.iter().map(|model| (model.task.clone(), short(&model.sha256))).collect::<Vec<_>>();
            (hashes(self) != hashes(other)).then(|| "another set of models".to_owned())
        })
    }

    /// As [`RunInfo::difference`], before it is known which models there are.
    pub(super) fn difference_but_models(&self, other: &Self) -> Option<String> {
        let same_cohort = match (&self.cohort, &other.cohort) {
            (Some(one), Some(two)) => one.fingerprint == two.fingerprint || (self.kind != RunKind::Train && one.path == two.path),
            (one, two) => one.is_none() && two.is_none(),
        };
        let different = [("kind of run", self.kind != other.kind), ("cohort", !same_cohort), ("seed", self.seed != other.seed)];
        if let Some((what, _)) = different.into_iter().find(|(_, differs)| *differs) {
            return Some(format!("another {what}"));
        }
        let (before, now) = (self.all_settings(), other.all_settings());
        let name = before.keys().chain(now.keys()).find(|name| before.get(*name) != now.get(*name))?;
        let value =
            |settings: &BTreeMap<String, serde_json::Value>| settings.get(name).map_or_else(|| "none".to_owned(), ToString::to_string);
        Some(format!("other settings ({name} {}, not {})", value(&now), value(&before)))
    }

    /// What a film is known by in this run, however its path is spelled: its file name among the cohort's films, otherwise its absolute path.
    #[must_use]
    pub(crate) fn film_key(&self, film: &str) -> String {
        let path = Path::new(film);
        let key = if self.cohort.is_some() {
            path.file_name().map_or(film.into(), |name| name.to_string_lossy())
        } else {
            let whole = self.cwd.as_deref().unwrap_or(Path::new("")).join(path);
            plain(&whole).to_string_lossy().into_owned().into()
        };
        nfc(&key).into_owned()
    }
}

/// A path without `.` and `..`; links are not followed, as the film may be gone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !plain.pop() {
                    plain.push("..");
                }
            }
            part => plain.push(part),
        }
    }
    plain
}

/// The digits of a hash that every version kept.
fn short(sha256: &str) -> String {
    sha256.chars().take(12).collect()
}

/// A threshold as a setting: the shortest number that means it.
#[must_use]
pub fn threshold(value: f32) -> serde_json::Value {
    value.to_string().parse::<f64>().unwrap_or_else(|_| f64::from(value)).into()
}
