//! A grade against all others, and damage against none: the two-by-two tables that RAM-H1200's results are given in.

use super::Confusion;

/// Counts of a yes-no question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Binary {
    /// Yes in both.
    pub true_positives: u64,
    /// No in the reference, yes by the model.
    pub false_positives: u64,
    /// Yes in the reference, no by the model.
    pub false_negatives: u64,
    /// No in both.
    pub true_negatives: u64,
}

impl Binary {
    /// Whether the grade is one of those that `is` names.
    #[must_use]
    pub fn of(table: &Confusion, is: impl Fn(usize) -> bool) -> Self {
        let mut counts = Self::default();
        for (reference, model, count) in table.cells() {
            let slot = match (is(reference), is(model)) {
                (true, true) => &mut counts.true_positives,
                (false, true) => &mut counts.false_positives,
                (true, false) => &mut counts.false_negatives,
                (false, false) => &mut counts.true_negatives,
            };
            *slot += count;
        }
        counts
    }

    /// Share of the yes that was found: sensitivity, recall.
    #[must_use]
    pub(crate) fn sensitivity(&self) -> Option<f64> {
        share(self.true_positives, self.false_negatives)
    }

    /// Share of the no that was told.
    #[must_use]
    pub(crate) fn specificity(&self) -> Option<f64> {
        share(self.true_negatives, self.false_positives)
    }

    /// Share of the model's yes that is right; 0 where the model never says yes, as scikit-learn has it.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.true_positives, self.false_positives).unwrap_or(0.0)
    }

    /// Share of right answers.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        share(self.true_positives + self.true_negatives, self.false_positives + self.false_negatives)
    }

    /// The diagnostic odds ratio; undefined where either kind of mistake is missing.
    #[must_use]
    pub(crate) fn odds_ratio(&self) -> Option<f64> {
        let wrong = self.false_positives as f64 * self.false_negatives as f64;
        (wrong > 0.0).then(|| self.true_positives as f64 * self.true_negatives as f64 / wrong)
    }
}

fn share(part: u64, rest: u64) -> Option<f64> {
    (part + rest > 0).then(|| part as f64 / (part + rest) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_against_none_counts_grades_above_zero_together() {
        let table = Confusion::of(4, [(0, 0), (0, 0), (0, 2), (1, 3), (4, 0), (2, 2)]);
        let counts = Binary::of(&table, |grade| grade > 0);
        assert_eq!(counts, Binary { true_positives: 2, false_positives: 1, false_negatives: 1, true_negatives: 2 });
        assert_eq!(counts.odds_ratio(), Some(4.0));
        assert_eq!((counts.sensitivity(), counts.specificity()), (Some(2.0 / 3.0), Some(2.0 / 3.0)));
        assert_eq!(Binary::default().odds_ratio(), None);
    }
}
