//! What a scorer says of the crops held out, as metrics: as grades occur, and with all grades equally frequent.

use std::collections::BTreeMap;

use svh_core::JointScore;

use super::validation_metrics::ValidationMetrics;
use super::weighted_sampler::WeightedSampler;
use crate::data::joint_crops::HeldOutCrop;
use crate::data::order::rng_of;
use crate::scorer;

/// Metrics by the scale's name.
pub fn by_scale(said: &[(&HeldOutCrop, JointScore)]) -> BTreeMap<&'static str, Measured> {
    let mut metrics: BTreeMap<&'static str, Measured> = BTreeMap::new();
    for (held, score) in said {
        let name = scorer::scale_name(held.joint);
        metrics.entry(name).or_insert_with(|| Measured::new(held.joint.max_grade)).add(held.grade, score);
    }
    metrics
}

/// The balanced validation: of each scale as many crops as there are, drawn again and again so that all grades that occur are equally frequent (the
/// paper's weighted random sampler). The same crops at every measurement.
pub fn balanced<'h>(said: &[(&'h HeldOutCrop, JointScore)], seed: u64) -> Vec<(&'h HeldOutCrop, JointScore)> {
    let mut scales: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    for (place, (held, _)) in said.iter().enumerate() {
        scales.entry(scorer::scale_name(held.joint)).or_default().push(place);
    }
    let drawn = scales.into_values().flat_map(|places| {
        let grades: Vec<usize> = places.iter().map(|place| usize::from(said[*place].0.grade)).collect();
        let outputs = grades.iter().max().map_or(0, |grade| grade + 1);
        let balance = WeightedSampler::new(&grades, std::slice::from_ref(&(0..outputs)), outputs, 1.0);
        let mut rng = rng_of(seed, u64::MAX - 3, 0);
        (0..places.len()).map(|_| places[balance.draw(&mut rng)]).collect::<Vec<_>>()
    });
    drawn.map(|place| said[place].clone()).collect()
}

/// Metrics of one scale.
#[derive(Clone, Debug)]
pub struct Measured {
    /// From the most probable grades.
    pub grades: ValidationMetrics,
    log_loss: f64,
}

impl Measured {
    fn new(max_grade: u8) -> Self {
        Self { grades: ValidationMetrics::new(max_grade), log_loss: 0.0 }
    }

    fn add(&mut self, reference: u8, score: &JointScore) {
        self.grades.add(reference, score.grade);
        self.log_loss -= f64::from(score.probabilities.get(usize::from(reference)).copied().unwrap_or(0.0)).max(1e-12).ln();
    }

    /// Mean negative logarithm of the reference grade's probability.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.log_loss / self.grades.n().max(1) as f64
    }
}
