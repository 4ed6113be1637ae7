//! The form that starts a run: what is to be done with which settings, and the command that it comes to. What a training can be told, its help, its defaults and
//! what is wrong with it come from the definition that the command line reads.

use std::path::{Path, PathBuf};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use svh_core::{
    clock, places,
    training::{Network, TrainOptions},
};

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

    const fn network(self) -> Option<Network> {
        match self {
            Self::Score => None,
            Self::Scorer => Some(Network::Scorer),
            Self::Detector => Some(Network::Detector),
        }
    }
}

/// Options of the command line with their names in the form, in its order.
const TRAINING: [(&str, &str); 13] = [
    ("task", "task"),
    ("arch", "network"),
    ("out", "folder"),
    ("init", "start weights"),
    ("steps", "steps"),
    ("epochs", "epochs"),
    ("batch", "batch"),
    ("learning-rate", "learning rate"),
    ("balance", "balance"),
    ("variation", "augmentation"),
    ("validation", "validation"),
    ("held-out", "held out"),
    ("seed", "seed"),
];

/// Where the networks run.
const DEVICES: [&str; 3] = ["auto", "cpu", "cuda"];

/// One field: a text, or one of some words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The option of the command line, without dashes.
    pub option: String,
    /// Its name in the form.
    pub name: &'static str,
    /// What stands in it; empty where the default is taken.
    pub value: String,
    /// What is used without it.
    pub default: Option<String>,
    /// The words that it may hold; empty where any text may be typed.
    pub choices: Vec<String>,
    /// What it is about.
    pub hint: String,
}

/// What keeps the command from being started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field's place among those shown; `None` where it is about none of them.
    pub field: Option<usize>,
    /// One sentence.
    pub text: String,
}

/// The open form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    cohort: String,
    what: What,
    /// By [`What::ALL`]: what was typed for one is kept while another is shown.
    fields: [Vec<Field>; 3],
    /// The chosen line: 0 is what the run does, then its fields, then the start.
    line: usize,
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

fn text(option: &str, name: &'static str, value: &str, hint: &str) -> Field {
    Field { option: option.to_owned(), name, value: value.to_owned(), default: None, choices: Vec::new(), hint: hint.to_owned() }
}

fn device(value: &str) -> Field {
    let choices = DEVICES.map(str::to_owned).to_vec();
    Field { choices, ..text("device", "device", value, "where the networks run") }
}

/// The fields of a training.
fn training(network: Network, chosen: &str) -> Vec<Field> {
    let options = network.options(&TRAINING.map(|(option, _)| option));
    let field = |option: svh_core::training::OptionInfo| {
        let name = TRAINING.iter().find(|(of, _)| *of == option.name).map_or("", |(_, name)| name);
        // What has choices has one of them; what has none is left open, and its default is shown.
        let value = match (&option.choices[..], &option.default) {
            ([first, ..], None) => first.clone(),
            ([_, ..], Some(default)) => default.clone(),
            _ => String::new(),
        };
        Field { name, value, default: option.default, choices: option.choices, hint: option.help, option: option.name }
    };
    options.into_iter().map(field).chain([device(chosen)]).collect()
}

impl Form {
    /// A form for a cohort, with settings that make sense.
    #[must_use]
    pub fn new(cohort: &Path, chosen: &str) -> Self {
        let stamp: String = clock::utc_now().chars().filter(char::is_ascii_digit).take(14).collect();
        let (date, time) = stamp.split_at(8.min(stamp.len()));
        let out = cohort.join(format!("runs/{date}-{time}-score")).display().to_string();
        let score = vec![
            text("out", "folder", &out, "where the run is kept"),
            Field {
                default: places::models(None).map(|folder| folder.display().to_string()),
                ..text("models", "models", "", "the folder in which the models to score with lie")
            },
            device(chosen),
        ];
        let fields = [score, training(Network::Scorer, chosen), training(Network::Detector, chosen)];
        let mut form = Self { cohort: cohort.display().to_string(), what: What::Score, fields, line: 0 };
        for what in What::ALL {
            form.what = what;
            form.follow(None);
        }
        form.what = What::Score;
        form
    }

    fn here(&self) -> &[Field] {
        &self.fields[self.what as usize]
    }

    fn value(&self, option: &str) -> &str {
        self.here().iter().find(|field| field.option == option).map_or("", |field| field.value.trim())
    }

    /// The folder that a model of a task is kept in where no other is named.
    fn folder(&self) -> Option<String> {
        self.what.network().map(|network| format!("trained/{}-{}", network.name(), self.value("task")))
    }

    /// Defaults follow from what is chosen. `before`: the folder that was proposed until now, which an untouched field follows.
    fn follow(&mut self, before: Option<&str>) {
        let Some(network) = self.what.network() else { return };
        let (arch, validation) = (self.value("arch").to_owned(), !self.value("validation").is_empty());
        let stepped = !self.value("steps").is_empty();
        let folder = self.folder().unwrap_or_default();
        for field in &mut self.fields[self.what as usize] {
            if let Some(default) = network.default(&field.option, &arch, validation) {
                field.default = Some(default);
            }
            if field.option == "epochs" && stepped {
                field.default = None;
            }
            if field.option == "out" && (field.value.is_empty() && before.is_none() || before == Some(field.value.as_str())) {
                field.value.clone_from(&folder);
            }
        }
    }

    /// The form of a scorer's training on a task, which draws grades with this balance.
    #[must_use]
    pub fn of_scorer(cohort: &Path, device: &str, task: &str, balance: f64) -> Self {
        let mut form = Self::new(cohort, device);
        form.what = What::Scorer;
        let before = form.folder();
        for field in &mut form.fields[What::Scorer as usize] {
            match field.option.as_str() {
                "task" => task.clone_into(&mut field.value),
                "balance" => field.value = format!("{balance:.2}"),
                _ => {}
            }
        }
        form.follow(before.as_deref());
        form
    }

    /// The command that the form comes to, without the program's name.
    #[must_use]
    pub fn command(&self) -> Vec<String> {
        let mut words: Vec<String> = match self.what.network() {
            None => vec!["score".to_owned(), self.cohort.clone()],
            Some(network) => vec!["train".to_owned(), network.name().to_owned()],
        };
        for field in self.here() {
            let value = field.value.trim();
            // What is the default anyway is not said, but for what a training is.
            let said = matches!(field.option.as_str(), "task" | "arch" | "seed" | "device") || field.default.as_deref() != Some(value);
            if !value.is_empty() && said {
                // A value that begins with a dash is a value all the same.
                if value.starts_with('-') {
                    words.push(format!("--{}={value}", field.option));
                } else {
                    words.extend([format!("--{}", field.option), value.to_owned()]);
                }
            }
            if field.option == "task" {
                words.extend(["--cohort".to_owned(), self.cohort.clone()]);
            }
        }
        words
    }

    /// What the run does.
    #[must_use]
    pub const fn what(&self) -> What {
        self.what
    }

    /// The fields that it takes, in their order.
    pub fn shown(&self) -> impl Iterator<Item = &Field> {
        self.here().iter()
    }

    /// The chosen line: 0 is what the run does, then its fields, then the start.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// What keeps the command from being started.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        let at = |option: &str, text: String| {
            let field = self.here().iter().position(|field| field.option == option);
            Some(Problem { field, text })
        };
        if self.value("out").is_empty() {
            return at("out", "name a folder".to_owned());
        }
        if self.what == What::Score {
            let models = self.value("models");
            return if models.is_empty() { None } else { no_models(Path::new(models)).and_then(|what| at("models", what)) };
        }
        // The device is not an option of trainings.
        let mut words = self.command();
        if let Some(place) = words.iter().position(|word| word == "--device") {
            words.drain(place..place + 2);
        }
        let fault = TrainOptions::checked(&words).err()?;
        at(&fault.option, fault.what)
    }

    /// A key.
    pub fn press(&mut self, key: KeyEvent) -> Outcome {
        let last = self.here().len() + 1;
        match (key.modifiers, key.code) {
            (_, KeyCode::Esc) => return Outcome::Closed,
            (KeyModifiers::NONE, KeyCode::Up) | (_, KeyCode::BackTab) => self.line = if self.line == 0 { last } else { self.line - 1 },
            (KeyModifiers::NONE, KeyCode::Down) | (_, KeyCode::Tab) => self.line = if self.line == last { 0 } else { self.line + 1 },
            (_, KeyCode::Enter) if self.line == last => {
                let problem = self.problem();
                // The cursor goes to what is wrong.
                return match problem {
                    None => Outcome::Start(self.command()),
                    Some(problem) => {
                        self.line = problem.field.map_or(self.line, |field| field + 1);
                        Outcome::Open
                    }
                };
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
        fn beside<T: PartialEq>(all: &[T], one: &T, forward: bool) -> usize {
            let place = all.iter().position(|other| other == one).unwrap_or(0);
            (place + if forward { 1 } else { all.len() - 1 }) % all.len()
        }
        if self.line == 0 {
            self.what = What::ALL[beside(&What::ALL, &self.what, forward)];
            return;
        }
        let before = self.folder();
        let Some(field) = self.fields[self.what as usize].get_mut(self.line - 1).filter(|field| !field.choices.is_empty()) else { return };
        field.value = field.choices[beside(&field.choices, &field.value, forward)].clone();
        self.follow(before.as_deref());
    }

    fn edit(&mut self, key: KeyEvent) {
        let Some(place) = self.line.checked_sub(1) else { return };
        let before = self.folder();
        // A field with words to choose from is turned, and typed only where other words are possible, as for networks.
        let Some(field) = self.fields[self.what as usize].get_mut(place).filter(|field| field.choices.is_empty() || field.option == "arch")
        else {
            return;
        };
        match Typed::of(key) {
            Some(Typed::Text(text)) => field.value.push_str(&text),
            Some(Typed::Erase) => drop(field.value.pop()),
            Some(Typed::Clear) => field.value.clear(),
            _ => {}
        }
        if field.option != "out" {
            self.follow(before.as_deref());
        }
    }
}

/// Why nothing can be scored with the models in a folder; `None` where there is one.
fn no_models(folder: &Path) -> Option<String> {
    if !folder.is_dir() {
        return Some(format!("{} is not a folder", folder.display()));
    }
    let has_card = |folder: &Path| folder.join("card.json").is_file();
    let inside = || -> Vec<PathBuf> { folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()).collect() };
    (!inside().iter().any(|path| has_card(path)))
        .then(|| format!("{} holds no model; name the folder in which model folders lie", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::{ctrl, letter, plain};

    const DOWN: KeyEvent = plain(KeyCode::Down);
    const RIGHT: KeyEvent = plain(KeyCode::Right);

    fn pressed(cohort: &Path, keys: &[KeyEvent]) -> (Form, Outcome) {
        let mut form = Form::new(cohort, "cpu");
        let outcome = keys.iter().fold(Outcome::Open, |_, key| form.press(*key));
        (form, outcome)
    }

    /// The keys that go to a field and type something into it.
    fn fill(form: &mut Form, option: &str, value: &str) {
        let place = form.shown().position(|field| field.option == option).unwrap();
        form.line = place + 1;
        form.press(ctrl('u'));
        value.chars().for_each(|typed| drop(form.press(letter(typed))));
    }

    #[test]
    fn a_scoring_is_started_as_it_would_be_typed() {
        let (form, outcome) = pressed(Path::new("demo"), &[plain(KeyCode::Up), plain(KeyCode::Enter)]);
        let Outcome::Start(command) = outcome else { panic!("{outcome:?}") };
        assert_eq!(command, form.command());
        assert_eq!(command[..3], ["score", "demo", "--out"]);
        assert!(command[3].starts_with("demo/runs/20") && command[3].ends_with("-score"), "{command:?}");
        assert_eq!(command[4..], ["--device", "cpu"]);
    }

    #[test]
    fn a_training_has_its_own_fields_and_says_what_is_not_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let (mut form, _) = pressed(folder.path(), &[RIGHT]);
        let cohort = folder.path().display().to_string();
        let expected = [
            "train",
            "scorer",
            "--task",
            "narrowing",
            "--cohort",
            &cohort,
            "--arch",
            "efficientnet_b0",
            "--out",
            "trained/scorer-narrowing",
        ];
        assert_eq!(form.command(), [&expected[..], &["--device", "cpu"]].concat());
        fill(&mut form, "batch", "64");
        fill(&mut form, "balance", "0.5");
        assert!(form.command().join(" ").contains("--batch 64 --balance 0.5"), "{:?}", form.command());
        let default = |form: &Form, option: &str| form.shown().find(|field| field.option == option).unwrap().default.clone();
        assert_eq!((default(&form, "epochs").as_deref(), default(&form, "held-out").as_deref()), (Some("4"), Some("0.1")));
        // Defaults follow from what is chosen.
        let arch = form.shown().position(|field| field.option == "arch").unwrap();
        form.line = arch + 1;
        form.press(RIGHT);
        assert_eq!(default(&form, "epochs").as_deref(), Some("30"));
        fill(&mut form, "validation", "elsewhere");
        assert_eq!(default(&form, "held-out").as_deref(), Some("0"));
    }

    #[test]
    fn a_detector_learns_both_tasks_and_its_folder_is_named_after_them_until_another_is_typed() {
        let folder = tempfile::tempdir().unwrap();
        let (form, _) = pressed(folder.path(), &[RIGHT, RIGHT, DOWN, RIGHT, RIGHT]);
        let command = form.command().join(" ");
        assert!(command.contains("detector --task both") && command.contains("--out trained/detector-both"), "{command}");
        let mut form = form;
        fill(&mut form, "out", "mine");
        form.line = 1;
        form.press(RIGHT);
        let command = form.command().join(" ");
        assert!(command.contains("--task narrowing") && command.contains("--out mine"), "{command}");
    }

    #[test]
    fn a_balance_is_handed_on_and_must_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut form = Form::of_scorer(folder.path(), "cpu", "hand_erosion", 0.7);
        let command = form.command().join(" ");
        assert!(command.contains("scorer --task hand_erosion") && command.contains("--balance 0.70"), "{command}");
        assert!(command.contains("--out trained/scorer-hand_erosion"), "{command}");
        assert_eq!(form.problem(), None);
        fill(&mut form, "balance", "1.5");
        assert!(form.problem().is_some_and(|problem| problem.field.is_some()));
        form.line = 0;
        form.turn(true);
        assert!(form.what() == What::Detector && !form.command().join(" ").contains("--balance"), "a detector draws no grades");
    }

    #[test]
    fn what_was_typed_is_kept_when_another_kind_of_run_is_looked_at() {
        let (form, _) = pressed(
            Path::new("demo"),
            &[DOWN, ctrl('u'), letter('o'), letter('x'), plain(KeyCode::Backspace), plain(KeyCode::Up), RIGHT, plain(KeyCode::Left)],
        );
        assert_eq!(form.command()[3], "o");
    }

    #[test]
    fn a_form_with_a_fault_says_where_and_does_not_start() {
        let folder = tempfile::tempdir().unwrap();
        let (mut form, _) = pressed(folder.path(), &[RIGHT]);
        for (option, value, words) in [
            ("out", "", "name a folder"),
            ("batch", "many", "many"),
            ("learning-rate", "-1", "more than 0"),
            ("balance", "3", "from 0 to 1"),
            ("init", "nowhere", "nowhere"),
            ("validation", "nowhere", "not a folder"),
            ("held-out", "2", "from 0 to 1"),
        ] {
            let (mut form, place) = (form.clone(), form.shown().position(|field| field.option == option).unwrap());
            fill(&mut form, option, value);
            let problem = form.problem().unwrap_or_else(|| panic!("{option} {value}"));
            assert!(problem.field == Some(place) && problem.text.contains(words), "{option}: {problem:?}");
            form.line = form.shown().count() + 1;
            assert_eq!((form.press(plain(KeyCode::Enter)), form.line()), (Outcome::Open, place + 1));
        }
        assert_eq!(form.problem(), None);
        form.line = form.shown().count() + 1;
        assert!(matches!(form.press(plain(KeyCode::Enter)), Outcome::Start(_)));
        assert_eq!(pressed(folder.path(), &[plain(KeyCode::Esc)]).1, Outcome::Closed);
        // Steps and epochs exclude each other.
        let (mut form, _) = pressed(folder.path(), &[RIGHT, RIGHT]);
        fill(&mut form, "steps", "100");
        assert_eq!(form.problem(), None);
        fill(&mut form, "epochs", "3");
        assert!(form.problem().is_some_and(|problem| problem.field.is_some()), "{:?}", form.problem());
    }

    #[test]
    fn models_to_score_with_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let (mut form, _) = pressed(folder.path(), &[]);
        fill(&mut form, "models", &folder.path().display().to_string());
        assert!(form.problem().unwrap().text.contains("holds no model"));
        std::fs::create_dir(folder.path().join("m")).unwrap();
        std::fs::write(folder.path().join("m/card.json"), "{}").unwrap();
        assert_eq!(form.problem(), None);
        assert!(form.command().contains(&"--models".to_owned()));
        fill(&mut form, "models", "nowhere");
        assert!(form.problem().unwrap().text.contains("not a folder"));
    }
}
