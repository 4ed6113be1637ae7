//! The two settings: what varies in films for training, and films outside those ranges for honest tests.

use serde::{Deserialize, Serialize};

use crate::seeded_rng::Band;

/// Which ranges a film is drawn from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Setting {
    /// The ranges for training and for demonstration.
    #[default]
    Standard,
    /// Ranges that do not overlap with [`Setting::Standard`]: blur, noise, tone, rotation, build and bone are all stronger or
    /// weaker than anything a model trained on the standard setting has seen. For tests only.
    Outside,
}

/// How grades are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GradeMix {
    /// As often as in the published counts: 82 to 92 % zeros.
    #[default]
    Natural,
    /// About half of all joints are sick, from 5 to 95 % of a limb's, and every grade above zero is alike: for training scorers.
    Even,
    /// Every joint is healthy: whatever a model adds up to on such a cohort is its own.
    Healthy,
}

/// The ranges of one setting. Lengths are in palm widths (hands) or foot widths.
pub(crate) struct Ranges {
    /// Exponent of the tone curve.
    pub gamma: Band,
    /// Gray of the empty film, 0 to 1.
    pub background: Band,
    /// Gray of the densest bone.
    pub top: Band,
    /// Deviation of the blur.
    pub blur: Band,
    /// Deviation of the noise, in gray 0 to 1.
    pub noise: Band,
    /// Factor on the percentiles of the in-plane rotation.
    pub rotation: Band,
    /// Thickness of soft tissue.
    pub flesh: Band,
    /// Width of bones.
    pub girth: Band,
    /// Mineral of all bone.
    pub mineral: Band,
    /// Bone against soft tissue: high with soft rays, low with hard ones.
    pub contrast: Band,
    /// Contrast of the trabeculae.
    pub texture: Band,
    /// Thickness of the cortex.
    pub cortex: Band,
}

const STANDARD: Ranges = Ranges {
    gamma: &[(0.65, 1.35)],
    background: &[(0.0, 0.06), (0.0, 0.12), (0.05, 0.32)],
    top: &[(0.45, 0.8), (0.75, 1.0), (0.85, 1.0)],
    blur: &[(0.0005, 0.002), (0.001, 0.006)],
    noise: &[(0.001, 0.006), (0.002, 0.018)],
    rotation: &[(0.8, 1.25)],
    flesh: &[(0.85, 1.2)],
    girth: &[(0.88, 1.12)],
    mineral: &[(0.72, 1.2)],
    contrast: &[(0.42, 0.75), (0.55, 1.0)],
    texture: &[(0.35, 1.2)],
    cortex: &[(0.75, 1.25)],
};

const OUTSIDE: Ranges = Ranges {
    gamma: &[(0.5, 0.62), (1.4, 1.75)],
    background: &[(0.33, 0.39)],
    top: &[(0.80, 0.97)],
    blur: &[(0.008, 0.013)],
    noise: &[(0.025, 0.045)],
    rotation: &[(1.3, 1.9)],
    flesh: &[(0.72, 0.83), (1.22, 1.4)],
    girth: &[(0.78, 0.87), (1.13, 1.25)],
    mineral: &[(0.55, 0.7), (1.22, 1.4)],
    contrast: &[(0.35, 0.41), (1.02, 1.25)],
    texture: &[(0.0, 0.25), (1.5, 2.2)],
    cortex: &[(0.55, 0.72), (1.28, 1.5)],
};

impl Setting {
    pub(crate) const fn ranges(self) -> &'static Ranges {
        match self {
            Self::Standard => &STANDARD,
            Self::Outside => &OUTSIDE,
        }
    }
}
