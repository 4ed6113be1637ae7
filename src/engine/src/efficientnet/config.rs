//! The family's numbers: EfficientNet-B0 to B7 as torchvision builds them, and as the paper's own library does.

use serde::{Deserialize, Serialize};

/// Where the zeros around a convolution go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// `(k - 1) / 2` on every side, as torchvision does.
    #[default]
    Symmetric,
    /// TensorFlow's SAME, fixed when the network is built for an input of this side; an odd zero goes to the right and bottom.
    Same(i64),
}

/// One stage of inverted bottlenecks, already scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Widening of the bottleneck.
    pub expand: i64,
    /// Side of the depthwise kernel.
    pub kernel: i64,
    /// Stride of the first block; the others have 1.
    pub stride: i64,
    /// Channels in.
    pub input: i64,
    /// Channels out.
    pub output: i64,
    /// Blocks.
    pub layers: i64,
}

/// Everything that fixes a network's shape and arithmetic.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// 0 to 7.
    pub variant: u8,
    /// Outputs.
    pub classes: i64,
    /// Epsilon of batch norm, which no weights file holds.
    pub eps: f64,
    /// Momentum of batch norm's running statistics, as PyTorch counts it.
    pub momentum: f64,
    /// Padding of the convolutions.
    pub padding: Padding,
    /// How many of the seven stages there are; 7 is the published network, fewer keep the resolution and the cost of small crops in balance.
    pub stages: usize,
    /// Chance that a value before the classifier is dropped in training.
    pub dropout: f64,
    /// Chance that the last residual branch is skipped in training; earlier ones less, in proportion to their depth.
    pub stochastic_depth: f64,
}

/// Width, depth, dropout and nominal input side of B0 to B7 (Tan and Le 2019, table of their repository).
const VARIANTS: [(f64, f64, f64, i64); 8] = [
    (1.0, 1.0, 0.2, 224),
    (1.0, 1.1, 0.2, 240),
    (1.1, 1.2, 0.3, 260),
    (1.2, 1.4, 0.3, 300),
    (1.4, 1.8, 0.4, 380),
    (1.6, 2.2, 0.4, 456),
    (1.8, 2.6, 0.5, 528),
    (2.0, 3.1, 0.5, 600),
];

/// Expansion, kernel, stride, channels in and out, layers of the base network's seven stages.
const BASE: [(i64, i64, i64, i64, i64, i64); 7] = [
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
];

impl Config {
    /// torchvision's `efficientnet_b<variant>`; a variant above 7 is taken as 7.
    #[must_use]
    pub fn torchvision(variant: u8, classes: i64) -> Self {
        let variant = variant.min(7);
        let (eps, momentum) = if variant >= 5 { (1e-3, 0.01) } else { (1e-5, 0.1) };
        let dropout = VARIANTS[usize::from(variant)].2;
        Self { variant, classes, eps, momentum, padding: Padding::Symmetric, stages: BASE.len(), dropout, stochastic_depth: 0.2 }
    }

    /// The PyTorch port that the paper used (lukemelas): SAME padding fixed for the nominal input side, eps 1e-3.
    #[must_use]
    pub fn lukemelas(variant: u8, classes: i64) -> Self {
        let stock = Self::torchvision(variant, classes);
        Self { eps: 1e-3, momentum: 0.01, padding: Padding::Same(stock.nominal_size()), ..stock }
    }

    /// The variant in a name such as `efficientnet_b4`.
    #[must_use]
    pub fn variant_of(arch: &str) -> Option<u8> {
        let variant = arch.strip_prefix("efficientnet_b")?.parse().ok()?;
        (variant <= 7).then_some(variant)
    }

    /// The input side that the variant was designed for.
    #[must_use]
    pub(crate) fn nominal_size(&self) -> i64 {
        VARIANTS[usize::from(self.variant)].3
    }

    /// Channels after the stem.
    #[must_use]
    pub(crate) fn stem(&self) -> i64 {
        self.width(BASE[0].3)
    }

    /// The stages that this network has.
    #[must_use]
    pub fn stages(&self) -> Vec<Stage> {
        self.first_stages(self.stages)
    }

    /// Blocks of the uncut network, over which the chance of a block to be left out rises: a network cut short keeps those of its blocks.
    #[must_use]
    pub(crate) fn all_layers(&self) -> i64 {
        self.first_stages(BASE.len()).iter().map(|stage| stage.layers).sum()
    }

    fn first_stages(&self, count: usize) -> Vec<Stage> {
        let depth = VARIANTS[usize::from(self.variant)].1;
        let scaled = |&(expand, kernel, stride, input, output, layers): &(i64, i64, i64, i64, i64, i64)| Stage {
            expand,
            kernel,
            stride,
            input: self.width(input),
            output: self.width(output),
            layers: (layers as f64 * depth).ceil() as i64,
        };
        BASE[..count.clamp(1, BASE.len())].iter().map(scaled).collect()
    }

    /// Channels after the last convolution: four times those of the last stage.
    #[must_use]
    pub fn features(&self) -> i64 {
        4 * self.stages().last().map_or(0, |stage| stage.output)
    }

    fn width(&self, channels: i64) -> i64 {
        divisible_by_8(channels as f64 * VARIANTS[usize::from(self.variant)].0)
    }
}

/// The nearest multiple of 8, but never more than a tenth below.
pub(super) fn divisible_by_8(channels: f64) -> i64 {
    let rounded = ((channels + 4.0) as i64 / 8 * 8).max(8);
    if (rounded as f64) < 0.9 * channels { rounded + 8 } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b4_has_the_channels_of_the_published_network() {
        let b4 = Config::torchvision(4, 5);
        let outputs: Vec<i64> = b4.stages().iter().map(|s| s.output).collect();
        let layers: Vec<i64> = b4.stages().iter().map(|s| s.layers).collect();
        assert_eq!((b4.stem(), outputs.as_slice(), b4.features()), (48, [24, 32, 56, 112, 160, 272, 448].as_slice(), 1792));
        assert_eq!(layers, [2, 4, 4, 6, 6, 8, 2]);
    }

    #[test]
    fn only_b0_to_b7_are_variants() {
        assert_eq!(Config::variant_of("efficientnet_b4"), Some(4));
        assert_eq!(Config::variant_of("efficientnet_b8"), None);
        assert_eq!(Config::variant_of("resnet50"), None);
    }
}
