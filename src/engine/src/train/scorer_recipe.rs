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
    let start = options.shared.init.as_deref().map(Start::read).transpose()?;
    // Training on from a model keeps its network, unless asked otherwise.
    if let Some(model) = start.as_ref().and_then(Start::model).filter(|model| model.arch == arch) {
        (config.size, config.eps) = (model.size, model.eps);
        (config.extras.head, config.extras.stages) = (model.extras.head, model.extras.stages);
    } else if start.as_ref().is_some_and(Start::is_folded) {
        config.eps = 1e-3;
    }
    config.size = options.size.unwrap_or(config.size);
    config.extras.stages = options.stages.unwrap_or(config.extras.stages);
    config.extras.head = match options.head {
        Some(HeadOption::Softmax) => Head::Softmax,
        Some(HeadOption::Ordinal) => Head::Ordinal,
        None => config.extras.head,
    };
    config.eps = options.shared.bn_eps.unwrap_or(config.eps);
    Ok(config)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: ScorerOptions,
    }

    #[test]
    fn training_on_from_a_model_keeps_its_network_unless_asked_otherwise() {
        let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/scorer-narrowing");
        let chosen = |more: &[&str]| {
            let words = ["train", "--task", "narrowing", "--cohort", "C", "--out", "M", "--init", model];
            config(&Line::try_parse_from(words.iter().chain(more)).unwrap().options).unwrap()
        };
        let kept = chosen(&[]);
        assert_eq!((kept.size, kept.extras.stages, kept.extras.head), (112, 5, Head::Ordinal));
        let asked = chosen(&["--size", "96", "--head", "softmax"]);
        assert_eq!((asked.size, asked.extras.stages, asked.extras.head), (96, 5, Head::Softmax));
    }
}
