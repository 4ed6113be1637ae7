//! Agreement of totals: Bland and Altman's limits, Lin's concordance, the smallest detectable change.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Interval;

/// The normal quantile as the literature rounds it, so that limits can be laid beside published ones.
const Z95: f64 = 1.96;

/// Differences of two readers of the same patients (Bland and Altman, Lancet 1986; 1:307).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlandAltman {
    /// Patients.
    pub n: usize,
    /// Mean difference.
    pub bias: f64,
    /// Standard deviation of the differences (n - 1).
    pub sd: f64,
    /// Limits of agreement: bias -+ 1.96 standard deviations.
    pub limits: Interval,
    /// 95 % confidence interval of the bias (Student's t).
    pub bias_ci95: Interval,
    /// 95 % confidence interval of the lower limit.
    pub low_ci95: Interval,
    /// 95 % confidence interval of the upper limit.
    pub high_ci95: Interval,
}

impl BlandAltman {
    /// Of differences, at least two.
    #[must_use]
    pub fn of(differences: &[f64]) -> Option<Self> {
        let n = differences.len() as f64;
        let (bias, sd) = mean_sd(differences)?;
        let t = StudentsT::new(0.0, 1.0, n - 1.0).ok()?.inverse_cdf(0.975);
        let limits = Interval::around(bias, Z95 * sd);
        let of_bias = t * sd / n.sqrt();
        let of_limit = t * sd * (1.0 / n + Z95 * Z95 / (2.0 * (n - 1.0))).sqrt();
        Some(Self {
            n: differences.len(),
            bias,
            sd,
            limits,
            bias_ci95: Interval::around(bias, of_bias),
            low_ci95: Interval::around(limits.low, of_limit),
            high_ci95: Interval::around(limits.high, of_limit),
        })
    }
}

/// Lin's concordance correlation coefficient (Biometrics 1989; 45:255), moments over n. `None` where neither reader's totals vary and they are equal.
#[must_use]
pub fn concordance(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (a, b) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let moment = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let covariance = moment(&|pair| (pair.0 - a) * (pair.1 - b));
    let spread = moment(&|pair| (pair.0 - a).powi(2)) + moment(&|pair| (pair.1 - b).powi(2)) + (a - b).powi(2);
    (spread > 0.0).then(|| 2.0 * covariance / spread)
}

/// The smallest change of one patient that is beyond the error of measurement: `z * sd / sqrt(2 * readers)`, where `sd` is the standard deviation of
/// the difference between two readers' changes and `readers` how many readers are averaged (Bruynesteyn et al., Ann Rheum Dis 2005; 64:179).
#[must_use]
pub fn smallest_detectable_change(sd_of_changes: f64, readers: u32, z: f64) -> f64 {
    z * sd_of_changes / (2.0 * f64::from(readers)).sqrt()
}

/// Mean and standard deviation (n - 1) of at least two values.
fn mean_sd(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    Some((mean, (square / (n - 1.0)).sqrt()))
}
