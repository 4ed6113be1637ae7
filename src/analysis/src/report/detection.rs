//! The metrics of one detector.

use std::collections::BTreeMap;

use serde::Serialize;
use svh_core::{BBox, Limb, Task};

use crate::detection::{CocoMetrics, ErrorKind, Tally};
use crate::{ErrorRow, Evaluation, GradeRecall, Result};

/// The metrics of a task's detector, before and after the best-box rule.
#[derive(Clone, Debug, Serialize)]
pub struct DetectionReport {
    /// Films that have labels for the task.
    pub films: usize,
    /// Boxes in these labels.
    #[serde(rename = "true_boxes")]
    pub reference_boxes: usize,
    /// COCO and TIDE of everything that the detector found.
    #[serde(flatten)]
    pub all: CocoMetrics,
    /// COCO and TIDE of the boxes that count after the best-box rule, those placed by the shape model included.
    pub after: CocoMetrics,
    /// After the best-box rule: joints without a box.
    pub missed: u32,
    /// After the best-box rule: boxes that are not on their joint (IoU below 0.5).
    pub false_positives: u32,
    /// After the best-box rule: boxes on their joint.
    pub true_positives: u32,
    /// Before it, at the threshold: joints that no box is on.
    pub missed_before: usize,
    /// Before it, at the threshold: boxes that are on no joint, on another's, or second on one.
    pub false_positives_before: usize,
    /// The counts after the rule by joint label: the paper's figures 8.5.1 and 8.5.2.
    pub per_joint: BTreeMap<String, Tally>,
    /// Boxes on their joint after the rule by the joint's reference grade; a foot's boxes count as narrowing.
    pub recall_by_grade: Vec<GradeRecall>,
    /// What the errors do to the totals, by kind.
    pub effect: BTreeMap<ErrorKind, EffectTally>,
    /// Every error at the threshold.
    pub errors: Vec<ErrorReport>,
}

/// What errors of a kind do to the patients' totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EffectTally {
    /// Errors of the kind.
    pub errors: usize,
    /// Of these, errors that change a total.
    pub changing: usize,
    /// Of these, errors whose effect is not known, as a grade is missing.
    pub unknown: usize,
    /// Sum of the changes in points.
    pub points: i64,
    /// Sum of the changes without their signs.
    pub absolute: i64,
}

/// An error with its film by name.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorReport {
    /// The film's file name.
    pub film: String,
    /// The patient's id.
    pub patient: String,
    /// The limb.
    pub limb: Limb,
    /// What is wrong.
    pub kind: ErrorKind,
    /// The true joint's label, or where none is known the model's.
    pub joint: String,
    /// The label that the box claims; null for Missed.
    #[serde(rename = "predicted")]
    pub model: Option<String>,
    /// Place in the `detections` of the film's line; null for Missed.
    pub detection: Option<usize>,
    /// 0 for Missed and Inferred.
    pub score: f32,
    /// Overlap with the reference box.
    pub iou: f32,
    /// The wrong box.
    #[serde(rename = "box")]
    pub bbox: Option<BBox>,
    /// The reference box.
    #[serde(rename = "truth_box")]
    pub reference_box: Option<BBox>,
    /// Whether the box counts after the best-box rule.
    pub kept: bool,
    /// Points that it adds to the patient's total; null where a grade is missing.
    pub effect: Option<i32>,
    /// The tags of its patient, film, joint and box.
    pub tags: Vec<String>,
}

impl DetectionReport {
    /// Of a task; `None` where nothing is labelled for it.
    ///
    /// # Errors
    /// Scores that are not numbers.
    pub fn of(evaluation: &Evaluation, task: Task, threshold: f32) -> Result<Option<Self>> {
        let films = evaluation.films().iter().filter(|film| film.labelled[task as usize]).count();
        if films == 0 {
            return Ok(None);
        }
        let tallies = evaluation.tallies(threshold);
        let own = || tallies.iter().filter(|row| row.joint.task == task);
        let mut sum = Tally::default();
        own().for_each(|row| sum.merge(&row.tally));
        let (missed_before, false_positives_before) = evaluation.before_rule(task, threshold);
        let errors = evaluation.errors(threshold);
        let rows = || errors.rows.iter().filter(|row| row.task == task);
        let mut effect: BTreeMap<ErrorKind, EffectTally> = BTreeMap::new();
        rows().for_each(|row| effect.entry(row.kind).or_default().add(row));
        Ok(Some(Self {
            films,
            reference_boxes: evaluation.reference_boxes(task),
            all: evaluation.coco(task)?,
            after: evaluation.coco_after(task, threshold)?,
            missed: sum.missed,
            false_positives: sum.false_positives,
            true_positives: sum.true_positives,
            missed_before,
            false_positives_before,
            per_joint: own().map(|row| (row.joint.label.clone(), row.tally)).collect(),
            recall_by_grade: evaluation.recall_by_grade(task, threshold),
            effect,
            errors: rows().map(|row| ErrorReport::of(evaluation, row)).collect(),
        }))
    }
}

impl EffectTally {
    fn add(&mut self, row: &ErrorRow) {
        self.errors += 1;
        let Some(effect) = row.effect else {
            self.unknown += 1;
            return;
        };
        self.changing += usize::from(effect != 0);
        self.points += i64::from(effect);
        self.absolute += i64::from(effect.abs());
    }
}

impl ErrorReport {
    /// With names in place of places.
    #[must_use]
    pub fn of(evaluation: &Evaluation, row: &ErrorRow) -> Self {
        let film = &evaluation.films()[row.film];
        let label = |joint: &svh_core::Joint| joint.label.clone();
        Self {
            film: film.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            patient: evaluation.patients()[film.patient].clone(),
            limb: film.limb,
            kind: row.kind,
            joint: row.joint().map(label).unwrap_or_default(),
            model: row.model.map(label),
            detection: row.detection,
            score: row.score,
            iou: row.iou,
            bbox: row.model_box,
            reference_box: row.reference_box,
            kept: row.kept,
            effect: row.effect,
            tags: evaluation.tags_of(row).into_iter().map(str::to_owned).collect(),
        }
    }
}
