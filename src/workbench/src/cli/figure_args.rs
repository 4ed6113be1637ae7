//! The arguments of `svh plot` and `svh report`.

use std::path::PathBuf;

use svh_analysis::Scale;
use svh_core::{Limb, Task};

/// `svh plot`
///
/// Draws a figure of a cohort and one of its runs, as the workbench shows it, into an SVG or a PNG file. The caption says what its numbers rest on.
#[derive(Debug, clap::Args)]
pub struct Plot {
    /// Figure to draw
    #[arg(value_enum)]
    pub what: What,
    /// Cohort folder [default: the demo]
    pub cohort: Option<PathBuf>,
    /// File to write; its name ends in .svg or .png
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Run: a folder, or the name of one of the cohort's runs [default: the newest finished scoring]
    #[arg(long, value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// Task of distributions and detectors, and part of totals [default: narrowing; totals: both]
    #[arg(long)]
    pub task: Option<Task>,
    /// Scale of grades: narrowing, hand_erosion or foot_erosion [default: narrowing]
    #[arg(long, value_parser = scale, conflicts_with = "task")]
    pub scale: Option<Scale>,
    /// Only this limb: LH, RH, LF or RF
    #[arg(long)]
    pub limb: Option<Limb>,
    /// Only this joint of a detector, by its label, such as LH_mcp_2
    #[arg(long, value_name = "LABEL")]
    pub joint: Option<String>,
}

/// The figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// How often each grade occurs, by limb: the paper's figure 8.6.1
    Distribution,
    /// Confusion matrix of a scale
    Confusion,
    /// Precision by recall of a detector at IoU 0.50 and 0.75
    PrecisionRecall,
    /// Precision, recall and F1 of a detector over its threshold
    F1,
    /// Right and wrong boxes by score
    Scores,
    /// Right and wrong boxes by IoU
    Iou,
    /// Reliability diagram of a scorer
    Reliability,
    /// Bland-Altman plot of totals
    BlandAltman,
    /// The model's totals against the reader's
    Scatter,
    /// Cumulative probability of totals
    Cumulative,
    /// Curves of a training: losses and metrics by step
    Curves,
}

/// A scale by its name in files.
fn scale(text: &str) -> Result<Scale, String> {
    let found = Scale::ALL.into_iter().find(|scale| scale.name() == text || scale.describe() == text);
    found.ok_or_else(|| format!("`{text}` is not a scale; use narrowing, hand_erosion or foot_erosion"))
}

/// `svh report`
///
/// Writes one page of HTML with the films, the boxes and grades of reader and model, the totals, and what is missing; of a run also its metrics and figures.
/// Everything is in the file, and it is readable without script.
#[derive(Debug, clap::Args)]
pub struct Report {
    /// Patient's id, or a run: a folder, or the name of one of the cohort's runs
    #[arg(value_name = "PATIENT|RUN")]
    pub what: PathBuf,
    /// Cohort folder [default: that of the run, else the demo]
    #[arg(long, value_name = "DIR")]
    pub cohort: Option<PathBuf>,
    /// Run whose boxes and grades a patient's report shows [default: the newest finished scoring]
    #[arg(long, value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// File to write
    #[arg(long, value_name = "FILE.html")]
    pub out: PathBuf,
    /// Show the films of at most so many patients of a run, those with the largest difference first
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub films: usize,
}
