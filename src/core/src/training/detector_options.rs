//! What the training of a detector can be told.

use serde::{Deserialize, Serialize};

use super::SharedOptions;

/// `train detector`; what is left out follows the architecture's recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Args)]
#[command(args_override_self = true)]
pub struct DetectorOptions {
    /// narrowing, erosion, or both in one network
    #[arg(long)]
    pub task: String,
    /// What all trainings are told.
    #[command(flatten)]
    #[serde(flatten)]
    pub shared: SharedOptions,
    /// fasterrcnn_mobilenet_v2_fpn, fasterrcnn_resnet18_fpn or fasterrcnn_resnet50_fpn
    #[arg(long, default_value = "fasterrcnn_mobilenet_v2_fpn")]
    pub arch: String,
    /// Total number of steps, instead of epochs
    #[arg(long, conflicts_with = "epochs")]
    pub steps: Option<u64>,
    /// Films per epoch [default: all]
    #[arg(long)]
    pub epoch_films: Option<u64>,
    /// Number of films of --validation, evenly spread [default: all]
    #[arg(long, requires = "validation", value_parser = clap::value_parser!(u32).range(1..))]
    pub validation_films: Option<u32>,
    /// Stages of the backbone, of five, that keep their weights
    #[arg(long)]
    pub freeze: Option<usize>,
    /// Shorter side of the films in pixels
    #[arg(long)]
    pub min_size: Option<i64>,
    /// Maximum longer side of the films in pixels
    #[arg(long)]
    pub max_size: Option<i64>,
    /// Channels of the feature pyramid
    #[arg(long)]
    pub fpn_channels: Option<i64>,
    /// Width of the box head
    #[arg(long)]
    pub head_width: Option<i64>,
    /// Any other size or threshold by its name in the model card, such as box_batch=64; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    #[serde(default)]
    pub set: Vec<String>,
    /// Threads that load films
    #[arg(long)]
    pub workers: Option<usize>,
}
