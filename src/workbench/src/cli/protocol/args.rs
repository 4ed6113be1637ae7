//! The arguments of `svh protocol`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `svh protocol`
#[derive(Debug, clap::Args)]
pub struct Protocol {
    /// Cohort with films, boxes and grades
    pub cohort: PathBuf,
    /// Output folder; it must be new or empty, except with --resume
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Resume the protocol in DIR; the other options must be the same
    #[arg(long)]
    pub resume: bool,
    /// The paper's networks: Faster R-CNN with ResNet-50 and EfficientNet-B4 [default: on a GPU]
    #[arg(long, conflicts_with = "small")]
    pub full: bool,
    /// Small backbones that two CPU cores can train: MobileNetV2, and EfficientNet-B0 up to stage 5 at 112 pixels [default: without a GPU]
    #[arg(long)]
    pub small: bool,
    /// Initial weights of both detectors, trained on COCO (safetensors, torchvision's names)
    #[arg(long, value_name = "WEIGHTS")]
    pub coco: Option<PathBuf>,
    /// Without --coco: initial backbone weights, such as ImageNet's, for the narrowing detector; the erosion detector starts from the narrowing detector
    #[arg(long, value_name = "WEIGHTS", conflicts_with = "coco")]
    pub body: Option<PathBuf>,
    /// Initial weights of EfficientNet, trained on ImageNet (safetensors, torchvision's names)
    #[arg(long, value_name = "WEIGHTS")]
    pub imagenet: Option<PathBuf>,
    /// Boxes that the scorers' crops are cut from: the detectors', or the readers', which saves another pass over all films
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = Crops::Found)]
    pub crops: Crops,
    /// Random seed of the split and of the trainings
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Share of patients held out
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    pub held_out: f64,
    /// Epochs of a detector; the learning rate drops tenfold every three epochs
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u64).range(1..))]
    pub detector_epochs: u64,
    /// Epochs of a scorer, each as many draws as there are crops [default: 30, small networks 6]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub scorer_epochs: Option<u64>,
    /// Films per epoch of the narrowing detector [default: all]; the erosion detector, which learns from hands only, gets half
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub epoch_films: Option<u64>,
    /// Crops per epoch of a scorer [default: as many as there are]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub epoch_crops: Option<u64>,
    /// More options for `svh-engine train detector`, as one argument: --detector-options='--batch 4 --workers 8'
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub detector_options: String,
    /// More options for `svh-engine train scorer`, for EfficientNet
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub scorer_options: String,
    /// The same for the appendix's network
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub convnet_options: String,
    /// Print the summary as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// The boxes that scorers learn from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Crops {
    /// The detectors' best box of each joint
    #[default]
    Found,
    /// The readers' boxes
    Labelled,
}

/// A share of patients that leaves some on either side.
fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if value > 0.0 && value < 1.0 {
        Ok(value)
    } else {
        Err(format!("{text} leaves no patient to train on or none to hold out; give a share between 0 and 1"))
    }
}
