//! Which errors are shown, and in which order.

use std::ops::RangeInclusive;

use svh_core::{Limb, Task};

use super::Evaluation;
use super::errors::{ErrorRow, Errors};
use crate::detection::ErrorKind;

/// A choice of errors; the default lets all pass.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorFilter {
    /// Only these kinds; empty means all.
    pub kinds: Vec<ErrorKind>,
    /// Only this task.
    pub task: Option<Task>,
    /// Only films of this limb.
    pub limb: Option<Limb>,
    /// Only errors about this joint, the reference's or the model's, by its name without the limb (`mcp_2`).
    pub joint: Option<String>,
    /// Only films of this patient, by place.
    pub patient: Option<usize>,
    /// Only scores in this range, 0 to 1; Missed has no score and passes.
    pub score: RangeInclusive<f32>,
    /// Only overlaps in this range, 0 to 1; Missed has none and passes.
    pub iou: RangeInclusive<f32>,
    /// Only boxes that count after the best-box rule, and missed joints.
    pub kept: bool,
}

impl Default for ErrorFilter {
    fn default() -> Self {
        let (score, iou) = (0.0..=1.0, 0.0..=1.0);
        Self { kinds: Vec::new(), task: None, limb: None, joint: None, patient: None, score, iou, kept: false }
    }
}

/// An order of errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorOrder {
    /// By task, then film, as they lie.
    #[default]
    Film,
    /// The highest score first: errors that no threshold removes.
    Score,
    /// The largest effect on a patient's total first, up or down; unknown ones last.
    Effect,
    /// The least overlap first.
    Iou,
}

impl ErrorFilter {
    /// Whether an error passes.
    #[must_use]
    pub fn passes(&self, evaluation: &Evaluation, row: &ErrorRow) -> bool {
        let film = &evaluation.films()[row.film];
        let about = |name: &String| [row.reference, row.model].into_iter().flatten().any(|joint| joint.joint == *name);
        let missed = row.kind == ErrorKind::Missed;
        (self.kinds.is_empty() || self.kinds.contains(&row.kind))
            && self.task.is_none_or(|task| task == row.task)
            && self.limb.is_none_or(|limb| limb == film.limb)
            && self.patient.is_none_or(|patient| patient == film.patient)
            && self.joint.as_ref().is_none_or(about)
            && (missed || (self.score.contains(&row.score) && self.iou.contains(&row.iou)))
            && (!self.kept || missed || row.kept)
    }
}

impl Errors {
    /// The places in [`Errors::rows`] of the errors that pass, in order; equals stay in the order of films.
    #[must_use]
    pub fn select(&self, evaluation: &Evaluation, filter: &ErrorFilter, order: ErrorOrder) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.rows.len()).filter(|place| filter.passes(evaluation, &self.rows[*place])).collect();
        let row = |place: &usize| &self.rows[*place];
        match order {
            ErrorOrder::Film => {}
            ErrorOrder::Score => places.sort_by(|a, b| row(b).score.total_cmp(&row(a).score)),
            ErrorOrder::Iou => places.sort_by(|a, b| row(a).iou.total_cmp(&row(b).iou)),
            ErrorOrder::Effect => places.sort_by_key(|place| std::cmp::Reverse(row(place).effect.map_or(-1, i32::abs))),
        }
        places
    }
}
