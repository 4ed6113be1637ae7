//! The state of the runs.

use std::{collections::HashMap, path::PathBuf};

use svh_analysis::Course;

use super::columns::Column;
use crate::tui::{table::Table, watch::Run};

/// A curve of a training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Curve {
    /// Losses by step: figures 8.4.1 and 8.4.2 of the paper.
    #[default]
    Loss,
    /// Accuracy by epoch, in training and on patients held out: figure 8.7.1.
    Accuracy,
    /// The learning rate by step.
    Rate,
}

impl Curve {
    /// All of them in their order.
    pub const ALL: [Self; 3] = [Self::Loss, Self::Accuracy, Self::Rate];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
            Self::Rate => "learning rate",
        }
    }
}

/// The runs and which of them is looked at.
#[derive(Clone, Debug)]
pub struct State {
    /// The runs, the newest first.
    pub list: Vec<Run>,
    /// The folders have been looked at.
    pub listed: bool,
    /// Their order and the cursor.
    pub table: Table<Column>,
    /// The runs whose events are followed.
    pub followed: Vec<PathBuf>,
    /// What these have said.
    pub courses: HashMap<PathBuf, Course>,
    /// The curve that is shown.
    pub curve: Curve,
}

impl Default for State {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            listed: false,
            table: Table::new(Column::Started, true),
            followed: Vec::new(),
            courses: HashMap::new(),
            curve: Curve::default(),
        }
    }
}

impl State {
    /// The chosen run.
    #[must_use]
    pub fn chosen(&self) -> Option<&Run> {
        self.list.get(self.table.chosen()?)
    }
}
