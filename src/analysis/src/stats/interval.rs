//! Confidence intervals and the percentiles they are made of.

use serde::{Deserialize, Serialize};
use svh_core::metrics::quantile;

/// A 95 % confidence interval; in JSON an array of two numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f64; 2]", into = "[f64; 2]")]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl From<[f64; 2]> for Interval {
    fn from([low, high]: [f64; 2]) -> Self {
        Self { low, high }
    }
}

impl From<Interval> for [f64; 2] {
    fn from(interval: Interval) -> Self {
        [interval.low, interval.high]
    }
}

impl Interval {
    /// The middle 95 % of resampled values, percentiles interpolated linearly (numpy's default, type 7 of Hyndman and Fan). Values that are no
    /// number are left out; `None` where these are more than half, as what is left would not stand for the rest.
    #[must_use]
    pub fn of_resamples(values: &[f64]) -> Option<Self> {
        let mut known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        if known.is_empty() || known.len() * 2 < values.len() {
            return None;
        }
        known.sort_unstable_by(f64::total_cmp);
        Some(Self { low: quantile(&known, 0.025)?, high: quantile(&known, 0.975)? })
    }

    /// Half-width `half` on both sides of `middle`.
    #[must_use]
    pub fn around(middle: f64, half: f64) -> Self {
        Self { low: middle - half, high: middle + half }
    }

    /// Whether a value lies in it.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}
