//! How well grades are given: the metrics that a training reports of the patients held out.

use serde_json::{Value, json};
use svh_core::metrics::Confusion;

/// Pairs of reference and model's grades on one scale. What is undefined is 0 here: a training compares numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationMetrics(Confusion);

impl ValidationMetrics {
    /// For grades 0 to `max_grade`.
    #[must_use]
    pub fn new(max_grade: u8) -> Self {
        Self(Confusion::new(max_grade))
    }

    /// Adds a pair.
    pub fn add(&mut self, reference: u8, model: u8) {
        self.add_many(reference, model, 1);
    }

    /// Adds a pair so many times.
    pub fn add_many(&mut self, reference: u8, model: u8, count: u64) {
        self.0.add(reference, model, count);
    }

    /// The number of pairs.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.0.n()
    }

    /// The share of equal pairs.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.0.accuracy().unwrap_or(0.0)
    }

    /// The share of pairs at most one grade apart.
    #[must_use]
    pub fn within1(&self) -> f64 {
        self.0.within1().unwrap_or(0.0)
    }

    /// The mean over the grades that occur of the share that was recognised.
    #[must_use]
    pub fn balanced_accuracy(&self) -> f64 {
        self.0.main_metrics().balanced_accuracy.unwrap_or(0.0)
    }

    /// Cohen's kappa with quadratic weights over the whole scale; 0 where only one grade occurs.
    #[must_use]
    pub fn qwk(&self) -> f64 {
        self.0.qwk().unwrap_or(0.0)
    }

    /// The accuracy of always giving the commonest grade.
    #[must_use]
    pub fn majority(&self) -> f64 {
        self.0.all_as(self.0.majority()).accuracy().unwrap_or(0.0)
    }

    /// Everything, for a card.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rounded = |value: f64| (value * 1e4).round() / 1e4;
        json!({
            "n": self.n(),
            "accuracy": rounded(self.accuracy()),
            "balanced_accuracy": rounded(self.balanced_accuracy()),
            "within1": rounded(self.within1()),
            "qwk": rounded(self.qwk()),
            "majority_accuracy": rounded(self.majority()),
            "confusion": self.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_equal_those_worked_out_by_hand() {
        let mut metrics = ValidationMetrics::new(4);
        for (reference, model) in [(0, 0), (0, 0), (0, 1), (1, 1), (2, 0), (3, 3)] {
            metrics.add(reference, model);
        }
        assert_eq!(metrics.n(), 6);
        assert!((metrics.accuracy() - 4.0 / 6.0).abs() < 1e-12);
        assert!((metrics.within1() - 5.0 / 6.0).abs() < 1e-12);
        // Recalls 2/3, 1, 0, 1.
        assert!((metrics.balanced_accuracy() - (2.0 / 3.0 + 2.0) / 4.0).abs() < 1e-12);
        assert_eq!(metrics.majority(), 0.5);
        // Observed: 1 + 4 = 5. Rows 3 1 1 1 0, columns 3 2 0 1 0: expected sum of (a - b)^2 row column = 90, over 6.
        assert!((metrics.qwk() - (1.0 - 5.0 * 6.0 / 90.0)).abs() < 1e-12, "{}", metrics.qwk());
    }

    #[test]
    fn a_prediction_of_nothing_but_zeros_has_no_kappa_and_the_majoritys_accuracy() {
        let mut metrics = ValidationMetrics::new(5);
        for reference in [0, 0, 0, 4] {
            metrics.add(reference, 0);
        }
        assert_eq!((metrics.qwk(), metrics.accuracy(), metrics.majority()), (0.0, 0.75, 0.75));
    }
}
