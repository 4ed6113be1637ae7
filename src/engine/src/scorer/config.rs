//! What a scorer is made of, and how a model card says it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use svh_core::card::{CardInput, CardNorm, ModelCard};
use svh_core::{Joint, Task};

use super::calibration::Calibration;
use super::head::Head;
use super::severity::Severity;
use crate::convnet;
use crate::crop::{CropConfig, Intensity, Square};
use crate::efficientnet::{self, Padding};

/// The network of a scorer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScorerArch {
    /// EfficientNet-B0 to B7.
    EfficientNet(u8),
    /// The appendix's network.
    ConvNet,
}

impl Display for ScorerArch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::EfficientNet(variant) => f.pad(&format!("efficientnet_b{variant}")),
            Self::ConvNet => f.pad("svh_convnet"),
        }
    }
}

impl FromStr for ScorerArch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "svh_convnet" {
            return Ok(Self::ConvNet);
        }
        let variant = efficientnet::Config::variant_of(text);
        variant
            .map(Self::EfficientNet)
            .ok_or_else(|| format!("`{text}` is not a scorer; use efficientnet_b0 to efficientnet_b7 or svh_convnet"))
    }
}

/// What a scorer grades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScorerTask {
    /// Narrowing everywhere.
    Narrowing,
    /// Erosion in hands and feet.
    Erosion,
    /// Erosion in hands.
    HandErosion,
    /// Erosion in feet.
    FootErosion,
}

/// Grades of narrowing (0-4), of erosion in hands (0-5) and in feet (0-10).
const SCALES: [i64; 3] = [5, 6, 11];

impl ScorerTask {
    const NAMES: [(Self, &'static str); 4] = [
        (Self::Narrowing, "narrowing"),
        (Self::Erosion, "erosion"),
        (Self::HandErosion, "hand_erosion"),
        (Self::FootErosion, "foot_erosion"),
    ];

    /// What is graded.
    #[must_use]
    pub const fn task(self) -> Task {
        match self {
            Self::Narrowing => Task::Narrowing,
            _ => Task::Erosion,
        }
    }

    /// The number of outputs where the user does not say it: for erosion everywhere one scale of 11, as in the paper.
    #[must_use]
    pub(crate) const fn default_classes(self) -> i64 {
        match self {
            Self::Narrowing => SCALES[0],
            Self::HandErosion => SCALES[1],
            Self::FootErosion | Self::Erosion => SCALES[2],
        }
    }

    /// The number of outputs with a head of its own for each scale.
    #[must_use]
    pub const fn own_heads(self) -> i64 {
        match self {
            Self::Erosion => SCALES[1] + SCALES[2],
            other => other.default_classes(),
        }
    }

    /// The outputs that grade a joint in a network of so many; `None` where it does not grade it.
    ///
    /// Erosion has 6 outputs (hands), 11 (one scale for both; hands use its first 6), or 17 (6 for hands, then 11 for feet).
    #[must_use]
    pub(crate) fn outputs(self, classes: i64, joint: &Joint) -> Option<Range<usize>> {
        let hand = joint.limb.is_hand();
        if joint.task != self.task() {
            return None;
        }
        match (self, classes, hand) {
            (Self::Narrowing, 5, _) => Some(0..5),
            (Self::HandErosion, 6, true) | (Self::Erosion, 6 | 11 | 17, true) => Some(0..6),
            (Self::FootErosion, 11, false) | (Self::Erosion, 11, false) => Some(0..11),
            (Self::Erosion, 17, false) => Some(6..17),
            _ => None,
        }
    }
}

impl Display for ScorerTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = Self::NAMES.iter().find(|(task, _)| task == self).map_or("", |(_, name)| name);
        f.pad(name)
    }
}

impl FromStr for ScorerTask {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::NAMES.iter().find(|(_, name)| *name == text).map(|(task, _)| *task);
        found.ok_or_else(|| format!("`{text}` is not a task of a scorer; use narrowing, erosion, hand_erosion or foot_erosion"))
    }
}

/// A scorer's complete description.
#[derive(Clone, Debug, PartialEq)]
pub struct ScorerConfig {
    /// The network.
    pub arch: ScorerArch,
    /// What it grades.
    pub task: ScorerTask,
    /// Outputs.
    pub classes: i64,
    /// Side of the input in pixels.
    pub size: i64,
    /// Mean a channel of gray from 0 to 1.
    pub mean: [f64; 3],
    /// Standard deviation a channel.
    pub std: [f64; 3],
    /// Batch norm's epsilon.
    pub eps: f64,
    /// Entries of the card's `config`.
    pub extras: Extras,
}

/// What the card's `config` holds where it differs from these defaults, which are torchvision's network and the paper's crops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Extras {
    /// See [`efficientnet::Config::stages`].
    pub stages: usize,
    /// `symmetric` or `same`.
    pub padding: String,
    /// The input side for which `same` padding was fixed; absent means the variant's nominal one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding_size: Option<i64>,
    /// See [`CropConfig::margin`].
    pub margin: f32,
    /// See [`CropConfig::square`].
    pub square: Square,
    /// See [`CropConfig::intensity`].
    pub intensity: Intensity,
    /// See [`Head`].
    pub head: Head,
    /// Added to the logits, one an output: the logarithm of how much rarer a grade is in patients than it was in training. Empty for none.
    pub log_prior: Vec<f32>,
    /// Logits are divided by this before they become probabilities.
    pub temperature: f32,
    /// See [`Calibration`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// See [`Severity`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

impl Default for Extras {
    fn default() -> Self {
        Self {
            stages: 7,
            padding: "symmetric".to_owned(),
            padding_size: None,
            margin: 0.0,
            square: Square::Pad,
            intensity: Intensity::None,
            head: Head::Softmax,
            log_prior: Vec::new(),
            temperature: 1.0,
            calibration: None,
            severity: None,
        }
    }
}

impl ScorerConfig {
    /// The paper's crops for a network as its own library builds it: 224 pixels and ImageNet's statistics, or the appendix's recipe.
    #[must_use]
    pub fn stock(arch: ScorerArch, task: ScorerTask, classes: i64) -> Self {
        let image_net = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
        let (size, (mean, std), intensity) = match arch {
            ScorerArch::EfficientNet(_) => (224, image_net, Intensity::None),
            ScorerArch::ConvNet => (convnet::INPUT, ([0.5; 3], [0.5; 3]), Intensity::Mean),
        };
        let eps = match arch {
            ScorerArch::EfficientNet(variant) => efficientnet::Config::torchvision(variant, classes).eps,
            ScorerArch::ConvNet => 1e-5,
        };
        Self { arch, task, classes, size, mean, std, eps, extras: Extras { intensity, ..Extras::default() } }
    }

    /// How boxes become crops.
    #[must_use]
    pub const fn crop(&self) -> CropConfig {
        CropConfig { margin: self.extras.margin, square: self.extras.square, intensity: self.extras.intensity }
    }

    /// The EfficientNet of this description.
    #[must_use]
    pub fn efficientnet(&self, variant: u8) -> efficientnet::Config {
        let base = efficientnet::Config::torchvision(variant, self.classes);
        let same = Padding::Same(self.extras.padding_size.unwrap_or_else(|| base.nominal_size()));
        let padding = if self.extras.padding == "same" { same } else { Padding::Symmetric };
        efficientnet::Config { eps: self.eps, stages: self.extras.stages, padding, ..base }
    }

    /// Reads a model card; the error says which entry is wrong.
    pub fn from_card(card: &ModelCard) -> Result<Self, String> {
        let entries: serde_json::Map<_, _> = card.config.clone().into_iter().collect();
        let extras: Extras = serde_json::from_value(Value::Object(entries)).map_err(|error| format!("`config` in the card: {error}"))?;
        if card.norm.kind != "batch" {
            return Err(format!("`norm.kind` in the card is `{}`; a scorer's is batch", card.norm.kind));
        }
        let config = Self {
            arch: card.arch.parse()?,
            task: card.task.parse()?,
            classes: card.classes,
            size: card.input.size,
            mean: card.input.mean,
            std: card.input.std,
            eps: card.norm.eps,
            extras,
        };
        config.check()?;
        Ok(config)
    }

    /// A card that says what the scorer is, and nothing yet of how it was trained.
    #[must_use]
    pub fn card(&self) -> ModelCard {
        let entries = |extras: &Extras| match serde_json::to_value(extras) {
            Ok(Value::Object(map)) => map,
            _ => serde_json::Map::new(),
        };
        let stock = entries(&Extras::default());
        ModelCard {
            arch: self.arch.to_string(),
            task: self.task.to_string(),
            classes: self.classes,
            input: CardInput { size: self.size, max_size: None, mean: self.mean, std: self.std },
            norm: CardNorm { kind: "batch".to_owned(), eps: self.eps },
            config: entries(&self.extras).into_iter().filter(|(name, value)| stock.get(name) != Some(value)).collect(),
            trained_on: String::new(),
            metrics: BTreeMap::new(),
            sha256: String::new(),
            licence: String::new(),
        }
    }

    /// Whether its probabilities can be seen in view of the patient's severity: not where hands and feet share the outputs of one scale.
    #[must_use]
    pub fn takes_severity(&self) -> bool {
        !(self.task == ScorerTask::Erosion && self.classes == 11)
    }

    /// Refuses what no scorer can be.
    pub fn check(&self) -> Result<(), String> {
        let extras = &self.extras;
        let priors = extras.log_prior.len() as i64;
        match () {
            () if !(2..=1000).contains(&self.classes) => Err(format!("`classes` is {}; it must be from 2 to 1000", self.classes)),
            () if !(32..=1024).contains(&self.size) => Err(format!("`input.size` is {}; it must be from 32 to 1024", self.size)),
            () if self.arch == ScorerArch::ConvNet && self.size != convnet::INPUT => {
                Err(format!("`input.size` is {}; svh_convnet takes {} only", self.size, convnet::INPUT))
            }
            () if !self.std.iter().all(|v| above_0(*v)) => Err("`input.std` must be above 0".to_owned()),
            () if !above_0(self.eps) => Err(format!("`norm.eps` is {}; it must be above 0", self.eps)),
            () if !(1..=7).contains(&extras.stages) => Err(format!("`stages` is {}; it must be from 1 to 7", extras.stages)),
            () if !["symmetric", "same"].contains(&extras.padding.as_str()) => {
                Err(format!("`padding` is `{}`; it must be symmetric or same", extras.padding))
            }
            () if priors != 0 && priors != self.classes => Err(format!("`log_prior` has {priors} entries for {} classes", self.classes)),
            () if !above_0(f64::from(extras.temperature)) => Err(format!("`temperature` is {}; it must be above 0", extras.temperature)),
            () if extras.severity.is_some() && !self.takes_severity() => {
                Err("`severity` is for networks with outputs of their own for the erosion of hands and of feet; this one has 11 for both"
                    .to_owned())
            }
            () => extras.severity.as_ref().map_or(Ok(()), |severity| severity.check(self.task.task())).and_then(|()| self.crop().check()),
        }
    }
}

/// False for a number that is none, too.
fn above_0(value: f64) -> bool {
    value > 0.0
}

#[cfg(test)]
mod tests {
    use svh_core::joint;

    use super::*;

    #[test]
    fn the_outputs_of_a_joint_follow_its_scale() {
        let hand = joint::by_label(Task::Erosion, "LH_mcp_2").unwrap();
        let foot = joint::by_label(Task::Erosion, "RF_mtp_1").unwrap();
        let narrowing = joint::by_label(Task::Narrowing, "RF_mtp_1").unwrap();
        assert_eq!(ScorerTask::Erosion.outputs(17, hand), Some(0..6));
        assert_eq!(ScorerTask::Erosion.outputs(17, foot), Some(6..17));
        assert_eq!(ScorerTask::Erosion.outputs(11, foot), Some(0..11));
        assert_eq!(ScorerTask::HandErosion.outputs(6, foot), None);
        assert_eq!(ScorerTask::Erosion.outputs(17, narrowing), None);
        assert_eq!(ScorerTask::Narrowing.outputs(5, narrowing), Some(0..5));
        assert_eq!(ScorerTask::Narrowing.outputs(1000, narrowing), None);
        for joint in joint::all() {
            for (task, classes) in [(ScorerTask::Narrowing, 5), (ScorerTask::Erosion, 17)] {
                let outputs = task.outputs(classes, joint).map(|range| range.len());
                assert!(outputs.is_none_or(|n| n == usize::from(joint.max_grade) + 1), "{}", joint.label);
            }
        }
    }

    #[test]
    fn a_card_keeps_only_what_differs_and_reads_back_the_same() {
        let mut config = ScorerConfig::stock(ScorerArch::EfficientNet(0), ScorerTask::Erosion, 17);
        config.extras = Extras { stages: 5, margin: 0.25, square: Square::Context, ..Extras::default() };
        let card = config.card();
        assert_eq!(card.config.keys().collect::<Vec<_>>(), ["margin", "square", "stages"]);
        assert_eq!(ScorerConfig::from_card(&card), Ok(config));
        let wrong = ModelCard { config: BTreeMap::from([("margins".to_owned(), Value::from(1))]), ..card };
        assert!(ScorerConfig::from_card(&wrong).unwrap_err().contains("margins"));
    }
}
