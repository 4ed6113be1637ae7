//! The batch scripts of a run on a cluster.

use std::ffi::OsStr;
use std::path::Path;

use super::args::Slurm;
use crate::{
    Options,
    slurm::{OFFSET, folder},
};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_quotes_and_spaces_stay_one_word() {
        assert_eq!(quoted(Path::new("/a/b c")), "'/a/b c'");
        assert_eq!(quoted(Path::new("/a/it's")), "'/a/it'\\''s'");
    }
}
