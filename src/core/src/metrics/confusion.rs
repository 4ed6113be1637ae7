//! The table that every metric of ordinal grades is worked out from.

use serde::{Serialize, Serializer};

/// How often each pair of grades occurs: reference in rows, model in columns, always the whole scale from 0 to its highest grade.
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

    /// Counts pairs of reference and model.
    #[must_use]
    pub fn of(max_grade: u8, pairs: impl IntoIterator<Item = (u8, u8)>) -> Self {
        let mut table = Self::new(max_grade);
        for (reference, model) in pairs {
            table.add(reference, model, 1);
        }
        table
    }

    /// Adds pairs; grades beyond the scale are passed over.
    pub fn add(&mut self, reference: u8, model: u8, count: u64) {
        let (reference, model) = (usize::from(reference), usize::from(model));
        if reference < self.side && model < self.side {
            self.counts[reference * self.side + model] += count;
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

    /// The number of pairs of a reference and a model; 0 beyond the scale.
    #[must_use]
    pub fn get(&self, reference: u8, model: u8) -> u64 {
        let (reference, model) = (usize::from(reference), usize::from(model));
        if reference < self.side && model < self.side { self.counts[reference * self.side + model] } else { 0 }
    }

    /// All pairs.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The rows, one a reference grade.
    pub fn rows(&self) -> impl Iterator<Item = &[u64]> {
        self.counts.chunks_exact(self.side)
    }

    /// How often each grade is the reference.
    #[must_use]
    pub fn reference_counts(&self) -> Vec<u64> {
        self.rows().map(|row| row.iter().sum()).collect()
    }

    /// How often the model gives each grade.
    #[must_use]
    pub fn model_counts(&self) -> Vec<u64> {
        (0..self.side).map(|column| self.rows().map(|row| row[column]).sum()).collect()
    }

    /// Every cell: reference, model, count.
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        self.counts.iter().enumerate().map(|(place, count)| (place / self.side, place % self.side, *count))
    }

    /// The same reference, with one grade for every joint: what a baseline is measured on.
    #[must_use]
    pub fn all_as(&self, grade: u8) -> Self {
        let mut table = Self { side: self.side, counts: vec![0; self.counts.len()] };
        for (reference, count) in self.reference_counts().into_iter().enumerate() {
            table.add(u8::try_from(reference).unwrap_or(u8::MAX), grade, count);
        }
        table
    }

    /// The commonest reference grade, the lower of equals.
    #[must_use]
    pub fn majority(&self) -> u8 {
        let reference_counts = self.reference_counts();
        let most = reference_counts.iter().copied().max().unwrap_or(0);
        reference_counts.iter().position(|count| *count == most).and_then(|grade| u8::try_from(grade).ok()).unwrap_or(0)
    }
}

impl Serialize for Confusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows())
    }
}
