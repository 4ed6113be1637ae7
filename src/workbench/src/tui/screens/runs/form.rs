//! The form that starts a run: what is to be done with which settings, and the command that it comes to.

use std::path::Path;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use svh_core::clock;

use crate::tui::prompt::Typed;

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Grades the cohort.
    Score,
    /// Trains a scorer.
    Scorer,
    /// Trains a detector.
    Detector,
}

impl What {
    const ALL: [Self; 3] = [Self::Score, Self::Scorer, Self::Detector];

    /// What it does, in words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Score => "score the cohort",
            Self::Scorer => "train a scorer",
            Self::Detector => "train a detector",
        }
    }

    /// The fields that it takes, as their places in [`Form::fields`].
    #[must_use]
    pub const fn fields(self) -> &'static [usize] {
        match self {
            Self::Score => &[OUT, DEVICE],
            Self::Scorer => &[TASK, ARCH, OUT, INIT, EPOCHS, BALANCE, SEED, DEVICE],
            Self::Detector => &[TASK, ARCH, OUT, INIT, EPOCHS, SEED, DEVICE],
        }
    }
}

const TASK: usize = 0;
const ARCH: usize = 1;
const OUT: usize = 2;
const INIT: usize = 3;
const EPOCHS: usize = 4;
const SEED: usize = 5;
const DEVICE: usize = 6;
const BALANCE: usize = 7;

/// One field: a text, or one of some words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What stands in it.
    pub value: String,
    /// The words that it may hold; empty where any text may be typed.
    pub choices: &'static [&'static str],
    /// What it is about.
    pub hint: &'static str,
}

/// The open form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    cohort: String,
    what: What,
    fields: [Field; 8],
    /// The chosen line: 0 is what the run does, then its fields, then the start.
    line: usize,
    /// Scoring's folder and training's, each kept while the other is shown.
    outs: [String; 2],
}

/// What a key in the form leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The form stays open.
    Open,
    /// It was left.
    Closed,
    /// The command is to be started.
    Start(Vec<String>),
}

const SCORER_TASKS: &[&str] = &["narrowing", "erosion", "hand_erosion", "foot_erosion"];
const DETECTOR_TASKS: &[&str] = &["narrowing", "erosion", "both"];
const SCORER_ARCHS: &[&str] = &["efficientnet_b0", "efficientnet_b4", "svh_convnet"];
const DETECTOR_ARCHS: &[&str] = &["fasterrcnn_mobilenet_v2_fpn", "fasterrcnn_resnet18_fpn", "fasterrcnn_resnet50_fpn"];
const DEVICES: &[&str] = &["auto", "cpu", "cuda"];

impl Form {
    /// A form for a cohort, with settings that make sense.
    #[must_use]
    pub fn new(cohort: &Path, device: &str) -> Self {
        let stamp: String = clock::utc_now().chars().filter(char::is_ascii_digit).take(14).collect();
        let (date, time) = stamp.split_at(8.min(stamp.len()));
        let field = |name, value: &str, choices, hint| Field { name, value: value.to_owned(), choices, hint };
        let outs = [cohort.join(format!("runs/{date}-{time}-score")).display().to_string(), "trained/scorer-narrowing".to_owned()];
        Self {
            cohort: cohort.display().to_string(),
            what: What::Score,
            fields: [
                field("task", "narrowing", SCORER_TASKS, "what is graded or found"),
                field("network", SCORER_ARCHS[0], SCORER_ARCHS, "the architecture"),
                field("folder", &outs[0], &[], "where the run, or the model, is kept"),
                field("weights", "", &[], "a file or a model's folder to start from; empty: from scratch"),
                field("epochs", "", &[], "passes over all films; empty: the recipe's number"),
                field("seed", "1", &[], "random seed"),
                field("device", device, DEVICES, "where the networks run"),
                field("balance", "", &[], "1 draws all grades equally often, 0 as they come; empty: 1"),
            ],
            line: 0,
            outs,
        }
    }

    /// The form of a scorer's training on a task, which draws grades with this balance.
    #[must_use]
    pub fn of_scorer(cohort: &Path, device: &str, task: &str, balance: f64) -> Self {
        let mut form = Self::new(cohort, device);
        (form.line, form.what) = (0, What::Score);
        form.turn(true);
        task.clone_into(&mut form.fields[TASK].value);
        form.fields[OUT].value = format!("trained/scorer-{task}");
        form.fields[BALANCE].value = format!("{balance:.2}");
        form
    }

    /// The command that the form comes to, without the program's name.
    #[must_use]
    pub fn command(&self) -> Vec<String> {
        let value = |field: usize| self.fields[field].value.trim().to_owned();
        let mut words: Vec<String> = match self.what {
            What::Score => vec!["score".to_owned(), self.cohort.clone()],
            What::Scorer => vec!["train".to_owned(), "scorer".to_owned()],
            What::Detector => vec!["train".to_owned(), "detector".to_owned()],
        };
        let mut option = |name: &str, value: String| {
            if !value.is_empty() {
                words.extend([name.to_owned(), value]);
            }
        };
        if self.what != What::Score {
            option("--task", value(TASK));
            option("--cohort", self.cohort.clone());
        }
        option("--out", value(OUT));
        if self.what != What::Score {
            option("--arch", value(ARCH));
            option("--init", value(INIT));
            option("--epochs", value(EPOCHS));
            if self.what == What::Scorer {
                option("--balance", value(BALANCE));
            }
            option("--seed", value(SEED));
        }
        option("--device", value(DEVICE));
        words
    }

    /// What the run does.
    #[must_use]
    pub const fn what(&self) -> What {
        self.what
    }

    /// The fields that it takes, in their order.
    pub fn shown(&self) -> impl Iterator<Item = &Field> {
        self.what.fields().iter().map(|place| &self.fields[*place])
    }

    /// The chosen line: 0 is what the run does, then its fields, then the start.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// What keeps the command from being started.
    #[must_use]
    pub fn problem(&self) -> Option<&'static str> {
        let value = |field: usize| self.fields[field].value.trim();
        let wrong = |field: usize| !value(field).is_empty() && value(field).parse::<u64>().is_err();
        match self.what {
            _ if value(OUT).is_empty() => Some("the folder is missing"),
            What::Scorer | What::Detector if wrong(EPOCHS) => Some("epochs are a whole number"),
            What::Scorer | What::Detector if wrong(SEED) => Some("the seed is a whole number"),
            What::Scorer
                if !value(BALANCE).is_empty() && !value(BALANCE).parse().is_ok_and(|balance: f64| (0.0..=1.0).contains(&balance)) =>
            {
                Some("the balance is from 0 to 1")
            }
            _ => None,
        }
    }

    /// A key.
    pub fn press(&mut self, key: KeyEvent) -> Outcome {
        let last = self.what.fields().len() + 1;
        match (key.modifiers, key.code) {
            (_, KeyCode::Esc) => return Outcome::Closed,
            (KeyModifiers::NONE, KeyCode::Up) | (_, KeyCode::BackTab) => self.line = if self.line == 0 { last } else { self.line - 1 },
            (KeyModifiers::NONE, KeyCode::Down) | (_, KeyCode::Tab) => self.line = if self.line == last { 0 } else { self.line + 1 },
            (_, KeyCode::Enter) if self.line == last => {
                return if self.problem().is_none() { Outcome::Start(self.command()) } else { Outcome::Open };
            }
            (_, KeyCode::Enter) => self.line += 1,
            (KeyModifiers::NONE, KeyCode::Left) => self.turn(false),
            (KeyModifiers::NONE, KeyCode::Right) => self.turn(true),
            _ => self.edit(key),
        }
        Outcome::Open
    }

    /// Another one of the words of a field.
    fn turn(&mut self, forward: bool) {
        fn beside<T: PartialEq + Copy>(all: &[T], one: T, forward: bool) -> T {
            let place = all.iter().position(|other| *other == one).unwrap_or(0);
            all[(place + if forward { 1 } else { all.len() - 1 }) % all.len()]
        }
        if self.line == 0 {
            self.outs[usize::from(self.what != What::Score)].clone_from(&self.fields[OUT].value);
            self.what = beside(&What::ALL, self.what, forward);
            let (tasks, archs) = if self.what == What::Detector { (DETECTOR_TASKS, DETECTOR_ARCHS) } else { (SCORER_TASKS, SCORER_ARCHS) };
            for (field, choices) in [(TASK, tasks), (ARCH, archs)] {
                self.fields[field].choices = choices;
                if !choices.contains(&self.fields[field].value.as_str()) {
                    choices[0].clone_into(&mut self.fields[field].value);
                }
            }
            self.fields[OUT].value.clone_from(&self.outs[usize::from(self.what != What::Score)]);
        } else if let Some(field) = self.what.fields().get(self.line - 1).map(|place| &mut self.fields[*place])
            && !field.choices.is_empty()
        {
            let chosen = beside(
                field.choices,
                field.choices.iter().find(|choice| **choice == field.value).copied().unwrap_or(field.choices[0]),
                forward,
            );
            chosen.clone_into(&mut field.value);
        }
    }

    fn edit(&mut self, key: KeyEvent) {
        let Some(place) = self.line.checked_sub(1).and_then(|line| self.what.fields().get(line)) else { return };
        let field = &mut self.fields[*place];
        match Typed::of(key) {
            Some(Typed::Text(text)) => field.value.push_str(&text),
            Some(Typed::Erase) => drop(field.value.pop()),
            Some(Typed::Clear) => field.value.clear(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::{ctrl, letter, plain};

    fn pressed(keys: &[KeyEvent]) -> (Form, Outcome) {
        let mut form = Form::new(Path::new("demo"), "cpu");
        let outcome = keys.iter().fold(Outcome::Open, |_, key| form.press(*key));
        (form, outcome)
    }

    #[test]
    fn a_scoring_is_started_as_it_would_be_typed() {
        let (form, outcome) = pressed(&[plain(KeyCode::Up), plain(KeyCode::Enter)]);
        let Outcome::Start(command) = outcome else { panic!("{outcome:?}") };
        assert_eq!(command, form.command());
        assert_eq!(command[..3], ["score", "demo", "--out"]);
        assert!(command[3].starts_with("demo/runs/20") && command[3].ends_with("-score"), "{command:?}");
        assert_eq!(command[4..], ["--device", "cpu"]);
    }

    #[test]
    fn a_training_has_its_own_fields_and_a_detector_its_own_networks() {
        let (form, _) = pressed(&[plain(KeyCode::Right)]);
        assert_eq!(
            form.command(),
            [
                "train",
                "scorer",
                "--task",
                "narrowing",
                "--cohort",
                "demo",
                "--out",
                "trained/scorer-narrowing",
                "--arch",
                "efficientnet_b0",
                "--seed",
                "1",
                "--device",
                "cpu"
            ]
        );
        let (form, _) = pressed(&[plain(KeyCode::Right), plain(KeyCode::Right), plain(KeyCode::Down), plain(KeyCode::Right)]);
        assert!(
            form.command().join(" ").contains("detector --task erosion")
                && form.command().join(" ").contains("fasterrcnn_mobilenet_v2_fpn")
        );
    }

    #[test]
    fn a_balance_is_handed_on_and_must_be_one() {
        let mut form = Form::of_scorer(Path::new("demo"), "cpu", "hand_erosion", 0.7);
        let command = form.command().join(" ");
        assert!(command.contains("scorer --task hand_erosion") && command.contains("--balance 0.70"), "{command}");
        assert_eq!(form.problem(), None);
        form.fields[BALANCE].value = "1.5".to_owned();
        assert_eq!(form.problem(), Some("the balance is from 0 to 1"));
        form.line = 0;
        form.turn(true);
        assert!(form.what() == What::Detector && !form.command().join(" ").contains("--balance"), "a detector draws no grades");
    }

    #[test]
    fn what_was_typed_is_kept_when_another_kind_of_run_is_looked_at() {
        let (form, _) = pressed(&[
            plain(KeyCode::Down),
            ctrl('u'),
            letter('o'),
            letter('x'),
            plain(KeyCode::Backspace),
            plain(KeyCode::Up),
            plain(KeyCode::Right),
            plain(KeyCode::Left),
        ]);
        assert_eq!(form.command()[3], "o");
    }

    #[test]
    fn a_form_with_a_fault_says_so_and_does_not_start() {
        let (form, outcome) =
            pressed(&[plain(KeyCode::Down), ctrl('u'), plain(KeyCode::Down), plain(KeyCode::Down), plain(KeyCode::Enter)]);
        assert_eq!((outcome, form.problem()), (Outcome::Open, Some("the folder is missing")));
        assert_eq!(pressed(&[plain(KeyCode::Esc)]).1, Outcome::Closed);
    }
}
