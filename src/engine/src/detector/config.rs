//! What a detector is made of: the architecture, its input, its heads and its sizes.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use serde_json::Value;
use svh_core::card::{CardInput, CardNorm, ModelCard};

use super::heads::{DetectorTask, Heads};
use super::sizes::Sizes;
use crate::nn::NormKind;

/// The body under the feature pyramid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arch {
    /// ResNet-50 v1.5.
    ResNet50,
    /// ResNet-18.
    ResNet18,
    /// MobileNetV2 1.0, features 3, 6, 13 and 18.
    MobileNetV2,
}

impl Arch {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ResNet50, Self::ResNet18, Self::MobileNetV2];

    /// The name in model cards and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResNet50 => "fasterrcnn_resnet50_fpn",
            Self::ResNet18 => "fasterrcnn_resnet18_fpn",
            Self::MobileNetV2 => "fasterrcnn_mobilenet_v2_fpn",
        }
    }
}

impl Display for Arch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Arch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|arch| arch.name() == text).ok_or_else(|| format!("`{text}` is not a detector; use one of {known}"))
    }
}

/// A detector's complete description.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectorConfig {
    /// The body.
    pub arch: Arch,
    /// The last layers.
    pub heads: Heads,
    /// Films are scaled so that their shorter side is this long,
    pub min_size: i64,
    /// unless the longer side would then exceed this.
    pub max_size: i64,
    /// Mean a channel of films scaled to 0-1.
    pub mean: [f64; 3],
    /// Standard deviation a channel.
    pub std: [f64; 3],
    /// The kind of batch norm in the body.
    pub norm: NormKind,
    /// Its epsilon; 0 for torchvision's COCO weights, else 1e-5.
    pub eps: f64,
    /// Everything else.
    pub sizes: Sizes,
}

/// The longest side to which films are scaled: what a few GB of memory take.
const MAX_SIDE: i64 = 2048;

/// The most proposals or detections of a film.
const MAX_BOXES: usize = 10_000;

impl DetectorConfig {
    /// torchvision's network for this body, and a number of classes or other [`Heads`].
    #[must_use]
    pub fn stock(arch: Arch, heads: impl Into<Heads>) -> Self {
        Self {
            arch,
            heads: heads.into(),
            min_size: 800,
            max_size: 1333,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
            norm: NormKind::Frozen,
            eps: 1e-5,
            sizes: Sizes::default(),
        }
    }

    /// A network that two CPU cores can train: films of 384 x 512, a narrow pyramid and head, square anchors, few proposals, half of those in
    /// the loss foreground (with a quarter, as is usual, it takes twice the steps until joints are told apart), boxes at the mean of what their
    /// proposals say.
    #[must_use]
    pub fn small(arch: Arch, heads: impl Into<Heads>) -> Self {
        let sizes = Sizes {
            fpn_channels: 128,
            head_width: 512,
            anchor_sizes: vec![16.0, 32.0, 64.0, 128.0, 256.0],
            anchor_ratios: vec![1.0],
            rpn_pre_nms_train: 500,
            rpn_pre_nms_test: 500,
            rpn_post_nms_train: 300,
            rpn_post_nms_test: 300,
            rpn_batch: 128,
            box_batch: 64,
            box_positive: 0.5,
            box_vote: 0.5,
            ..Sizes::default()
        };
        Self { min_size: 384, max_size: 512, sizes, ..Self::stock(arch, heads) }
    }

    /// What a training starts from when nothing else is said: torchvision's sizes for ResNet-50, else [`Self::small`].
    #[must_use]
    pub fn recipe(arch: Arch, heads: impl Into<Heads>) -> Self {
        match arch {
            Arch::ResNet50 => Self::stock(arch, heads),
            Arch::ResNet18 | Arch::MobileNetV2 => Self::small(arch, heads),
        }
    }

    /// Reads a model card; the error says which entry is wrong.
    pub fn from_card(card: &ModelCard) -> Result<Self, String> {
        let entries: serde_json::Map<_, _> = card.config.clone().into_iter().collect();
        let sizes: Sizes = serde_json::from_value(Value::Object(entries)).map_err(|e| format!("`config` in the card: {e}"))?;
        let norm: NormKind = serde_json::from_value(Value::from(card.norm.kind.as_str()))
            .map_err(|_| format!("`norm.kind` in the card is `{}`; it must be frozen or batch", card.norm.kind))?;
        let config = Self {
            arch: card.arch.parse()?,
            heads: heads_of(card)?,
            min_size: card.input.size,
            max_size: card.input.max_size.unwrap_or(1333),
            mean: card.input.mean,
            std: card.input.std,
            norm,
            eps: card.norm.eps,
            sizes,
        };
        config.check()?;
        Ok(config)
    }

    /// The parts of a card that this description fills: input, norm, and what differs from torchvision's sizes.
    #[must_use]
    pub fn card_parts(&self) -> (CardInput, CardNorm, BTreeMap<String, Value>) {
        let input = CardInput { size: self.min_size, max_size: Some(self.max_size), mean: self.mean, std: self.std };
        let kind = if self.norm == NormKind::Frozen { "frozen" } else { "batch" };
        let entries = |sizes: &Sizes| match serde_json::to_value(sizes) {
            Ok(Value::Object(map)) => map,
            _ => serde_json::Map::new(),
        };
        let stock = entries(&Sizes::default());
        let differing = entries(&self.sizes).into_iter().filter(|(name, value)| stock.get(name) != Some(value)).collect();
        (input, CardNorm { kind: kind.to_owned(), eps: self.eps }, differing)
    }

    /// Refuses sizes that no network can have.
    pub fn check(&self) -> Result<(), String> {
        let s = &self.sizes;
        let wrong = |what: &str| Err(format!("{what} in the card cannot be right"));
        match () {
            () if self.heads.each().iter().any(|(_, classes)| !(2..=256).contains(classes)) => {
                wrong("`classes` (2 to 256, background included)")
            }
            () if self.min_size < 32 || self.max_size < self.min_size || self.max_size > MAX_SIDE => wrong("`input` (sides of 32 to 2048)"),
            () if !(1..=1024).contains(&s.fpn_channels) || !(1..=4096).contains(&s.head_width) => wrong("`fpn_channels` or `head_width`"),
            () if s.fpn_channels * s.head_width > 1 << 21 => wrong("`fpn_channels` and `head_width` together"),
            () if s.anchor_sizes.len() != 5 || s.anchor_sizes.iter().any(|v| !positive(*v)) => wrong("`anchor_sizes` (five are needed)"),
            () if !(1..=16).contains(&s.anchor_ratios.len()) || s.anchor_ratios.iter().any(|v| !positive(*v)) => wrong("`anchor_ratios`"),
            () if [s.rpn_pre_nms_test, s.rpn_pre_nms_train, s.rpn_post_nms_test, s.rpn_post_nms_train, s.box_detections]
                .iter()
                .any(|count| *count > MAX_BOXES) =>
            {
                wrong("a number of proposals or detections")
            }
            () if self.std.iter().any(|v| !positive(*v as f32)) || !self.eps.is_finite() || self.eps < 0.0 => wrong("`std` or `eps`"),
            () if self.mean.iter().any(|v| !v.is_finite()) => wrong("`mean`"),
            () => Ok(()),
        }
    }
}

/// A detector of both tasks has the classes of both; one of a single task those that its card gives.
fn heads_of(card: &ModelCard) -> Result<Heads, String> {
    if card.task != DetectorTask::Both.name() {
        return Ok(Heads::One(card.classes));
    }
    match Heads::Both.classes() {
        classes if classes == card.classes => Ok(Heads::Both),
        classes => Err(format!("a detector of both tasks has {classes} classes, the card says {}", card.classes)),
    }
}

/// False for 0, infinity, and for what is not a number.
fn positive(value: f32) -> bool {
    value > 0.0 && value.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(config: &DetectorConfig) -> ModelCard {
        let (input, norm, config_entries) = config.card_parts();
        ModelCard {
            arch: config.arch.name().into(),
            task: if config.heads == Heads::Both { svh_core::card::BOTH_TASKS } else { "narrowing" }.into(),
            classes: config.heads.classes(),
            input,
            norm,
            config: config_entries,
            trained_on: String::new(),
            metrics: BTreeMap::new(),
            sha256: String::new(),
            licence: String::new(),
        }
    }

    #[test]
    fn a_card_rebuilds_the_network_it_was_made_from() {
        let both = DetectorConfig::small(Arch::MobileNetV2, Heads::Both);
        for config in [DetectorConfig::small(Arch::MobileNetV2, 43), DetectorConfig::stock(Arch::ResNet50, 45), both] {
            let text = serde_json::to_string(&card(&config)).unwrap();
            assert_eq!(DetectorConfig::from_card(&serde_json::from_str(&text).unwrap()).unwrap(), config);
        }
        assert!(card(&DetectorConfig::stock(Arch::ResNet50, 45)).config.is_empty(), "a stock network needs no entries");
    }

    #[test]
    fn a_wrong_card_is_refused_by_name() {
        let mut wrong = card(&DetectorConfig::small(Arch::MobileNetV2, 43));
        wrong.config.insert("fpn_chanels".into(), 64.into());
        assert!(DetectorConfig::from_card(&wrong).unwrap_err().contains("fpn_chanels"));
        let mut wrong = card(&DetectorConfig::small(Arch::MobileNetV2, 43));
        (wrong.task, wrong.arch) = ("both".into(), "fasterrcnn_mobilenet_v2_fpn".into());
        assert!(DetectorConfig::from_card(&wrong).unwrap_err().contains("88 classes, the card says 43"));
        wrong.arch = "yolo".into();
        assert!(DetectorConfig::from_card(&wrong).unwrap_err().contains("`yolo` is not a detector"));
    }
}
