//! A question before something that cannot be taken back. It takes every key: yes does it, anything else leaves all as it is.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent};

use crate::slurm;

/// What is done at a yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// End the program.
    Quit,
    /// Stop the run in this folder.
    Stop(PathBuf),
    /// Stop the Slurm tasks of a run, or submit again what is missing of it.
    Cluster(slurm::Request),
    /// Delete the run in this folder.
    Delete(PathBuf),
    /// Start this program once more with these words.
    Start(Vec<String>),
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The question, without its answers.
    pub text: String,
    /// What a yes does.
    pub then: Confirmed,
    /// The key that raised it, which pressed again is a yes, too.
    pub again: Option<KeyEvent>,
}

impl Confirm {
    /// A question.
    #[must_use]
    pub fn new(text: impl Into<String>, then: Confirmed, again: Option<KeyEvent>) -> Self {
        Self { text: text.into(), then, again }
    }

    /// Whether a key is a yes.
    #[must_use]
    pub fn is_yes(&self, key: KeyEvent) -> bool {
        self.again == Some(key) || matches!(key.code, KeyCode::Enter | KeyCode::Char('y' | 'Y'))
    }
}
