//! The card of a model: everything that its weights file cannot say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
