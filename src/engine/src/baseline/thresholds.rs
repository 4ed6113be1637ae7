//! From a measure to a grade: rising thresholds, fitted for the best quadratic kappa.

use crate::train::validation_metrics::ValidationMetrics;

/// Steps between which thresholds are looked for, of equally many joints each.
const STEPS: usize = 200;

/// One threshold a grade above 0; the grade is the number of thresholds that a measure reaches.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thresholds(Vec<f32>);

impl Thresholds {
    /// The thresholds with which joints of these reference grades and measures have the best quadratic kappa, and that kappa: each is moved in turn until none
    /// finds a better place, from several beginnings. `None` without joints.
    #[must_use]
    pub(crate) fn fit(measured: &[(u8, f32)], max: u8) -> Option<(Self, f64)> {
        let mut sorted: Vec<f32> = measured.iter().map(|(_, value)| *value).collect();
        sorted.sort_by(f32::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let mut steps: Vec<f32> = (0..=STEPS).map(|step| sorted[last * step / STEPS]).collect();
        // Above all measures: a grade that is never given.
        steps.push(sorted[last] + 1.0);
        steps.dedup();
        let counted = Counted::of(measured, &steps, max);
        let beginnings = [0.5, 0.7, 0.85].map(|first| counted.spread(first)).into_iter().chain([counted.natural(measured)]);
        let best = beginnings.map(|places| counted.climb(places)).max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((Self(best.0.into_iter().map(|place| steps[place]).collect()), best.1))
    }

    /// The grade of a measure.
    #[must_use]
    pub fn grade(&self, measure: f32) -> u8 {
        self.0.iter().filter(|threshold| measure >= **threshold).count() as u8
    }

    /// One a grade above 0, rising.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.0
    }
}

/// Joints by reference grade and by the last step that they reach.
struct Counted {
    /// By grade: how many joints lie below each step.
    below: Vec<Vec<u64>>,
    max: u8,
    steps: usize,
}

impl Counted {
    fn of(measured: &[(u8, f32)], steps: &[f32], max: u8) -> Self {
        let mut below = vec![vec![0; steps.len()]; usize::from(max) + 1];
        for (grade, value) in measured {
            let reached = steps.partition_point(|step| step <= value);
            below[usize::from((*grade).min(max))][reached.min(steps.len())..].iter_mut().for_each(|count| *count += 1);
        }
        Self { below, max, steps: steps.len() }
    }

    /// Evenly from this share of the steps on.
    fn spread(&self, first: f64) -> Vec<usize> {
        let (start, last) = (self.steps as f64 * first, (self.steps - 1) as f64);
        (0..self.max).map(|grade| (start + (last - start) * f64::from(grade) / f64::from(self.max)).min(last) as usize).collect()
    }

    /// As often as readers gave each grade.
    fn natural(&self, measured: &[(u8, f32)]) -> Vec<usize> {
        let share = |grade: u8| measured.iter().filter(|(reference, _)| *reference <= grade).count() as f64 / measured.len() as f64;
        (0..self.max).map(|grade| ((self.steps - 1) as f64 * share(grade)) as usize).collect()
    }

    fn climb(&self, mut places: Vec<usize>) -> (Vec<usize>, f64) {
        let mut best = self.qwk(&places);
        loop {
            let before = best;
            for at in 0..places.len() {
                let (low, high) = (at.checked_sub(1).map_or(0, |at| places[at]), places.get(at + 1).copied().unwrap_or(self.steps - 1));
                for place in low..=high {
                    let mut moved = places.clone();
                    moved[at] = place;
                    let kappa = self.qwk(&moved);
                    if kappa > best {
                        (best, places) = (kappa, moved);
                    }
                }
            }
            if best <= before {
                return (places, best);
            }
        }
    }

    fn qwk(&self, places: &[usize]) -> f64 {
        let mut metrics = ValidationMetrics::new(self.max);
        for (reference, below) in self.below.iter().enumerate() {
            let all = below[self.steps - 1];
            let reached = |grade: usize| grade.checked_sub(1).map_or(0, |at| below[places[at]]);
            for grade in 0..=usize::from(self.max) {
                let end = if grade == usize::from(self.max) { all } else { below[places[grade]] };
                metrics.add_many(reference as u8, grade as u8, end - reached(grade));
            }
        }
        metrics.qwk()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_that_a_measure_tells_apart_are_told_apart() {
        // Grade g measures from g to g + 0.9.
        let measured: Vec<(u8, f32)> =
            (0..5).flat_map(|grade| (0..40).map(move |n| (grade, f32::from(grade) + n as f32 * 0.0225))).collect();
        let (thresholds, kappa) = Thresholds::fit(&measured, 4).unwrap();
        assert!(kappa > 0.999, "{kappa} {thresholds:?}");
        assert!(measured.iter().all(|(grade, value)| thresholds.grade(*value) == *grade), "{thresholds:?}");
        assert_eq!((thresholds.grade(-1.0), thresholds.grade(99.0)), (0, 4));
    }

    #[test]
    fn a_measure_that_says_nothing_has_a_kappa_near_0_and_no_joint_no_thresholds() {
        let measured: Vec<(u8, f32)> = (0..300).map(|n| ((n % 3) as u8, (n * 7919 % 300) as f32)).collect();
        let (_, kappa) = Thresholds::fit(&measured, 2).unwrap();
        assert!((0.0..0.25).contains(&kappa), "{kappa}");
        assert_eq!(Thresholds::fit(&[], 4), None);
    }
}
