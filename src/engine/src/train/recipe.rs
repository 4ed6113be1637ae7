//! How films and crops are varied, by name, as both command lines of training take it.

use crate::data::Preparation;
use crate::data::crop_warp::CropVariation;

/// A way to vary what is learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Variation {
    /// Place, size, turning, flipping, exposure, noise, blur
    #[default]
    Standard,
    /// The paper's: random crop, flip, rotation, distortion; exposure as it is
    Paper,
    /// Not at all
    None,
}

impl Variation {
    /// For the films of a detector.
    #[must_use]
    pub const fn films(self) -> Preparation {
        match self {
            Self::Standard => Preparation::TRAINING,
            Self::Paper => Preparation::PAPER,
            Self::None => Preparation::NONE,
        }
    }

    /// For the crops of a scorer.
    #[must_use]
    pub const fn crops(self) -> CropVariation {
        match self {
            Self::Standard => CropVariation::TRAINING,
            Self::Paper => CropVariation::PAPER,
            Self::None => CropVariation::NONE,
        }
    }
}
