//! ResNet-18 and ResNet-50 v1.5 as bodies (K. He et al., 2015; stride on the 3 x 3), with torchvision's names.

use tch::{TchError, Tensor};

use crate::Result;
use crate::nn::{ConvNorm, ConvShape, NormKind, Scope};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Two basic blocks a stage.
    Eighteen,
    /// 3, 4, 6 and 3 bottlenecks.
    Fifty,
}

impl Depth {
    const fn blocks(self) -> [usize; 4] {
        match self {
            Self::Eighteen => [2, 2, 2, 2],
            Self::Fifty => [3, 4, 6, 3],
        }
    }

    /// A block's output channels over its inner width.
    const fn expansion(self) -> i64 {
        match self {
            Self::Eighteen => 1,
            Self::Fifty => 4,
        }
    }

    /// Channels of the four maps.
    #[must_use]
    pub(crate) fn channels(self) -> [i64; 4] {
        [64, 128, 256, 512].map(|width| width * self.expansion())
    }
}

/// `conv1` to `layer4`.
#[derive(Debug)]
pub(crate) struct ResNet {
    stem: ConvNorm,
    layers: Vec<Vec<Block>>,
}

impl ResNet {
    /// The network without its classifier.
    pub fn new(scope: &Scope, depth: Depth, norm: (NormKind, f64)) -> Result<Self> {
        let stem = ConvNorm::new([&scope.enter("conv1"), &scope.enter("bn1")], [3, 64], ConvShape::dense(7, 2), norm)?;
        let (mut layers, mut inputs) = (Vec::new(), 64);
        for (stage, blocks) in depth.blocks().into_iter().enumerate() {
            let (width, stride) = (64 << stage, if stage == 0 { 1 } else { 2 });
            let mut layer = Vec::new();
            for index in 0..blocks {
                let scope = scope.enter(format!("layer{}", stage + 1)).enter(index);
                let stride = if index == 0 { stride } else { 1 };
                layer.push(Block::new(&scope, depth, [inputs, width], stride, norm)?);
                inputs = width * depth.expansion();
            }
            layers.push(layer);
        }
        Ok(Self { stem, layers })
    }

    /// [N, 3, H, W] to four maps of strides 4, 8, 16, 32 with [`Depth::channels`].
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Vec<Tensor>, TchError> {
        let x = self.stem.forward(x, train)?.f_relu_()?;
        let mut x = x.f_max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false)?;
        let mut maps = Vec::with_capacity(4);
        for layer in &self.layers {
            for block in layer {
                x = block.forward(&x, train)?;
            }
            maps.push(x.shallow_clone());
        }
        Ok(maps)
    }
}

/// A basic block (two convolutions) or a bottleneck (three).
#[derive(Debug)]
struct Block {
    convs: Vec<ConvNorm>,
    downsample: Option<ConvNorm>,
}

impl Block {
    fn new(scope: &Scope, depth: Depth, [inputs, width]: [i64; 2], stride: i64, norm: (NormKind, f64)) -> Result<Self> {
        let outputs = width * depth.expansion();
        let plan: &[_] = match depth {
            Depth::Eighteen => &[([inputs, width], ConvShape::dense(3, stride)), ([width, width], ConvShape::dense(3, 1))],
            Depth::Fifty => &[
                ([inputs, width], ConvShape::dense(1, 1)),
                ([width, width], ConvShape::dense(3, stride)),
                ([width, outputs], ConvShape::dense(1, 1)),
            ],
        };
        let unit = |(index, (channels, shape)): (usize, &([i64; 2], ConvShape))| {
            let scopes = [scope.enter(format!("conv{}", index + 1)), scope.enter(format!("bn{}", index + 1))];
            ConvNorm::new([&scopes[0], &scopes[1]], *channels, *shape, norm)
        };
        let convs = plan.iter().enumerate().map(unit).collect::<Result<_>>()?;
        let downsample = if stride != 1 || inputs != outputs {
            let scope = scope.enter("downsample");
            Some(ConvNorm::new([&scope.enter(0), &scope.enter(1)], [inputs, outputs], ConvShape::dense(1, stride), norm)?)
        } else {
            None
        };
        Ok(Self { convs, downsample })
    }

    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let mut y = x.shallow_clone();
        for (index, conv) in self.convs.iter().enumerate() {
            y = conv.forward(&y, train)?;
            if index + 1 < self.convs.len() {
                y = y.f_relu_()?;
            }
        }
        let shortcut = match &self.downsample {
            Some(conv) => conv.forward(x, train)?,
            None => x.shallow_clone(),
        };
        y.f_add(&shortcut)?.f_relu_()
    }
}
