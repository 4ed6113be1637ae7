//! The options of a training as a form shows them, from the definition that the command line reads: names, help, defaults, choices, and what is wrong.

use std::path::Path;

use clap::CommandFactory;

use super::{Line, Recipe, TrainOptions, recipe::HELD_OUT};

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionInfo {
    /// Its name without dashes, such as `learning-rate`.
    pub name: String,
    /// What it is about.
    pub help: String,
    /// What is used without it, where that depends on no other option.
    pub default: Option<String>,
    /// The words that it may hold; empty where any text may be given.
    pub choices: Vec<String>,
}

/// The networks that can be trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// `train detector`
    Detector,
    /// `train scorer`
    Scorer,
}

impl Network {
    /// The word of the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Detector => "detector",
            Self::Scorer => "scorer",
        }
    }

    /// The tasks that it can be trained for.
    #[must_use]
    pub const fn tasks(self) -> &'static [&'static str] {
        match self {
            Self::Detector => &["narrowing", "erosion", "both"],
            Self::Scorer => &["narrowing", "erosion", "hand_erosion", "foot_erosion"],
        }
    }

    /// The architectures that are offered first; others are named in the help.
    #[must_use]
    pub const fn archs(self) -> &'static [&'static str] {
        match self {
            Self::Detector => &["fasterrcnn_mobilenet_v2_fpn", "fasterrcnn_resnet18_fpn", "fasterrcnn_resnet50_fpn"],
            Self::Scorer => &["efficientnet_b0", "efficientnet_b4", "svh_convnet"],
        }
    }

    /// The recipe of an architecture.
    #[must_use]
    pub fn recipe(self, arch: &str) -> Recipe {
        match self {
            Self::Detector => Recipe::detector(arch),
            Self::Scorer => Recipe::scorer(arch),
        }
    }

    /// Some of its options by name; those that it does not have are left out.
    #[must_use]
    pub fn options(self, names: &[&str]) -> Vec<OptionInfo> {
        let command = Line::command();
        let Some(command) = command.find_subcommand(self.name()) else { return Vec::new() };
        let find = |name: &&str| {
            let arg = command.get_arguments().find(|arg| arg.get_long() == Some(name))?;
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let default = arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned());
            let mut choices: Vec<String> = match *name {
                "task" => self.tasks().iter().map(|task| (*task).to_owned()).collect(),
                "arch" => self.archs().iter().map(|arch| (*arch).to_owned()).collect(),
                _ => Vec::new(),
            };
            if arg.get_action().takes_values() && choices.is_empty() {
                choices.extend(arg.get_possible_values().iter().map(|value| value.get_name().to_owned()));
            }
            Some(OptionInfo { name: (*name).to_owned(), help, default, choices })
        };
        names.iter().filter_map(find).collect()
    }

    /// What is used without an option, where its recipe says that.
    #[must_use]
    pub fn default(self, option: &str, arch: &str, has_validation: bool) -> Option<String> {
        let recipe = self.recipe(arch);
        Some(match option {
            "epochs" => recipe.epochs.to_string(),
            "batch" => recipe.batch.to_string(),
            "learning-rate" => recipe.learning_rate.to_string(),
            "warm-up" => recipe.warm_up.to_string(),
            "held-out" if has_validation => "0".to_owned(),
            "held-out" => HELD_OUT.to_string(),
            _ => return None,
        })
    }
}

/// What keeps a training from starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionFault {
    /// The option, without dashes; empty where none is named.
    pub option: String,
    /// What is wrong with it, in one sentence.
    pub what: String,
}

impl TrainOptions {
    /// From the words of a command line that begins with `train`, checked as far as that costs no time: numbers in their ranges, files and folders that are there.
    ///
    /// # Errors
    /// What is wrong, and with which option.
    pub fn checked(words: &[String]) -> Result<Self, OptionFault> {
        let words: Vec<_> = words.iter().map(Into::into).collect();
        let options = Self::from_words(&words).map_err(|what| {
            let after = what.split_once("--").map_or("", |(_, rest)| rest);
            let option = after.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').next().unwrap_or_default().to_owned();
            OptionFault { option, what }
        })?;
        match options.fault() {
            Some((option, what)) => Err(OptionFault { option: option.to_owned(), what }),
            None => Ok(options),
        }
    }

    fn fault(&self) -> Option<(&'static str, String)> {
        let shared = self.shared();
        let network = match self {
            Self::Detector(_) => Network::Detector,
            Self::Scorer(_) => Network::Scorer,
        };
        let task = match self {
            Self::Detector(options) => &options.task,
            Self::Scorer(options) => &options.task,
        };
        if !network.tasks().contains(&task.as_str()) {
            return Some(("task", format!("`{task}` is not a task of a {}; use {}", network.name(), network.tasks().join(", "))));
        }
        let no_folder = |path: &Path| (!path.is_dir()).then(|| format!("{} is not a folder; name a cohort", path.display()));
        if let Some(what) = no_folder(&shared.cohort) {
            return Some(("cohort", what));
        }
        if shared.out.as_os_str().is_empty() {
            return Some(("out", "name a folder for the model".to_owned()));
        }
        if !shared.resume
            && !shared.force
            && let Some(name) = ["card.json", "checkpoint.safetensors"].into_iter().find(|name| shared.out.join(name).exists())
        {
            let what = if name == "card.json" { "model" } else { "checkpoint of a training" };
            return Some(("out", format!("{} holds a {what} already; name another folder", shared.out.display())));
        }
        if shared.out.exists() && !shared.out.is_dir() {
            return Some(("out", format!("{} is a file; name a folder", shared.out.display())));
        }
        if let Some(init) = shared.init.as_ref().filter(|init| !init.is_file() && !init.join("card.json").is_file()) {
            return Some(("init", format!("{} is neither a weights file nor a model's folder", init.display())));
        }
        if let Some(validation) = &shared.validation {
            if let Some(what) = no_folder(validation) {
                return Some(("validation", what));
            }
            if same_folder(validation, &shared.cohort) {
                return Some(("validation", "the validation cohort is the one that is learned from; name another one".to_owned()));
            }
        }
        let zero = |option: &'static str, value: Option<u64>| (value == Some(0)).then(|| (option, format!("{option} must be at least 1")));
        let share = |option: &'static str, value: f64| {
            (!(0.0..=1.0).contains(&value)).then(|| (option, format!("{option} is {value}; it must be from 0 to 1")))
        };
        let rate = shared.learning_rate.filter(|rate| !(rate.is_finite() && *rate > 0.0));
        zero("epochs", shared.epochs)
            .or_else(|| zero("batch", shared.batch.map(|batch| batch as u64)))
            .or_else(|| rate.map(|rate| ("learning-rate", format!("a learning rate is more than 0, and {rate} is not"))))
            .or_else(|| match self {
                Self::Detector(options) => zero("steps", options.steps),
                Self::Scorer(options) => share("balance", options.balance).or_else(|| share("held-out", options.held_out.unwrap_or(0.0))),
            })
    }
}

fn same_folder(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
}
