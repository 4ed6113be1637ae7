//! The batch scripts of a run on a cluster, and the sbatch commands that submit them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use svh_core::run::{Shard, shards};

use super::args::Slurm;
use crate::Options;

/// Slurm's own default of MaxArraySize.
pub const USUAL_ARRAY: u32 = 1001;

/// The variable that tells a task how far its shard is from its number, where a run has more shards than an array has tasks.
pub const OFFSET: &str = "SVH_SHARD_OFFSET";

/// Where the scripts of a run lie.
pub fn folder(run: &Path) -> PathBuf {
    run.join("slurm")
}

/// The script of a task.
pub fn score(command: &Slurm, options: &Options, program: &Path, cohort: &Path, run: &Path, tasks: u32) -> String {
    let mut lines = head(command, run, "score", "%A_%a");
    lines.push("#SBATCH --requeue".to_owned());
    lines.push(format!("#SBATCH --cpus-per-task={}", command.cpus_per_task));
    if command.gpus_per_task > 0 {
        lines.push("#SBATCH --ntasks=1".to_owned());
        lines.push(format!("#SBATCH --gpus-per-task={}", command.gpus_per_task));
    }
    lines.extend(command.time.iter().map(|time| format!("#SBATCH --time={time}")));
    let mut words = vec![quoted(program), "score".into(), quoted(cohort), "--out".into(), quoted(run)];
    words.push(format!("--shard \"$((SLURM_ARRAY_TASK_ID + ${{{OFFSET}:-0}}))/{tasks}\""));
    words.extend(["--quiet".into(), "--device".into(), options.device.clone()]);
    if let Some(models) = &options.models {
        words.extend(["--models".into(), quoted(&std::path::absolute(models).unwrap_or_else(|_| models.clone()))]);
    }
    words.extend(options.half.then(|| "--half".to_owned()));
    words.extend(options.ignore_voi.then(|| "--ignore-voi".to_owned()));
    lines.push(format!("exec {} >/dev/null", words.join(" ")));
    lines.join("\n") + "\n"
}

/// The script of the job that comes after all tasks.
pub fn finish(command: &Slurm, program: &Path, run: &Path) -> String {
    let mut lines = head(command, run, "finish", "%j");
    lines.push(format!("exec {} slurm --out {} --finish", quoted(program), quoted(run)));
    lines.join("\n") + "\n"
}

fn head(command: &Slurm, run: &Path, what: &str, log: &str) -> Vec<String> {
    let name = run.file_name().unwrap_or(OsStr::new("run")).to_string_lossy();
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    let mut lines = vec!["#!/bin/bash".to_owned(), format!("# Written by svh {}.", env!("CARGO_PKG_VERSION"))];
    lines.push(format!("#SBATCH --job-name=svh-{what}-{name}"));
    // A percent sign means something to Slurm, and quotes cannot stand in a value.
    lines.push(format!("#SBATCH --output=\"{}/{what}-{log}.txt\"", folder(run).display().to_string().replace('%', "%%")));
    lines.push("#SBATCH --open-mode=append".to_owned());
    lines.extend(command.partition.iter().map(|partition| format!("#SBATCH --partition={partition}")));
    lines.extend(command.sbatch.iter().map(|option| format!("#SBATCH {option}")));
    lines
}

/// A path as bash reads it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.".contains(c));
    if plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
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
    fn paths_with_quotes_and_spaces_stay_one_word() {
        assert_eq!(quoted(Path::new("/a/b c")), "'/a/b c'");
        assert_eq!(quoted(Path::new("/a/it's")), "'/a/it'\\''s'");
        assert_eq!(
            submit_array(&Array { offset: 1000, tasks: "1-5".into() }, Some(2), Path::new("/r"))[2..4],
            ["--array=1-5%2", "--export=ALL,SVH_SHARD_OFFSET=1000"]
        );
    }
}
