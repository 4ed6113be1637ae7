//! The folder of a detector: `model.safetensors` and `card.json`.

use std::path::Path;

use svh_core::card::ModelCard;
use tch::Device;

use super::config::DetectorConfig;
use super::faster_rcnn::FasterRcnn;
use super::init::modern_name;
use crate::nn::{ParamInit, Store};
use crate::weights::{self, Precision, Weights};
use crate::{Error, Result, models};

/// What a card says that the network itself does not know.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// `narrowing`, `erosion` or `both`.
    pub task: String,
    /// The data and the recipe, in words.
    pub trained_on: String,
    /// Figures by name.
    pub metrics: std::collections::BTreeMap<String, serde_json::Value>,
    /// Terms of the weights.
    pub licence: String,
}

/// Reads card and weights and refuses a folder in which they disagree.
pub fn load_model(folder: &Path, device: Device) -> Result<(ModelCard, Store, FasterRcnn)> {
    let card = models::read_card(folder)?;
    let config = DetectorConfig::from_card(&card).map_err(|problem| Error::model(folder, problem))?;
    let weights = Weights::read(&folder.join(models::WEIGHTS))?;
    models::check_hash(folder, &card, weights.sha256())?;
    let (store, norm) = (Store::new(device, ParamInit::Empty), config.norm);
    let network = FasterRcnn::new(&store, config)?;
    weights.renamed(|name| modern_name(name, norm)).fill(&store)?;
    store.freeze(|_| true);
    Ok((card, store, network))
}

/// Writes the weights in half precision and the card beside them.
pub fn save_model(folder: &Path, store: &Store, config: &DetectorConfig, about: About) -> Result<ModelCard> {
    svh_core::access::make_folders(folder).map_err(Error::io("create", folder))?;
    let sha256 = weights::save(store, &folder.join(models::WEIGHTS), Precision::Half)?;
    let (input, norm, entries) = config.card_parts();
    let About { task, trained_on, metrics, licence } = about;
    let (arch, classes) = (config.arch.name().to_owned(), config.heads.classes());
    let card = ModelCard { arch, task, classes, input, norm, config: entries, trained_on, metrics, sha256, licence };
    models::write_card(folder, &card)?;
    Ok(card)
}
