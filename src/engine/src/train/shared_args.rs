//! What the trainings of detectors and scorers are told alike.

use std::path::PathBuf;

use tch::Kind;

use super::recipe::Variation;
use crate::data::Proposals;
use crate::sgd::SgdOptions;

/// The options of every training; what is left out follows the architecture's recipe.
#[derive(Clone, Debug, clap::Args)]
pub struct SharedArgs {
    /// The cohort to learn from
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// The model folder to write
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
    /// Weights to start from: a file (safetensors, torchvision's names) or another model's folder
    #[arg(long, value_name = "WEIGHTS")]
    pub init: Option<PathBuf>,
    /// A cohort that is measured on after every epoch
    #[arg(long, value_name = "DIR")]
    pub validation: Option<PathBuf>,
    /// Where the run is kept, instead of a new folder in the cohort's runs
    #[arg(long, value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// How often everything is seen
    #[arg(long)]
    pub epochs: Option<u64>,
    /// Films or crops a step
    #[arg(long)]
    pub batch: Option<usize>,
    /// Seed of all that is random
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Continue from the checkpoint in MODEL_DIR
    #[arg(long)]
    pub resume: bool,
    /// Replace the model or checkpoint that is in MODEL_DIR
    #[arg(long, conflicts_with = "resume")]
    pub force: bool,
    /// Learning rate after warm-up
    #[arg(long)]
    pub learning_rate: Option<f64>,
    /// Steps of warm-up
    #[arg(long)]
    pub warm_up: Option<u64>,
    /// Epochs between tenfold falls of the rate; 0 for a cosine over the whole training
    #[arg(long)]
    pub decay_epochs: Option<u64>,
    /// Momentum
    #[arg(long)]
    pub momentum: Option<f64>,
    /// Weight decay
    #[arg(long)]
    pub weight_decay: Option<f64>,
    /// Length to which longer gradients are cut; 0 for no limit
    #[arg(long)]
    pub clip: Option<f64>,
    /// Epsilon of batch norm; 0 for torchvision's COCO weights
    #[arg(long)]
    pub bn_eps: Option<f64>,
    /// Boxes that a model proposed and nobody has looked at: use them, or leave them out (a detector's whole film)
    #[arg(long, default_value = "leave", value_parser = |text: &str| text.parse::<Proposals>())]
    pub proposals: Proposals,
    /// How films and crops are varied; a film is never flipped without its left and right classes
    #[arg(long, value_enum, default_value_t = Variation::Standard)]
    pub variation: Variation,
    /// Films and crops as they are, as --variation none
    #[arg(long)]
    pub plain: bool,
    /// Steps between checkpoints
    #[arg(long)]
    pub checkpoint_every: Option<u64>,
    /// Feature maps in bfloat16: faster on a GPU; weights, losses and updates stay 32 bit
    #[arg(long)]
    pub bf16: bool,
    /// Threads that compute
    #[arg(long)]
    pub threads: Option<i32>,
    /// Words for the card about data and purpose
    #[arg(long, default_value = "")]
    pub remark: String,
    /// Terms of the weights, for the card
    #[arg(long, default_value = "not stated")]
    pub licence: String,
}

impl SharedArgs {
    /// How films and crops are varied.
    #[must_use]
    pub const fn variation(&self) -> Variation {
        if self.plain { Variation::None } else { self.variation }
    }

    /// The optimiser: a recipe's, but for what was said otherwise.
    #[must_use]
    pub fn sgd(&self, recipe: SgdOptions) -> SgdOptions {
        SgdOptions {
            momentum: self.momentum.unwrap_or(recipe.momentum),
            weight_decay: self.weight_decay.unwrap_or(recipe.weight_decay),
            clip_norm: self.clip.map_or(recipe.clip_norm, |length| (length > 0.0).then_some(length)),
        }
    }

    /// Epochs between falls of the rate, `None` for a cosine: a recipe's, but for what was said otherwise.
    #[must_use]
    pub fn decay_epochs(&self, recipe: Option<u64>) -> Option<u64> {
        self.decay_epochs.or(recipe).filter(|epochs| *epochs > 0)
    }

    /// The kind of number in which feature maps are computed.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        if self.bf16 { Kind::BFloat16 } else { Kind::Float }
    }

    /// Threads for libtorch's operations.
    #[must_use]
    pub fn threads(&self) -> i32 {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.unwrap_or_else(|| i32::try_from(cores).unwrap_or(1)).max(1)
    }
}
