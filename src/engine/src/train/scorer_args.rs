//! The command line of a scorer's training.

use std::path::PathBuf;

use tch::Device;

use super::scorer_options::ScorerTraining;
use super::shared_args::SharedArgs;
use crate::crop::{Intensity, Square};
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
    /// What all trainings are told.
    #[command(flatten)]
    pub shared: SharedArgs,
    /// efficientnet_b0 to efficientnet_b7 or svh_convnet
    #[arg(long, default_value = "efficientnet_b0")]
    pub arch: ScorerArch,
    /// Crops drawn an epoch, where it is not as many as there are
    #[arg(long)]
    pub epoch_samples: Option<u64>,
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
    /// The share of patients that is measured on [default: 0.1, or with --validation none]
    #[arg(long)]
    pub held_out: Option<f64>,
}

impl ScorerArgs {
    /// The training that is asked for.
    pub fn training(&self, device: Device) -> Result<ScorerTraining> {
        let (config, shared) = (self.config()?, &self.shared);
        config.check().map_err(Error::Usage)?;
        let held_out = self.held_out.unwrap_or(if shared.validation.is_some() { 0.0 } else { 0.1 });
        for (name, value) in [("--held-out", held_out), ("--balance", self.balance)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::Usage(format!("{name} is {value}; it must be from 0 to 1")));
            }
        }
        let small = matches!(self.arch, ScorerArch::EfficientNet(0) | ScorerArch::ConvNet);
        // The paper's, which differ by task; the small networks learn faster from a higher rate and a cosine.
        let weight_decay = if self.task == ScorerTask::Narrowing { 0.001 } else { 0.005 };
        Ok(ScorerTraining {
            cohort: shared.cohort.clone(),
            out: shared.out.clone(),
            config,
            init: shared.init.clone(),
            epochs: shared.epochs.unwrap_or(if small { 4 } else { 30 }).max(1),
            epoch_samples: self.epoch_samples,
            batch: shared.batch.unwrap_or(32).max(2),
            learning_rate: shared.learning_rate.unwrap_or(if small { 0.02 } else { 0.001 }),
            warm_up: shared.warm_up.unwrap_or(50),
            decay_epochs: shared.decay_epochs((!small).then_some(10)),
            sgd: shared.sgd(SgdOptions { momentum: 0.9, weight_decay: if small { 0.0005 } else { weight_decay }, clip_norm: Some(10.0) }),
            balance: self.balance,
            corrected: !self.uncorrected,
            soft: self.soft,
            proposals: shared.proposals,
            variation: shared.variation().crops(),
            held_out,
            validation: shared.validation.clone(),
            frequencies: self.frequencies.clone(),
            seed: shared.seed,
            resume: shared.resume,
            checkpoint_every: shared.checkpoint_every.unwrap_or(200),
            device,
            kind: shared.kind(),
            remark: shared.remark.clone(),
            licence: shared.licence.clone(),
        })
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
        let folded = match (&self.shared.init, self.shared.bn_eps) {
            (Some(path), None) => Start::read(path)?.is_folded(),
            _ => false,
        };
        config.eps = self.shared.bn_eps.unwrap_or(if folded { 1e-3 } else { config.eps });
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
