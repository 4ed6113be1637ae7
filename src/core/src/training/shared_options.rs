//! What every training can be told: cohort and model, epochs, batch, learning rate.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Proposals;

/// A way to vary what is learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Variation {
    /// Place, size, turning, flipping, exposure, noise, blur
    #[default]
    Standard,
    /// The paper's: random crop, flip, rotation, distortion; exposure as it is
    Paper,
    /// Not at all
    None,
}

/// The options of every training; what is left out follows the architecture's recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Args)]
pub struct SharedOptions {
    /// Cohort to train on
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// Model folder to write
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
    /// Initial weights: a safetensors file with torchvision's names, or another model's folder
    #[arg(long, value_name = "WEIGHTS")]
    pub init: Option<PathBuf>,
    /// Cohort to measure on after every epoch
    #[arg(long, value_name = "DIR")]
    pub validation: Option<PathBuf>,
    /// Folder for the run, instead of a new one in the cohort's runs
    #[arg(long, value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// Number of epochs
    #[arg(long)]
    pub epochs: Option<u64>,
    /// Films or crops per step
    #[arg(long)]
    pub batch: Option<usize>,
    /// Random seed
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Continue from the checkpoint in MODEL_DIR
    #[arg(long)]
    #[serde(default)]
    pub resume: bool,
    /// Replace the model or checkpoint that is in MODEL_DIR
    #[arg(long, conflicts_with = "resume")]
    #[serde(default)]
    pub force: bool,
    /// Learning rate after warm-up
    #[arg(long)]
    pub learning_rate: Option<f64>,
    /// Warm-up steps
    #[arg(long)]
    pub warm_up: Option<u64>,
    /// Epochs between tenfold drops of the learning rate; 0 for a cosine schedule over the whole training
    #[arg(long)]
    pub decay_epochs: Option<u64>,
    /// Momentum
    #[arg(long)]
    pub momentum: Option<f64>,
    /// Weight decay
    #[arg(long)]
    pub weight_decay: Option<f64>,
    /// Gradient norm limit; 0 for none
    #[arg(long)]
    pub clip: Option<f64>,
    /// Epsilon of batch norm; 0 for torchvision's COCO weights
    #[arg(long)]
    pub bn_eps: Option<f64>,
    /// Unreviewed boxes that a model proposed: use them, or leave them out (a detector leaves out their films)
    #[arg(long, value_enum, default_value_t = Proposals::Leave)]
    pub proposals: Proposals,
    /// Augmentation of films and crops; a flip always swaps left and right classes
    #[arg(long, value_enum, default_value_t = Variation::Standard)]
    pub variation: Variation,
    /// No augmentation, as --variation none
    #[arg(long)]
    #[serde(default)]
    pub plain: bool,
    /// Steps between checkpoints
    #[arg(long)]
    pub checkpoint_every: Option<u64>,
    /// Feature maps in bfloat16, faster on a GPU; weights, losses and updates stay in 32 bit
    #[arg(long)]
    #[serde(default)]
    pub bf16: bool,
    /// CPU threads
    #[arg(long)]
    pub threads: Option<i32>,
    /// Free text for the model card
    #[arg(long, default_value = "")]
    pub remark: String,
    /// Licence of the weights, for the model card
    #[arg(long, default_value = "not stated")]
    pub licence: String,
    /// Options behind `--`, as earlier versions of `svh train` passed them on to the engine: see [`super::without_separator`].
    #[arg(last = true, hide = true)]
    #[serde(skip)]
    pub more: Vec<OsString>,
}

impl SharedOptions {
    /// How films and crops are varied.
    #[must_use]
    pub const fn variation(&self) -> Variation {
        if self.plain { Variation::None } else { self.variation }
    }

    /// Epochs between falls of the rate, `None` for a cosine: a recipe's, but for what was said otherwise.
    #[must_use]
    pub fn decay_epochs(&self, recipe: Option<u64>) -> Option<u64> {
        self.decay_epochs.or(recipe).filter(|epochs| *epochs > 0)
    }

    /// CPU threads for libtorch's operations.
    #[must_use]
    pub fn threads(&self) -> i32 {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.unwrap_or_else(|| i32::try_from(cores).unwrap_or(1)).max(1)
    }
}
