//! The state of the runs.

use std::{collections::HashMap, path::PathBuf};

use svh_analysis::{Comparison, TrainingCurves};

use super::{columns::Column, form::Form};
use crate::{
    slurm::Tasks,
    tui::{run::Run, table::Table},
};

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

/// The folders of two runs: the marked one, then the chosen one.
pub type Pair = (PathBuf, PathBuf);

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
    /// Those of them whose Slurm tasks are asked for.
    pub asked_of_cluster: Vec<PathBuf>,
    /// What these have said.
    pub curves: HashMap<PathBuf, TrainingCurves>,
    /// The Slurm tasks of these.
    pub tasks: HashMap<PathBuf, Tasks>,
    /// The curve that is shown.
    pub curve: Curve,
    /// The run that the chosen one is shown beside.
    pub beside: Option<PathBuf>,
    /// Two scorings compared, or why they cannot be.
    pub comparison: Option<(Pair, Result<Box<Comparison>, String>)>,
    /// The two that were asked for last.
    pub asked: Option<Pair>,
    /// The runs that were there when one was started, which gets the cursor as soon as it is there.
    pub awaited: Option<Vec<PathBuf>>,
    /// The form that starts a run.
    pub form: Option<Form>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            listed: false,
            table: Table::new(Column::Started, true),
            followed: Vec::new(),
            asked_of_cluster: Vec::new(),
            curves: HashMap::new(),
            tasks: HashMap::new(),
            curve: Curve::default(),
            beside: None,
            comparison: None,
            asked: None,
            awaited: None,
            form: None,
        }
    }
}

impl State {
    /// The chosen run.
    #[must_use]
    pub fn chosen(&self) -> Option<&Run> {
        self.list.get(self.table.chosen()?)
    }

    /// The marked run, where it is another than the chosen one.
    #[must_use]
    pub fn marked(&self) -> Option<&Run> {
        let marked = self.list.iter().find(|run| Some(&run.folder) == self.beside.as_ref())?;
        (self.chosen().map(|run| &run.folder) != Some(&marked.folder)).then_some(marked)
    }
}
