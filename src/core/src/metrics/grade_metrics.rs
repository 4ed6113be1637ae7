//! Every metric of ordinal agreement, as scikit-learn and scipy define them. What is undefined is `None` (JSON null), never NaN.

use serde::Serialize;

use super::Confusion;
use super::ranks;

/// Metrics of pairs of grades on one scale.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GradeMetrics {
    /// Pairs.
    pub n: u64,
    /// Share of equal pairs.
    pub accuracy: Option<f64>,
    /// Mean over the reference grades that occur of the share recognised.
    pub balanced_accuracy: Option<f64>,
    /// How many reference grades occur: what balanced accuracy is a mean over.
    pub grades_present: usize,
    /// Mean F1 over the grades that occur in the reference or the model; a grade without any hit counts 0.
    pub macro_f1: Option<f64>,
    /// Share of pairs at most one grade apart.
    pub within1: Option<f64>,
    /// Cohen's kappa with quadratic weights over the full scale.
    pub qwk: Option<f64>,
    /// Cohen's kappa, unweighted.
    pub kappa: Option<f64>,
    /// Cohen's kappa with linear weights.
    pub kappa_linear: Option<f64>,
    /// Root of the mean squared difference.
    pub rmse: Option<f64>,
    /// Mean absolute difference.
    pub mae: Option<f64>,
    /// Mean of model minus reference.
    pub bias: Option<f64>,
    /// Spearman's rank correlation, ties at their mean rank.
    pub spearman: Option<f64>,
    /// Kendall's tau-b.
    pub kendall_tau_b: Option<f64>,
}

/// A metric: its name and how it is read.
pub type NamedMetric = (&'static str, fn(&GradeMetrics) -> Option<f64>);

/// The main metrics, which are given confidence intervals.
pub const NAMED_METRICS: [NamedMetric; 8] = [
    ("accuracy", |metrics| metrics.accuracy),
    ("balanced_accuracy", |metrics| metrics.balanced_accuracy),
    ("macro_f1", |metrics| metrics.macro_f1),
    ("within1", |metrics| metrics.within1),
    ("qwk", |metrics| metrics.qwk),
    ("kappa", |metrics| metrics.kappa),
    ("rmse", |metrics| metrics.rmse),
    ("mae", |metrics| metrics.mae),
];

/// Always giving one grade, measured on the same reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Baseline {
    /// The grade.
    pub grade: u8,
    /// What it comes to.
    #[serde(flatten)]
    pub metrics: GradeMetrics,
}

impl Confusion {
    /// All metrics.
    #[must_use]
    pub fn metrics(&self) -> GradeMetrics {
        GradeMetrics {
            kappa_linear: self.kappa(|a, b| a.abs_diff(b) as f64),
            bias: self.mean(|reference, model| model as f64 - reference as f64),
            spearman: ranks::spearman(self),
            kendall_tau_b: ranks::kendall_tau_b(self),
            ..self.main_metrics()
        }
    }

    /// The metrics of [`NAMED_METRICS`] alone: what a bootstrap works out a thousand times.
    #[must_use]
    pub fn main_metrics(&self) -> GradeMetrics {
        let reference_counts = self.reference_counts();
        let hits = |grade: usize| self.cells().filter(|(a, b, _)| *a == grade && *b == grade).map(|(_, _, n)| n as f64).sum::<f64>();
        let recalls: Vec<f64> =
            reference_counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(grade, n)| hits(grade) / *n as f64).collect();
        let seen = reference_counts.iter().zip(self.model_counts()).map(|(reference, model)| reference + model).enumerate();
        let f1: Vec<f64> = seen.filter(|(_, n)| *n > 0).map(|(grade, n)| 2.0 * hits(grade) / n as f64).collect();
        GradeMetrics {
            n: self.n(),
            accuracy: self.accuracy(),
            balanced_accuracy: mean(&recalls),
            grades_present: recalls.len(),
            macro_f1: mean(&f1),
            within1: self.within1(),
            qwk: self.qwk(),
            kappa: self.kappa(|a, b| f64::from(u8::from(a != b))),
            rmse: self.mean(|a, b| (a.abs_diff(b) * a.abs_diff(b)) as f64).map(f64::sqrt),
            mae: self.mean(|a, b| a.abs_diff(b) as f64),
            ..GradeMetrics::default()
        }
    }

    /// The share of equal pairs.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        self.share(|reference, model| reference == model)
    }

    /// The share of pairs at most one grade apart.
    #[must_use]
    pub fn within1(&self) -> Option<f64> {
        self.share(|reference, model| reference.abs_diff(model) <= 1)
    }

    /// Cohen's kappa with quadratic weights.
    #[must_use]
    pub fn qwk(&self) -> Option<f64> {
        self.kappa(|reference, model| (reference.abs_diff(model) * reference.abs_diff(model)) as f64)
    }

    /// What predicting this one grade everywhere would come to.
    #[must_use]
    pub fn baseline(&self, grade: u8) -> Baseline {
        Baseline { grade, metrics: self.all_as(grade).metrics() }
    }

    fn mean(&self, of: impl Fn(usize, usize) -> f64) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| self.cells().map(|(reference, model, count)| of(reference, model) * count as f64).sum::<f64>() / n as f64)
    }

    fn share(&self, counts: impl Fn(usize, usize) -> bool) -> Option<f64> {
        self.mean(|reference, model| f64::from(u8::from(counts(reference, model))))
    }

    /// Cohen's kappa: 1 - observed / expected disagreement. Undefined where chance alone cannot disagree, as when both readers know one grade only.
    fn kappa(&self, weight: impl Fn(usize, usize) -> f64) -> Option<f64> {
        let (reference_counts, model_counts, n) = (self.reference_counts(), self.model_counts(), self.n() as f64);
        let (mut observed, mut expected) = (0.0, 0.0);
        for (reference, model, count) in self.cells() {
            let weight = weight(reference, model);
            observed += weight * count as f64;
            expected += weight * reference_counts[reference] as f64 * model_counts[model] as f64;
        }
        (expected > 0.0).then(|| 1.0 - observed * n / expected)
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_grade_only_leaves_kappa_and_correlation_undefined_and_all_else_perfect() {
        let metrics = Confusion::of(4, [(0, 0); 7]).metrics();
        assert_eq!((metrics.kappa, metrics.qwk, metrics.spearman, metrics.kendall_tau_b), (None, None, None, None));
        assert_eq!((metrics.accuracy, metrics.balanced_accuracy, metrics.grades_present), (Some(1.0), Some(1.0), 1));
        assert_eq!((metrics.macro_f1, metrics.rmse), (Some(1.0), Some(0.0)));
    }

    #[test]
    fn nothing_has_no_metrics() {
        let metrics = Confusion::new(5).metrics();
        assert_eq!(metrics, GradeMetrics::default());
        assert!(!serde_json::to_string(&metrics).unwrap().contains("NaN"));
    }

    #[test]
    fn the_all_zero_baseline_has_the_root_of_the_mean_square_of_the_reference() {
        let table = Confusion::of(5, [(0, 1), (0, 0), (2, 5), (5, 5)]);
        let zero = table.baseline(0);
        assert_eq!(zero.metrics.rmse, Some((29.0_f64 / 4.0).sqrt()));
        assert_eq!(zero.metrics.accuracy, Some(0.5));
        assert_eq!(table.majority(), 0);
    }
}
