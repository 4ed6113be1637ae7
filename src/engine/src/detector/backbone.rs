//! The body of a detector: a classification network whose maps of strides 4, 8, 16 and 32 feed the pyramid.

use tch::{TchError, Tensor};

use super::config::{Arch, DetectorConfig};
use super::mobilenet_v2::{self, MobileNetV2};
use super::resnet::{Depth, ResNet};
use crate::Result;
use crate::nn::Scope;

/// One of the bodies.
#[derive(Debug)]
pub(crate) enum Backbone {
    /// ResNet-18 or ResNet-50.
    ResNet(ResNet),
    /// MobileNetV2.
    MobileNetV2(MobileNetV2),
}

impl Backbone {
    /// The body that a description asks for, and the channels of its four maps.
    pub fn new(scope: &Scope, config: &DetectorConfig) -> Result<(Self, [i64; 4])> {
        let norm = (config.norm, config.eps);
        let resnet = |depth: Depth| Ok((Self::ResNet(ResNet::new(scope, depth, norm)?), depth.channels()));
        match config.arch {
            Arch::ResNet50 => resnet(Depth::Fifty),
            Arch::ResNet18 => resnet(Depth::Eighteen),
            Arch::MobileNetV2 => Ok((Self::MobileNetV2(MobileNetV2::new(scope, norm)?), mobilenet_v2::CHANNELS)),
        }
    }

    /// [N, 3, H, W] to four maps, the finest first.
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Vec<Tensor>, TchError> {
        match self {
            Self::ResNet(body) => body.forward(x, train),
            Self::MobileNetV2(body) => body.forward(x, train),
        }
    }

    /// Whether the parameter `name` (below `backbone.body.`) belongs to the first `stages` of five, which trainings keep fixed:
    /// torchvision freezes two of a ResNet's (`conv1`, `layer1`).
    #[must_use]
    pub(crate) fn in_first_stages(arch: Arch, name: &str, stages: usize) -> bool {
        let head = name.split('.').next().unwrap_or_default();
        let stage = match arch {
            Arch::MobileNetV2 => head.parse().ok().map(|feature: usize| [2, 4, 7, 14].iter().filter(|first| feature >= **first).count()),
            _ => head.strip_prefix("layer").map_or(Some(0), |digit| digit.parse().ok()),
        };
        stage.is_some_and(|stage| stage < stages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_cut_where_the_stride_changes() {
        let frozen = |arch, name, stages| Backbone::in_first_stages(arch, name, stages);
        assert!(frozen(Arch::ResNet50, "conv1.weight", 2) && frozen(Arch::ResNet50, "layer1.2.conv3.weight", 2));
        assert!(!frozen(Arch::ResNet50, "layer2.0.conv1.weight", 2) && !frozen(Arch::ResNet50, "conv1.weight", 0));
        assert!(frozen(Arch::MobileNetV2, "3.conv.0.0.weight", 2) && !frozen(Arch::MobileNetV2, "4.conv.0.0.weight", 2));
    }
}
