//! The state of a training in one file: weights, the optimiser's velocities, the step, and the settings that must not change.

use std::collections::BTreeMap;
use std::path::Path;

use tch::Tensor;

use crate::nn::Store;
use crate::sgd::Sgd;
use crate::weights::{self, Precision, Weights};
use crate::{Error, Result};

/// The name of the file in a model folder.
pub const FILE: &str = "checkpoint.safetensors";

const MODEL: &str = "model.";
const VELOCITY: &str = "velocity.";

/// Where a training stands. What is random follows from the seed in the settings and the step.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// Steps done.
    pub step: u64,
    /// Settings by name; a training is resumed only with the same.
    pub settings: BTreeMap<String, String>,
}

/// Replaces the file at once or not at all.
pub fn save(path: &Path, store: &Store, sgd: &Sgd, position: &Position) -> Result<()> {
    let entries = store.entries();
    let state = sgd.state();
    let model = entries.iter().map(|(name, tensor, _)| (format!("{MODEL}{name}"), tensor));
    let velocities = state.iter().map(|(name, tensor)| (format!("{VELOCITY}{name}"), tensor));
    let mut header = position.settings.clone();
    header.insert("step".into(), position.step.to_string());
    weights::write(path, model.chain(velocities), Precision::Full, &header)?;
    Ok(())
}

/// A setting of the training whose checkpoint lies in a model folder; `None` where there is none.
#[must_use]
pub(crate) fn setting(folder: &Path, name: &str) -> Option<String> {
    Weights::read(&folder.join(FILE)).ok()?.metadata(name).map(str::to_owned)
}

/// Fills network and optimiser and returns the steps done. Settings that differ from `settings` are an error that names the first.
pub(crate) fn restore(path: &Path, store: &Store, sgd: &mut Sgd, settings: &BTreeMap<String, String>) -> Result<u64> {
    let file = Weights::read(path)?;
    let step = file.metadata("step").and_then(|step| step.parse().ok());
    let step = step.ok_or_else(|| Error::weights(path, "is not a checkpoint of a training; start without --resume"))?;
    for (name, now) in settings {
        let then = file.metadata(name).unwrap_or("nothing");
        if then != now {
            let problem =
                format!("was made with {name} = {then}, now {name} = {now}; resume with the same options, or start without --resume");
            return Err(Error::weights(path, problem));
        }
    }
    let velocities = |name: &str| name.strip_prefix(VELOCITY).map(str::to_owned);
    let state: BTreeMap<String, Tensor> =
        file.names().filter_map(|name| Some((velocities(name)?, file.get(name)?.shallow_clone()))).collect();
    sgd.restore(state)?;
    file.renamed(|name| name.strip_prefix(MODEL).map(str::to_owned)).fill(store)?;
    Ok(step)
}
