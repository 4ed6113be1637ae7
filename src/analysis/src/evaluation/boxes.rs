//! The boxes of one task, compared.

use svh_core::{Joint, Task, joint};

use crate::detection::{BestBox, Class, FoundBox, Matching, Sample};

/// True and found boxes of a task with everything that follows from them.
#[derive(Debug)]
pub(crate) struct TaskBoxes {
    pub task: Task,
    pub matching: Matching,
    pub rule: BestBox,
    /// One a found box: its place in the film's line.
    pub lines: Vec<u32>,
    /// One an inferred box: its place in the film's line.
    pub inferred_lines: Vec<u32>,
    /// One a found box: whether the run kept it, so that the run's grade of the joint is from it.
    pub graded: Vec<bool>,
}

/// Boxes of a task while they are gathered.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub sample: Sample,
    pub inferred: Vec<FoundBox>,
    pub lines: Vec<u32>,
    pub inferred_lines: Vec<u32>,
    pub graded: Vec<bool>,
}

impl Gathered {
    /// No boxes on so many films; the classes are those of the task's detector.
    pub fn new(task: Task, films: usize) -> Self {
        let class = |joint: &'static Joint| Class { id: joint.class_id.into(), name: joint.label.clone(), joint: Some(joint) };
        let sample = Sample { classes: joint::joints(task).iter().map(class).collect(), films, ..Sample::default() };
        Self { sample, inferred: Vec::new(), lines: Vec::new(), inferred_lines: Vec::new(), graded: Vec::new() }
    }

    pub fn compare(self, task: Task) -> TaskBoxes {
        let rule = BestBox::of(&self.sample, self.inferred);
        let matching = Matching::of(self.sample);
        TaskBoxes { task, matching, rule, lines: self.lines, inferred_lines: self.inferred_lines, graded: self.graded }
    }
}

impl TaskBoxes {
    pub fn sample(&self) -> &Sample {
        self.matching.sample()
    }

    /// The joint of a class.
    pub fn joint(&self, class: u16) -> Option<&'static Joint> {
        joint::joints(self.task).get(usize::from(class))
    }

    /// The class of a joint of this task.
    pub fn class(joint: &Joint) -> u16 {
        u16::from(joint.class_id) - 1
    }
}
