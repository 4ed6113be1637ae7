//! A convolution without bias and the norm behind it.

use tch::{TchError, Tensor};

use super::{Conv2d, ConvOptions, Folded, Init, Norm2d, NormKind, Scope};
use crate::Result;

/// Convolution (He initialisation, "same" padding) and norm. A frozen norm is folded into the convolution: one pass instead of three.
#[derive(Debug)]
pub struct ConvNorm {
    conv: Conv2d,
    norm: Norm2d,
    folded: Folded,
}

impl ConvNorm {
    /// `inputs` to `outputs` channels; the convolution's tensors are made in the first scope, the norm's in the second.
    pub fn new(scopes: [&Scope; 2], channels: [i64; 2], shape: ConvShape, norm: (NormKind, f64)) -> Result<Self> {
        let [inputs, outputs] = channels;
        let ConvShape { kernel, stride, groups } = shape;
        let options = ConvOptions {
            kernel,
            stride,
            padding: (kernel - 1) / 2,
            groups,
            bias: false,
            weight_init: Init::KaimingNormalFanOut,
            bias_init: None,
        };
        let conv = Conv2d::new(scopes[0], inputs, outputs, options)?;
        Ok(Self { conv, norm: Norm2d::new(scopes[1], outputs, norm.0, norm.1)?, folded: Folded::default() })
    }

    /// [N, in, H, W] to [N, out, H / stride, W / stride], rounded up.
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor, TchError> {
        if self.norm.is_frozen() || !train {
            return self.folded.forward(&self.conv, &self.norm, x);
        }
        self.folded.forget();
        self.norm.forward(&self.conv.forward(x)?, train)
    }
}

/// Kernel, stride and groups of a convolution.
#[derive(Clone, Copy, Debug)]
pub struct ConvShape {
    /// Side of the kernel.
    pub kernel: i64,
    /// Step.
    pub stride: i64,
    /// Groups of channels that do not mix.
    pub groups: i64,
}

impl ConvShape {
    /// A square kernel over all channels.
    #[must_use]
    pub const fn dense(kernel: i64, stride: i64) -> Self {
        Self { kernel, stride, groups: 1 }
    }
}
