//! The two kinds of network behind one face.

use tch::Tensor;

use super::config::{ScorerArch, ScorerConfig};
use crate::convnet::{self, ConvNet};
use crate::efficientnet::EfficientNet;
use crate::nn::Scope;
use crate::{Error, Result};

/// A network that turns crops into logits.
#[derive(Debug)]
pub enum Network {
    /// EfficientNet.
    Efficient(Box<EfficientNet>),
    /// The appendix's.
    Conv(ConvNet),
}

impl Network {
    /// Builds the network of a description.
    pub fn new(scope: &Scope, config: &ScorerConfig) -> Result<Self> {
        config.check().map_err(Error::Usage)?;
        Ok(match config.arch {
            ScorerArch::EfficientNet(variant) => Self::Efficient(Box::new(EfficientNet::new(scope, &config.efficientnet(variant))?)),
            ScorerArch::ConvNet => Self::Conv(ConvNet::new(scope, config.classes, config.eps)?),
        })
    }

    /// [N, 3, S, S] normalised crops to [N, classes] logits.
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        match self {
            Self::Efficient(network) => network.forward(x, train),
            Self::Conv(network) => network.forward(x, train),
        }
    }

    /// [N, 3, S, S] normalised crops to [N, F] features, which [`Self::classify`] turns into logits.
    pub fn forward_features(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        match self {
            Self::Efficient(network) => network.forward_features(x, train),
            Self::Conv(network) => network.forward_features(x, train),
        }
    }

    /// How many features it has: F.
    #[must_use]
    pub fn features(&self, config: &ScorerConfig) -> usize {
        match config.arch {
            ScorerArch::EfficientNet(variant) => config.efficientnet(variant).features() as usize,
            ScorerArch::ConvNet => convnet::FEATURES as usize,
        }
    }

    /// [N, F] features to [N, classes] logits.
    pub(crate) fn classify(&self, features: &Tensor, train: bool) -> Result<Tensor> {
        match self {
            Self::Efficient(network) => network.classify(features, train),
            Self::Conv(network) => network.classify(features),
        }
    }

    /// The prefix of the tensors that belong to the classes and are not taken over from other weights.
    #[must_use]
    pub(crate) const fn classifier(&self) -> &'static str {
        match self {
            Self::Efficient(_) => "classifier.",
            Self::Conv(_) => "linear.2.",
        }
    }
}
