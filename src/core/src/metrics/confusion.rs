//! The table that every figure of ordinal grades is worked out from.

use serde::{Serialize, Serializer};

/// How often each pair of grades occurs: truth in rows, prediction in columns, always the whole scale from 0 to its highest grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    side: usize,
    counts: Vec<u64>,
}

impl Confusion {
    /// An empty table for grades 0 to `max_grade`.
    #[must_use]
    pub fn new(max_grade: u8) -> Self {
        let side = usize::from(max_grade) + 1;
        Self { side, counts: vec![0; side * side] }
    }

    /// Counts pairs of truth and prediction.
    #[must_use]
    pub fn of(max_grade: u8, pairs: impl IntoIterator<Item = (u8, u8)>) -> Self {
        let mut table = Self::new(max_grade);
        for (truth, predicted) in pairs {
            table.add(truth, predicted, 1);
        }
        table
    }

    /// Adds pairs; grades beyond the scale are passed over.
    pub fn add(&mut self, truth: u8, predicted: u8, count: u64) {
        let (truth, predicted) = (usize::from(truth), usize::from(predicted));
        if truth < self.side && predicted < self.side {
            self.counts[truth * self.side + predicted] += count;
        }
    }

    /// Makes all counts 0.
    pub fn clear(&mut self) {
        self.counts.fill(0);
    }

    /// Grades of the scale, its 0 included.
    #[must_use]
    pub fn side(&self) -> usize {
        self.side
    }

    /// The number of pairs of a truth and a prediction; 0 beyond the scale.
    #[must_use]
    pub fn get(&self, truth: u8, predicted: u8) -> u64 {
        let (truth, predicted) = (usize::from(truth), usize::from(predicted));
        if truth < self.side && predicted < self.side { self.counts[truth * self.side + predicted] } else { 0 }
    }

    /// All pairs.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The rows, one a true grade.
    pub fn rows(&self) -> impl Iterator<Item = &[u64]> {
        self.counts.chunks_exact(self.side)
    }

    /// How often each grade is the truth.
    #[must_use]
    pub fn truths(&self) -> Vec<u64> {
        self.rows().map(|row| row.iter().sum()).collect()
    }

    /// How often each grade is predicted.
    #[must_use]
    pub fn predictions(&self) -> Vec<u64> {
        (0..self.side).map(|column| self.rows().map(|row| row[column]).sum()).collect()
    }

    /// Every cell: truth, prediction, count.
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        self.counts.iter().enumerate().map(|(place, count)| (place / self.side, place % self.side, *count))
    }

    /// The same truths, all of them predicted as one grade: what a baseline is measured on.
    #[must_use]
    pub fn all_as(&self, grade: u8) -> Self {
        let mut table = Self { side: self.side, counts: vec![0; self.counts.len()] };
        for (truth, count) in self.truths().into_iter().enumerate() {
            table.add(u8::try_from(truth).unwrap_or(u8::MAX), grade, count);
        }
        table
    }

    /// The commonest true grade, the lower of equals.
    #[must_use]
    pub fn majority(&self) -> u8 {
        let truths = self.truths();
        let most = truths.iter().copied().max().unwrap_or(0);
        truths.iter().position(|count| *count == most).and_then(|grade| u8::try_from(grade).ok()).unwrap_or(0)
    }
}

impl Serialize for Confusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows())
    }
}
