//! The command line of a scorer's training.

use std::path::PathBuf;

use tch::Device;

use super::recipe::Variation;
use super::scorer_options::ScorerTraining;
use crate::crop::{Intensity, Square};
use crate::data::Proposals;
use crate::scorer::{Extras, Head, ScorerArch, ScorerConfig, ScorerTask, Start};
use crate::sgd::SgdOptions;
use crate::{Error, Result};

/// `svh-engine train scorer`; what is left out follows the architecture's recipe.
#[derive(Clone, Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct ScorerArgs {
    /// narrowing, erosion, hand_erosion or foot_erosion
    #[arg(long)]
    pub task: ScorerTask,
    /// The cohort to learn from: boxes and grades
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// The model folder to write
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
    /// efficientnet_b0 to efficientnet_b7 or svh_convnet
    #[arg(long, default_value = "efficientnet_b0")]
    pub arch: ScorerArch,
    /// Weights to start from: a file (safetensors, torchvision's names) or another scorer's folder
    #[arg(long, value_name = "WEIGHTS")]
    pub init: Option<PathBuf>,
    /// How often as many crops are drawn as there are
    #[arg(long)]
    pub epochs: Option<u64>,
    /// Crops drawn an epoch, where it is not as many as there are
    #[arg(long)]
    pub epoch_samples: Option<u64>,
    /// Crops a step
    #[arg(long)]
    pub batch: Option<usize>,
    /// Seed of all that is random, the division of patients included
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Go on from the checkpoint in MODEL_DIR
    #[arg(long)]
    pub resume: bool,
    /// Side of the crops in pixels
    #[arg(long)]
    pub size: Option<i64>,
    /// Stages of EfficientNet, 1 to 7
    #[arg(long)]
    pub stages: Option<usize>,
    /// Outputs; by default a head for each scale: 5, 6, 11, or 17 for erosion in hands and feet
    #[arg(long)]
    pub classes: Option<i64>,
    /// softmax (grades without order) or ordinal
    #[arg(long, value_parser = head, default_value = "softmax")]
    pub head: Head,
    /// Room around the box on every side, as a fraction of its longer side
    #[arg(long)]
    pub margin: Option<f32>,
    /// The paper's crops: no room around the box, padded to a square, exposure as it is
    #[arg(long, conflicts_with = "margin")]
    pub paper_crops: bool,
    /// Learning rate after warm-up
    #[arg(long)]
    pub learning_rate: Option<f64>,
    /// Length to which longer gradients are cut; 0 for no limit
    #[arg(long, default_value_t = 10.0)]
    pub clip: f64,
    /// Momentum
    #[arg(long, default_value_t = 0.9)]
    pub momentum: f64,
    /// Weight decay
    #[arg(long)]
    pub weight_decay: Option<f64>,
    /// Steps of warm-up
    #[arg(long)]
    pub warm_up: Option<u64>,
    /// Epochs between tenfold falls of the rate; 0 for a cosine over the whole training
    #[arg(long)]
    pub decay_epochs: Option<u64>,
    /// 1: all grades drawn equally often; 0: as they come
    #[arg(long, default_value_t = 1.0)]
    pub balance: f64,
    /// Probabilities as oversampling leaves them, without a correction to the frequencies of patients, as in the paper
    #[arg(long, conflicts_with = "frequencies")]
    pub uncorrected: bool,
    /// A cohort whose frequencies of grades the probabilities are corrected to, where the one to learn from has others
    #[arg(long, value_name = "DIR")]
    pub frequencies: Option<PathBuf>,
    /// Spread of the target over neighbouring grades, in grades
    #[arg(long, default_value_t = 0.0)]
    pub soft: f32,
    /// Boxes that a model proposed and nobody has looked at: use them, or leave them out
    #[arg(long, default_value = "leave", value_parser = |text: &str| text.parse::<Proposals>())]
    pub proposals: Proposals,
    /// The share of patients that is measured on [default: 0.1, or with --validation none]
    #[arg(long)]
    pub held_out: Option<f64>,
    /// A cohort whose patients are measured on
    #[arg(long, value_name = "DIR")]
    pub validation: Option<PathBuf>,
    /// Where the run is kept, instead of a new folder in the cohort's runs
    #[arg(long, value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// Epsilon of batch norm
    #[arg(long)]
    pub bn_eps: Option<f64>,
    /// How crops are varied
    #[arg(long, value_enum, default_value_t = Variation::Standard)]
    pub variation: Variation,
    /// Crops as they are, as --variation none
    #[arg(long)]
    pub plain: bool,
    /// Steps between checkpoints
    #[arg(long, default_value_t = 200)]
    pub checkpoint_every: u64,
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

impl ScorerArgs {
    /// The training that is asked for.
    pub fn training(&self, device: Device) -> Result<ScorerTraining> {
        let config = self.config()?;
        config.check().map_err(Error::Usage)?;
        let held_out = self.held_out.unwrap_or(if self.validation.is_some() { 0.0 } else { 0.1 });
        for (name, value) in [("--held-out", held_out), ("--balance", self.balance)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::Usage(format!("{name} is {value}; it must be from 0 to 1")));
            }
        }
        let small = matches!(self.arch, ScorerArch::EfficientNet(0) | ScorerArch::ConvNet);
        // The paper's, which differ by task; the small networks learn faster from a higher rate and a cosine.
        let weight_decay = if self.task == ScorerTask::Narrowing { 0.001 } else { 0.005 };
        let decay_epochs = self.decay_epochs.or_else(|| (!small).then_some(10));
        Ok(ScorerTraining {
            cohort: self.cohort.clone(),
            out: self.out.clone(),
            config,
            init: self.init.clone(),
            epochs: self.epochs.unwrap_or(if small { 4 } else { 30 }).max(1),
            epoch_samples: self.epoch_samples,
            batch: self.batch.unwrap_or(32).max(2),
            learning_rate: self.learning_rate.unwrap_or(if small { 0.02 } else { 0.001 }),
            warm_up: self.warm_up.unwrap_or(50),
            decay_epochs: decay_epochs.filter(|epochs| *epochs > 0),
            sgd: SgdOptions {
                momentum: self.momentum,
                weight_decay: self.weight_decay.unwrap_or(if small { 0.0005 } else { weight_decay }),
                clip_norm: (self.clip > 0.0).then_some(self.clip),
            },
            balance: self.balance,
            corrected: !self.uncorrected,
            soft: self.soft,
            proposals: self.proposals,
            variation: if self.plain { Variation::None } else { self.variation }.crops(),
            held_out,
            validation: self.validation.clone(),
            frequencies: self.frequencies.clone(),
            seed: self.seed,
            resume: self.resume,
            checkpoint_every: self.checkpoint_every,
            device,
            remark: self.remark.clone(),
            licence: self.licence.clone(),
        })
    }

    /// Threads for libtorch's operations.
    #[must_use]
    pub fn threads(&self) -> i32 {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.unwrap_or_else(|| i32::try_from(cores).unwrap_or(1)).max(1)
    }

    fn config(&self) -> Result<ScorerConfig> {
        let mut config = ScorerConfig::stock(self.arch, self.task, self.classes.unwrap_or_else(|| self.task.own_heads()));
        if !self.paper_crops {
            let margin = self.margin.unwrap_or(0.15);
            config.extras = Extras { margin, square: Square::Context, intensity: Intensity::Stretch, ..config.extras };
            if self.arch == ScorerArch::EfficientNet(0) {
                config.size = 128;
            }
        }
        config.size = self.size.unwrap_or(config.size);
        config.extras.head = self.head;
        config.extras.stages = self.stages.unwrap_or(config.extras.stages);
        let folded = match (&self.init, self.bn_eps) {
            (Some(path), None) => Start::read(path)?.is_folded(),
            _ => false,
        };
        config.eps = self.bn_eps.unwrap_or(if folded { 1e-3 } else { config.eps });
        Ok(config)
    }
}

fn head(text: &str) -> std::result::Result<Head, String> {
    match text {
        "softmax" => Ok(Head::Softmax),
        "ordinal" => Ok(Head::Ordinal),
        _ => Err(format!("`{text}` is no head; use softmax or ordinal")),
    }
}
