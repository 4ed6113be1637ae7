//! What can be typed after `svh protocol`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `svh protocol`
#[derive(Debug, clap::Args)]
pub struct Protocol {
    /// The cohort: films, boxes, grades
    pub cohort: PathBuf,
    /// The folder for everything that is made; it must be new or empty, but for --resume
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Go on with the protocol in DIR; the other options must be the same
    #[arg(long)]
    pub resume: bool,
    /// The paper's networks: Faster R-CNN with ResNet-50 and EfficientNet-B4 [default: on a GPU]
    #[arg(long, conflicts_with = "small")]
    pub full: bool,
    /// Small bodies that two CPU cores can train: MobileNetV2, and EfficientNet-B0 cut after stage 5 at 112 pixels [default: without a GPU]
    #[arg(long)]
    pub small: bool,
    /// A detector's weights of COCO, from which both detectors start (safetensors, torchvision's names)
    #[arg(long, value_name = "WEIGHTS")]
    pub coco: Option<PathBuf>,
    /// Without --coco: the weights of a body, such as ImageNet's, for the narrowing detector, from which the erosion detector then starts
    #[arg(long, value_name = "WEIGHTS", conflicts_with = "coco")]
    pub body: Option<PathBuf>,
    /// ImageNet's weights of the EfficientNet (safetensors, torchvision's names)
    #[arg(long, value_name = "WEIGHTS")]
    pub imagenet: Option<PathBuf>,
    /// What scorers learn from: the boxes that the detectors found, or those of the labels, which saves reading all films once more
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = Crops::Found)]
    pub crops: Crops,
    /// Seed of the split and of the trainings
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The share of patients that is held out
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    pub held_out: f64,
    /// How often a detector sees every film; its rate falls tenfold every three epochs
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u64).range(1..))]
    pub detector_epochs: u64,
    /// How often a scorer draws as many crops as there are [default: 30, of the small networks 6]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub scorer_epochs: Option<u64>,
    /// Films that make an epoch of the narrowing detector, where it is not all of them; for the erosion detector, which learns from hands alone, half
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub epoch_films: Option<u64>,
    /// Crops that make a scorer's epoch, where it is not as many as there are
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub epoch_crops: Option<u64>,
    /// Further options for `svh-engine train detector`, in one word: --detector-options='--batch 4 --workers 8'
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub detector_options: String,
    /// Further options for `svh-engine train scorer`, for EfficientNet
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub scorer_options: String,
    /// The same for the appendix's network
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub convnet_options: String,
    /// The summary as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Whose boxes are cut out for the scorers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Crops {
    /// The best box of each joint that the detectors found
    #[default]
    Found,
    /// People's
    Labelled,
}

/// More than nobody and less than everybody.
fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err(format!("{text} leaves nobody to learn from or nobody to measure on")) }
}
