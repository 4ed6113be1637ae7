//! The command line of a detector's training.

use std::path::PathBuf;

use tch::Device;

use super::detector_options::DetectorTraining;
use super::recipe::Variation;
use crate::data::Proposals;
use crate::detector::{Arch, DetectorConfig, DetectorTask};
use crate::{Error, Result, models};

/// `svh-engine train detector`; what is left out follows the architecture's recipe.
#[derive(Clone, Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct DetectorArgs {
    /// narrowing, erosion, or both in one network
    #[arg(long)]
    pub task: DetectorTask,
    /// The cohort to learn from
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// The model folder to write
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
    /// The network
    #[arg(long, default_value_t = Arch::MobileNetV2)]
    pub arch: Arch,
    /// Weights to start from: a body's (safetensors) or another detector's (its folder or file)
    #[arg(long, value_name = "WEIGHTS")]
    pub init: Option<PathBuf>,
    /// How often every film is seen
    #[arg(long)]
    pub epochs: Option<u64>,
    /// Steps in all, instead of epochs
    #[arg(long, conflicts_with = "epochs")]
    pub steps: Option<u64>,
    /// Films that make an epoch, where it is not all of them
    #[arg(long)]
    pub epoch_films: Option<u64>,
    /// A cohort that is measured on after every epoch: losses, and the share of joints found
    #[arg(long, value_name = "DIR")]
    pub validation: Option<PathBuf>,
    /// How many of its films, evenly spread, instead of all
    #[arg(long, requires = "validation", value_parser = clap::value_parser!(u32).range(1..))]
    pub validation_films: Option<u32>,
    /// Where the run is kept, instead of a new folder in the cohort's runs
    #[arg(long, value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// Films a step
    #[arg(long)]
    pub batch: Option<usize>,
    /// Seed of all that is random
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Go on from the checkpoint in MODEL_DIR
    #[arg(long)]
    pub resume: bool,
    /// Learning rate after warm-up
    #[arg(long)]
    pub learning_rate: Option<f64>,
    /// Momentum
    #[arg(long)]
    pub momentum: Option<f64>,
    /// Weight decay
    #[arg(long)]
    pub weight_decay: Option<f64>,
    /// Length to which longer gradients are cut; 0 for no limit
    #[arg(long)]
    pub clip: Option<f64>,
    /// Steps of warm-up
    #[arg(long)]
    pub warm_up: Option<u64>,
    /// Epochs between tenfold falls of the rate; 0 for a cosine over the whole training
    #[arg(long)]
    pub decay_epochs: Option<u64>,
    /// Stages of the body, of five, that keep their weights
    #[arg(long)]
    pub freeze: Option<usize>,
    /// Shorter side of the films in pixels
    #[arg(long)]
    pub min_size: Option<i64>,
    /// Longer side at most
    #[arg(long)]
    pub max_size: Option<i64>,
    /// Channels of the feature pyramid
    #[arg(long)]
    pub fpn_channels: Option<i64>,
    /// Width of the box head
    #[arg(long)]
    pub head_width: Option<i64>,
    /// Any other size or threshold by the name it has in a model card, such as box_batch=64; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Epsilon of the body's norms: 0 for torchvision's COCO weights
    #[arg(long)]
    pub bn_eps: Option<f64>,
    /// Boxes that a model proposed and nobody has looked at: use them, or leave their films out
    #[arg(long, default_value = "leave", value_parser = |text: &str| text.parse::<Proposals>())]
    pub proposals: Proposals,
    /// How films are varied; a film is never flipped without its left and right classes
    #[arg(long, value_enum, default_value_t = Variation::Standard)]
    pub variation: Variation,
    /// Films as they are, as --variation none
    #[arg(long)]
    pub plain: bool,
    /// Steps between checkpoints
    #[arg(long)]
    pub checkpoint_every: Option<u64>,
    /// Threads that load films
    #[arg(long)]
    pub workers: Option<usize>,
    /// Threads that compute
    #[arg(long)]
    pub threads: Option<i32>,
    /// Words for the card about data and purpose
    #[arg(long)]
    pub remark: Option<String>,
    /// Terms of the weights, for the card
    #[arg(long)]
    pub licence: Option<String>,
}

impl DetectorArgs {
    /// The training that is asked for.
    pub fn training(&self, device: Device) -> Result<DetectorTraining> {
        let mut t = DetectorTraining::recipe(self.arch, self.task, &self.cohort, &self.out);
        self.take_over_sizes(&mut t.config)?;
        self.apply_to_network(&mut t.config)?;
        t.config.check().map_err(Error::Usage)?;
        t.init.clone_from(&self.init);
        t.epochs = self.epochs.unwrap_or(t.epochs).max(1);
        t.steps = self.steps;
        t.epoch_films = self.epoch_films.filter(|films| *films > 0);
        t.validation.clone_from(&self.validation);
        t.validation_films = self.validation_films.map(|films| films as usize);
        t.batch = self.batch.unwrap_or(t.batch).max(1);
        (t.seed, t.resume, t.device) = (self.seed, self.resume, device);
        t.learning_rate = self.learning_rate.unwrap_or(t.learning_rate);
        t.sgd.momentum = self.momentum.unwrap_or(t.sgd.momentum);
        t.sgd.weight_decay = self.weight_decay.unwrap_or(t.sgd.weight_decay);
        t.sgd.clip_norm = self.clip.map_or(t.sgd.clip_norm, |length| (length > 0.0).then_some(length));
        t.warm_up = self.warm_up.unwrap_or(t.warm_up);
        t.decay_epochs = self.decay_epochs.map_or(t.decay_epochs, |epochs| (epochs > 0).then_some(epochs));
        t.freeze = self.freeze.unwrap_or(if self.init.is_some() || self.resume { t.freeze } else { 0 });
        t.proposals = self.proposals;
        t.preparation = if self.plain { Variation::None } else { self.variation }.films();
        t.checkpoint_every = self.checkpoint_every.unwrap_or(t.checkpoint_every);
        t.workers = self.workers.unwrap_or(t.workers);
        t.remark = self.remark.clone().unwrap_or(t.remark);
        t.licence = self.licence.clone().unwrap_or(t.licence);
        Ok(t)
    }

    /// Threads for libtorch's operations.
    #[must_use]
    pub fn threads(&self) -> i32 {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.unwrap_or_else(|| i32::try_from(cores).unwrap_or(1)).max(1)
    }

    /// A model folder to start from brings its sizes along: its weights fit no others.
    fn take_over_sizes(&self, config: &mut DetectorConfig) -> Result<()> {
        let Some(folder) = self.init.as_ref().filter(|path| path.is_dir()) else { return Ok(()) };
        let from = DetectorConfig::from_card(&models::read_card(folder)?).map_err(|problem| Error::model(folder, problem))?;
        if from.arch != config.arch {
            return Err(Error::model(folder, format!("is a {}; start from a {}, or say --arch {}", from.arch, config.arch, from.arch)));
        }
        *config = DetectorConfig { heads: config.heads, ..from };
        Ok(())
    }

    fn apply_to_network(&self, config: &mut DetectorConfig) -> Result<()> {
        config.min_size = self.min_size.unwrap_or(config.min_size);
        config.max_size = self.max_size.unwrap_or(config.max_size);
        config.eps = self.bn_eps.unwrap_or(config.eps);
        config.sizes.fpn_channels = self.fpn_channels.unwrap_or(config.sizes.fpn_channels);
        config.sizes.head_width = self.head_width.unwrap_or(config.sizes.head_width);
        self.set.iter().try_for_each(|entry| config.sizes.set(entry)).map_err(Error::Usage)
    }
}
