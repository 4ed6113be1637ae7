//! The fully connected layer.

use tch::{TchError, Tensor};

use super::{Init, Scope};
use crate::Result;

/// `torch.nn.Linear`: x W^T + b.
#[derive(Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// `inputs` to `outputs` values, PyTorch's default initialisation.
    pub fn new(scope: &Scope, inputs: i64, outputs: i64) -> Result<Self> {
        Ok(Self {
            weight: scope.parameter("weight", &[outputs, inputs], Init::DEFAULT_WEIGHT)?,
            bias: scope.parameter("bias", &[outputs], Init::default_bias(inputs))?,
        })
    }

    /// [N, inputs] to [N, outputs].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_linear(&self.weight, Some(&self.bias))
    }
}
