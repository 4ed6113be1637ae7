//! The models that come with svh.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::program::checkout;

/// The folders of the models that ship.
///
/// # Panics
/// When there are none.
#[must_use]
pub fn shipped() -> Vec<PathBuf> {
    let folders = checkout().join("models").read_dir().expect("models/ is there").flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = folders.filter(|folder| folder.join("card.json").is_file()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "models/ holds no model");
    folders
}

/// The card of a model.
///
/// # Panics
/// When it is not JSON.
#[must_use]
pub fn card(model: &Path) -> serde_json::Value {
    let text = fs::read(model.join("card.json")).expect("a card");
    serde_json::from_slice(&text).expect("a card is JSON")
}

/// Copies all shipped models into a folder and changes the cards of those that find joints.
///
/// # Panics
/// When that cannot be done.
pub fn copy_with_detectors_changed(to: &Path, change: impl Fn(&mut serde_json::Value)) {
    for model in shipped() {
        let copy = to.join(model.file_name().expect("a model has a name"));
        fs::create_dir_all(&copy).expect("a folder is made");
        fs::copy(model.join("model.safetensors"), copy.join("model.safetensors")).expect("weights are copied");
        let mut card = card(&model);
        if card["arch"].as_str().is_some_and(|arch| arch.starts_with("fasterrcnn")) {
            change(&mut card);
        }
        fs::write(copy.join("card.json"), card.to_string()).expect("a card is written");
    }
}
