//! What a training of a scorer can be told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tch::{Device, Kind};

use super::schedule::Schedule;
use crate::data::Proposals;
use crate::data::crop_warp::CropVariation;
use crate::data::joint_crops::JointCrops;
use crate::scorer::ScorerConfig;
use crate::sgd::SgdOptions;

/// Everything that a training of a scorer can be told.
#[derive(Clone, Debug)]
pub struct ScorerTraining {
    /// The cohort to learn from.
    pub cohort: PathBuf,
    /// The model folder to write.
    pub out: PathBuf,
    /// The network and its crops.
    pub config: ScorerConfig,
    /// Weights to start from.
    pub init: Option<PathBuf>,
    /// How often as many crops are drawn as there are.
    pub epochs: u64,
    /// Crops drawn an epoch, where it is not as many as there are.
    pub epoch_samples: Option<u64>,
    /// Crops a step.
    pub batch: usize,
    /// The rate after warm-up.
    pub learning_rate: f64,
    /// Steps of warm-up.
    pub warm_up: u64,
    /// Epochs between tenfold falls of the rate; `None`: a cosine over the whole training.
    pub decay_epochs: Option<u64>,
    /// The optimiser.
    pub sgd: SgdOptions,
    /// See [`WeightedSampler`].
    pub balance: f64,
    /// Whether the probabilities are corrected to the frequencies of patients; otherwise they are as oversampling left them, as in the paper.
    pub corrected: bool,
    /// Spread of the target over neighbouring grades, in grades; 0 for plain cross-entropy.
    pub soft: f32,
    /// What becomes of boxes that nobody has looked at.
    pub proposals: Proposals,
    /// How crops are varied.
    pub variation: CropVariation,
    /// The share of patients that is measured on.
    pub held_out: f64,
    /// A cohort whose patients are measured on as well.
    pub validation: Option<PathBuf>,
    /// A cohort whose frequencies of grades the probabilities are corrected to; by default the one that is learned from.
    pub frequencies: Option<PathBuf>,
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
    /// Free text for the model card, after what the training reports.
    pub remark: String,
    /// Terms of the weights.
    pub licence: String,
}

impl ScorerTraining {
    /// What must be equal for an exact resume, by name.
    pub(super) fn settings(&self, crops: &JointCrops, schedule: &Schedule) -> BTreeMap<String, String> {
        [
            ("network", format!("{:?}", self.config)),
            ("crops", crops.training.len().to_string()),
            ("held out", crops.held_out_patients.join(" ")),
            ("schedule", format!("{schedule:?}")),
            ("optimiser", format!("{:?}", self.sgd)),
            ("batch", self.batch.to_string()),
            ("balance", format!("{} {}", self.balance, self.soft)),
            ("variation", format!("{:?}", self.variation)),
            ("seed", self.seed.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}
