//! How well grades are given: the figures that a training reports of the patients held out.

use serde_json::{Value, json};

/// Pairs of true and predicted grades on one scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradeFigures {
    /// Truth in rows, prediction in columns; always the whole scale.
    confusion: Vec<Vec<u64>>,
}

impl GradeFigures {
    /// For grades 0 to `max_grade`.
    #[must_use]
    pub fn new(max_grade: u8) -> Self {
        let side = usize::from(max_grade) + 1;
        Self { confusion: vec![vec![0; side]; side] }
    }

    /// Adds a pair.
    pub fn add(&mut self, truth: u8, predicted: u8) {
        self.add_many(truth, predicted, 1);
    }

    /// Adds a pair so many times.
    pub fn add_many(&mut self, truth: u8, predicted: u8, count: u64) {
        if let Some(cell) = self.confusion.get_mut(usize::from(truth)).and_then(|row| row.get_mut(usize::from(predicted))) {
            *cell += count;
        }
    }

    /// The number of pairs.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.cells().map(|(_, _, count)| count).sum()
    }

    /// The share of equal pairs.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.share(|truth, predicted| truth == predicted)
    }

    /// The share of pairs at most one grade apart.
    #[must_use]
    pub fn within1(&self) -> f64 {
        self.share(|truth, predicted| truth.abs_diff(predicted) <= 1)
    }

    /// The mean over the grades that occur of the share that was recognised.
    #[must_use]
    pub fn balanced_accuracy(&self) -> f64 {
        let rows = self.confusion.iter().enumerate().map(|(grade, row)| (row[grade] as f64, row.iter().sum::<u64>() as f64));
        let recalls: Vec<f64> = rows.filter(|(_, n)| *n > 0.0).map(|(hit, n)| hit / n).collect();
        recalls.iter().sum::<f64>() / recalls.len().max(1) as f64
    }

    /// Cohen's kappa with quadratic weights over the whole scale; 0 where only one grade occurs.
    #[must_use]
    pub fn qwk(&self) -> f64 {
        let n = self.n() as f64;
        let rows: Vec<f64> = self.confusion.iter().map(|row| row.iter().sum::<u64>() as f64).collect();
        let columns: Vec<f64> = (0..rows.len()).map(|column| self.confusion.iter().map(|row| row[column]).sum::<u64>() as f64).collect();
        let weight = |a: usize, b: usize| (a as f64 - b as f64).powi(2);
        let observed: f64 = self.cells().map(|(a, b, count)| weight(a, b) * count as f64).sum();
        let expected: f64 = self.cells().map(|(a, b, _)| weight(a, b) * rows[a] * columns[b]).sum::<f64>() / n.max(1.0);
        if expected > 0.0 { 1.0 - observed / expected } else { 0.0 }
    }

    /// The accuracy of always giving the commonest grade.
    #[must_use]
    pub fn majority(&self) -> f64 {
        let most = self.confusion.iter().map(|row| row.iter().sum::<u64>()).max().unwrap_or(0);
        most as f64 / self.n().max(1) as f64
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
            "confusion": self.confusion,
        })
    }

    fn cells(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        self.confusion
            .iter()
            .enumerate()
            .flat_map(|(truth, row)| row.iter().enumerate().map(move |(predicted, count)| (truth, predicted, *count)))
    }

    fn share(&self, counts: impl Fn(usize, usize) -> bool) -> f64 {
        let hits: u64 = self.cells().filter(|(truth, predicted, _)| counts(*truth, *predicted)).map(|(_, _, count)| count).sum();
        hits as f64 / self.n().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_equal_those_worked_out_by_hand() {
        let mut figures = GradeFigures::new(4);
        for (truth, predicted) in [(0, 0), (0, 0), (0, 1), (1, 1), (2, 0), (3, 3)] {
            figures.add(truth, predicted);
        }
        assert_eq!(figures.n(), 6);
        assert!((figures.accuracy() - 4.0 / 6.0).abs() < 1e-12);
        assert!((figures.within1() - 5.0 / 6.0).abs() < 1e-12);
        // Recalls 2/3, 1, 0, 1.
        assert!((figures.balanced_accuracy() - (2.0 / 3.0 + 2.0) / 4.0).abs() < 1e-12);
        assert_eq!(figures.majority(), 0.5);
        // Observed: 1 + 4 = 5. Rows 3 1 1 1 0, columns 3 2 0 1 0: expected sum of (a - b)^2 row column = 90, over 6.
        assert!((figures.qwk() - (1.0 - 5.0 * 6.0 / 90.0)).abs() < 1e-12, "{}", figures.qwk());
    }

    #[test]
    fn a_prediction_of_nothing_but_zeros_has_no_kappa_and_the_majoritys_accuracy() {
        let mut figures = GradeFigures::new(5);
        for truth in [0, 0, 0, 4] {
            figures.add(truth, 0);
        }
        assert_eq!((figures.qwk(), figures.accuracy(), figures.majority()), (0.0, 0.75, 0.75));
    }
}
