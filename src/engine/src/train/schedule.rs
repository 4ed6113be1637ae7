//! The learning rate over a training.

use serde::{Deserialize, Serialize};

/// How the rate falls.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// By a factor every so many steps: the paper's is 0.1 every 3 epochs.
    Step {
        /// Steps between two falls.
        every: u64,
        /// What the rate is multiplied with.
        factor: f64,
    },
    /// Along half a cosine down to a hundredth at the last step.
    Cosine,
}

/// Warm-up, then decay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// The rate after warm-up.
    pub learning_rate: f64,
    /// Steps over which the rate grows from almost nothing.
    pub warm_up: u64,
    /// How it falls.
    pub decay: Decay,
    /// Steps in all.
    pub steps: u64,
}

impl Schedule {
    /// The rate of a step, counted from 0.
    #[must_use]
    pub fn at(&self, step: u64) -> f64 {
        let warm = if step < self.warm_up { (step + 1) as f64 / (self.warm_up + 1) as f64 } else { 1.0 };
        let decayed = match self.decay {
            Decay::Step { every, factor } => factor.powi(i32::try_from(step / every.max(1)).unwrap_or(i32::MAX)),
            Decay::Cosine => {
                let done = step as f64 / self.steps.saturating_sub(1).max(1) as f64;
                0.01 + 0.99 * 0.5 * (1.0 + (std::f64::consts::PI * done.min(1.0)).cos())
            }
        };
        self.learning_rate * warm * decayed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_rate_falls_tenfold_every_three_epochs() {
        let schedule = Schedule { learning_rate: 0.005, warm_up: 0, decay: Decay::Step { every: 300, factor: 0.1 }, steps: 900 };
        let rates = [0, 299, 300, 899].map(|step| schedule.at(step));
        for (rate, expected) in rates.into_iter().zip([0.005, 0.005, 0.0005, 0.00005]) {
            assert!((rate / expected - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_cosine_warms_up_and_ends_at_a_hundredth() {
        let schedule = Schedule { learning_rate: 0.01, warm_up: 9, decay: Decay::Cosine, steps: 101 };
        assert!((schedule.at(0) - 0.001).abs() < 1e-5);
        assert!((schedule.at(50) - 0.00505).abs() < 1e-5);
        assert!((schedule.at(100) - 0.0001).abs() < 1e-9);
    }
}
