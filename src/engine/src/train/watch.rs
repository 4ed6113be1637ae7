//! What a training tells while it runs, and how it is told to stop.

use crate::Result;

/// One step, finished.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Steps done, this one included.
    pub step: u64,
    /// Steps in all.
    pub steps: u64,
    /// Epochs begun before this step, from 0.
    pub epoch: u64,
    /// The learning rate of the step.
    pub learning_rate: f64,
    /// Named parts of the loss; their sum was minimised.
    pub losses: Vec<(&'static str, f64)>,
    /// Seconds that the step took, waiting for films included.
    pub seconds: f64,
}

impl Progress {
    /// What was minimised.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.losses.iter().map(|(_, value)| value).sum()
    }
}

/// Follows a training.
pub trait Watcher {
    /// A step is done. An error ends the training after a checkpoint.
    fn step(&mut self, progress: &Progress) -> Result<()>;

    /// Metrics measured after an epoch (counted from 0), such as accuracy on the patients held out.
    fn metrics(&mut self, step: u64, epoch: u64, split: &str, values: &[(&str, f64)]) -> Result<()> {
        let _ = (step, epoch, split, values);
        Ok(())
    }

    /// Something a reader of the log should know, in one sentence.
    fn note(&mut self, message: &str);

    /// Whether the training should stop after a checkpoint; asked after every step.
    fn cancelled(&mut self) -> bool;
}

/// How a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All steps are done and the model is written.
    Finished,
    /// Stopped on request after this many steps; `--resume` goes on.
    Cancelled(u64),
}
