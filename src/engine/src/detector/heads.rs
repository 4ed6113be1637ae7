//! Which tasks a detector does, and the last layers that go with them.

use std::fmt::Display;
use std::str::FromStr;

use svh_core::{Task, joint};

/// What a detector looks for: the joints of one task, or those of both over one body, pyramid and set of proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetectorTask {
    /// The joints of one task.
    One(Task),
    /// The joints of both tasks in one pass over a film.
    Both,
}

impl DetectorTask {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::One(Task::Narrowing), Self::One(Task::Erosion), Self::Both];

    /// The name in model cards and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::One(task) => task.name(),
            Self::Both => svh_core::card::BOTH_TASKS,
        }
    }

    /// The tasks, narrowing first: the order of the heads.
    #[must_use]
    pub(crate) fn tasks(self) -> Vec<Task> {
        match self {
            Self::One(task) => vec![task],
            Self::Both => Task::ALL.to_vec(),
        }
    }

    /// The last layers that the task needs.
    #[must_use]
    pub fn heads(self) -> Heads {
        match self {
            Self::One(task) => Heads::One(classes(task)),
            Self::Both => Heads::Both,
        }
    }
}

impl From<Task> for DetectorTask {
    fn from(task: Task) -> Self {
        Self::One(task)
    }
}

impl Display for DetectorTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for DetectorTask {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|task| task.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| format!("`{text}` is not a task of a detector; use narrowing, erosion or both"))
    }
}

/// The last layers of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heads {
    /// One pair, named as torchvision names it; the number of classes, background included.
    One(i64),
    /// A pair a task behind the same hidden layers, narrowing first, each with all classes of its task.
    Both,
}

impl Heads {
    /// Place in the tree of names (below `roi_heads.box_predictor`) and number of classes, background included, of each pair.
    #[must_use]
    pub(crate) fn each(self) -> Vec<(Option<Task>, i64)> {
        match self {
            Self::One(classes) => vec![(None, classes)],
            Self::Both => Task::ALL.map(|task| (Some(task), classes(task))).to_vec(),
        }
    }

    /// The number that a card gives: classes of all pairs, background included in each.
    #[must_use]
    pub fn classes(self) -> i64 {
        self.each().iter().map(|(_, classes)| classes).sum()
    }

    /// The place of a task's pair in [`Self::each`]; a detector of one task has one, whatever the task.
    #[must_use]
    pub fn place(self, task: Task) -> usize {
        self.each().iter().position(|(of, _)| *of == Some(task)).unwrap_or(0)
    }
}

impl From<i64> for Heads {
    fn from(classes: i64) -> Self {
        Self::One(classes)
    }
}

/// The classes of a task, background included.
fn classes(task: Task) -> i64 {
    1 + joint::joints(task).len() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tasks_are_read_back_and_others_are_refused() {
        for task in DetectorTask::ALL {
            assert_eq!(task.to_string().parse(), Ok(task));
        }
        assert!("narowing".parse::<DetectorTask>().unwrap_err().contains("`narowing` is not a task"));
    }

    #[test]
    fn a_detector_of_both_tasks_has_a_pair_of_layers_for_each() {
        let heads = DetectorTask::Both.heads();
        assert_eq!(heads.each(), [(Some(Task::Narrowing), 43), (Some(Task::Erosion), 45)]);
        assert_eq!((heads.classes(), heads.place(Task::Erosion)), (88, 1));
        assert_eq!(DetectorTask::One(Task::Erosion).heads().place(Task::Erosion), 0);
    }
}
