//! Training: what all trainings share, and each kind of them.

pub mod adapt;
pub mod calibrate;
pub mod detector;
pub mod detector_recipe;
pub mod detector_training;
pub mod detector_validation;
pub mod familiarity;
pub mod follow;
pub mod frequencies;
mod grade_loss;
mod limb_evidence;
mod non_finite_guard;
pub mod schedule;
pub mod scorer;
mod scorer_card;
pub mod scorer_recipe;
pub mod scorer_training;
pub mod scorer_validation;
pub mod shared_recipe;
pub mod validation_metrics;
pub mod watch;
pub mod weighted_sampler;

pub use schedule::{Decay, Schedule};
pub use watch::{End, Progress, Watcher};
