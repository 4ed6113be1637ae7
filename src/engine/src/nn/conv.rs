//! The two-dimensional convolution.

use tch::{TchError, Tensor};

use super::{Init, Scope};
use crate::Result;

/// What a convolution needs beside its channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvOptions {
    /// Side of the kernel.
    pub kernel: i64,
    /// Step.
    pub stride: i64,
    /// Zeros added on each side.
    pub padding: i64,
    /// Groups of channels that do not mix.
    pub groups: i64,
    /// Whether there is a bias.
    pub bias: bool,
    /// How the weight starts.
    pub weight_init: Init,
    /// How the bias starts; `None` is PyTorch's default.
    pub bias_init: Option<Init>,
}

impl Default for ConvOptions {
    /// A 1 x 1 convolution with bias and PyTorch's initialisation.
    fn default() -> Self {
        Self { kernel: 1, stride: 1, padding: 0, groups: 1, bias: true, weight_init: Init::DEFAULT_WEIGHT, bias_init: None }
    }
}

/// `torch.nn.Conv2d`.
#[derive(Debug)]
pub struct Conv2d {
    /// [out, in / groups, kernel, kernel].
    pub weight: Tensor,
    /// [out].
    pub bias: Option<Tensor>,
    stride: i64,
    padding: i64,
    groups: i64,
}

impl Conv2d {
    /// `inputs` to `outputs` channels.
    pub fn new(scope: &Scope, inputs: i64, outputs: i64, options: ConvOptions) -> Result<Self> {
        let ConvOptions { kernel, stride, padding, groups, bias, weight_init, bias_init } = options;
        let shape = [outputs, inputs / groups, kernel, kernel];
        let weight = scope.parameter("weight", &shape, weight_init)?;
        let bias_init = bias_init.unwrap_or_else(|| Init::default_bias(inputs / groups * kernel * kernel));
        let bias = if bias { Some(scope.parameter("bias", &[outputs], bias_init)?) } else { None };
        Ok(Self { weight, bias, stride, padding, groups })
    }

    /// [N, in, H, W] to [N, out, H', W'], in the kind of number of `x`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let bias = self.bias.as_ref().map(|bias| bias.f_to_kind(x.kind())).transpose()?;
        self.forward_with(x, &self.weight.f_to_kind(x.kind())?, bias.as_ref())
    }

    /// The same convolution with a weight and a bias computed from its own: a norm folded in.
    pub(crate) fn forward_with(&self, x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor, TchError> {
        x.f_conv2d(weight, bias, [self.stride; 2], [self.padding; 2], [1, 1], self.groups)
    }
}
