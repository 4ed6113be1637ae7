//! How often each grade occurs, and what that imbalance amounts to.

use serde::Serialize;

use svh_core::{Joint, joint};

use super::Evaluation;
use crate::{Scale, Scope, Split};

/// Grades of one scope counted, reference beside model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// How often each grade is the reference, from 0 to the highest of the scale.
    #[serde(rename = "truth")]
    pub reference: Vec<u64>,
    /// How often the model gives each grade.
    #[serde(rename = "predicted")]
    pub model: Vec<u64>,
    /// Joints of these patients without a reference grade.
    #[serde(rename = "truth_missing")]
    pub reference_missing: u64,
    /// Joints of these patients without a model's grade.
    #[serde(rename = "predicted_missing")]
    pub model_missing: u64,
}

impl Distribution {
    /// No joints yet.
    fn empty(max_grade: u8) -> Self {
        let none = vec![0; usize::from(max_grade) + 1];
        Self { reference: none.clone(), model: none, reference_missing: 0, model_missing: 0 }
    }

    /// So many joints with these grades.
    fn add(&mut self, reference: Option<u8>, model: Option<u8>, count: u64) {
        let sides = [(reference, &mut self.reference, &mut self.reference_missing), (model, &mut self.model, &mut self.model_missing)];
        for (grade, counts, missing) in sides {
            match grade.and_then(|grade| counts.get_mut(usize::from(grade))) {
                Some(counted) => *counted += count,
                None => *missing += count,
            }
        }
    }

    /// How many joints there are, graded or not.
    #[must_use]
    pub fn joints(&self) -> u64 {
        self.reference.iter().sum::<u64>() + self.reference_missing
    }

    /// The share of grade 0 among counts; `None` for no grades.
    #[must_use]
    pub fn zero_share(counts: &[u64]) -> Option<f64> {
        let n: u64 = counts.iter().sum();
        (n > 0).then(|| counts.first().copied().unwrap_or(0) as f64 / n as f64)
    }

    /// Shannon's entropy of counts in bits: 0 where one grade has all, log2 of the number of grades where they are even. `None` for no grades.
    #[must_use]
    pub fn entropy(counts: &[u64]) -> Option<f64> {
        let n: u64 = counts.iter().sum();
        let shares = counts.iter().filter(|count| **count > 0).map(|count| *count as f64 / n as f64);
        // Without the sign of a zero that was negated.
        (n > 0).then(|| shares.map(|share| share * -share.log2()).sum::<f64>().max(0.0))
    }

    /// The effective number of grades: how many evenly distributed ones would have this entropy, 2^entropy.
    #[must_use]
    pub fn effective(counts: &[u64]) -> Option<f64> {
        Self::entropy(counts).map(f64::exp2)
    }

    /// The shares in which a sampler draws grades of these counts: a grade of frequency p in proportion to p^(1 - balance). Balance 1 is inverse class
    /// frequency, the paper's: every grade that occurs equally often; 0 draws as they come. Empty for no grades.
    #[must_use]
    pub fn sampler(counts: &[u64], balance: f64) -> Vec<f64> {
        let n: u64 = counts.iter().sum();
        if n == 0 {
            return Vec::new();
        }
        let weight = |count: &u64| if *count == 0 { 0.0 } else { (*count as f64 / n as f64).powf(1.0 - balance) };
        let weights: Vec<f64> = counts.iter().map(weight).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }

    /// How often a sampler shows each joint of a grade in one epoch (as many draws as there are joints): above 1 it repeats them. 0 for grades that do
    /// not occur.
    #[must_use]
    pub fn repeats(counts: &[u64], balance: f64) -> Vec<f64> {
        let n: u64 = counts.iter().sum();
        let drawn = Self::sampler(counts, balance);
        counts.iter().zip(drawn).map(|(count, share)| if *count == 0 { 0.0 } else { share * n as f64 / *count as f64 }).collect()
    }
}

impl Evaluation {
    /// The distributions of all parts of a split; [`Split::Limb`] is the paper's figure 8.6.1.
    #[must_use]
    pub fn distributions(&self, split: Split) -> Vec<(Scope, Distribution)> {
        split.scopes().into_iter().map(|scope| (scope, self.distribution(&scope))).collect()
    }

    /// The distributions of groups of joints, which may share some: `groups` are how many there are, and `of` names those of a joint of a patient (by
    /// place). By group, then by [`Scale::ALL`].
    #[must_use]
    pub fn distributions_of(&self, groups: usize, mut of: impl FnMut(usize, &'static Joint, &mut Vec<usize>)) -> Vec<[Distribution; 3]> {
        let mut found: Vec<_> = (0..groups).map(|_| Scale::ALL.map(|scale| Distribution::empty(scale.max_grade()))).collect();
        let mut own = Vec::new();
        for patient in 0..self.patients.len() {
            for joint in joint::all() {
                own.clear();
                of(patient, joint, &mut own);
                if own.is_empty() {
                    continue;
                }
                let (reference, model) = self.grades_of(patient, joint);
                let scale = Scale::of(joint) as usize;
                for group in &own {
                    if let Some(scales) = found.get_mut(*group) {
                        scales[scale].add(reference, model, 1);
                    }
                }
            }
        }
        found
    }

    /// The distribution of one scope.
    #[must_use]
    pub fn distribution(&self, scope: &Scope) -> Distribution {
        let mut found = Distribution::empty(scope.scale.max_grade());
        self.grades.cells(scope).for_each(|cell| found.add(cell.reference, cell.model, cell.count));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_grades_have_as_many_effective_ones_and_a_single_grade_has_one() {
        assert_eq!(Distribution::effective(&[5, 5, 5, 5, 0]), Some(4.0));
        assert_eq!((Distribution::entropy(&[9, 0, 0]), Distribution::effective(&[9, 0, 0])), (Some(0.0), Some(1.0)));
        assert_eq!((Distribution::entropy(&[0, 0]), Distribution::zero_share(&[])), (None, None));
        assert_eq!(Distribution::zero_share(&[3, 1]), Some(0.75));
    }

    #[test]
    fn a_sampler_by_inverse_frequency_draws_every_grade_alike_and_repeats_the_rare_ones() {
        let counts = [90, 9, 1, 0];
        let drawn = Distribution::sampler(&counts, 1.0);
        assert!(drawn[..3].iter().all(|share| (share - 1.0 / 3.0).abs() < 1e-12) && drawn[3] == 0.0);
        let repeats = Distribution::repeats(&counts, 1.0);
        assert!((repeats[2] - 100.0 / 3.0).abs() < 1e-9 && (repeats[0] - 100.0 / 270.0).abs() < 1e-9);
        let natural = Distribution::sampler(&counts, 0.0);
        assert!((natural[0] - 0.9).abs() < 1e-12);
    }
}
