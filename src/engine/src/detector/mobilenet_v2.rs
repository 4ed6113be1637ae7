//! MobileNetV2 as a body (M. Sandler et al., 2018), with torchvision's names: `<feature>.conv.<part>`.

use tch::{TchError, Tensor};

use crate::Result;
use crate::nn::{ConvNorm, ConvShape, NormKind, Scope};

/// Expansion, channels, repeats, stride of the stages of inverted residuals.
const STAGES: [[i64; 4]; 7] = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]];

/// The features that feed the pyramid: the last of strides 4, 8, 16 and 32.
const TAPS: [usize; 4] = [3, 6, 13, 18];

/// Channels of those features.
pub(crate) const CHANNELS: [i64; 4] = [24, 32, 96, 1280];

/// `mobilenet_v2().features`.
#[derive(Debug)]
pub struct MobileNetV2 {
    stem: ConvNorm,
    blocks: Vec<InvertedResidual>,
    last: ConvNorm,
}

impl MobileNetV2 {
    /// All 19 features.
    pub fn new(scope: &Scope, norm: (NormKind, f64)) -> Result<Self> {
        let unit = |index: usize, channels, shape| {
            let feature = scope.enter(index);
            ConvNorm::new([&feature.enter(0), &feature.enter(1)], channels, shape, norm)
        };
        let stem = unit(0, [3, 32], ConvShape::dense(3, 2))?;
        let (mut blocks, mut inputs) = (Vec::new(), 32);
        for [expansion, outputs, repeats, stride] in STAGES {
            for repeat in 0..repeats {
                let stride = if repeat == 0 { stride } else { 1 };
                let scope = scope.enter(blocks.len() + 1).enter("conv");
                blocks.push(InvertedResidual::new(&scope, [inputs, outputs], expansion, stride, norm)?);
                inputs = outputs;
            }
        }
        let last = unit(blocks.len() + 1, [inputs, 1280], ConvShape::dense(1, 1))?;
        Ok(Self { stem, blocks, last })
    }

    /// [N, 3, H, W] to four maps of strides 4, 8, 16, 32 with [`CHANNELS`].
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Vec<Tensor>, TchError> {
        let mut maps = Vec::with_capacity(TAPS.len());
        let mut x = self.stem.forward(x, train)?.f_relu6_()?;
        for (index, block) in self.blocks.iter().enumerate() {
            x = block.forward(&x, train)?;
            if TAPS.contains(&(index + 1)) {
                maps.push(x.shallow_clone());
            }
        }
        maps.push(self.last.forward(&x, train)?.f_relu6_()?);
        Ok(maps)
    }
}

/// Expand, filter a channel, project; with a shortcut where the shape stays.
#[derive(Debug)]
struct InvertedResidual {
    expand: Option<ConvNorm>,
    depthwise: ConvNorm,
    project: ConvNorm,
    shortcut: bool,
}

impl InvertedResidual {
    fn new(scope: &Scope, channels: [i64; 2], expansion: i64, stride: i64, norm: (NormKind, f64)) -> Result<Self> {
        let [inputs, outputs] = channels;
        let hidden = inputs * expansion;
        let unit = |index: i64, channels, shape| {
            let part = scope.enter(index);
            ConvNorm::new([&part.enter(0), &part.enter(1)], channels, shape, norm)
        };
        let expands = expansion != 1;
        let at = i64::from(expands);
        Ok(Self {
            expand: if expands { Some(unit(0, [inputs, hidden], ConvShape::dense(1, 1))?) } else { None },
            depthwise: unit(at, [hidden, hidden], ConvShape { kernel: 3, stride, groups: hidden })?,
            project: ConvNorm::new([&scope.enter(at + 1), &scope.enter(at + 2)], [hidden, outputs], ConvShape::dense(1, 1), norm)?,
            shortcut: stride == 1 && inputs == outputs,
        })
    }

    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor, TchError> {
        let expanded = match &self.expand {
            Some(expand) => expand.forward(x, train)?.f_relu6_()?,
            None => x.shallow_clone(),
        };
        let filtered = self.depthwise.forward(&expanded, train)?.f_relu6_()?;
        let projected = self.project.forward(&filtered, train)?;
        if self.shortcut { projected.f_add(x) } else { Ok(projected) }
    }
}
