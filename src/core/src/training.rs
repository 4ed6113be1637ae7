//! What a training can be told. `svh train` and `svh-engine train` take the same options; the workbench sends them to the engine as JSON, and a run keeps them.

mod described;
mod detector_options;
mod proposals;
mod recipe;
mod scorer_options;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Parser;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use described::{Network, OptionFault, OptionInfo};
pub use detector_options::DetectorOptions;
pub use proposals::{Proposals, left_out};
pub use recipe::{HELD_OUT, Recipe};
pub use scorer_options::{Head, ScorerOptions};

/// A training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Subcommand)]
#[serde(tag = "network", rename_all = "lowercase")]
pub enum TrainOptions {
    /// Detector of joints
    Detector(Box<DetectorOptions>),
    /// Scorer of joints
    Scorer(Box<ScorerOptions>),
}

/// A way to vary what is learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Variation {
    /// Place, size, turning, flipping, exposure, noise, blur
    #[default]
    Standard,
    /// The paper's: random crop, flip, rotation, distortion; exposure as it is
    Paper,
    /// Not at all
    None,
}

/// The options of every training; what is left out follows the architecture's recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Args)]
pub struct SharedOptions {
    /// Cohort to train on
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// Model folder to write
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
    /// Initial weights: a safetensors file with torchvision's names, or another model's folder
    #[arg(long, value_name = "WEIGHTS")]
    pub init: Option<PathBuf>,
    /// Cohort to measure on after every epoch
    #[arg(long, value_name = "DIR")]
    pub validation: Option<PathBuf>,
    /// Folder for the run, instead of a new one in the cohort's runs
    #[arg(long, value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// Number of epochs
    #[arg(long)]
    pub epochs: Option<u64>,
    /// Films or crops per step
    #[arg(long)]
    pub batch: Option<usize>,
    /// Random seed
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Continue from the checkpoint in MODEL_DIR
    #[arg(long)]
    #[serde(default)]
    pub resume: bool,
    /// Replace the model or checkpoint that is in MODEL_DIR
    #[arg(long, conflicts_with = "resume")]
    #[serde(default)]
    pub force: bool,
    /// Learning rate after warm-up
    #[arg(long)]
    pub learning_rate: Option<f64>,
    /// Warm-up steps
    #[arg(long)]
    pub warm_up: Option<u64>,
    /// Epochs between tenfold drops of the learning rate; 0 for a cosine schedule over the whole training
    #[arg(long)]
    pub decay_epochs: Option<u64>,
    /// Momentum
    #[arg(long)]
    pub momentum: Option<f64>,
    /// Weight decay
    #[arg(long)]
    pub weight_decay: Option<f64>,
    /// Gradient norm limit; 0 for none
    #[arg(long)]
    pub clip: Option<f64>,
    /// Epsilon of batch norm; 0 for torchvision's COCO weights
    #[arg(long)]
    pub bn_eps: Option<f64>,
    /// Unreviewed boxes that a model proposed: use them, or leave them out (a detector leaves out their films)
    #[arg(long, value_enum, default_value_t = Proposals::Leave)]
    pub proposals: Proposals,
    /// Augmentation of films and crops; a flip always swaps left and right classes
    #[arg(long, value_enum, default_value_t = Variation::Standard)]
    pub variation: Variation,
    /// No augmentation, as --variation none
    #[arg(long)]
    #[serde(default)]
    pub plain: bool,
    /// Steps between checkpoints
    #[arg(long)]
    pub checkpoint_every: Option<u64>,
    /// Feature maps in bfloat16, faster on a GPU; weights, losses and updates stay in 32 bit
    #[arg(long)]
    #[serde(default)]
    pub bf16: bool,
    /// CPU threads
    #[arg(long)]
    pub threads: Option<i32>,
    /// Free text for the model card
    #[arg(long, default_value = "")]
    pub remark: String,
    /// Licence of the weights, for the model card
    #[arg(long, default_value = "not stated")]
    pub licence: String,
    /// Options behind `--`, as earlier versions of `svh train` passed them on to the engine: see [`without_separator`].
    #[arg(last = true, hide = true)]
    #[serde(skip)]
    pub more: Vec<OsString>,
}

impl SharedOptions {
    /// How films and crops are varied.
    #[must_use]
    pub const fn variation(&self) -> Variation {
        if self.plain { Variation::None } else { self.variation }
    }

    /// Epochs between falls of the rate, `None` for a cosine: a recipe's, but for what was said otherwise.
    #[must_use]
    pub fn decay_epochs(&self, recipe: Option<u64>) -> Option<u64> {
        self.decay_epochs.or(recipe).filter(|epochs| *epochs > 0)
    }

    /// CPU threads for libtorch's operations.
    #[must_use]
    pub fn threads(&self) -> i32 {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.unwrap_or_else(|| i32::try_from(cores).unwrap_or(1)).max(1)
    }
}

#[derive(Parser)]
#[command(name = "train", disable_help_flag = true)]
struct Line {
    #[command(subcommand)]
    options: TrainOptions,
}

impl TrainOptions {
    /// From the words of a command line that begins with `train`.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence.
    pub fn from_words(words: &[OsString]) -> Result<Self, String> {
        let first_line = |error: clap::Error| error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Line::try_parse_from(words).map(|line| line.options).map_err(first_line)
    }

    /// What all trainings have.
    #[must_use]
    pub fn shared(&self) -> &SharedOptions {
        match self {
            Self::Detector(options) => &options.shared,
            Self::Scorer(options) => &options.shared,
        }
    }

    /// The same, to be changed.
    pub fn shared_mut(&mut self) -> &mut SharedOptions {
        match self {
            Self::Detector(options) => &mut options.shared,
            Self::Scorer(options) => &mut options.shared,
        }
    }

    /// With absolute paths, so that the options mean the same in any folder.
    #[must_use]
    pub fn absolute(mut self) -> Self {
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if let Self::Scorer(options) = &mut self
            && let Some(path) = &mut options.frequencies
        {
            *path = whole(path);
        }
        let shared = self.shared_mut();
        let optional = [&mut shared.init, &mut shared.validation, &mut shared.run];
        for path in optional.into_iter().flatten().chain([&mut shared.cohort, &mut shared.out]) {
            *path = whole(path);
        }
        self
    }

    /// The command that these options come to, for people.
    #[must_use]
    pub fn command(&self) -> Vec<String> {
        let Ok(Value::Object(mut options)) = serde_json::to_value(self) else { return Vec::new() };
        let network = options.remove("network").and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
        let mut words = vec!["svh".to_owned(), "train".to_owned(), network];
        for (name, value) in options {
            let option = format!("--{}", name.replace('_', "-"));
            match value {
                Value::Null | Value::Bool(false) => {}
                Value::Bool(true) => words.push(option),
                Value::Array(values) => words.extend(values.into_iter().flat_map(|value| [option.clone(), plain(value)])),
                value => words.extend([option, plain(value)]),
            }
        }
        words
    }
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        value => value.to_string(),
    }
}

/// A command line of a training without the first `--`. Earlier versions of `svh train` took the engine's own options behind it.
#[must_use]
pub fn without_separator(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<_> = words.into_iter().collect();
    if let Some(place) = words.iter().position(|word| word == "--") {
        words.remove(place);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn options_are_the_same_as_json_and_as_a_command() {
        let line =
            "train scorer --task erosion --cohort c --out m --balance 0.5 --plain --epochs 3 --classes 17 --proposals use --remark of_ours";
        let options = TrainOptions::from_words(&words(line)).unwrap();
        let json = serde_json::to_string(&options).unwrap();
        assert_eq!(serde_json::from_str::<TrainOptions>(&json).unwrap(), options);
        let again: Vec<OsString> = options.command().into_iter().skip(1).map(OsString::from).collect();
        assert_eq!(TrainOptions::from_words(&again).unwrap(), options, "{again:?}");
        let detector =
            TrainOptions::from_words(&words("train detector --task both --cohort c --out m --set box_batch=64 --set x=1 --seed 7"))
                .unwrap();
        let again: Vec<OsString> = detector.command().into_iter().skip(1).map(OsString::from).collect();
        assert_eq!(TrainOptions::from_words(&again).unwrap(), detector, "{again:?}");
        let TrainOptions::Detector(detector) = detector else { panic!("a detector was asked for") };
        assert_eq!((&detector.set[..], detector.shared.seed), (&["box_batch=64".to_owned(), "x=1".to_owned()][..], 7));
    }

    #[test]
    fn the_later_of_two_counts_and_a_mistake_is_one_sentence() {
        let line = "train detector --task both --cohort c --out m --batch 2 --batch 8";
        assert_eq!(TrainOptions::from_words(&words(line)).unwrap().shared().batch, Some(8));
        let mistake = TrainOptions::from_words(&words("train detector --task both --cohort c --out m --bach 2")).unwrap_err();
        assert!(mistake.contains("--bach") && !mistake.contains('\n'), "{mistake}");
    }

    #[test]
    fn what_stood_behind_two_dashes_is_an_option_like_any_other() {
        let line = words("svh train detector --task both -- --batch 8");
        assert_eq!(without_separator(line), words("svh train detector --task both --batch 8"));
    }
}
