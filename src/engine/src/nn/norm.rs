//! Batch normalisation, frozen or living. The epsilon is in no weights file: it comes from the model card.

use serde::{Deserialize, Serialize};
use tch::{TchError, Tensor};

use super::{Init, Scope};
use crate::Result;

/// The kind of a network's batch normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NormKind {
    /// torchvision's `FrozenBatchNorm2d`: four buffers, never trained.
    Frozen,
    /// `torch.nn.BatchNorm2d`.
    Batch,
}

/// Normalisation of [N, C, H, W] a channel.
#[derive(Debug)]
pub struct Norm2d {
    weight: Tensor,
    bias: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    /// Present in living norms only.
    batches: Option<Tensor>,
    eps: f64,
    momentum: f64,
}

impl Norm2d {
    /// A norm over this many channels; momentum is PyTorch's 0.1.
    pub fn new(scope: &Scope, channels: i64, kind: NormKind, eps: f64) -> Result<Self> {
        let (ones, zeros) = (Init::Constant(1.0), Init::Constant(0.0));
        let living = kind == NormKind::Batch;
        let affine = |name: &str, init| match living {
            true => scope.parameter(name, &[channels], init),
            false => scope.buffer(name, &[channels], init),
        };
        Ok(Self {
            weight: affine("weight", ones)?,
            bias: affine("bias", zeros)?,
            running_mean: scope.buffer("running_mean", &[channels], zeros)?,
            running_var: scope.buffer("running_var", &[channels], ones)?,
            batches: if living { Some(scope.counter("num_batches_tracked")?) } else { None },
            eps,
            momentum: 0.1,
        })
    }

    /// The same with another momentum.
    #[must_use]
    pub(crate) const fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Normalises. In training a living norm uses the batch's statistics and moves its own towards them.
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let train = train && self.batches.is_some();
        if let (true, Some(batches)) = (train, &self.batches) {
            let _ = tch::no_grad(|| batches.shallow_clone().f_add_scalar_(1))?;
        }
        let (weight, bias) = (Some(&self.weight), Some(&self.bias));
        x.f_batch_norm(weight, bias, Some(&self.running_mean), Some(&self.running_var), train, self.momentum, self.eps, true)
    }

    /// Takes this input's statistics [N, C, H, W] for its own and changes weight and bias so that the output stays what it was: norms that
    /// were folded into their convolutions (mean 0, variance 1) can be trained afterwards.
    pub(crate) fn adopt_statistics(&self, x: &Tensor) -> Result<(), TchError> {
        let _no_gradients = tch::no_grad_guard();
        let ChannelStatistics { mean, variance } = ChannelStatistics::of(x)?;
        let scale = self.running_var.f_add_scalar(self.eps)?.f_rsqrt()?.f_mul(&self.weight)?;
        let moved = mean.f_sub(&self.running_mean)?.f_mul(&scale)?;
        let _ = self.bias.shallow_clone().f_add_(&moved)?;
        self.weight.shallow_clone().f_copy_(&scale.f_mul(&variance.f_add_scalar(self.eps)?.f_sqrt()?)?)?;
        self.running_mean.shallow_clone().f_copy_(&mean)?;
        self.running_var.shallow_clone().f_copy_(&variance)
    }

    /// Moves the norm's own statistics as far as those of `now` lie from those of `before`: means by the difference, variances by the ratio, at most fourfold.
    pub(crate) fn shift_statistics(&self, before: &ChannelStatistics, now: &ChannelStatistics) -> Result<(), TchError> {
        let _no_gradients = tch::no_grad_guard();
        let _ = self.running_mean.shallow_clone().f_add_(&now.mean.f_sub(&before.mean)?)?;
        let ratio = now.variance.f_add_scalar(self.eps)?.f_div(&before.variance.f_add_scalar(self.eps)?)?;
        let _ = self.running_var.shallow_clone().f_mul_(&ratio.f_clamp(0.25, 4.0)?)?;
        Ok(())
    }

    /// Whether statistics are fixed whatever the mode, so that [`Self::folded`] may be used in training.
    #[must_use]
    pub(crate) const fn is_frozen(&self) -> bool {
        self.batches.is_none()
    }

    /// Whether weight and bias are being trained.
    #[must_use]
    pub(crate) fn is_trained(&self) -> bool {
        self.weight.requires_grad()
    }

    /// Weight and bias of the convolution that does `weight` and then this norm with its fixed statistics.
    ///
    /// One pass over the feature map instead of three; equal up to rounding.
    pub fn folded(&self, weight: &Tensor) -> Result<(Tensor, Tensor), TchError> {
        let scale = self.running_var.f_add_scalar(self.eps)?.f_rsqrt()?.f_mul(&self.weight)?;
        let bias = self.bias.f_sub(&self.running_mean.f_mul(&scale)?)?;
        Ok((weight.f_mul(&scale.f_view([-1, 1, 1, 1])?)?, bias))
    }
}

/// Mean and variance of each channel, [C] both.
#[derive(Debug)]
pub struct ChannelStatistics {
    /// The means.
    pub mean: Tensor,
    /// The variances (biased).
    pub variance: Tensor,
}

impl ChannelStatistics {
    /// Of a feature map [N, C, H, W], over images and pixels.
    pub fn of(x: &Tensor) -> Result<Self, TchError> {
        let (variance, mean) = x.f_var_mean_dim([0i64, 2, 3].as_slice(), false, false)?;
        Ok(Self { mean, variance })
    }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;
    use crate::nn::{Conv2d, ConvOptions, ParamInit, Store};

    #[test]
    fn a_folded_norm_equals_convolution_and_norm() {
        let store = Store::new(Device::Cpu, ParamInit::Random(3));
        let options = ConvOptions { kernel: 3, padding: 1, bias: false, ..ConvOptions::default() };
        let conv = Conv2d::new(&store.root().enter("conv"), 4, 6, options).unwrap();
        let norm = Norm2d::new(&store.root().enter("norm"), 6, NormKind::Frozen, 1e-5).unwrap();
        for name in ["weight", "bias", "running_mean", "running_var"] {
            let values = Init::Uniform { bound: 0.5 }.values(&[6], 7, name);
            let shifted: Vec<f32> = values.iter().map(|v| v + 1.0).collect();
            store.get(&format!("norm.{name}")).unwrap().copy_(&Tensor::from_slice(&shifted));
        }
        let x = Tensor::rand([2, 4, 8, 9], (Kind::Float, Device::Cpu));
        let apart = norm.forward(&conv.forward(&x).unwrap(), false).unwrap();
        let (weight, bias) = norm.folded(&conv.weight).unwrap();
        let together = conv.forward_with(&x, &weight, Some(&bias)).unwrap();
        assert!((apart - together).abs().max().double_value(&[]) < 1e-5);
    }

    #[test]
    fn a_living_norm_learns_the_statistics_and_counts_batches() {
        let store = Store::new(Device::Cpu, ParamInit::Random(3));
        let norm = Norm2d::new(&store.root(), 2, NormKind::Batch, 1e-5).unwrap();
        let x = Tensor::from_slice(&[1.0f32, 3.0, 10.0, 30.0]).reshape([1, 2, 1, 2]);
        let y = norm.forward(&x, true).unwrap();
        assert!((y.double_value(&[0, 0, 0, 0]) + 1.0).abs() < 1e-3);
        // momentum 0.1, unbiased variance: (1 - 0.1) * 1 + 0.1 * 2
        assert!((store.get("running_mean").unwrap().double_value(&[0]) - 0.2).abs() < 1e-6);
        assert!((store.get("running_var").unwrap().double_value(&[0]) - 1.1).abs() < 1e-6);
        assert_eq!(store.get("num_batches_tracked").unwrap().int64_value(&[]), 1);
    }
}
