//! The card of a model: everything that its weights file cannot say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Task;

/// `card.json` beside `model.safetensors`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// `fasterrcnn_resnet50_fpn`, `fasterrcnn_resnet18_fpn`, `fasterrcnn_mobilenet_v2_fpn`, `efficientnet_b0`..`b7`, `svh_convnet`.
    pub arch: String,
    /// `narrowing` or `erosion`; `both` for a detector with a pair of last layers for each; for scorers with a scale of their own also `hand_erosion` or `foot_erosion`.
    pub task: String,
    /// Number of outputs as torchvision counts them: background included for detectors (once a task).
    pub classes: i64,
    /// What the network is fed.
    pub input: CardInput,
    /// Batch norm: kind and eps, which no weights file holds.
    pub norm: CardNorm,
    /// Sizes that differ from torchvision's builder, by name (`fpn_channels`, `head_width`, `padding`...); empty for a stock network.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, serde_json::Value>,
    /// The data and the recipe, in words.
    pub trained_on: String,
    /// Metrics as measured, by name, with what they were measured on.
    #[serde(default)]
    pub metrics: BTreeMap<String, serde_json::Value>,
    /// SHA-256 of `model.safetensors`, lower-case hex.
    pub sha256: String,
    /// Terms of the weights.
    pub licence: String,
}

/// The task of a detector that finds the joints of both.
pub const BOTH_TASKS: &str = "both";

/// Whether a network of this architecture finds joints; otherwise it grades them.
#[must_use]
pub fn is_detector(arch: &str) -> bool {
    arch.starts_with("fasterrcnn_")
}

/// Which of some models detects the joints of a task: the first that does this task alone, else the first that does both. `about` gives a model's
/// architecture and task, as its card has them.
pub fn detector_of<M>(models: &[M], about: impl Fn(&M) -> (&str, &str), task: Task) -> Option<&M> {
    let of = |name: &str| models.iter().find(|model| is_detector(about(model).0) && about(model).1 == name);
    of(task.name()).or_else(|| of(BOTH_TASKS))
}

/// The input that a network was trained for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CardInput {
    /// Detectors: shorter side in pixels. Scorers: side of the square crop.
    pub size: i64,
    /// Detectors: longest side at most; absent for scorers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_size: Option<i64>,
    /// Mean a channel, on pixels scaled to 0-1.
    pub mean: [f64; 3],
    /// Standard deviation a channel.
    pub std: [f64; 3],
}

/// Batch normalisation of a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CardNorm {
    /// `frozen` or `batch`.
    pub kind: String,
    /// The epsilon.
    pub eps: f64,
}
