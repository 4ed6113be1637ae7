//! What a training can be told. `svh train` and `svh-engine train` take the same options; the workbench sends them to the engine as JSON, and a run keeps them.

mod described;
mod detector_options;
mod proposals;
mod recipe;
mod scorer_options;
mod shared_options;

use std::ffi::OsString;
use std::path::Path;

use clap::Parser;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use described::{Network, OptionFault, OptionInfo};
pub use detector_options::DetectorOptions;
pub use proposals::{Proposals, left_out};
pub use recipe::{HELD_OUT, Recipe};
pub use scorer_options::{Head, ScorerOptions};
pub use shared_options::{SharedOptions, Variation};

/// A training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, clap::Subcommand)]
#[serde(tag = "network", rename_all = "lowercase")]
pub enum TrainOptions {
    /// Detector of joints
    Detector(Box<DetectorOptions>),
    /// Scorer of joints
    Scorer(Box<ScorerOptions>),
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
