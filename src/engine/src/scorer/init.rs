//! Where the training of a scorer starts: weights of the same network with other classes, or of ImageNet.

use std::path::Path;

use tch::Tensor;

use super::{Head, Network, ScorerConfig, WEIGHTS};
use crate::models;
use crate::nn::Store;
use crate::weights::Weights;
use crate::{Error, Result};

/// Weights to start from.
#[derive(Debug)]
pub struct Start {
    weights: Weights,
    /// What its card says, if it is a model's folder.
    model: Option<ScorerConfig>,
}

impl Start {
    /// Reads a safetensors file, or that of a model folder.
    pub fn read(path: &Path) -> Result<Self> {
        let file = if path.is_dir() { path.join(WEIGHTS) } else { path.to_path_buf() };
        let card = if path.is_dir() { models::read_card(path).ok() } else { None };
        let model = card.and_then(|card| ScorerConfig::from_card(&card).ok());
        Ok(Self { weights: Weights::read(&file)?, model })
    }

    /// The network that they belong to, where a card says it.
    #[must_use]
    pub(crate) fn model(&self) -> Option<&ScorerConfig> {
        self.model.as_ref()
    }

    /// Whether batch norm was folded into the convolutions: all running means are 0, all variances 1 (or 1 less the epsilon of 1e-3 that such weights
    /// are made with). They need [`crate::efficientnet::EfficientNet::recover_statistics`] before they can be trained.
    #[must_use]
    pub(crate) fn is_folded(&self) -> bool {
        let is = |name: &str, value: f64, tolerance: f64| {
            let apart = |tensor: &Tensor| tensor.f_sub_scalar(value)?.f_abs()?.f_max()?.f_double_value(&[]);
            self.weights.get(name).is_some_and(|tensor| apart(tensor).is_ok_and(|most| most <= tolerance))
        };
        let mut statistics = self.weights.names().filter(|name| name.contains("running_")).peekable();
        let constant = |name: &str| if name.ends_with("running_mean") { is(name, 0.0, 0.0) } else { is(name, 1.0, 2e-3) };
        statistics.peek().is_some() && statistics.all(constant)
    }

    /// Fills what fits by name and shape; the classifier only where the classes are the same and mean the same. Returns how many tensors were taken, of
    /// how many.
    pub(crate) fn fill(&self, store: &Store, network: &Network, head: Head) -> Result<(usize, usize)> {
        let entries = store.entries();
        let other_head = self.model.as_ref().is_some_and(|own| own.extras.head != head);
        let wanted =
            |name: &str, tensor: &Tensor| self.weights.fits(name, tensor) && !(other_head && name.starts_with(network.classifier()));
        let body = entries.iter().filter(|(name, ..)| !name.starts_with(network.classifier()) && !name.ends_with("num_batches_tracked"));
        let fitting = body.clone().filter(|(name, tensor, _)| wanted(name, tensor)).count();
        // A network cut short has a head of its own; more than that must not be missing.
        if fitting + 6 < body.count() {
            let problem = "is not of this network: few of its tensors fit by name and shape; give weights of the same --arch".to_owned();
            return Err(Error::weights(self.weights.path(), problem));
        }
        let chosen: Vec<&str> = entries.iter().filter(|(name, tensor, _)| wanted(name, tensor)).map(|(name, ..)| name.as_str()).collect();
        self.weights.load_matching(store, |name| chosen.contains(&name))?;
        Ok((chosen.len(), entries.len()))
    }
}
