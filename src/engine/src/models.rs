//! The folder of model folders: which models there are, which of them does what, and what is wrong with the others.

use std::path::{Path, PathBuf};

use svh_core::Task;
use svh_core::card::{self, ModelCard};
use svh_core::intake::{self, json};
use svh_core::protocol::ModelSummary;

use crate::{Error, Result};

/// The weights in a model folder.
pub const WEIGHTS: &str = "model.safetensors";
/// The card in a model folder.
pub const CARD: &str = "card.json";

/// A model as its card describes it; its weights have not been read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// The model's own folder.
    pub folder: PathBuf,
    /// Its card.
    pub card: ModelCard,
}

impl Found {
    /// Whether it finds joints; otherwise it grades them.
    #[must_use]
    pub(crate) fn is_detector(&self) -> bool {
        card::is_detector(&self.card.arch)
    }

    /// The folder's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.folder.file_name().map_or_else(|| self.folder.display().to_string(), |name| name.to_string_lossy().into_owned())
    }

    /// As other programs are told.
    #[must_use]
    pub(crate) fn summary(&self) -> ModelSummary {
        ModelSummary { name: self.name(), arch: self.card.arch.clone(), task: self.card.task.clone(), sha256: self.card.sha256.clone() }
    }
}

/// What a folder of model folders holds, in the order of names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Models {
    /// Those with a card that can be read.
    pub found: Vec<Found>,
    /// One sentence for each folder that cannot be used, and for the whole where nothing was found.
    pub problems: Vec<String>,
}

impl Models {
    /// Looks through a folder; nothing in it is an error, since other tasks may still be done.
    #[must_use]
    pub(crate) fn scan(folder: &Path) -> Self {
        let mut models = Self::default();
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                models.problems.push(format!("cannot read the models in {}: {error}; name their folder with --models", folder.display()));
                return models;
            }
        };
        let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        for folder in folders.iter().filter(|folder| folder.join(CARD).is_file() || folder.join(WEIGHTS).is_file()) {
            match read_card(folder) {
                Ok(_) if !folder.join(WEIGHTS).is_file() => {
                    models.problems.push(format!("model {}: {WEIGHTS} is missing", folder.display()));
                }
                Ok(card) => models.found.push(Found { folder: folder.clone(), card }),
                Err(error) => models.problems.push(error.to_string()),
            }
        }
        if models.found.is_empty() && models.problems.is_empty() {
            let hint = "each model is a folder with model.safetensors and card.json";
            models.problems.push(format!("there is no model in {}; {hint}", folder.display()));
        }
        models
    }

    /// The detector of a task; see [`card::detector_of`].
    #[must_use]
    pub fn detector(&self, task: Task) -> Option<&Found> {
        card::detector_of(&self.found, |found| (&found.card.arch, &found.card.task), task)
    }

    /// The scorers.
    pub(crate) fn scorers(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|found| !found.is_detector())
    }
}

/// Reads the card of a model folder.
pub fn read_card(folder: &Path) -> Result<ModelCard> {
    if !folder.is_dir() {
        return Err(Error::model(folder, "there is no such folder; a model is a folder with model.safetensors and card.json"));
    }
    let path = folder.join(CARD);
    let bytes = intake::bytes(&path, intake::MAX_SETTINGS).map_err(Error::io("read", &path))?;
    json::parse(&bytes).map_err(|error| Error::model(folder, format!("card.json cannot be read ({error})")))
}

/// Refuses a folder that holds a model: nothing is overwritten.
pub(crate) fn check_free(folder: &Path) -> Result<()> {
    match [CARD, WEIGHTS].into_iter().find(|name| intake::is_there(&folder.join(name))) {
        None => Ok(()),
        Some(name) => {
            Err(Error::model(folder, format!("it already holds a {name}, which is never overwritten; name another folder with --out")))
        }
    }
}

/// Writes the card of a model folder.
pub fn write_card(folder: &Path, card: &ModelCard) -> Result<()> {
    let text = serde_json::to_string_pretty(card).map_err(|error| Error::Internal(format!("the card cannot be written: {error}")))?;
    Ok(svh_core::atomic::write(&folder.join(CARD), (text + "\n").as_bytes())?)
}

/// Refuses weights that are not those the card was written for; a card without a hash accepts any.
pub(crate) fn check_hash(folder: &Path, card: &ModelCard, sha256: &str) -> Result<()> {
    if card.sha256.is_empty() || card.sha256 == sha256 {
        return Ok(());
    }
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let problem = format!("card.json is for weights {}, {WEIGHTS} is {}; copy the two together", short(&card.sha256), short(sha256));
    Err(Error::model(folder, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_models_says_what_a_model_is() {
        let empty = tempfile::tempdir().unwrap();
        let models = Models::scan(empty.path());
        assert!(models.found.is_empty() && models.problems[0].contains("each model is a folder with"), "{:?}", models.problems);
        let gone = Models::scan(&empty.path().join("gone"));
        assert!(gone.problems[0].contains("--models"), "{:?}", gone.problems);
    }

    #[test]
    fn a_detector_of_one_task_goes_before_one_of_both() {
        let root = tempfile::tempdir().unwrap();
        let add = |name: &str, task: &str| {
            let folder = root.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join(WEIGHTS), "").unwrap();
            let card = format!(
                r#"{{"arch": "fasterrcnn_mobilenet_v2_fpn", "task": "{task}", "classes": 88, "input": {{"size": 384, "mean": [0, 0, 0],
                "std": [1, 1, 1]}}, "norm": {{"kind": "frozen", "eps": 1e-5}}, "trained_on": "", "sha256": "", "licence": ""}}"#
            );
            std::fs::write(folder.join(CARD), card).unwrap();
        };
        let of = |task| Models::scan(root.path()).detector(task).map(Found::name);
        add("a-both", "both");
        assert_eq!([of(Task::Narrowing), of(Task::Erosion)], [Some("a-both".into()), Some("a-both".into())]);
        add("b-erosion", "erosion");
        assert_eq!([of(Task::Narrowing), of(Task::Erosion)], [Some("a-both".into()), Some("b-erosion".into())]);
    }

    #[test]
    fn a_broken_card_and_a_card_alone_are_problems_of_their_own() {
        let root = tempfile::tempdir().unwrap();
        let broken = root.path().join("broken");
        std::fs::create_dir(&broken).unwrap();
        std::fs::write(broken.join(CARD), "{").unwrap();
        let alone = root.path().join("weights-only");
        std::fs::create_dir(&alone).unwrap();
        std::fs::write(alone.join(WEIGHTS), "").unwrap();
        let models = Models::scan(root.path());
        assert_eq!(models.problems.len(), 2, "{:?}", models.problems);
        assert!(models.problems[0].contains("broken") && models.problems[0].contains("card.json cannot be read"));
        assert!(models.problems[1].contains("weights-only") && models.problems[1].contains("cannot read"));
    }
}
