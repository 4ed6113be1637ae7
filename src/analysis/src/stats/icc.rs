//! Intraclass correlation: the six forms of Shrout and Fleiss (Psychol Bull 1979; 86:420) in McGraw and Wong's names, with F tests and exact intervals.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::Interval;

/// A form of the coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum IccKind {
    /// One-way random effects, a single reading.
    #[serde(rename = "ICC(1,1)")]
    OneWay,
    /// Absolute agreement of single readings.
    #[serde(rename = "ICC(A,1)")]
    Agreement,
    /// Consistency of single readings: a constant difference between the readers does not count.
    #[serde(rename = "ICC(C,1)")]
    Consistency,
    /// One-way, the mean of all readers.
    #[serde(rename = "ICC(1,k)")]
    OneWayMean,
    /// Absolute agreement of the mean of all readers.
    #[serde(rename = "ICC(A,k)")]
    AgreementMean,
    /// Consistency of the mean of all readers.
    #[serde(rename = "ICC(C,k)")]
    ConsistencyMean,
}

/// A coefficient with its test against 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Icc {
    /// Which.
    pub kind: IccKind,
    /// The coefficient.
    pub value: f64,
    /// F statistic.
    pub f: f64,
    /// Its degrees of freedom.
    pub df: (f64, f64),
    /// Probability of such an F if nothing correlates.
    pub p: f64,
    /// 95 % confidence interval; absent where it is not defined.
    pub ci95: Option<Interval>,
}

/// The six coefficients of readings, one row a patient with one value a reader. `None` for fewer than two patients or readers, rows of several
/// lengths, or readings that do not vary at all.
#[must_use]
pub fn icc(readings: &[Vec<f64>]) -> Option<[Icc; 6]> {
    let (n, k) = (readings.len() as f64, readings.first()?.len() as f64);
    if n < 2.0 || k < 2.0 || readings.iter().any(|row| row.len() as f64 != k) {
        return None;
    }
    let squares = Squares::of(readings, n, k);
    let Squares { patients: msb, within: msw, readers: msj, error: mse } = squares;
    if msb <= 0.0 && msw <= 0.0 {
        return None;
    }
    let one_way = (msb - msw) / (msb + (k - 1.0) * msw);
    let agreement = (msb - mse) / (msb + (k - 1.0) * mse + k * (msj - mse) / n);
    let consistency = (msb - mse) / (msb + (k - 1.0) * mse);
    let (df1, df_within, df_error) = (n - 1.0, n * (k - 1.0), (n - 1.0) * (k - 1.0));
    let single = |f: f64, df2: f64| ratio_bounds(f, df1, df2).map(|bounds| bounds.map(|f| (f - 1.0) / (f + k - 1.0)));
    let mean = |f: f64, df2: f64| ratio_bounds(f, df1, df2).map(|bounds| bounds.map(|f| 1.0 - 1.0 / f));
    let absolute = absolute_bounds(squares, n, k, agreement);
    let stepped_up = absolute.map(|bounds| bounds.map(|value| value * k / (1.0 + value * (k - 1.0))));
    let (f_within, f_error) = (msb / msw, msb / mse);
    let row = |kind, value, f: f64, df2, ci: Option<[f64; 2]>| Icc {
        kind,
        value,
        f,
        df: (df1, df2),
        p: beyond(f, df1, df2),
        ci95: ci.filter(|ends| ends.iter().all(|end| end.is_finite())).map(Interval::from),
    };
    Some([
        row(IccKind::OneWay, one_way, f_within, df_within, single(f_within, df_within)),
        row(IccKind::Agreement, agreement, f_error, df_error, absolute),
        row(IccKind::Consistency, consistency, f_error, df_error, single(f_error, df_error)),
        row(IccKind::OneWayMean, (msb - msw) / msb, f_within, df_within, mean(f_within, df_within)),
        row(IccKind::AgreementMean, (msb - mse) / (msb + (msj - mse) / n), f_error, df_error, stepped_up),
        row(IccKind::ConsistencyMean, (msb - mse) / msb, f_error, df_error, mean(f_error, df_error)),
    ])
}

/// Probability of an F above this one. Readers who differ by a constant have an F without bounds, of which statrs makes a panic.
fn beyond(f: f64, df1: f64, df2: f64) -> f64 {
    match FisherSnedecor::new(df1, df2) {
        _ if f == f64::INFINITY => 0.0,
        Ok(distribution) if f.is_finite() => distribution.sf(f),
        _ => f64::NAN,
    }
}

/// Mean squares of the two-way table without repetition.
#[derive(Clone, Copy)]
struct Squares {
    patients: f64,
    within: f64,
    readers: f64,
    error: f64,
}

impl Squares {
    fn of(readings: &[Vec<f64>], n: f64, k: f64) -> Self {
        let all: f64 = readings.iter().flatten().sum::<f64>() / (n * k);
        let row_means: Vec<f64> = readings.iter().map(|row| row.iter().sum::<f64>() / k).collect();
        let column_means: Vec<f64> = (0..k as usize).map(|j| readings.iter().map(|row| row[j]).sum::<f64>() / n).collect();
        let between = k * row_means.iter().map(|mean| (mean - all).powi(2)).sum::<f64>();
        let readers = n * column_means.iter().map(|mean| (mean - all).powi(2)).sum::<f64>();
        let residual = |(row, mean): (&Vec<f64>, &f64)| {
            row.iter().zip(&column_means).map(|(value, column)| (value - mean - column + all).powi(2)).sum::<f64>()
        };
        let error: f64 = readings.iter().zip(&row_means).map(residual).sum();
        Self {
            patients: between / (n - 1.0),
            within: (readers + error) / (n * (k - 1.0)),
            readers: readers / (k - 1.0),
            error: error / ((n - 1.0) * (k - 1.0)),
        }
    }
}

/// Where the ratio of the true variances lies, given the observed one.
fn ratio_bounds(f: f64, df1: f64, df2: f64) -> Option<[f64; 2]> {
    Some([f / quantile(df1, df2)?, f * quantile(df2, df1)?])
}

/// McGraw and Wong's interval for absolute agreement (Psychol Methods 1996; 1:30), with Satterthwaite's degrees of freedom.
fn absolute_bounds(squares: Squares, n: f64, k: f64, icc: f64) -> Option<[f64; 2]> {
    let Squares { patients: msb, readers: msj, error: mse, .. } = squares;
    let fj = msj / mse;
    let part = n * (1.0 + (k - 1.0) * icc) - k * icc;
    let above = (n - 1.0) * (k - 1.0) * (k * icc * fj + part).powi(2);
    let df = above / ((n - 1.0) * k * k * icc * icc * fj * fj + part * part);
    let (upper, lower) = (quantile(n - 1.0, df)?, quantile(df, n - 1.0)?);
    let noise = k * msj + (k * n - k - n) * mse;
    Some([n * (msb - upper * mse) / (upper * noise + n * msb), n * (lower * msb - mse) / (noise + n * lower * msb)])
}

/// The 97.5 % quantile of F.
fn quantile(df1: f64, df2: f64) -> Option<f64> {
    let sound = df1.is_finite() && df2.is_finite() && df1 > 0.0 && df2 > 0.0;
    sound.then(|| FisherSnedecor::new(df1, df2).ok().map(|f| f.inverse_cdf(0.975))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_who_differ_by_a_constant_or_contradict_each_other_have_coefficients_all_the_same() {
        let of = |pairs: &[[f64; 2]], kind| {
            let rows: Vec<Vec<f64>> = pairs.iter().map(|pair| pair.to_vec()).collect();
            icc(&rows).unwrap().into_iter().find(|row| row.kind == kind).unwrap()
        };
        let apart = of(&[[1.0, 11.0], [3.0, 13.0], [8.0, 18.0]], IccKind::Consistency);
        assert_eq!((apart.value, apart.p), (1.0, 0.0));
        assert!(of(&[[1.0, 11.0], [3.0, 13.0], [8.0, 18.0]], IccKind::Agreement).value < 0.3);
        let contrary = of(&[[0.0, 1.0], [1.0, 0.0]], IccKind::Consistency);
        assert_eq!((contrary.value, contrary.p), (-1.0, 1.0));
    }
}
