//! The small network of the paper's appendix: four convolutions, three linear layers, for crops of 128 x 128.
//!
//! 3-16-64-256-1024 channels, kernels 3 x 3; the first two convolutions are padded by 1 and the last has stride 3; each is followed by
//! batch norm and `ReLU`, the first three by max-pooling with 2 x 2 as well. Then 25600-256-64-classes; each hidden layer is linear,
//! `ReLU`, batch norm, in that order. 25600 = 1024 * 5 * 5 fixes the input.

use tch::Tensor;

use crate::Result;
use crate::nn::{Conv2d, ConvOptions, Linear, Norm2d, NormKind, Scope};

/// Side of the input in pixels.
pub const INPUT: i64 = 128;
const CHANNELS: [i64; 5] = [3, 16, 64, 256, 1024];
const HIDDEN: [i64; 3] = [25600, 256, FEATURES];
/// Values of the last hidden layer.
pub(crate) const FEATURES: i64 = 64;

/// The network. Tensors: `conv.<i>`, `conv_norm.<i>`, `linear.<i>`, `linear_norm.<i>`, counted from 0.
#[derive(Debug)]
pub struct ConvNet {
    convolutions: Vec<(Conv2d, Norm2d)>,
    hidden: Vec<(Linear, Norm2d)>,
    output: Linear,
}

impl ConvNet {
    /// Builds the network with PyTorch's initialisation; `eps` is batch norm's.
    pub fn new(scope: &Scope, classes: i64, eps: f64) -> Result<Self> {
        let norm = |name: &str, index: usize, channels| Norm2d::new(&scope.enter(name).enter(index), channels, NormKind::Batch, eps);
        let mut convolutions = Vec::new();
        for (index, pair) in CHANNELS.windows(2).enumerate() {
            let padding = i64::from(index < 2);
            let stride = if index + 2 == CHANNELS.len() { 3 } else { 1 };
            let options = ConvOptions { kernel: 3, stride, padding, ..ConvOptions::default() };
            let conv = Conv2d::new(&scope.enter("conv").enter(index), pair[0], pair[1], options)?;
            convolutions.push((conv, norm("conv_norm", index, pair[1])?));
        }
        let mut hidden = Vec::new();
        for (index, pair) in HIDDEN.windows(2).enumerate() {
            let linear = Linear::new(&scope.enter("linear").enter(index), pair[0], pair[1])?;
            hidden.push((linear, norm("linear_norm", index, pair[1])?));
        }
        let output = Linear::new(&scope.enter("linear").enter(hidden.len()), HIDDEN[2], classes)?;
        Ok(Self { convolutions, hidden, output })
    }

    /// [N, 3, 128, 128] to [N, classes] logits.
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.classify(&self.forward_features(x, train)?)
    }

    /// [N, 3, 128, 128] to the [N, 64] values of the last hidden layer.
    pub fn forward_features(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let mut x = x.shallow_clone();
        for (index, (conv, norm)) in self.convolutions.iter().enumerate() {
            x = norm.forward(&conv.forward(&x)?, train)?.f_relu()?;
            if index + 1 < self.convolutions.len() {
                x = x.f_max_pool2d([2, 2], [2, 2], [0, 0], [1, 1], false)?;
            }
        }
        x = x.f_flatten(1, 3)?;
        for (linear, norm) in &self.hidden {
            x = norm.forward(&linear.forward(&x)?.f_relu()?, train)?;
        }
        Ok(x)
    }

    /// Features to [N, classes] logits.
    pub(crate) fn classify(&self, features: &Tensor) -> Result<Tensor> {
        Ok(self.output.forward(features)?)
    }
}
