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
        Self::with_init(scope, inputs, outputs, [Init::DEFAULT_WEIGHT, Init::default_bias(inputs)])
    }

    /// The same with the initialisation of weight and bias given.
    pub(crate) fn with_init(scope: &Scope, inputs: i64, outputs: i64, [weight, bias]: [Init; 2]) -> Result<Self> {
        Ok(Self { weight: scope.parameter("weight", &[outputs, inputs], weight)?, bias: scope.parameter("bias", &[outputs], bias)? })
    }

    /// [N, inputs] to [N, outputs], in the kind of number of `x`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_linear(&self.weight.f_to_kind(x.kind())?, Some(&self.bias.f_to_kind(x.kind())?))
    }
}
