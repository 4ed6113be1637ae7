//! What the training of a scorer can be told.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::SharedOptions;

/// `train scorer`; what is left out follows the architecture's recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Args)]
#[command(args_override_self = true)]
pub struct ScorerOptions {
    /// narrowing, erosion, hand_erosion or foot_erosion
    #[arg(long)]
    pub task: String,
    /// What all trainings are told.
    #[command(flatten)]
    #[serde(flatten)]
    pub shared: SharedOptions,
    /// efficientnet_b0 to efficientnet_b7 or svh_convnet
    #[arg(long, default_value = "efficientnet_b0")]
    pub arch: String,
    /// Crops drawn per epoch [default: as many as there are]
    #[arg(long)]
    pub epoch_samples: Option<u64>,
    /// Side of the crops in pixels
    #[arg(long)]
    pub size: Option<i64>,
    /// Stages of EfficientNet to use, 1 to 7 [default: as the model of --init, or else all]
    #[arg(long)]
    pub stages: Option<usize>,
    /// Number of outputs [default: a head for each scale: 5, 6, 11, or 17 for erosion in hands and feet]
    #[arg(long)]
    pub classes: Option<i64>,
    /// Grades without order, or an order learned step by step [default: as the model of --init, or else softmax]
    #[arg(long, value_enum)]
    pub head: Option<Head>,
    /// Margin around the box on every side, as a fraction of its longer side
    #[arg(long)]
    pub margin: Option<f32>,
    /// The paper's crops: no margin, padded to a square, exposure unchanged
    #[arg(long, conflicts_with = "margin")]
    #[serde(default)]
    pub paper_crops: bool,
    /// Weighted sampling: 1 draws all grades equally often, 0 as often as they occur
    #[arg(long, default_value_t = 1.0)]
    pub balance: f64,
    /// As in the paper, do not correct the probabilities for the oversampling of rare grades
    #[arg(long, conflicts_with = "frequencies")]
    #[serde(default)]
    pub uncorrected: bool,
    /// Cohort whose grade frequencies the probabilities are corrected to, if the training cohort has others
    #[arg(long, value_name = "DIR")]
    pub frequencies: Option<PathBuf>,
    /// Label smoothing over neighbouring grades: the spread, in grades
    #[arg(long, default_value_t = 0.0)]
    pub soft: f32,
    /// Share of patients held out for measuring [default: 0.1; none with --validation]
    #[arg(long)]
    pub held_out: Option<f64>,
}

/// What a scorer's last layer gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Head {
    /// A probability a grade.
    #[default]
    Softmax,
    /// The probability of each further grade, given the one below.
    Ordinal,
}
