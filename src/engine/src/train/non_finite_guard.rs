//! How long a training bears steps that cannot be taken.

use crate::sgd::Step;
use crate::{Error, Result};

/// Steps in a row whose gradient is not finite before a training stops.
const MOST_SKIPPED: u32 = 10;

/// Counts the steps skipped in a row.
#[derive(Debug, Default)]
pub struct NonFiniteGuard {
    skipped: u32,
}

impl NonFiniteGuard {
    /// Takes note of a step; an error once too many in a row were skipped.
    pub fn after(&mut self, step: Step) -> Result<()> {
        self.skipped = match step {
            Step::Taken(_) => 0,
            Step::Skipped => self.skipped + 1,
        };
        if self.skipped < MOST_SKIPPED {
            return Ok(());
        }
        Err(Error::Data(format!(
            "{MOST_SKIPPED} steps in a row gave no finite gradient; lower the learning rate, or check boxes and grades"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_skipped_steps_in_a_row_end_a_training_and_one_taken_forgives_them() {
        let mut guard = NonFiniteGuard::default();
        for _ in 0..9 {
            guard.after(Step::Skipped).unwrap();
        }
        guard.after(Step::Taken(1.0)).unwrap();
        for _ in 0..9 {
            guard.after(Step::Skipped).unwrap();
        }
        assert!(guard.after(Step::Skipped).unwrap_err().to_string().contains("lower the learning rate"));
    }
}
