//! What a protocol does: the settings that are written down in its folder, and the engine's words that follow from them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use svh_core::{Task, atomic, intake};

use super::super::failure::{Failure, Outcome};
use super::args::{Crops, Protocol};

/// The file in which the settings are written down.
const PLAN: &str = "plan.json";

/// The settings of a protocol. They stay what they were at its begin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The cohort.
    pub cohort: PathBuf,
    /// Its fingerprint.
    pub fingerprint: String,
    /// The paper's networks, or small ones.
    pub full: bool,
    /// See [`Protocol::coco`].
    pub coco: Option<PathBuf>,
    /// See [`Protocol::body`].
    pub body: Option<PathBuf>,
    /// See [`Protocol::imagenet`].
    pub imagenet: Option<PathBuf>,
    /// See [`Protocol::crops`].
    #[serde(default)]
    pub crops: Crops,
    /// See [`Protocol::seed`].
    pub seed: u64,
    /// See [`Protocol::held_out`].
    pub held_out: f64,
    /// See [`Protocol::detector_epochs`].
    pub detector_epochs: u64,
    /// See [`Protocol::scorer_epochs`].
    pub scorer_epochs: u64,
    /// See [`Protocol::epoch_films`].
    pub epoch_films: Option<u64>,
    /// See [`Protocol::epoch_crops`].
    pub epoch_crops: Option<u64>,
    /// Words.
    pub detector_options: Vec<String>,
    /// Words.
    pub scorer_options: Vec<String>,
    /// Words.
    pub convnet_options: Vec<String>,
}

/// The networks that grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// The paper's main network.
    EfficientNet,
    /// The appendix's.
    ConvNet,
}

impl Family {
    /// Both, in the order in which they are trained.
    pub const ALL: [Self; 2] = [Self::EfficientNet, Self::ConvNet];

    /// As files and runs are named.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EfficientNet => "efficientnet",
            Self::ConvNet => "convnet",
        }
    }

    /// The folder of models with which patients are scored.
    pub const fn models(self) -> &'static str {
        match self {
            Self::EfficientNet => "models",
            Self::ConvNet => "models-convnet",
        }
    }
}

/// A network that is to be trained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Training {
    /// The run's name.
    pub name: String,
    /// The model folder.
    pub out: PathBuf,
    /// The engine's words, without device and `--resume`.
    pub words: Vec<OsString>,
}

impl Plan {
    /// As the command line asks for. `full`: with the paper's networks.
    pub fn of(command: &Protocol, fingerprint: String, full: bool) -> Self {
        let place = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Self {
            cohort: place(&command.cohort),
            fingerprint,
            full,
            coco: command.coco.as_ref().map(place),
            body: command.body.as_ref().map(place),
            imagenet: command.imagenet.as_ref().map(place),
            crops: command.crops,
            seed: command.seed,
            held_out: command.held_out,
            detector_epochs: command.detector_epochs,
            scorer_epochs: command.scorer_epochs.unwrap_or(if full { 30 } else { 6 }),
            epoch_films: command.epoch_films,
            epoch_crops: command.epoch_crops,
            detector_options: words(&command.detector_options),
            scorer_options: words(&command.scorer_options),
            convnet_options: words(&command.convnet_options),
        }
    }

    /// Reads the plan of a folder; `None` where there is none.
    ///
    /// # Errors
    /// A file that is not a plan.
    pub fn read(folder: &Path) -> Outcome<Option<Self>> {
        let path = folder.join(PLAN);
        if !intake::is_there(&path) {
            return Ok(None);
        }
        let unreadable =
            |error: std::io::Error| Failure::user(format!("{} cannot be read ({error}); check its permissions", path.display()));
        let bytes = intake::bytes(&path, intake::MAX_SETTINGS).map_err(unreadable)?;
        let plan = serde_json::from_slice(&bytes);
        plan.map(Some)
            .map_err(|error| Failure::user(format!("{} is not a plan of a protocol ({error}); choose another folder", path.display())))
    }

    /// Writes it down.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub fn write(&self, folder: &Path) -> Outcome {
        let text = serde_json::to_string_pretty(self).map_err(Failure::program)? + "\n";
        atomic::write(&folder.join(PLAN), text.as_bytes()).map_err(Failure::user)
    }

    /// The first setting that another plan has otherwise.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let entries = |plan: &Self| serde_json::to_value(plan).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default();
        let (ours, theirs) = (entries(self), entries(other));
        let differing = ours.iter().find(|(name, value)| theirs.get(*name) != Some(value));
        let said = |value: Option<&serde_json::Value>| {
            value.filter(|value| !value.is_null()).map_or_else(|| "none".to_owned(), ToString::to_string)
        };
        differing.map(|(name, value)| format!("{} {}, not {}", name.replace('_', "-"), said(Some(value)), said(theirs.get(name))))
    }

    /// A detector's training, with the paper's settings.
    pub fn detector(&self, task: Task, out: &Path) -> Training {
        let name = format!("detector-{task}");
        let mut words = self.training("detector", task.name(), &out.join("training"), &out.join("held-out"), out, "models", &name);
        let arch = if self.full { "fasterrcnn_resnet50_fpn" } else { "fasterrcnn_mobilenet_v2_fpn" };
        let epochs = self.detector_epochs;
        push(&mut words.words, &format!("--arch {arch} --epochs {epochs} --variation paper --batch 2"));
        push(&mut words.words, "--learning-rate 0.005 --momentum 0.9 --weight-decay 0.0005 --decay-epochs 3");
        if let Some(films) = self.epoch_films {
            let films = if task == Task::Erosion { films.div_ceil(2) } else { films };
            push(&mut words.words, &format!("--epoch-films {films}"));
        }
        if self.full {
            push(&mut words.words, "--workers 4");
        } else {
            // Measuring on a film takes a CPU as long as learning from it.
            push(&mut words.words, "--validation-films 40");
        }
        let narrowing = out.join("models").join("detector-narrowing");
        let init = match task {
            _ if self.coco.is_some() => self.coco.clone(),
            Task::Narrowing => self.body.clone(),
            Task::Erosion => Some(narrowing),
        };
        if let Some(init) = init {
            words.words.extend(["--init".into(), init.into()]);
        }
        if self.full && self.coco.as_ref().is_some_and(|weights| weights.is_file()) {
            // torchvision's norms of COCO weights have no epsilon, and no file says so.
            push(&mut words.words, "--bn-eps 0");
        }
        words.words.extend(self.detector_options.iter().map(OsString::from));
        words
    }

    /// A scorer's training, with the paper's settings: cross-entropy, all grades drawn equally often and nothing taken back, one head of 11 for erosion.
    pub fn scorer(&self, family: Family, task: Task, out: &Path) -> Training {
        let name = if family == Family::EfficientNet { format!("scorer-{task}") } else { format!("convnet-{task}") };
        let crops = if self.crops == Crops::Found { out.join("found") } else { out.to_owned() };
        let (learned, measured) = (crops.join("training"), crops.join("held-out"));
        let mut words = self.training("scorer", task.name(), &learned, &measured, out, family.models(), &name);
        let (classes, decay) = if task == Task::Narrowing { (5, 0.001) } else { (11, 0.005) };
        // A rate that falls after the last epoch never falls.
        let (epochs, never) = (self.scorer_epochs, self.scorer_epochs + 1);
        push(&mut words.words, &format!("--classes {classes} --epochs {epochs} --variation paper --paper-crops --batch 32"));
        push(&mut words.words, &format!("--learning-rate 0.001 --momentum 0.9 --weight-decay {decay} --warm-up 0 --decay-epochs {never}"));
        push(&mut words.words, "--balance 1 --soft 0 --uncorrected");
        if let Some(crops) = self.epoch_crops {
            push(&mut words.words, &format!("--epoch-samples {crops}"));
        }
        match family {
            Family::EfficientNet => {
                push(&mut words.words, if self.full { "--arch efficientnet_b4" } else { "--arch efficientnet_b0 --size 112 --stages 5" });
                if let Some(weights) = &self.imagenet {
                    words.words.extend(["--init".into(), weights.into()]);
                }
                words.words.extend(self.scorer_options.iter().map(OsString::from));
            }
            Family::ConvNet => {
                push(&mut words.words, "--arch svh_convnet");
                words.words.extend(self.convnet_options.iter().map(OsString::from));
            }
        }
        words
    }

    #[allow(clippy::too_many_arguments)] // they are the places of one training
    fn training(&self, network: &str, task: &str, learned: &Path, measured: &Path, out: &Path, models: &str, name: &str) -> Training {
        let model = out.join(models).join(name.replace("convnet-", "scorer-"));
        let mut words: Vec<OsString> = ["train", network, "--task", task, "--seed"].map(OsString::from).to_vec();
        words.push(self.seed.to_string().into());
        let run = out.join("training").join(svh_core::cohort::RUNS_FOLDER).join(name);
        for (option, path) in [("--cohort", learned), ("--validation", measured), ("--out", &model), ("--run", &run)] {
            words.extend([option.into(), path.into()]);
        }
        Training { name: name.to_owned(), out: model, words }
    }
}

fn push(words: &mut Vec<OsString>, text: &str) {
    words.extend(text.split_whitespace().map(OsString::from));
}

#[cfg(test)]
mod tests {
    use clap::{Args, FromArgMatches};

    use super::*;

    fn plan(words: &str, full: bool) -> Plan {
        let command = Protocol::augment_args(clap::Command::new("protocol"));
        let matches = command.try_get_matches_from(format!("protocol cohort --out out {words}").split_whitespace()).unwrap();
        Plan::of(&Protocol::from_arg_matches(&matches).unwrap(), "f".to_owned(), full)
    }

    fn text(training: &Training) -> String {
        training.words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_papers_settings_reach_the_engine() {
        let full = plan("--coco coco.safetensors --imagenet b4.safetensors", true);
        let detector = text(&full.detector(Task::Erosion, Path::new("/o")));
        for words in [
            "train detector --task erosion --seed 1 --cohort /o/training --validation /o/held-out --out /o/models/detector-erosion",
            "--run /o/training/runs/detector-erosion",
            "--arch fasterrcnn_resnet50_fpn --epochs 9",
            "--learning-rate 0.005 --momentum 0.9 --weight-decay 0.0005 --decay-epochs 3",
            "coco.safetensors",
        ] {
            assert!(detector.contains(words), "`{words}` is not in {detector}");
        }
        let scorer = text(&full.scorer(Family::EfficientNet, Task::Erosion, Path::new("/o")));
        for words in [
            "--cohort /o/found/training --validation /o/found/held-out --out /o/models/scorer-erosion",
            "--classes 11 --epochs 30",
            "--learning-rate 0.001 --momentum 0.9 --weight-decay 0.005 --warm-up 0 --decay-epochs 31",
            "--balance 1 --soft 0 --uncorrected",
            "--arch efficientnet_b4",
            "--paper-crops",
        ] {
            assert!(scorer.contains(words), "`{words}` is not in {scorer}");
        }
        let labelled = text(&plan("--crops labelled", true).scorer(Family::EfficientNet, Task::Erosion, Path::new("/o")));
        assert!(labelled.contains("--cohort /o/training --validation /o/held-out"), "{labelled}");
        let narrowing = text(&full.scorer(Family::ConvNet, Task::Narrowing, Path::new("/o")));
        for words in
            ["--out /o/models-convnet/scorer-narrowing", "--run /o/training/runs/convnet-narrowing", "--weight-decay 0.001", "svh_convnet"]
        {
            assert!(narrowing.contains(words), "`{words}` is not in {narrowing}");
        }
    }

    #[test]
    fn without_coco_weights_the_erosion_detector_starts_from_the_narrowing_detector() {
        let small = plan("--body mobilenet.safetensors", false);
        let init = |task| text(&small.detector(task, Path::new("/o"))).split("--init ").nth(1).map(str::to_owned);
        assert!(init(Task::Narrowing).unwrap().ends_with("mobilenet.safetensors"));
        assert_eq!(init(Task::Erosion).unwrap(), "/o/models/detector-narrowing");
        let bare = plan("", false).detector(Task::Narrowing, Path::new("/o"));
        assert!(!text(&bare).contains("--init"));
    }

    #[test]
    fn options_of_the_user_come_last_and_another_plan_is_told_by_name() {
        let mine = plan("--detector-options=--batch=4 --epoch-films 8", false);
        assert!(text(&mine.detector(Task::Narrowing, Path::new("/o"))).ends_with("--batch=4"));
        for (task, films) in [(Task::Narrowing, "--epoch-films 8"), (Task::Erosion, "--epoch-films 4")] {
            assert!(text(&mine.detector(task, Path::new("/o"))).contains(films));
        }
        assert_eq!(mine.difference(&mine), None);
        let other = plan("--detector-options=--batch=4 --epoch-films 9", false);
        assert_eq!(mine.difference(&other).unwrap(), "epoch-films 8, not 9");
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Plan::read(folder.path()).unwrap(), None);
        mine.write(folder.path()).unwrap();
        assert_eq!(Plan::read(folder.path()).unwrap(), Some(mine));
    }
}
