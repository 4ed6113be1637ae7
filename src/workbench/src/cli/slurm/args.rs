//! The arguments of `svh slurm`.

use std::path::PathBuf;

/// `svh slurm`
///
/// Writes RUN/slurm/score.sbatch (an array of N tasks, each of which scores one shard of the cohort) and RUN/slurm/finish.sbatch (which turns the finished run
/// into Parquet), and prints the sbatch commands or, with --submit, runs them. A task that is killed or requeued resumes its shard. Give the run, cohort and
/// models paths that all nodes share.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("action").args(["status", "cancel", "resubmit", "finish"]))]
pub struct Slurm {
    /// Cohort to score
    #[arg(required_unless_present = "action")]
    pub cohort: Option<PathBuf>,
    /// The run's folder
    #[arg(long, value_name = "RUN_DIR")]
    pub out: PathBuf,
    /// Number of shards, and so of tasks
    #[arg(long, value_name = "N", required_unless_present = "action", conflicts_with = "action", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub tasks: Option<u32>,
    /// Tasks that run at the same time [default: as many as the partition allows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub at_once: Option<u32>,
    /// GPUs of a task
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub gpus_per_task: u32,
    /// CPU cores of a task
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub cpus_per_task: u32,
    /// Partition [default: the cluster's]
    #[arg(long, value_name = "P")]
    pub partition: Option<String>,
    /// Time limit of a task, such as 8:00:00 [default: the partition's]
    #[arg(long, value_name = "T")]
    pub time: Option<String>,
    /// A further option of sbatch, such as --mem=8G; may be repeated
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    pub sbatch: Vec<String>,
    /// Submit the jobs
    #[arg(long, conflicts_with_all = ["status", "cancel", "finish"])]
    pub submit: bool,
    /// Show how each task stands
    #[arg(long)]
    pub status: bool,
    /// Stop all tasks; what they have scored stays
    #[arg(long)]
    pub cancel: bool,
    /// Submit the shards again that are neither finished nor queued nor running
    #[arg(long)]
    pub resubmit: bool,
    /// Turn the run into Parquet, once all its shards are finished
    #[arg(long)]
    pub finish: bool,
    /// With --status: print one JSON object
    #[arg(long, requires = "status")]
    pub json: bool,
}
