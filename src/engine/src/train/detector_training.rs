//! What a training of a detector can be told, and the recipe of each architecture.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use svh_core::training::Recipe;
use tch::{Device, Kind};

use super::schedule::{Decay, Schedule};
use crate::data::Proposals;
use crate::data::detector_films::Preparation;
use crate::detector::{Arch, DetectorConfig, DetectorTask};
use crate::sgd::SgdOptions;

/// Everything that a training of a detector can be told.
#[derive(Clone, Debug)]
pub struct DetectorTraining {
    /// The cohort to learn from.
    pub cohort: PathBuf,
    /// Whose joints it finds.
    pub task: DetectorTask,
    /// The model folder to write.
    pub out: PathBuf,
    /// The network.
    pub config: DetectorConfig,
    /// Weights to start from: a body's or a detector's.
    pub init: Option<PathBuf>,
    /// How often every film is seen.
    pub epochs: u64,
    /// Steps in all instead of epochs.
    pub steps: Option<u64>,
    /// Films that make an epoch, where it is not all of them.
    pub epoch_films: Option<u64>,
    /// A cohort that is measured on after every epoch.
    pub validation: Option<PathBuf>,
    /// How many of its films, evenly spread; `None` for all.
    pub validation_films: Option<usize>,
    /// Films a step.
    pub batch: usize,
    /// The rate after warm-up.
    pub learning_rate: f64,
    /// Steps of warm-up.
    pub warm_up: u64,
    /// Epochs between tenfold falls of the rate; `None`: a cosine over the whole training.
    pub decay_epochs: Option<u64>,
    /// The optimiser.
    pub sgd: SgdOptions,
    /// Stages of the body, of five, that keep their weights.
    pub freeze: usize,
    /// What becomes of boxes that nobody has looked at.
    pub proposals: Proposals,
    /// How films are varied.
    pub preparation: Preparation,
    /// Random seed.
    pub seed: u64,
    /// Resume from the checkpoint in `out`.
    pub resume: bool,
    /// Steps between checkpoints.
    pub checkpoint_every: u64,
    /// Where to compute.
    pub device: Device,
    /// The kind of number in which feature maps are computed: 32 bit, or bfloat16, whose range needs no scaling of losses.
    pub kind: Kind,
    /// Threads that load films.
    pub workers: usize,
    /// Free text for the model card, after what the training reports.
    pub remark: String,
    /// Terms of the weights.
    pub licence: String,
}

impl DetectorTraining {
    /// The recipe of an architecture: the paper's for ResNet-50; for the small networks a higher rate, warm-up, a cosine, and fixed first stages.
    #[must_use]
    pub fn recipe(arch: Arch, task: impl Into<DetectorTask>, cohort: &Path, out: &Path) -> Self {
        let (numbers, task) = (Recipe::detector(&arch.to_string()), task.into());
        Self {
            cohort: cohort.to_path_buf(),
            task,
            out: out.to_path_buf(),
            config: DetectorConfig::recipe(arch, task.heads()),
            init: None,
            epochs: numbers.epochs,
            steps: None,
            epoch_films: None,
            validation: None,
            validation_films: None,
            batch: numbers.batch,
            learning_rate: numbers.learning_rate,
            warm_up: numbers.warm_up,
            decay_epochs: numbers.decay_epochs,
            sgd: SgdOptions { momentum: 0.9, weight_decay: 0.0005, clip_norm: Some(10.0) },
            freeze: 2,
            proposals: Proposals::default(),
            preparation: Preparation::TRAINING,
            seed: 1,
            resume: false,
            checkpoint_every: 100,
            device: Device::Cpu,
            kind: Kind::Float,
            workers: 1,
            remark: String::new(),
            licence: "not stated".into(),
        }
    }

    pub(super) fn steps_an_epoch(&self, films: usize) -> u64 {
        self.epoch_films.unwrap_or(films as u64).div_ceil(self.batch.max(1) as u64).max(1)
    }

    pub(super) fn schedule(&self, films: usize) -> Schedule {
        let epoch = self.steps_an_epoch(films);
        let decay = self.decay_epochs.map_or(Decay::Cosine, |epochs| Decay::Step { every: epochs * epoch, factor: 0.1 });
        let steps = self.steps.unwrap_or(self.epochs * epoch).max(1);
        Schedule { learning_rate: self.learning_rate, warm_up: self.warm_up, decay, steps }
    }

    /// What must be equal for an exact resume, by name.
    pub(super) fn settings(&self, films: usize, schedule: &Schedule) -> BTreeMap<String, String> {
        let c = &self.config;
        let network = format!("{} {} {}x{} {:?} {} {:?}", c.arch, c.heads.classes(), c.min_size, c.max_size, c.norm, c.eps, c.sizes);
        [
            ("task", self.task.to_string()),
            ("films", films.to_string()),
            ("network", network),
            ("schedule", format!("{schedule:?}")),
            ("optimiser", format!("{:?}", self.sgd)),
            ("freeze", self.freeze.to_string()),
            ("batch", self.batch.to_string()),
            ("preparation", format!("{:?}", self.preparation)),
            ("seed", self.seed.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}
