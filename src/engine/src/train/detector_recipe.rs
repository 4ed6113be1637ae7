//! From the options of a detector's training to the training.

use svh_core::training::DetectorOptions;
use tch::Device;

use super::detector_training::DetectorTraining;
use super::shared_recipe;
use crate::detector::{DetectorConfig, DetectorTask};
use crate::{Error, Result, checkpoint, models};

/// The training that is asked for.
pub fn training(options: &DetectorOptions, device: Device) -> Result<DetectorTraining> {
    let shared = &options.shared;
    let task: DetectorTask = options.task.parse().map_err(Error::Usage)?;
    let mut t = DetectorTraining::recipe(options.arch.parse().map_err(Error::Usage)?, task, &shared.cohort, &shared.out);
    take_over_sizes(options, &mut t.config)?;
    apply_to_network(options, &mut t.config)?;
    t.config.check().map_err(Error::Usage)?;
    t.init.clone_from(&shared.init);
    t.epochs = shared.epochs.unwrap_or(t.epochs).max(1);
    t.steps = options.steps;
    t.epoch_films = options.epoch_films.filter(|films| *films > 0);
    t.validation.clone_from(&shared.validation);
    t.validation_films = options.validation_films.map(|films| films as usize);
    t.batch = shared.batch.unwrap_or(t.batch).max(1);
    (t.seed, t.resume) = (shared.seed, shared.resume);
    (t.device, t.kind) = (device, shared_recipe::kind(shared));
    t.learning_rate = shared.learning_rate.unwrap_or(t.learning_rate);
    t.sgd = shared_recipe::sgd(shared, t.sgd);
    t.warm_up = shared.warm_up.unwrap_or(t.warm_up);
    t.decay_epochs = shared.decay_epochs(t.decay_epochs);
    t.freeze = match (options.freeze, shared.resume) {
        (Some(stages), _) => stages,
        // What the first start chose stays: whether it had weights to start from need not be said again.
        (None, true) => checkpoint::setting(&shared.out, "freeze").and_then(|stages| stages.parse().ok()).unwrap_or(t.freeze),
        (None, false) => {
            if shared.init.is_some() {
                t.freeze
            } else {
                0
            }
        }
    };
    t.proposals = shared.proposals;
    t.preparation = shared_recipe::films(shared.variation());
    t.checkpoint_every = shared.checkpoint_every.unwrap_or(t.checkpoint_every);
    t.workers = options.workers.unwrap_or(t.workers);
    (t.remark, t.licence) = (shared.remark.clone(), shared.licence.clone());
    Ok(t)
}

/// A model folder to start from brings its sizes along: its weights fit no others.
fn take_over_sizes(options: &DetectorOptions, config: &mut DetectorConfig) -> Result<()> {
    let Some(folder) = options.shared.init.as_ref().filter(|path| path.is_dir()) else { return Ok(()) };
    let from = DetectorConfig::from_card(&models::read_card(folder)?).map_err(|problem| Error::model(folder, problem))?;
    if from.arch != config.arch {
        return Err(Error::model(folder, format!("is a {}; start from a {}, or say --arch {}", from.arch, config.arch, from.arch)));
    }
    *config = DetectorConfig { heads: config.heads, ..from };
    Ok(())
}

fn apply_to_network(options: &DetectorOptions, config: &mut DetectorConfig) -> Result<()> {
    config.min_size = options.min_size.unwrap_or(config.min_size);
    config.max_size = options.max_size.unwrap_or(config.max_size);
    config.eps = options.shared.bn_eps.unwrap_or(config.eps);
    config.sizes.fpn_channels = options.fpn_channels.unwrap_or(config.sizes.fpn_channels);
    config.sizes.head_width = options.head_width.unwrap_or(config.sizes.head_width);
    options.set.iter().try_for_each(|entry| config.sizes.set(entry)).map_err(Error::Usage)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::weights::{self, Precision};

    fn freeze(out: &Path, more: serde_json::Value) -> usize {
        let mut asked = serde_json::json!({
            "task": "narrowing", "cohort": "c", "out": out, "seed": 1, "arch": "fasterrcnn_mobilenet_v2_fpn", "proposals": "leave", "variation": "standard",
            "remark": "", "licence": ""
        });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let options: DetectorOptions = serde_json::from_value(asked).unwrap();
        training(&options, Device::Cpu).unwrap().freeze
    }

    #[test]
    fn what_is_frozen_by_default_does_not_depend_on_whether_a_training_is_resumed() {
        let folder = tempfile::tempdir().unwrap();
        for (start, stages) in [(serde_json::json!({}), 0), (serde_json::json!({"init": "weights.safetensors"}), 2)] {
            let first = freeze(folder.path(), start.clone());
            assert_eq!(first, stages);
            let header = BTreeMap::from([("freeze".to_owned(), first.to_string())]);
            let state = tch::Tensor::from(1.0_f32);
            weights::write(&folder.path().join(checkpoint::FILE), [("model.a".to_owned(), &state)], Precision::Full, &header).unwrap();
            let mut resumed = start.clone();
            resumed["resume"] = true.into();
            assert_eq!(freeze(folder.path(), resumed), first, "with the same options");
            assert_eq!(freeze(folder.path(), serde_json::json!({"resume": true})), first, "without the weights to start from");
            assert_eq!(freeze(folder.path(), serde_json::json!({"resume": true, "freeze": 1})), 1);
        }
    }
}
