//! The bootstrap over patients. Joints of one patient resemble each other, so whole patients are drawn, never joints.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{Confusion, GradeMetrics, Interval, NAMED_METRICS};

/// How many resamples an interval rests on.
pub const RESAMPLES: usize = 1000;

/// The seed of every interval that is printed, so that the same data give the same interval.
pub const SEED: u64 = 20_240_607;

/// Draws of patients with replacement, as many as there are patients; the same for every metric of the same patients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resamples {
    /// How many.
    pub count: usize,
    /// Of the generator (ChaCha8); draw `i` has a stream of its own, whatever the number of threads.
    pub seed: u64,
}

impl Default for Resamples {
    fn default() -> Self {
        Self { count: RESAMPLES, seed: SEED }
    }
}

impl Resamples {
    /// How often each of `patients` was drawn in resample `index`.
    #[must_use]
    pub fn draw(&self, index: usize, patients: usize) -> Vec<u32> {
        let mut times = vec![0; patients];
        let Ok(bound) = u32::try_from(patients) else { return times };
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(index as u64);
        for _ in 0..patients {
            times[rng.random_range(0..bound) as usize] += 1;
        }
        times
    }

    /// A statistic of every resample, in parallel. `statistic` is given how often each patient was drawn.
    #[must_use]
    pub fn map<T: Send>(&self, patients: usize, statistic: impl Fn(&[u32]) -> T + Sync) -> Vec<T> {
        (0..self.count).into_par_iter().map(|index| statistic(&self.draw(index, patients))).collect()
    }
}

/// Pairs of grades on one scale, gathered by patient.
#[derive(Clone, Debug)]
pub struct Clusters {
    max_grade: u8,
    /// Reference, model, count; patient after patient.
    cells: Vec<(u8, u8, u32)>,
    /// Where each patient's cells end.
    ends: Vec<usize>,
}

impl Clusters {
    /// No patients yet.
    #[must_use]
    pub fn new(max_grade: u8) -> Self {
        Self { max_grade, cells: Vec::new(), ends: Vec::new() }
    }

    /// Gathers pairs that name their patient, patients in the order in which they first appear.
    #[must_use]
    pub fn of<P: Ord>(max_grade: u8, pairs: impl IntoIterator<Item = (P, u8, u8)>) -> Self {
        let mut places: BTreeMap<P, usize> = BTreeMap::new();
        let mut patients: Vec<Vec<(u8, u8)>> = Vec::new();
        for (patient, reference, model) in pairs {
            let place = *places.entry(patient).or_insert(patients.len());
            if place == patients.len() {
                patients.push(Vec::new());
            }
            patients[place].push((reference, model));
        }
        let mut clusters = Self::new(max_grade);
        patients.into_iter().for_each(|pairs| clusters.push(pairs));
        clusters
    }

    /// Adds a patient with all its pairs.
    pub fn push(&mut self, pairs: impl IntoIterator<Item = (u8, u8)>) {
        let start = self.cells.len();
        for (reference, model) in pairs {
            match self.cells[start..].iter_mut().find(|cell| (cell.0, cell.1) == (reference, model)) {
                Some(cell) => cell.2 += 1,
                None => self.cells.push((reference, model, 1)),
            }
        }
        self.ends.push(self.cells.len());
    }

    /// How many patients there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The table of all patients.
    #[must_use]
    pub fn whole(&self) -> Confusion {
        self.drawn(&vec![1; self.len()])
    }

    /// The table of patients that were drawn so many times each.
    #[must_use]
    pub fn drawn(&self, times: &[u32]) -> Confusion {
        let mut table = Confusion::new(self.max_grade);
        let mut start = 0;
        for (end, times) in self.ends.iter().zip(times) {
            if *times > 0 {
                for (reference, model, count) in &self.cells[start..*end] {
                    table.add(*reference, *model, u64::from(count * times));
                }
            }
            start = *end;
        }
        table
    }

    /// 95 % intervals of [`NAMED_FIGURES`] by name. A metric that most resamples leave undefined has none, and one patient gives none at all.
    #[must_use]
    pub fn intervals(&self, resamples: Resamples) -> BTreeMap<&'static str, Interval> {
        if self.len() < 2 {
            return BTreeMap::new();
        }
        let drawn: Vec<GradeMetrics> = resamples.map(self.len(), |times| self.drawn(times).main_metrics());
        let interval = |(name, read): (&'static str, fn(&GradeMetrics) -> Option<f64>)| {
            let values: Vec<f64> = drawn.iter().map(|metrics| read(metrics).unwrap_or(f64::NAN)).collect();
            Some((name, Interval::of_resamples(&values)?))
        };
        NAMED_METRICS.into_iter().filter_map(interval).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_has_as_many_patients_as_there_are_and_is_the_same_every_time() {
        let resamples = Resamples { count: 3, seed: 7 };
        let first = resamples.draw(1, 50);
        assert_eq!(first.iter().sum::<u32>(), 50);
        assert_eq!(first, resamples.draw(1, 50));
        assert_ne!(first, resamples.draw(2, 50));
    }

    #[test]
    fn an_interval_is_wider_over_patients_than_it_would_be_over_joints() {
        // Twenty patients, each all right or all wrong: joints are no independent evidence.
        let pairs = |patient: u32| (0..40).map(move |_| (patient, 0, u8::from(patient.is_multiple_of(2))));
        let patients = Clusters::of(4, (0..20).flat_map(pairs));
        let joints = Clusters::of(4, (0..20).flat_map(pairs).enumerate().map(|(at, (_, reference, model))| (at, reference, model)));
        let width = |clusters: &Clusters| {
            let interval = clusters.intervals(Resamples::default())["accuracy"];
            interval.high - interval.low
        };
        assert_eq!((patients.len(), joints.len()), (20, 800));
        assert_eq!(patients.whole(), joints.whole());
        assert!(width(&patients) > 4.0 * width(&joints), "{} {}", width(&patients), width(&joints));
    }

    #[test]
    fn one_patient_has_no_interval() {
        assert!(Clusters::of(4, [((), 0, 0), ((), 1, 2)]).intervals(Resamples::default()).is_empty());
    }
}
