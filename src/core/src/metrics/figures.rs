//! Every figure of ordinal agreement, as scikit-learn and scipy define them. What is undefined is `None` (JSON null), never NaN.

use serde::Serialize;

use super::Confusion;
use super::ranks;

/// Figures of pairs of grades on one scale.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Pairs.
    pub n: u64,
    /// Share of equal pairs.
    pub accuracy: Option<f64>,
    /// Mean over the true grades that occur of the share recognised.
    pub balanced_accuracy: Option<f64>,
    /// How many true grades occur: what balanced accuracy is a mean over.
    pub grades_present: usize,
    /// Mean F1 over the grades that occur as truth or as prediction; a grade without any hit counts 0.
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
    /// Mean of prediction minus truth.
    pub bias: Option<f64>,
    /// Spearman's rank correlation, ties at their mean rank.
    pub spearman: Option<f64>,
    /// Kendall's tau-b.
    pub kendall_tau_b: Option<f64>,
}

/// A figure: its name and how it is read.
pub type NamedFigure = (&'static str, fn(&Figures) -> Option<f64>);

/// The main figures, which are given confidence intervals.
pub const NAMED_FIGURES: [NamedFigure; 8] = [
    ("accuracy", |figures| figures.accuracy),
    ("balanced_accuracy", |figures| figures.balanced_accuracy),
    ("macro_f1", |figures| figures.macro_f1),
    ("within1", |figures| figures.within1),
    ("qwk", |figures| figures.qwk),
    ("kappa", |figures| figures.kappa),
    ("rmse", |figures| figures.rmse),
    ("mae", |figures| figures.mae),
];

/// A prediction of one and the same grade for all joints, measured on the same truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Baseline {
    /// The grade.
    pub grade: u8,
    /// What it comes to.
    #[serde(flatten)]
    pub figures: Figures,
}

impl Confusion {
    /// All figures.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures {
            kappa_linear: self.kappa(|a, b| a.abs_diff(b) as f64),
            bias: self.mean(|truth, predicted| predicted as f64 - truth as f64),
            spearman: ranks::spearman(self),
            kendall_tau_b: ranks::kendall_tau_b(self),
            ..self.main_figures()
        }
    }

    /// The figures of [`NAMED_FIGURES`] alone: what a bootstrap works out a thousand times.
    #[must_use]
    pub fn main_figures(&self) -> Figures {
        let truths = self.truths();
        let hits = |grade: usize| self.cells().filter(|(a, b, _)| *a == grade && *b == grade).map(|(_, _, n)| n as f64).sum::<f64>();
        let recalls: Vec<f64> = truths.iter().enumerate().filter(|(_, n)| **n > 0).map(|(grade, n)| hits(grade) / *n as f64).collect();
        let seen = truths.iter().zip(self.predictions()).map(|(truth, predicted)| truth + predicted).enumerate();
        let f1: Vec<f64> = seen.filter(|(_, n)| *n > 0).map(|(grade, n)| 2.0 * hits(grade) / n as f64).collect();
        Figures {
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
            ..Figures::default()
        }
    }

    /// The share of equal pairs.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        self.share(|truth, predicted| truth == predicted)
    }

    /// The share of pairs at most one grade apart.
    #[must_use]
    pub fn within1(&self) -> Option<f64> {
        self.share(|truth, predicted| truth.abs_diff(predicted) <= 1)
    }

    /// Cohen's kappa with quadratic weights.
    #[must_use]
    pub fn qwk(&self) -> Option<f64> {
        self.kappa(|truth, predicted| (truth.abs_diff(predicted) * truth.abs_diff(predicted)) as f64)
    }

    /// What predicting this one grade everywhere would come to.
    #[must_use]
    pub fn baseline(&self, grade: u8) -> Baseline {
        Baseline { grade, figures: self.all_as(grade).figures() }
    }

    fn mean(&self, of: impl Fn(usize, usize) -> f64) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| self.cells().map(|(truth, predicted, count)| of(truth, predicted) * count as f64).sum::<f64>() / n as f64)
    }

    fn share(&self, counts: impl Fn(usize, usize) -> bool) -> Option<f64> {
        self.mean(|truth, predicted| f64::from(u8::from(counts(truth, predicted))))
    }

    /// Cohen's kappa: 1 - observed / expected disagreement. Undefined where chance alone cannot disagree, as when both readers know one grade only.
    fn kappa(&self, weight: impl Fn(usize, usize) -> f64) -> Option<f64> {
        let (truths, predictions, n) = (self.truths(), self.predictions(), self.n() as f64);
        let (mut observed, mut expected) = (0.0, 0.0);
        for (truth, predicted, count) in self.cells() {
            let weight = weight(truth, predicted);
            observed += weight * count as f64;
            expected += weight * truths[truth] as f64 * predictions[predicted] as f64;
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
        let figures = Confusion::of(4, [(0, 0); 7]).figures();
        assert_eq!((figures.kappa, figures.qwk, figures.spearman, figures.kendall_tau_b), (None, None, None, None));
        assert_eq!((figures.accuracy, figures.balanced_accuracy, figures.grades_present), (Some(1.0), Some(1.0), 1));
        assert_eq!((figures.macro_f1, figures.rmse), (Some(1.0), Some(0.0)));
    }

    #[test]
    fn nothing_has_no_figures() {
        let figures = Confusion::new(5).figures();
        assert_eq!(figures, Figures::default());
        assert!(!serde_json::to_string(&figures).unwrap().contains("NaN"));
    }

    #[test]
    fn the_all_zero_baseline_has_the_root_of_the_mean_square_of_the_truth() {
        let table = Confusion::of(5, [(0, 1), (0, 0), (2, 5), (5, 5)]);
        let zero = table.baseline(0);
        assert_eq!(zero.figures.rmse, Some((29.0_f64 / 4.0).sqrt()));
        assert_eq!(zero.figures.accuracy, Some(0.5));
        assert_eq!(table.majority(), 0);
    }
}
