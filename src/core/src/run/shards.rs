//! A run in shards: many tasks of a cluster score one cohort, each into a folder of its own.
//!
//! `RUN/run.json` says what ran and in how many shards; `RUN/shards/00003-of-00008/` is a run of its own, with its own lease, that has the lines of its film
//! sets. A film set belongs to one shard by a hash of its id, so that a cohort that grows moves none. Of two tasks with one shard the second finds it taken,
//! and a task that is started again resumes its shard: nothing is done twice and nothing is lost. Whoever reads the run reads all its shards.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{INFO, RunError, RunInfo, RunReader, RunState, RunStatus, lease};
use crate::access;
use crate::atomic::{self, WriteError};
use crate::clock;

pub(super) const FOLDER: &str = "shards";

/// The setting of a run in shards: how many there are.
pub(super) const SHARDS: &str = "shards";

/// The setting of a shard: which it is.
pub(super) const SHARD: &str = "shard";

/// The most shards of a run.
pub(crate) const MAX_SHARDS: u32 = 1_000_000;

/// One of several parts of a cohort's film sets, `3/8` from `1/8` to `8/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// Shard `index` of `count`, counted from 1; `None` where there is no such shard.
    #[must_use]
    pub fn new(index: u32, count: u32) -> Option<Self> {
        ((1..=count).contains(&index) && count <= MAX_SHARDS).then_some(Self { index, count })
    }

    /// Its number, from 1.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// Whether a film set is in this shard.
    #[must_use]
    pub fn holds(self, id: &str) -> bool {
        let hash = Sha256::digest(crate::names::nfc(id).as_bytes());
        let number = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.count) == u64::from(self.index - 1)
    }

    /// Its folder in a run.
    #[must_use]
    pub fn folder(self, run: &Path) -> PathBuf {
        run.join(FOLDER).join(format!("{:05}-of-{:05}", self.index, self.count))
    }

    /// The shard of a task of a Slurm job array: of tasks `MIN` to `MAX` the first has shard 1. `None` outside of an array.
    ///
    /// # Errors
    /// An array with gaps, whose tasks do not tell how many shards there are; one sentence.
    pub fn of_array(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, String> {
        let number = |name: &str| variable(&format!("SLURM_ARRAY_TASK_{name}"))?.trim().parse::<u32>().ok();
        let Some((id, count)) = number("ID").zip(number("COUNT")) else { return Ok(None) };
        let step = number("STEP").unwrap_or(1).max(1);
        let first = number("MIN").unwrap_or(1);
        let last = number("MAX").unwrap_or_else(|| first + (count.saturating_sub(1)) * step);
        let gapless = last.checked_sub(first).is_some_and(|span| span == count.saturating_sub(1) * step);
        let place = id.checked_sub(first).filter(|at| gapless && at % step == 0).map(|at| at / step + 1);
        place.and_then(|index| Self::new(index, count)).map(Some).ok_or_else(|| {
            format!("task {id} of a job array with gaps ({count} tasks from {first} to {last}) does not tell its shard; give --shard I/N")
        })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        parts
            .and_then(|(index, count)| Self::new(index, count))
            .ok_or_else(|| format!("`{text}` is not a shard; give I/N with I from 1 to N, such as 3/8"))
    }
}

/// What a run in shards, or one of its shards, is made of; the settings that tell one from the other.
impl RunInfo {
    /// The whole run in so many shards.
    #[must_use]
    pub fn in_shards(self, count: u32) -> Self {
        self.with_setting(SHARDS, count)
    }

    /// One of its shards.
    #[must_use]
    pub fn of_shard(self, shard: Shard) -> Self {
        self.with_setting(SHARD, shard.to_string())
    }

    /// How many shards the run has; `None` of a run in one piece, and of a shard.
    #[must_use]
    pub fn shards(&self) -> Option<u32> {
        u32::try_from(self.settings.get(SHARDS)?.as_u64()?).ok().filter(|count| (1..=MAX_SHARDS).contains(count))
    }
}

/// Makes the folder a run in shards with this content, or joins the run that is there. Any number of tasks may do this at the same time.
///
/// # Errors
/// A run that did other work or is in another number of shards; a folder that cannot be written to.
pub fn join(run: &Path, info: &RunInfo) -> Result<(), RunError> {
    access::make_folders(run).map_err(|error| WriteError::new(run, error))?;
    let mut info = info.clone();
    info.folder = Some(fs::canonicalize(run).unwrap_or_else(|_| run.to_owned()));
    let path = run.join(INFO);
    let text = serde_json::to_vec_pretty(&info).map_err(|error| WriteError::new(&path, error.into()))?;
    atomic::write_new(&path, &text)?;
    let other = RunReader::open(run)?.info().difference(&info);
    other.map_or(Ok(()), |what| Err(RunError::OtherWork { path: run.to_owned(), what }))
}

/// As [`join`] would say of the run that is there, before it is known which models there are.
///
/// # Errors
/// A run that did other work or is in another number of shards.
pub fn check(run: &Path, info: &RunInfo) -> Result<(), RunError> {
    if !run.join(INFO).exists() {
        return Ok(());
    }
    let other = RunReader::open(run)?.info().difference_but_models(info);
    other.map_or(Ok(()), |what| Err(RunError::OtherWork { path: run.to_owned(), what }))
}

/// The shards of a run with how each stands; `None` of one that has not begun.
#[must_use]
pub fn states(run: &RunReader) -> Vec<(Shard, Option<RunState>)> {
    let count = run.info().shards().unwrap_or(0);
    let shards = (1..=count).filter_map(|index| Shard::new(index, count));
    shards.map(|shard| (shard, RunReader::open(&shard.folder(run.folder())).ok().map(|reader| reader.state()))).collect()
}

/// How the run stands as a whole: finished once it was said to be, otherwise as its shards are.
pub(super) fn state(folder: &Path, info: &RunInfo) -> RunState {
    if info.status == RunStatus::Finished {
        return RunState::Finished;
    }
    let reader = RunReader { folder: folder.to_owned(), info: info.clone() };
    let states = states(&reader);
    let any = |wanted: RunState| states.iter().any(|(_, state)| *state == Some(wanted));
    [RunState::Running, RunState::Failed, RunState::Cancelled].into_iter().find(|wanted| any(*wanted)).unwrap_or(RunState::Interrupted)
}

/// The folders of the shards that have begun, in their order.
pub(super) fn begun(run: &Path, info: &RunInfo) -> Vec<PathBuf> {
    let count = info.shards().unwrap_or(0);
    let shards = (1..=count).filter_map(|index| Shard::new(index, count));
    shards.map(|shard| shard.folder(run)).filter(|folder| folder.join(INFO).exists()).collect()
}

/// Says that a run in shards is finished.
///
/// # Errors
/// Shards that are not: they come back in [`RunError::Unfinished`].
pub fn finish(run: &RunReader) -> Result<(), RunError> {
    let missing: Vec<Shard> =
        states(run).into_iter().filter(|(_, state)| *state != Some(RunState::Finished)).map(|(shard, _)| shard).collect();
    if !missing.is_empty() {
        return Err(RunError::Unfinished {
            path: run.folder().to_owned(),
            missing: ranges(&missing),
            count: run.info().shards().unwrap_or(0),
        });
    }
    let mut info = run.info().clone();
    info.status = RunStatus::Finished;
    info.finished = Some(clock::utc_now());
    let path = run.folder().join(INFO);
    let text = serde_json::to_vec_pretty(&info).map_err(|error| WriteError::new(&path, error.into()))?;
    Ok(atomic::write(&path, &text)?)
}

/// Asks every task of a run in shards to stop after the film set at hand.
///
/// # Errors
/// When a marker cannot be written.
pub fn request_cancel(run: &RunReader) -> Result<(), WriteError> {
    let running = |folder: &PathBuf| RunReader::open(folder).is_ok_and(|shard| shard.state() == RunState::Running);
    begun(run.folder(), run.info()).iter().filter(|folder| running(folder)).try_for_each(|folder| lease::request_cancel(folder))
}

/// Numbers of shards as Slurm writes them: `1-3,7`.
#[must_use]
pub fn ranges(shards: &[Shard]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for shard in shards {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == shard.index => *last = shard.index,
            _ => parts.push((shard.index, shard.index)),
        }
    }
    let words: Vec<_> = parts.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}-{b}") }).collect();
    words.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_film_set_is_in_one_shard() {
        let shards: Vec<_> = (1..=7).map(|index| Shard::new(index, 7).unwrap()).collect();
        let mut held = vec![0; 7];
        for number in 0..1000 {
            let id = format!("UAB{number:04}");
            let of: Vec<_> = (0..7).filter(|at| shards[*at].holds(&id)).collect();
            assert_eq!(of.len(), 1);
            held[of[0]] += 1;
        }
        assert!(held.iter().all(|count| (100..190).contains(count)), "{held:?}");
    }

    #[test]
    fn a_shard_is_read_as_it_is_written() {
        assert_eq!("3/8".parse::<Shard>().unwrap().to_string(), "3/8");
        for wrong in ["0/8", "9/8", "3", "a/b", "-1/2", "1/0", "1/2000000"] {
            assert!(wrong.parse::<Shard>().unwrap_err().contains("not a shard"), "{wrong}");
        }
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10].map(|index| Shard::new(index, 10).unwrap())), "1-3,7,9-10");
    }

    #[test]
    fn a_task_of_an_array_knows_its_shard() {
        let of = |values: &[(&str, &str)]| {
            let values: Vec<_> = values.iter().map(|(name, value)| (format!("SLURM_ARRAY_TASK_{name}"), (*value).to_owned())).collect();
            Shard::of_array(move |name| values.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()))
        };
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&[("ID", "5"), ("COUNT", "8"), ("MIN", "1"), ("MAX", "8")]), Ok(Shard::new(5, 8)));
        assert_eq!(of(&[("ID", "0"), ("COUNT", "8"), ("MIN", "0"), ("MAX", "7")]), Ok(Shard::new(1, 8)));
        assert_eq!(of(&[("ID", "14"), ("COUNT", "4"), ("MIN", "10"), ("MAX", "16"), ("STEP", "2")]), Ok(Shard::new(3, 4)));
        assert!(of(&[("ID", "7"), ("COUNT", "2"), ("MIN", "3"), ("MAX", "7")]).unwrap_err().contains("--shard I/N"));
    }
}
