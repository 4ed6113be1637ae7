//! From a scale's logits to the probabilities of its grades.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::Result;

/// How a scale's K logits become K probabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Head {
    /// Grades without order, as in the paper.
    #[default]
    Softmax,
    /// Grades in order, by continuation ratios (CORN, Shi, Cao and Raschka 2021, arXiv:2111.08851): logit k says how likely a joint that is at least
    /// k is above k; the last logit of a scale is not used. Always a distribution, whatever the logits.
    Ordinal,
}

impl Head {
    /// The logarithms of the grades' probabilities.
    #[must_use]
    pub(crate) fn log_probabilities(self, logits: &[f32]) -> Vec<f32> {
        match self {
            Self::Softmax => normalised(logits),
            Self::Ordinal => from_continuation(&logits[..logits.len().saturating_sub(1)]),
        }
    }

    /// The same for training: [N, K] logits to [N, K].
    pub(crate) fn log_probabilities_of(self, logits: &Tensor) -> Result<Tensor> {
        if self == Self::Softmax {
            return Ok(logits.f_log_softmax(1, Kind::Float)?);
        }
        let grades = logits.size().get(1).copied().unwrap_or(1);
        let steps = logits.f_narrow(1, 0, grades - 1)?;
        let above = steps.f_log_sigmoid()?.f_cumsum(1, Kind::Float)?;
        let stay = steps.f_neg()?.f_log_sigmoid()?;
        let first = stay.f_narrow(1, 0, 1)?;
        let middle = stay.f_narrow(1, 1, grades - 2)?.f_add(&above.f_narrow(1, 0, grades - 2)?)?;
        let last = above.f_narrow(1, grades - 2, 1)?;
        Ok(Tensor::f_cat(&[first, middle, last], 1)?)
    }
}

/// Logits less the logarithm of their powers' sum: a distribution's logarithms.
#[must_use]
pub(crate) fn normalised(logits: &[f32]) -> Vec<f32> {
    let all = log_sum(logits);
    logits.iter().map(|v| v - all).collect()
}

/// Log-probabilities from continuation logits: one grade more than there are logits.
#[must_use]
pub(crate) fn from_continuation(steps: &[f32]) -> Vec<f32> {
    let mut above = 0.0;
    let mut grades: Vec<f32> = steps
        .iter()
        .map(|step| {
            let stay = above + log_sigmoid(-step);
            above += log_sigmoid(*step);
            stay
        })
        .collect();
    grades.push(above);
    grades
}

/// Continuation logits of a distribution, one less than it has grades.
#[must_use]
pub fn to_continuation(log_probabilities: &[f32]) -> Vec<f32> {
    (1..log_probabilities.len()).map(|k| (log_sum(&log_probabilities[k..]) - log_probabilities[k - 1]).clamp(-30.0, 30.0)).collect()
}

fn log_sigmoid(x: f32) -> f32 {
    x.min(0.0) - (-x.abs()).exp().ln_1p()
}

fn log_sum(values: &[f32]) -> f32 {
    let top = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    top + values.iter().map(|v| (v - top).exp()).sum::<f32>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    #[test]
    fn continuation_ratios_give_the_probabilities_worked_out_by_hand() {
        // Half of all joints are above 0, of these a fifth above 1.
        let found = Head::Ordinal.log_probabilities(&[0.0, -(4.0f32.ln()), 77.0]);
        let powers: Vec<f32> = found.iter().map(|v| v.exp()).collect();
        assert!(close(&powers, &[0.5, 0.4, 0.1]), "{powers:?}");
    }

    #[test]
    fn a_distribution_comes_back_from_its_continuation_logits() {
        let distribution = normalised(&[2.0, -1.0, 0.5, -3.0]);
        assert!(close(&from_continuation(&to_continuation(&distribution)), &distribution));
    }

    #[test]
    fn training_and_inference_compute_the_same() {
        let rows = [[0.3f32, -2.0, 1.5, 0.0, 4.0], [-9.0, 30.0, -40.0, 2.0, 1.0]];
        for head in [Head::Softmax, Head::Ordinal] {
            let tensor = head.log_probabilities_of(&Tensor::from_slice(rows.as_flattened()).view([2, 5])).unwrap();
            for (row, logits) in rows.iter().enumerate() {
                let theirs = Vec::<f32>::try_from(tensor.get(row as i64)).unwrap();
                let ours = head.log_probabilities(logits);
                assert!(ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 1e-4 * (1.0 + b.abs())), "{head:?}: {ours:?} {theirs:?}");
            }
        }
    }

    #[test]
    fn a_scale_of_two_grades_has_one_step() {
        let tensor = Head::Ordinal.log_probabilities_of(&Tensor::from_slice(&[0.0f32, 5.0]).view([1, 2])).unwrap();
        assert!(close(&Vec::<f32>::try_from(tensor.get(0).exp()).unwrap(), &[0.5, 0.5]));
    }
}
