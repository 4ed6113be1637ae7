//! The command line of a detector's training.

use tch::Device;

use super::detector_options::DetectorTraining;
use super::shared_args::SharedArgs;
use crate::detector::{Arch, DetectorConfig, DetectorTask};
use crate::{Error, Result, models};

/// `svh-engine train detector`; what is left out follows the architecture's recipe.
#[derive(Clone, Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct DetectorArgs {
    /// narrowing, erosion, or both in one network
    #[arg(long)]
    pub task: DetectorTask,
    /// What all trainings are told.
    #[command(flatten)]
    pub shared: SharedArgs,
    /// The network
    #[arg(long, default_value_t = Arch::MobileNetV2)]
    pub arch: Arch,
    /// Steps in all, instead of epochs
    #[arg(long, conflicts_with = "epochs")]
    pub steps: Option<u64>,
    /// Films that make an epoch, where it is not all of them
    #[arg(long)]
    pub epoch_films: Option<u64>,
    /// How many films of --validation, evenly spread, instead of all
    #[arg(long, requires = "validation", value_parser = clap::value_parser!(u32).range(1..))]
    pub validation_films: Option<u32>,
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
    /// Threads that load films
    #[arg(long)]
    pub workers: Option<usize>,
}

impl DetectorArgs {
    /// The training that is asked for.
    pub fn training(&self, device: Device) -> Result<DetectorTraining> {
        let shared = &self.shared;
        let mut t = DetectorTraining::recipe(self.arch, self.task, &shared.cohort, &shared.out);
        self.take_over_sizes(&mut t.config)?;
        self.apply_to_network(&mut t.config)?;
        t.config.check().map_err(Error::Usage)?;
        t.init.clone_from(&shared.init);
        t.epochs = shared.epochs.unwrap_or(t.epochs).max(1);
        t.steps = self.steps;
        t.epoch_films = self.epoch_films.filter(|films| *films > 0);
        t.validation.clone_from(&shared.validation);
        t.validation_films = self.validation_films.map(|films| films as usize);
        t.batch = shared.batch.unwrap_or(t.batch).max(1);
        (t.seed, t.resume) = (shared.seed, shared.resume);
        (t.device, t.kind) = (device, shared.kind());
        t.learning_rate = shared.learning_rate.unwrap_or(t.learning_rate);
        t.sgd = shared.sgd(t.sgd);
        t.warm_up = shared.warm_up.unwrap_or(t.warm_up);
        t.decay_epochs = shared.decay_epochs(t.decay_epochs);
        t.freeze = self.freeze.unwrap_or(if shared.init.is_some() || shared.resume { t.freeze } else { 0 });
        t.proposals = shared.proposals;
        t.preparation = shared.variation().films();
        t.checkpoint_every = shared.checkpoint_every.unwrap_or(t.checkpoint_every);
        t.workers = self.workers.unwrap_or(t.workers);
        (t.remark, t.licence) = (shared.remark.clone(), shared.licence.clone());
        Ok(t)
    }

    /// A model folder to start from brings its sizes along: its weights fit no others.
    fn take_over_sizes(&self, config: &mut DetectorConfig) -> Result<()> {
        let Some(folder) = self.shared.init.as_ref().filter(|path| path.is_dir()) else { return Ok(()) };
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
        config.eps = self.shared.bn_eps.unwrap_or(config.eps);
        config.sizes.fpn_channels = self.fpn_channels.unwrap_or(config.sizes.fpn_channels);
        config.sizes.head_width = self.head_width.unwrap_or(config.sizes.head_width);
        self.set.iter().try_for_each(|entry| config.sizes.set(entry)).map_err(Error::Usage)
    }
}
