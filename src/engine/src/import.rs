//! `model import`: weights from elsewhere, checked strictly against their network, become a model folder. `model run`: a scorer on one crop.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use svh_core::card::{CardInput, CardNorm, ModelCard};
use svh_core::model_command::ImportModel;
use svh_core::{Film, joint};
use tch::Device;

use crate::detector::init::modern_name;
use crate::detector::{Arch, DetectorConfig, DetectorTask, FasterRcnn, Heads};
use crate::efficientnet::torchvision_name;
use crate::models::{self, WEIGHTS};
use crate::nn::{ParamInit, Store};
use crate::scorer::{self, Network, Scorer, ScorerArch, ScorerConfig, ScorerTask};
use crate::weights::{self, Precision, Weights};
use crate::{Error, Result};

const COUNTER: &str = "num_batches_tracked";

/// What an imported network puts into its card.
struct Imported {
    classes: i64,
    input: CardInput,
    norm: CardNorm,
    config: BTreeMap<String, Value>,
    store: Store,
}

/// Imports weights and says in a sentence what became of them.
pub fn import(args: &ImportModel) -> Result<String> {
    models::check_free(&args.out)?;
    let (weights, prefix) = Weights::read(&args.weights)?.without_prefix();
    let (from, sha256) = (args.weights.display().to_string(), weights.sha256().to_owned());
    let imported = match args.arch.parse::<Arch>() {
        Ok(arch) => detector(args, arch, weights)?,
        Err(_) => {
            let unknown = |_| format!("`{}` is not an architecture; use one of {}", args.arch, known());
            scorer(args, args.arch.parse::<ScorerArch>().map_err(unknown).map_err(Error::Usage)?, weights)?
        }
    };
    svh_core::access::make_folders(&args.out).map_err(Error::io("create", &args.out))?;
    let Imported { classes, input, norm, config, store } = imported;
    let card = ModelCard {
        arch: args.arch.clone(),
        task: args.task.clone(),
        classes,
        input,
        norm,
        config,
        trained_on: format!("imported from {from}, SHA-256 {sha256}"),
        metrics: BTreeMap::new(),
        sha256: weights::save(&store, &args.out.join(WEIGHTS), Precision::Full)?,
        licence: "that of the imported weights".to_owned(),
    };
    models::write_card(&args.out, &card)?;
    let millions = store.parameter_count() as f64 / 1e6;
    let without = if prefix.is_empty() { String::new() } else { format!(", read without the prefix `{prefix}` before all names") };
    Ok(format!("{}: {} for {}, {classes} classes, {millions:.1} million parameters{without}", args.out.display(), args.arch, args.task))
}

fn known() -> String {
    let detectors = Arch::ALL.map(Arch::name).join(", ");
    format!("{detectors}, efficientnet_b0 to efficientnet_b7, svh_convnet")
}

fn detector(args: &ImportModel, arch: Arch, weights: Weights) -> Result<Imported> {
    let task: DetectorTask = args.task.parse().map_err(Error::Usage)?;
    if args.padding.is_some() || args.size.is_some() {
        return Err(Error::Usage("--padding and --size are for scorers; a detector has neither".to_owned()));
    }
    let heads = match (task, args.classes) {
        (DetectorTask::One(_), Some(classes)) => Heads::One(classes),
        _ => task.heads(),
    };
    let mut config = DetectorConfig::stock(arch, heads);
    config.eps = args.bn_eps.unwrap_or(config.eps);
    let weights = weights.renamed(|name| modern_name(name, config.norm));
    // Narrower networks have the same names: the file says how wide they are.
    let rows = |name: &str| weights.get(name).and_then(|tensor| tensor.size().first().copied());
    config.sizes.fpn_channels = rows("rpn.head.conv.0.0.bias").unwrap_or(config.sizes.fpn_channels);
    config.sizes.head_width = rows("roi_heads.box_head.fc6.bias").unwrap_or(config.sizes.head_width);
    config.check().map_err(|problem| Error::weights(weights.path(), problem.replace("in the card", "of these weights")))?;
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    FasterRcnn::new(&store, config.clone())?;
    check_classes(&weights, &store, "roi_heads.box_predictor.cls_score.bias")?;
    weights.fill(&store)?;
    let (input, norm, entries) = config.card_parts();
    Ok(Imported { classes: heads.classes(), input, norm, config: entries, store })
}

fn scorer(args: &ImportModel, arch: ScorerArch, mut weights: Weights) -> Result<Imported> {
    let task: ScorerTask = args.task.parse().map_err(Error::Usage)?;
    let classes = args.classes.unwrap_or(task.default_classes());
    let mut config = ScorerConfig::stock(arch, task, classes);
    if let ScorerArch::EfficientNet(variant) = arch
        && weights.get("_conv_stem.weight").is_some()
    {
        let network = config.efficientnet(variant);
        weights = weights.renamed(|name| torchvision_name(&network, name).or_else(|| Some(name.to_owned())));
        config.eps = 1e-3;
        "same".clone_into(&mut config.extras.padding);
    }
    config.eps = args.bn_eps.unwrap_or(config.eps);
    config.size = args.size.unwrap_or(config.size);
    config.extras.padding_size = args.padding_size;
    if let Some(padding) = &args.padding {
        config.extras.padding.clone_from(padding);
    }
    let store = Store::new(Device::Cpu, ParamInit::Empty);
    Network::new(&store.root(), &config)?;
    for last in ["classifier.1.bias", "fc.bias", "classifier.bias", "head.bias"] {
        check_classes(&weights, &store, last)?;
    }
    fill(&weights, &store)?;
    let ModelCard { input, norm, config, .. } = config.card();
    Ok(Imported { classes, input, norm, config, store })
}

/// The option that helps where the last layer has another number of outputs.
fn check_classes(weights: &Weights, store: &Store, last: &str) -> Result<()> {
    let outputs = |tensor: &tch::Tensor| tensor.size().first().copied();
    match (weights.get(last).and_then(outputs), store.get(last).as_ref().and_then(outputs)) {
        (Some(has), Some(wanted)) if has != wanted => {
            let problem = format!(
                "`{last}` has {has} outputs where the task has {wanted}; give --classes {has} if these weights are to be imported as they are"
            );
            Err(Error::weights(weights.path(), problem))
        }
        _ => Ok(()),
    }
}

/// Strict, but for the counters of batches: they have no effect, and files without any of them are common.
fn fill(weights: &Weights, store: &Store) -> Result<()> {
    let counters = weights.names().any(|name| name.ends_with(COUNTER));
    let known = weights.names().all(|name| store.get(name).is_some());
    match counters || !known {
        true => weights.fill(store),
        false => weights.load_matching(store, |name| !name.ends_with(COUNTER)),
    }
}

/// A scorer on a picture that is a crop already: `logits`, and for each scale of the model `grade`, `expected` and `probabilities`.
pub fn run(folder: &Path, image: &Path, device: Device) -> Result<Value> {
    let card = models::read_card(folder)?;
    if card.arch.parse::<Arch>().is_ok() {
        return Err(Error::model(folder, "it is a detector and `model run` is for scorers; use `svh detect --raw`"));
    }
    let scorer = Scorer::load(folder, device)?;
    let config = scorer.config();
    let crop = config.crop().whole(&Film::open(image)?, config.size as u32)?;
    let logits = scorer.logits(&[crop])?.into_iter().next().unwrap_or_default();
    let mut scales = serde_json::Map::new();
    for joint in joint::all() {
        if let Some(score) = scorer::score(config, joint, &logits) {
            let place = if joint.limb.is_hand() { "hand" } else { "foot" };
            scales.entry(place).or_insert_with(|| json!(score));
        }
    }
    Ok(json!({ "model": folder.display().to_string(), "image": image.display().to_string(), "logits": logits, "scales": scales }))
}
