//! The training curves of a run that is followed while it is written: losses by step, metrics by epoch, its last words.

use std::collections::{BTreeMap, VecDeque};

use svh_core::RunEvent;

/// The last words that are kept.
const WORDS: usize = 200;

/// A metric that was measured after an epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Steps done.
    pub step: u64,
    /// Counted from 0.
    pub epoch: u32,
    /// The metric.
    pub value: f64,
}

/// What a run's events have said so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingCurves {
    losses: BTreeMap<String, Vec<(u64, f64)>>,
    metrics: BTreeMap<(String, String), Vec<Measured>>,
    rates: Vec<(u64, f64)>,
    log: VecDeque<String>,
    last_step: u64,
}

/// Some neighbouring points of a curve as one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// The middle of their steps.
    pub step: f64,
    /// The smallest value.
    pub low: f64,
    /// The mean.
    pub mean: f64,
    /// The largest value.
    pub high: f64,
}

impl TrainingCurves {
    /// Takes further events. A run resumed from a checkpoint repeats some steps; the later ones replace the earlier.
    pub fn add(&mut self, events: &[RunEvent]) {
        for event in events {
            match event {
                RunEvent::Step { step, losses, lr, .. } => {
                    if *step <= self.last_step {
                        self.forget_from(*step);
                    }
                    self.last_step = *step;
                    self.rates.push((*step, *lr));
                    for (name, value) in losses {
                        self.losses.entry(name.clone()).or_default().push((*step, *value));
                    }
                }
                RunEvent::Metrics { step, epoch, split, values, .. } => {
                    for (name, value) in values {
                        let metric = Measured { step: *step, epoch: *epoch, value: *value };
                        self.metrics.entry((split.clone(), name.clone())).or_default().push(metric);
                    }
                }
                RunEvent::Log { message, .. } => {
                    self.log.push_back(message.clone());
                    if self.log.len() > WORDS {
                        self.log.pop_front();
                    }
                }
                RunEvent::Progress { .. } => {}
            }
        }
    }

    fn forget_from(&mut self, step: u64) {
        let end = |points: &[(u64, f64)]| points.partition_point(|(of, _)| *of < step);
        self.losses.values_mut().for_each(|points| points.truncate(end(points)));
        self.rates.truncate(end(&self.rates));
        self.metrics.values_mut().for_each(|metrics| metrics.retain(|metric| metric.step < step));
    }

    /// The names of the losses, `total` first.
    #[must_use]
    pub fn losses(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.losses.keys().map(String::as_str).collect();
        names.sort_by_key(|name| (*name != "total", *name));
        names
    }

    /// A loss as `(step, value)`, in the order of steps.
    #[must_use]
    pub fn loss(&self, name: &str) -> &[(u64, f64)] {
        self.losses.get(name).map_or(&[], Vec::as_slice)
    }

    /// The learning rate as `(step, value)`.
    #[must_use]
    pub fn rates(&self) -> &[(u64, f64)] {
        &self.rates
    }

    /// What metrics were measured on, such as `train`, and their names, such as `accuracy`.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metrics.keys().map(|(split, name)| (split.as_str(), name.as_str()))
    }

    /// One metric over the epochs.
    #[must_use]
    pub fn metric(&self, split: &str, name: &str) -> &[Measured] {
        self.metrics.get(&(split.to_owned(), name.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The sentences that the run has said last, the latest at the end.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.log.iter().map(String::as_str)
    }
}

/// A curve as at most `count` buckets of equally many points; values that are not numbers are left out.
#[must_use]
pub fn thinned(points: &[(u64, f64)], count: usize) -> Vec<Bucket> {
    let size = points.len().div_ceil(count.max(1)).max(1);
    let bucket = |part: &[(u64, f64)]| {
        let values = || part.iter().map(|(_, value)| *value).filter(|value| value.is_finite());
        let number = values().count();
        (number > 0).then(|| Bucket {
            step: part.iter().map(|(step, _)| *step as f64).sum::<f64>() / part.len() as f64,
            low: values().fold(f64::INFINITY, f64::min),
            mean: values().sum::<f64>() / number as f64,
            high: values().fold(f64::NEG_INFINITY, f64::max),
        })
    };
    points.chunks(size).filter_map(bucket).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: u64, loss: f64) -> RunEvent {
        let losses = BTreeMap::from([("boxes".to_owned(), loss / 2.0), ("total".to_owned(), loss)]);
        RunEvent::Step { step, epoch: 0, total_steps: 9, losses, lr: 0.1, seconds: 1.0 }
    }

    #[test]
    fn a_run_resumed_from_a_checkpoint_counts_no_step_twice() {
        let mut curves = TrainingCurves::default();
        curves.add(&[step(1, 4.0), step(2, 3.0), step(3, 9.0)]);
        let metrics = |step| RunEvent::Metrics {
            step,
            epoch: 0,
            split: "train".into(),
            values: BTreeMap::from([("accuracy".into(), 0.5)]),
            seconds: 0.0,
        };
        curves.add(&[metrics(3)]);
        curves.add(&[step(2, 2.5), step(3, 2.0), metrics(3)]);
        assert_eq!(curves.losses(), ["total", "boxes"]);
        assert_eq!(curves.loss("total"), [(1, 4.0), (2, 2.5), (3, 2.0)]);
        assert_eq!(curves.metric("train", "accuracy").len(), 1);
        assert_eq!(curves.rates().len(), 3);
    }

    #[test]
    fn a_thinned_curve_keeps_extremes_and_leaves_out_what_is_not_a_number() {
        let points: Vec<(u64, f64)> = (0..10).map(|step| (step, step as f64)).chain([(10, f64::NAN), (11, f64::NAN)]).collect();
        let thin = thinned(&points, 6);
        assert_eq!(thin.len(), 5, "a bucket without a number is none");
        assert_eq!(thin[0], Bucket { step: 0.5, low: 0.0, mean: 0.5, high: 1.0 });
        assert_eq!(thinned(&points[..3], 10).len(), 3);
        assert!(thinned(&[], 5).is_empty());
    }

    #[test]
    fn only_the_last_words_are_kept() {
        let mut curves = TrainingCurves::default();
        for number in 0..300 {
            curves.add(&[RunEvent::Log { message: format!("word {number}"), seconds: 0.0 }]);
        }
        assert_eq!((curves.log().len(), curves.log().next_back()), (WORDS, Some("word 299")));
    }
}
