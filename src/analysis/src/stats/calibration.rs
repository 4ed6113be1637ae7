//! Whether a grader knows how sure it may be.

use serde::Serialize;

/// Bins of confidence, of equal width.
pub const BINS: usize = 10;

/// Calibration of the grades that were chosen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Joints.
    pub n: usize,
    /// Expected calibration error over ten bins of equal width: the mean gap between confidence and share of hits, weighted by the bins' sizes.
    pub ece: f64,
    /// Mean squared difference between confidence and hit (1) or miss (0).
    pub brier: f64,
    /// By bin: joints, mean confidence, share of hits.
    pub bins: Vec<(usize, f64, f64)>,
}

/// The bin of a confidence, 0 to 9; the upper edge belongs to the bin above, but for 1.
#[must_use]
pub fn bin(confidence: f64) -> usize {
    ((confidence * BINS as f64) as usize).min(BINS - 1)
}

/// Calibration of pairs of confidence (0 to 1) and whether the grade was right. `None` for no pairs.
#[must_use]
pub fn calibration(pairs: impl IntoIterator<Item = (f64, bool)>) -> Option<Calibration> {
    let (mut sums, mut square, mut n) = ([(0_usize, 0.0, 0.0); BINS], 0.0, 0_usize);
    for (confidence, right) in pairs {
        let right = f64::from(u8::from(right));
        let bin = &mut sums[bin(confidence)];
        *bin = (bin.0 + 1, bin.1 + confidence, bin.2 + right);
        square += (confidence - right).powi(2);
        n += 1;
    }
    (n > 0).then(|| Calibration {
        n,
        ece: sums.iter().map(|(_, confidence, right)| (right - confidence).abs()).sum::<f64>() / n as f64,
        brier: square / n as f64,
        bins: sums.iter().map(|(count, c, r)| (*count, c / (*count).max(1) as f64, r / (*count).max(1) as f64)).collect(),
    })
}
