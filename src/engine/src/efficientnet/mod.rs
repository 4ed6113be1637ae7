//! EfficientNet (Tan and Le 2019, arXiv:1905.11946), B0 to B7, with torchvision's parameter names.
//!
//! A stem, stages of inverted bottlenecks with squeeze-and-excitation, a 1 x 1 convolution, the mean over the plane, one linear
//! layer. [`Config`] also gives the variant of the paper's own library: other padding, other batch-norm epsilon.

mod block;
mod config;
mod layers;
mod lukemelas;

use tch::{Kind, Tensor};

use crate::Result;
use crate::nn::{Init, Linear, Scope, fastest_order};
pub use block::{Block, keep_rows};
pub use config::{Config, Padding, Stage};
pub use layers::SqueezeExcite;
pub use layers::VisitNorm;
use layers::{ConvNorm, Shape};
pub use lukemelas::torchvision_name;

/// The network.
#[derive(Debug)]
pub struct EfficientNet {
    stem: ConvNorm,
    blocks: Vec<Block>,
    head: ConvNorm,
    classifier: Linear,
    dropout: f64,
}

impl EfficientNet {
    /// Builds the network with torchvision's names and, but for the classifier, its initialisation.
    pub fn new(scope: &Scope, config: &Config) -> Result<Self> {
        let features = scope.enter("features");
        let mut side = match config.padding {
            Padding::Same(side) => side,
            Padding::Symmetric => 0,
        };
        let stem = Shape { input: 3, output: config.stem(), kernel: 3, stride: 2, groups: 1 };
        let stem = ConvNorm::new(&features.enter(0), stem, true, config, &mut side)?;
        let stages = config.stages();
        let total = config.all_layers();
        let mut blocks = Vec::new();
        for (index, stage) in stages.iter().enumerate() {
            for layer in 0..stage.layers {
                let scope = features.enter(index + 1).enter(layer);
                let skip = config.stochastic_depth * blocks.len() as f64 / total as f64;
                blocks.push(Block::new(&scope, stage, layer == 0, skip, config, &mut side)?);
            }
        }
        let last = stages.last().map_or(0, |stage| stage.output);
        let head = features.enter(stages.len() + 1);
        let head = ConvNorm::new(&head, Shape::pointwise(last, config.features()), true, config, &mut side)?;
        // torchvision starts with a bound of 1 / sqrt(classes), meant for a thousand of them; with five, the first losses would be twice as high as
        // those of a network that knows nothing.
        let bound = 1.0 / (config.features() as f32).sqrt();
        let inits = [Init::Uniform { bound }, Init::Constant(0.0)];
        let classifier = Linear::with_init(&scope.enter("classifier").enter(1), config.features(), config.classes, inits)?;
        Ok(Self { stem, blocks, head, classifier, dropout: config.dropout })
    }

    /// [N, 3, H, W] normalised crops to [N, classes] logits.
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.classify(&self.forward_features(x, train)?, train)
    }

    /// [N, 3, H, W] normalised crops to [N, [`Config::features`]] features: the last convolution's output, averaged over the plane.
    pub fn forward_features(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let mut x = self.stem.forward(&fastest_order(x)?, train)?;
        for block in &self.blocks {
            x = block.forward(&x, train)?;
        }
        let x = self.head.forward(&x, train)?;
        Ok(x.f_mean_dim([2i64, 3].as_slice(), false, None::<Kind>)?)
    }

    /// Features to [N, classes] logits.
    pub(crate) fn classify(&self, features: &Tensor, train: bool) -> Result<Tensor> {
        Ok(self.classifier.forward(&features.f_dropout(self.dropout, train)?)?)
    }

    /// Gives weights whose batch norm was folded into the convolutions running statistics again, taken from a batch of real crops
    /// [N, 3, H, W], so that they can be trained. The outputs stay what they were.
    pub fn recover_statistics(&self, crops: &Tensor) -> Result<()> {
        self.visit_norms(crops, &mut |norm, x| Ok(norm.adopt_statistics(x)?))
    }

    /// Shows each batch norm, in the order of the computation, beside its input for these crops [N, 3, H, W]. A norm that is changed by this acts on what
    /// comes behind it.
    pub(crate) fn visit_norms(&self, crops: &Tensor, visit: &mut VisitNorm) -> Result<()> {
        let _no_gradients = tch::no_grad_guard();
        let mut x = self.stem.forward_visiting(&fastest_order(crops)?, visit)?;
        for block in &self.blocks {
            x = block.forward_visiting(&x, visit)?;
        }
        self.head.forward_visiting(&x, visit).map(drop)
    }
}
