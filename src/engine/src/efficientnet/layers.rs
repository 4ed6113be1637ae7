//! Convolution with batch norm and SiLU, and squeeze-and-excitation: the two parts that EfficientNet is made of.

use tch::{Kind, Tensor};

use super::config::{Config, Padding};
use crate::Result;
use crate::nn::{Conv2d, ConvOptions, Folded, Init, Norm2d, NormKind, Scope};

/// Shape of a convolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub input: i64,
    pub output: i64,
    pub kernel: i64,
    pub stride: i64,
    pub groups: i64,
}

impl Shape {
    /// 1 x 1.
    pub(crate) const fn pointwise(input: i64, output: i64) -> Self {
        Self { input, output, kernel: 1, stride: 1, groups: 1 }
    }
}

/// Takes a norm and its input [N, C, H, W].
pub type VisitNorm<'a> = dyn FnMut(&Norm2d, &Tensor) -> Result<()> + 'a;

/// Convolution without bias (`0`), batch norm (`1`), and SiLU where asked for.
#[derive(Debug)]
pub(super) struct ConvNorm {
    conv: Conv2d,
    norm: Norm2d,
    folded: Folded,
    /// Zeros before (left and top) and after (right and bottom) where the convolution's own padding cannot be uneven.
    uneven: Option<[i64; 2]>,
    activate: bool,
}

impl ConvNorm {
    /// `side` is the input's side, which [`Padding::Same`] looks at; it is left as the output's.
    pub fn new(scope: &Scope, shape: Shape, activate: bool, config: &Config, side: &mut i64) -> Result<Self> {
        let Shape { input, output, kernel, stride, groups } = shape;
        let [before, after] = match config.padding {
            Padding::Symmetric => [(kernel - 1) / 2; 2],
            Padding::Same(_) => same(*side, kernel, stride),
        };
        *side = (*side + stride - 1) / stride;
        let uneven = (before != after).then_some([before, after]);
        let padding = if uneven.is_some() { 0 } else { before };
        let options = ConvOptions { kernel, stride, padding, groups, bias: false, weight_init: Init::KaimingNormalFanOut, bias_init: None };
        Ok(Self {
            conv: Conv2d::new(&scope.enter(0), input, output, options)?,
            norm: Norm2d::new(&scope.enter(1), output, NormKind::Batch, config.eps)?.momentum(config.momentum),
            folded: Folded::default(),
            uneven,
            activate,
        })
    }

    /// [N, C, H, W] to [N, C', H', W']. Outside training the norm is folded into the convolution: one pass instead of three.
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let x = self.padded(x)?;
        let y = if train {
            self.folded.forget();
            self.norm.forward(&self.conv.forward(&x)?, true)?
        } else {
            self.folded.forward(&self.conv, &self.norm, &x)?
        };
        self.activated(y, train)
    }

    /// As outside training, with the norm shown to `visit` first, beside its input; it may change the norm.
    pub(crate) fn forward_visiting(&self, x: &Tensor, visit: &mut VisitNorm) -> Result<Tensor> {
        let convolved = self.conv.forward(&self.padded(x)?)?;
        visit(&self.norm, &convolved)?;
        self.folded.forget();
        self.activated(self.norm.forward(&convolved, false)?, false)
    }

    fn padded(&self, x: &Tensor) -> Result<Tensor> {
        Ok(match self.uneven {
            Some([before, after]) => x.f_constant_pad_nd([before, after, before, after])?,
            None => x.shallow_clone(),
        })
    }

    fn activated(&self, mut x: Tensor, train: bool) -> Result<Tensor> {
        // In place where no gradient is wanted, since nothing else holds the norm's output; for a gradient the input is needed again, and doing it in
        // place would only make autograd copy it.
        Ok(match (self.activate, train) {
            (false, _) => x,
            (true, true) => x.f_silu()?,
            (true, false) => x.f_silu_()?,
        })
    }
}

fn same(side: i64, kernel: i64, stride: i64) -> [i64; 2] {
    let out = (side + stride - 1) / stride;
    let total = ((out - 1) * stride + kernel - side).max(0);
    [total / 2, total - total / 2]
}

/// Squeeze-and-excitation: every channel is weighed by a small network that sees the channels' means (`fc1`, `fc2`).
#[derive(Debug)]
pub struct SqueezeExcite {
    reduce: Conv2d,
    expand: Conv2d,
}

impl SqueezeExcite {
    /// `squeezed` channels between the two layers.
    pub fn new(scope: &Scope, channels: i64, squeezed: i64) -> Result<Self> {
        let dense = |name: &str, input, output| {
            let options =
                ConvOptions { weight_init: Init::KaimingNormalFanOut, bias_init: Some(Init::Constant(0.0)), ..ConvOptions::default() };
            Conv2d::new(&scope.enter(name), input, output, options)
        };
        Ok(Self { reduce: dense("fc1", channels, squeezed)?, expand: dense("fc2", squeezed, channels)? })
    }

    /// [N, C, H, W], each channel weighed by 0 to 1.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let means = x.f_mean_dim([2i64, 3].as_slice(), true, None::<Kind>)?;
        let weights = self.expand.forward(&self.reduce.forward(&means)?.f_silu()?)?.f_sigmoid()?;
        Ok(x.f_mul(&weights)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_padding_follows_the_parity_of_the_side() {
        assert_eq!(same(224, 3, 2), [0, 1]);
        assert_eq!(same(95, 3, 2), [1, 1]);
        assert_eq!(same(28, 5, 2), [1, 2]);
        assert_eq!(same(7, 5, 1), [2, 2]);
    }
}
