//! From the options of a scorer's training to the training.

use svh_core::training::{HELD_OUT, Head as HeadOption, Recipe, ScorerOptions};
use tch::Device;

use super::scorer_training::ScorerTraining;
use super::shared_recipe;
use crate::crop::{Intensity, Square};
use crate::scorer::{Extras, Head, ScorerArch, ScorerConfig, ScorerTask, Start};
use crate::sgd::SgdOptions;
use crate::{Error, Result};

/// The training that is asked for.
pub fn training(options: &ScorerOptions, device: Device) -> Result<ScorerTraining> {
    let (config, shared) = (config(options)?, &options.shared);
    config.check().map_err(Error::Usage)?;
    let held_out = options.held_out.unwrap_or(if shared.validation.is_some() { 0.0 } else { HELD_OUT });
    for (name, value) in [("--held-out", held_out), ("--balance", options.balance)] {
        if !(0.0..=1.0).contains(&value) {
            return Err(Error::Usage(format!("{name} is {value}; it must be from 0 to 1")));
        }
    }
    let small = matches!(config.arch, ScorerArch::EfficientNet(0) | ScorerArch::ConvNet);
    let recipe = Recipe::scorer(&options.arch);
    // The paper's, which differ by task.
    let weight_decay = if config.task == ScorerTask::Narrowing { 0.001 } else { 0.005 };
    Ok(ScorerTraining {
        cohort: shared.cohort.clone(),
        out: shared.out.clone(),
        config,
        init: shared.init.clone(),
        epochs: shared.epochs.unwrap_or(recipe.epochs).max(1),
        epoch_samples: options.epoch_samples,
        batch: shared.batch.unwrap_or(recipe.batch).max(2),
        learning_rate: shared.learning_rate.unwrap_or(recipe.learning_rate),
        warm_up: shared.warm_up.unwrap_or(recipe.warm_up),
        decay_epochs: shared.decay_epochs(recipe.decay_epochs),
        sgd: shared_recipe::sgd(
            shared,
            SgdOptions { momentum: 0.9, weight_decay: if small { 0.0005 } else { weight_decay }, clip_norm: Some(10.0) },
        ),
        balance: options.balance,
        corrected: !options.uncorrected,
        soft: options.soft,
        proposals: shared.proposals,
        variation: shared_recipe::crops(shared.variation()),
        held_out,
        validation: shared.validation.clone(),
        frequencies: options.frequencies.clone(),
        seed: shared.seed,
        resume: shared.resume,
        checkpoint_every: shared.checkpoint_every.unwrap_or(200),
        device,
        kind: shared_recipe::kind(shared),
        remark: shared.remark.clone(),
        licence: shared.licence.clone(),
    })
}

fn config(options: &ScorerOptions) -> Result<ScorerConfig> {
    let arch: ScorerArch = options.arch.parse().map_err(Error::Usage)?;
    let task: ScorerTask = options.task.parse().map_err(Error::Usage)?;
    let mut config = ScorerConfig::stock(arch, task, options.classes.unwrap_or_else(|| task.own_heads()));
    if !options.paper_crops {
        let margin = options.margin.unwrap_or(0.15);
        config.extras = Extras { margin, square: Square::Context, intensity: Intensity::Stretch, ..config.extras };
        if arch == ScorerArch::EfficientNet(0) {
            config.size = 128;
        }
    }
    config.size = options.size.unwrap_or(config.size);
    config.extras.head = match options.head {
        HeadOption::Softmax => Head::Softmax,
        HeadOption::Ordinal => Head::Ordinal,
    };
    config.extras.stages = options.stages.unwrap_or(config.extras.stages);
    let folded = match (&options.shared.init, options.shared.bn_eps) {
        (Some(path), None) => Start::read(path)?.is_folded(),
        _ => false,
    };
    config.eps = options.shared.bn_eps.unwrap_or(if folded { 1e-3 } else { config.eps });
    Ok(config)
}
