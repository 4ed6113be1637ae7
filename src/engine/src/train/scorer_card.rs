//! The model folder that a scorer's training leaves.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use svh_core::card::ModelCard;

use super::scorer_training::ScorerTraining;
use super::scorer_validation::Measured;
use crate::Result;
use crate::data::joint_crops::JointCrops;
use crate::models::{self, WEIGHTS};
use crate::nn::Store;
use crate::scorer::ScorerConfig;
use crate::weights::{self, Precision};

/// Writes the weights in half precision and the card beside them.
pub fn save(
    options: &ScorerTraining,
    store: &Store,
    crops: &JointCrops,
    steps: u64,
    config: &ScorerConfig,
    by_scale: &BTreeMap<&'static str, Measured>,
) -> Result<ModelCard> {
    let sha256 = weights::save(store, &options.out.join(WEIGHTS), Precision::Half)?;
    let start = options.init.as_ref().and_then(|path| path.file_name()).map_or("random weights".into(), |name| name.to_string_lossy());
    let trained_on = format!(
        "{} crops of {} patients of {}, {steps} steps of {}, SGD at {}, seed {}, from {start}. {}",
        crops.training.len(),
        crops.training_patients,
        crops.name,
        options.batch,
        options.learning_rate,
        options.seed,
        options.remark
    );
    let mut metrics: BTreeMap<String, Value> = by_scale
        .iter()
        .map(|(name, measured)| {
            let mut value = measured.grades.to_json();
            value["log_loss"] = json!((measured.loss() * 1e4).round() / 1e4);
            ((*name).to_owned(), value)
        })
        .collect();
    metrics.insert(
        "measured_on".to_owned(),
        json!(format!("{} patients of {} that were held out", crops.held_out_patients.len(), crops.name)),
    );
    metrics.insert("held_out_patients".to_owned(), json!(crops.held_out_patients));
    let card = ModelCard { trained_on: trained_on.trim().to_owned(), metrics, sha256, licence: options.licence.clone(), ..config.card() };
    models::write_card(&options.out, &card)?;
    Ok(card)
}
