//! Where a training starts: a body's weights, or a whole detector's whose head may count other classes.

use std::path::Path;

use svh_core::{Task, joint};

use super::backbone::Backbone;
use super::config::{Arch, DetectorConfig};
use super::heads::Heads;
use crate::nn::{NormKind, Store};
use crate::weights::Weights;
use crate::{Error, Result};

/// The tensors that depend on the classes.
const PREDICTOR: &str = "roi_heads.box_predictor.";
const BACKBONE: &str = "backbone.body.";
const COUNTER: &str = "num_batches_tracked";

/// Today's name of a tensor of an old torchvision checkpoint. Frozen norms count no batches: their counters are dropped.
#[must_use]
pub(crate) fn modern_name(name: &str, norm: NormKind) -> Option<String> {
    let Some((place, kind)) = name.rsplit_once('.') else { return Some(name.to_owned()) };
    if norm == NormKind::Frozen && kind == COUNTER {
        return None;
    }
    let old_fpn = ["backbone.fpn.inner_blocks.", "backbone.fpn.layer_blocks."]
        .iter()
        .any(|prefix| place.strip_prefix(prefix).is_some_and(|rest| !rest.contains('.')));
    match place {
        "rpn.head.conv" => Some(format!("rpn.head.conv.0.0.{kind}")),
        _ if old_fpn => Some(format!("{place}.0.{kind}")),
        _ => Some(name.to_owned()),
    }
}

/// What was taken from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The body only.
    Backbone,
    /// Everything but the last two layers of a task, or of both, because the classes differ.
    AllButPredictor,
    /// Everything.
    All,
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Backbone => "the body only",
            Self::AllButPredictor => "all but the last layers, whose classes differ",
            Self::All => "everything",
        })
    }
}

/// Fills a new network from a safetensors file or a model folder.
///
/// Accepted are a detector of the same architecture and sizes, whichever tasks it does, or the classification network that its body comes from
/// (torchvision's names, with or without `features.`; a classifier is left aside).
pub fn init_from(store: &Store, config: &DetectorConfig, path: &Path) -> Result<Taken> {
    let file = if path.is_dir() { path.join("model.safetensors") } else { path.to_path_buf() };
    let weights = Weights::read(&file)?;
    if weights.names().any(|name| name.starts_with(BACKBONE)) {
        return from_detector(store, config, weights.renamed(|name| modern_name(name, config.norm)));
    }
    let renamed = weights.renamed(|name| body_name(config, name));
    if renamed.names().next().is_none() {
        return Err(Error::weights(&file, format!("holds neither a {} nor its body; name the weights of one of the two", config.arch)));
    }
    renamed.load_matching(store, |name| name.starts_with(BACKBONE))?;
    Ok(Taken::Backbone)
}

fn from_detector(store: &Store, config: &DetectorConfig, weights: Weights) -> Result<Taken> {
    let weights = for_heads(config.heads, weights);
    let misfits: Vec<String> = store
        .entries()
        .into_iter()
        .filter(|(name, tensor, _)| name.starts_with(PREDICTOR) && !weights.fits(name, tensor))
        .map(|(name, ..)| name)
        .collect();
    if misfits.is_empty() {
        weights.fill(store)?;
        return Ok(Taken::All);
    }
    // The two layers of a task belong together.
    let lost = |name: &str| misfits.iter().any(|misfit| pair(misfit) == pair(name));
    weights.load_matching(store, |name| !lost(name))?;
    if config.heads == Heads::Both {
        let known = |task: &Task| !lost(&format!("{PREDICTOR}{task}.cls_score.weight"));
        if let (Some(known), Some(other)) = (Task::ALL.into_iter().find(known), Task::ALL.into_iter().find(|task| !known(task))) {
            start_alike(store, known, other)?;
        }
    }
    Ok(Taken::AllButPredictor)
}

/// Background and the joints that both tasks grade are the same for both: the other task starts from what is known of them.
fn start_alike(store: &Store, known: Task, other: Task) -> Result<()> {
    let _guard = tch::no_grad_guard();
    let twins = joint::joints(other).iter().filter_map(|joint| Some((joint.class_id, joint::by_label(known, &joint.label)?.class_id)));
    let rows: Vec<(i64, i64)> = std::iter::once((0, 0)).chain(twins).map(|(to, from)| (i64::from(to), i64::from(from))).collect();
    for (layer, per_class) in [("cls_score", 1), ("bbox_pred", 4)] {
        for kind in ["weight", "bias"] {
            let tensor = |task: Task| store.get(&format!("{PREDICTOR}{task}.{layer}.{kind}"));
            let (Some(source), Some(target)) = (tensor(known), tensor(other)) else { continue };
            for (to, from) in &rows {
                let source = source.f_narrow(0, from * per_class, per_class)?;
                target.f_narrow(0, to * per_class, per_class)?.f_copy_(&source)?;
            }
        }
    }
    Ok(())
}

/// The pair of last layers that a tensor belongs to; `None` for all others.
fn pair(name: &str) -> Option<&str> {
    let end = name.find("cls_score").or_else(|| name.find("bbox_pred"))?;
    name.starts_with(PREDICTOR).then(|| &name[..end])
}

/// The last layers under the names that `heads` gives them: those of one task become a pair of two, or the pair that fits becomes the only one.
fn for_heads(heads: Heads, weights: Weights) -> Weights {
    let rows = |place: &str| weights.get(&format!("{PREDICTOR}{place}cls_score.bias")).and_then(|bias| bias.size().first().copied());
    let places = Heads::Both.each().into_iter().filter_map(|(task, classes)| Some((format!("{}.", task?), classes)));
    let renamed: Option<(String, String)> = match heads {
        Heads::Both => places.into_iter().find(|(_, classes)| rows("") == Some(*classes)).map(|(place, _)| (String::new(), place)),
        Heads::One(wanted) => places.into_iter().find(|(place, _)| rows(place) == Some(wanted)).map(|(place, _)| (place, String::new())),
    };
    let Some((from, to)) = renamed else { return weights };
    let (from, to) = (format!("{PREDICTOR}{from}"), format!("{PREDICTOR}{to}"));
    weights.renamed(|name| match name.strip_prefix(&from) {
        Some(layer) => Some(format!("{to}{layer}")),
        // The other task's pair is left aside.
        None => (!name.starts_with(PREDICTOR)).then(|| name.to_owned()),
    })
}

/// The name within a detector of a tensor of a classification network; `None` for its classifier and its counters.
fn body_name(config: &DetectorConfig, name: &str) -> Option<String> {
    if config.norm == NormKind::Frozen && name.ends_with(COUNTER) {
        return None;
    }
    let inner = match config.arch {
        Arch::MobileNetV2 => name.strip_prefix("features.").or_else(|| name.starts_with(|c: char| c.is_ascii_digit()).then_some(name))?,
        _ => (name.starts_with("conv1.") || name.starts_with("bn1.") || name.starts_with("layer")).then_some(name)?,
    };
    Some(format!("{BACKBONE}{inner}"))
}

/// Keeps the first `stages` of five of the body as they are.
pub fn freeze_stages(store: &Store, arch: Arch, stages: usize) {
    store.freeze(|name| name.strip_prefix(BACKBONE).is_some_and(|inner| Backbone::in_first_stages(arch, inner, stages)));
}
