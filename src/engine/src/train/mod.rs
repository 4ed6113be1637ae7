//! Training: what all trainings share, and each kind of them.

pub mod detector;
pub mod detector_args;
pub mod follow;
pub mod schedule;
pub mod watch;

pub use schedule::{Decay, Schedule};
pub use watch::{End, Progress, Watcher};
