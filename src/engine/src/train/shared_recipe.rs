//! From the options of every training to what trainings compute with.

use svh_core::training::{SharedOptions, Variation};
use tch::Kind;

use crate::data::Preparation;
use crate::data::crop_warp::CropVariation;
use crate::sgd::SgdOptions;

/// How the films of a detector are varied.
#[must_use]
pub const fn films(variation: Variation) -> Preparation {
    match variation {
        Variation::Standard => Preparation::TRAINING,
        Variation::Paper => Preparation::PAPER,
        Variation::None => Preparation::NONE,
    }
}

/// How the crops of a scorer are varied.
#[must_use]
pub const fn crops(variation: Variation) -> CropVariation {
    match variation {
        Variation::Standard => CropVariation::TRAINING,
        Variation::Paper => CropVariation::PAPER,
        Variation::None => CropVariation::NONE,
    }
}

/// The optimiser: a recipe's, but for what was said otherwise.
#[must_use]
pub fn sgd(options: &SharedOptions, recipe: SgdOptions) -> SgdOptions {
    SgdOptions {
        momentum: options.momentum.unwrap_or(recipe.momentum),
        weight_decay: options.weight_decay.unwrap_or(recipe.weight_decay),
        clip_norm: options.clip.map_or(recipe.clip_norm, |length| (length > 0.0).then_some(length)),
    }
}

/// The kind of number in which feature maps are computed.
#[must_use]
pub const fn kind(options: &SharedOptions) -> Kind {
    if options.bf16 { Kind::BFloat16 } else { Kind::Float }
}
