//! Questions whose answers take their time, and these answers.

use std::{path::PathBuf, sync::Arc};

use svh_analysis::{Agreement, Comparison, Errors, Evaluation, GradeErrors, Scope, detection::JointTally};
use svh_core::Task;

use super::changed::ChangedRuns;
use super::screens::curves::state::Detector;

/// What an evaluation is of: a run's folder, or the cohort without a run.
pub type Source = Option<PathBuf>;

/// What the state wants to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// The evaluation of a run, or of the cohort alone.
    Evaluate(Source),
    /// The errors of the evaluation at hand at the operating threshold.
    Errors,
    /// The agreement of a scope with its intervals.
    Agreement(Scope),
    /// Two runs beside each other.
    Compare(PathBuf, PathBuf),
    /// The curves of a task's detector.
    Detector(Task),
    /// What changed between two runs, joint by joint.
    Changes(PathBuf, PathBuf),
}

/// An answer.
#[derive(Debug)]
pub enum Answer {
    /// An evaluation, or why there is none.
    Evaluated(Source, Result<Arc<Evaluation>, String>),
    /// The errors of an evaluation at a threshold: of boxes, and of grades that are given to right boxes.
    Errors(Source, Arc<Errors>, GradeErrors, Vec<JointTally>),
    /// The agreement of a scope of an evaluation.
    Agreement(Source, Scope, Box<Agreement>),
    /// Two runs beside each other, or why not.
    Compared(PathBuf, PathBuf, Result<Box<Comparison>, String>),
    /// What changed between two runs, or why nothing can be said of it.
    Changes(Result<Box<ChangedRuns>, String>),
    /// The curves of a detector, or why there are none.
    Detector(Source, Task, Result<Box<Detector>, String>),
}
