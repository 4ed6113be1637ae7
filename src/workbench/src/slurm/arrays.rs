//! The arrays of a run's shards, and the sbatch commands that submit them.

use std::path::{Path, PathBuf};

use svh_core::run::{Shard, shards};

/// Slurm's own default of MaxArraySize.
pub const USUAL_ARRAY: u32 = 1001;

/// The variable that tells a task how far its shard is from its number, where a run has more shards than an array has tasks.
pub const OFFSET: &str = "SVH_SHARD_OFFSET";

/// Where the scripts of a run lie.
#[must_use]
pub fn folder(run: &Path) -> PathBuf {
    run.join("slurm")
}

/// An array job: some shards of a run, less an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// What is added to a task's number.
    pub offset: u32,
    /// `1-1000`, or `3,7-9`.
    pub tasks: String,
}

/// The arrays that these shards need where an array's task numbers are below `max_array`.
#[must_use]
pub fn arrays(shards_of_run: &[Shard], max_array: u32) -> Vec<Array> {
    let most = max_array.saturating_sub(1).max(1);
    let mut parts: Vec<(u32, Vec<Shard>)> = Vec::new();
    for shard in shards_of_run {
        let offset = (shard.index() - 1) / most * most;
        let inside = Shard::new(shard.index() - offset, shard.count());
        match parts.last_mut() {
            Some((known, inner)) if *known == offset => inner.extend(inside),
            _ => parts.push((offset, inside.into_iter().collect())),
        }
    }
    parts.into_iter().map(|(offset, inner)| Array { offset, tasks: shards::ranges(&inner) }).collect()
}

/// The words of the sbatch command of an array.
#[must_use]
pub fn submit_array(array: &Array, at_once: Option<u32>, run: &Path) -> Vec<String> {
    let throttle = at_once.map(|most| format!("%{most}")).unwrap_or_default();
    vec![
        "sbatch".into(),
        "--parsable".into(),
        format!("--array={}{throttle}", array.tasks),
        format!("--export=ALL,{OFFSET}={}", array.offset),
        folder(run).join("score.sbatch").display().to_string(),
    ]
}

/// The words of the sbatch command of the last job; it runs however the tasks end, and says what is missing.
#[must_use]
pub fn submit_finish(jobs: &[String], run: &Path) -> Vec<String> {
    let after = format!("--dependency=afterany:{}", jobs.join(":"));
    vec!["sbatch".into(), "--parsable".into(), after, folder(run).join("finish.sbatch").display().to_string()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(count: u32) -> Vec<Shard> {
        (1..=count).filter_map(|index| Shard::new(index, count)).collect()
    }

    #[test]
    fn more_shards_than_an_array_has_tasks_become_several_arrays() {
        let array = |offset, tasks: &str| Array { offset, tasks: tasks.to_owned() };
        assert_eq!(arrays(&all(8), 1001), [array(0, "1-8")]);
        assert_eq!(arrays(&all(2500), 1001), [array(0, "1-1000"), array(1000, "1-1000"), array(2000, "1-500")]);
        let missing: Vec<_> = [3, 4, 1000, 1001, 2002].into_iter().filter_map(|index| Shard::new(index, 2500)).collect();
        assert_eq!(arrays(&missing, 1001), [array(0, "3-4,1000"), array(1000, "1"), array(2000, "2")]);
    }

    #[test]
    fn a_throttle_and_an_offset_are_options_of_sbatch() {
        assert_eq!(
            submit_array(&Array { offset: 1000, tasks: "1-5".into() }, Some(2), Path::new("/r"))[2..4],
            ["--array=1-5%2", "--export=ALL,SVH_SHARD_OFFSET=1000"]
        );
    }
}
