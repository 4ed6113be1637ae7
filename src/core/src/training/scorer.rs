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
    /// Crops drawn an epoch, where it is not as many as there are
    #[arg(long)]
    pub epoch_samples: Option<u64>,
    /// Side of the crops in pixels
    #[arg(long)]
    pub size: Option<i64>,
    /// Stages of EfficientNet, 1 to 7
    #[arg(long)]
    pub stages: Option<usize>,
    /// Outputs; by default a head for each scale: 5, 6, 11, or 17 for erosion in hands and feet
    #[arg(long)]
    pub classes: Option<i64>,
    /// Grades without order, or an order learned step by step
    #[arg(long, value_enum, default_value_t = Head::Softmax)]
    pub head: Head,
    /// Room around the box on every side, as a fraction of its longer side
    #[arg(long)]
    pub margin: Option<f32>,
    /// The paper's crops: no room around the box, padded to a square, exposure as it is
    #[arg(long, conflicts_with = "margin")]
    #[serde(default)]
    pub paper_crops: bool,
    /// 1: all grades drawn equally often; 0: as they come
    #[arg(long, default_value_t = 1.0)]
    pub balance: f64,
    /// Probabilities as oversampling leaves them, without a correction to the frequencies of patients, as in the paper
    #[arg(long, conflicts_with = "frequencies")]
    #[serde(default)]
    pub uncorrected: bool,
    /// A cohort whose frequencies of grades the probabilities are corrected to, where the one to learn from has others
    #[arg(long, value_name = "DIR")]
    pub frequencies: Option<PathBuf>,
    /// Spread of the target over neighbouring grades, in grades
    #[arg(long, default_value_t = 0.0)]
    pub soft: f32,
    /// The share of patients that is measured on [default: 0.1, or with --validation none]
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
