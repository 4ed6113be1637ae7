//! Rare grades drawn more often in training, and the correction that takes the effect back out of the probabilities.
//!
//! Within a scale, a grade of frequency p is drawn in proportion to p^(1 - balance): 1 draws all grades equally often (the paper's
//! oversampling), 0 draws as they come. A network trained so overrates rare grades by p^-balance; adding log(p / drawn) to its
//! logits gives back the probabilities for patients as they are (logit adjustment, Menon et al. 2021, arXiv:2007.07314).

use rand::Rng;

/// How often each output's grade occurs, and how often it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedSampler {
    /// Per sample, summed up to it.
    cumulative: Vec<f64>,
    /// What is added to the logits, one an output; 0 for outputs of no scale.
    pub log_prior: Vec<f32>,
    /// How many samples each output has.
    pub counts: Vec<usize>,
}

impl WeightedSampler {
    /// For samples with these outputs (the output that stands for each sample's grade); `scales` are the ranges of outputs that exclude each other.
    #[must_use]
    pub fn new(outputs: &[usize], scales: &[std::ops::Range<usize>], classes: usize, balance: f64) -> Self {
        let mut counts = vec![0; classes];
        for output in outputs {
            counts[*output] += 1;
        }
        let mut weights = vec![0.0; classes];
        let mut log_prior = vec![0.0; classes];
        for scale in scales {
            let total: usize = counts[scale.clone()].iter().sum();
            // A grade that never occurs counts as half a sample: unlikely, not impossible.
            let natural = |output: usize| (counts[output] as f64).max(0.5) / total.max(1) as f64;
            let drawn: f64 = scale.clone().map(|output| natural(output).powf(1.0 - balance)).sum();
            for output in scale.clone() {
                let share = natural(output).powf(1.0 - balance) / drawn;
                weights[output] = share * total as f64 / counts[output].max(1) as f64;
                log_prior[output] = (natural(output) / share).ln() as f32;
            }
        }
        let mut sum = 0.0;
        let cumulative = outputs.iter().map(|output| {
            sum += weights[*output];
            sum
        });
        Self { cumulative: cumulative.collect(), log_prior, counts }
    }

    /// Corrects to the frequencies of other patients: `target` counts them by output. For a training cohort in which rare grades were made common.
    #[must_use]
    pub fn aimed_at(mut self, target: &[usize], scales: &[std::ops::Range<usize>]) -> Self {
        let frequency = |counts: &[usize], output: usize, scale: &std::ops::Range<usize>| {
            (counts[output] as f64).max(0.5) / counts[scale.clone()].iter().sum::<usize>().max(1) as f64
        };
        for scale in scales {
            for output in scale.clone() {
                let ratio = frequency(target, output, scale) / frequency(&self.counts, output, scale);
                self.log_prior[output] += ratio.ln() as f32;
            }
        }
        self
    }

    /// Draws a sample.
    pub fn draw(&self, rng: &mut impl Rng) -> usize {
        let target = rng.random::<f64>() * self.cumulative.last().copied().unwrap_or(0.0);
        self.cumulative.partition_point(|sum| *sum <= target).min(self.cumulative.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    // One scale is a list of one range.
    #![allow(clippy::single_range_in_vec_init)]

    use super::*;
    use crate::data::order::rng_of;

    /// 90 of grade 0, 9 of 1, 1 of 2.
    fn skewed() -> Vec<usize> {
        [vec![0; 90], vec![1; 9], vec![2; 1]].concat()
    }

    #[test]
    fn full_balance_draws_every_grade_equally_often() {
        let outputs = skewed();
        let balance = WeightedSampler::new(&outputs, &[0..3], 3, 1.0);
        let mut rng = rng_of(1, 2, 3);
        let mut drawn = [0; 3];
        for _ in 0..30_000 {
            drawn[outputs[balance.draw(&mut rng)]] += 1;
        }
        assert!(drawn.iter().all(|n| (9_500..10_500).contains(n)), "{drawn:?}");
    }

    #[test]
    fn a_correction_to_other_patients_gives_their_frequencies() {
        let balance =
            WeightedSampler::new(&[vec![0; 30], vec![1; 40], vec![2; 30]].concat(), &[0..3], 3, 1.0).aimed_at(&[80, 15, 5], &[0..3]);
        let odds: Vec<f64> = balance.log_prior.iter().map(|l| f64::from(*l).exp() / 3.0).collect();
        for (found, expected) in odds.iter().zip([0.80, 0.15, 0.05]) {
            assert!((found - expected).abs() < 1e-6, "{odds:?}");
        }
    }

    #[test]
    fn the_correction_turns_balanced_odds_back_into_natural_ones() {
        // A network that has learned nothing but the drawn frequencies says one third each; corrected, it must say the natural frequencies.
        let balance = WeightedSampler::new(&skewed(), &[0..3], 3, 1.0);
        let odds: Vec<f64> = balance.log_prior.iter().map(|v| f64::from(*v).exp() / 3.0).collect();
        let sum: f64 = odds.iter().sum();
        for (odd, natural) in odds.iter().zip([0.9, 0.09, 0.01]) {
            assert!((odd / sum - natural).abs() < 1e-6);
        }
        let untouched = WeightedSampler::new(&skewed(), &[0..3], 3, 0.0);
        assert!(untouched.log_prior.iter().all(|v| v.abs() < 1e-6));
    }

    #[test]
    fn two_scales_keep_their_share_of_the_samples() {
        let outputs = [skewed(), vec![3; 240], vec![4; 60]].concat();
        let balance = WeightedSampler::new(&outputs, &[0..3, 3..5], 5, 1.0);
        let mut rng = rng_of(1, 2, 3);
        let second = (0..20_000).filter(|_| outputs[balance.draw(&mut rng)] >= 3).count();
        assert!((14_500..15_500).contains(&second), "{second}");
    }
}
