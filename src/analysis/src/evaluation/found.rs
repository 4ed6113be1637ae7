//! Found boxes of a run, right and wrong, and how its detectors do at every threshold.

use std::collections::BTreeMap;

use svh_core::{BBox, Joint, Task};

use super::Evaluation;
use super::boxes::TaskBoxes;
use crate::detection::{ClassMatch, ClassPair, ErrorKind, Histogram, Judged, OperatingPoint, class_matches, class_pairs};

/// Bins of the histograms.
pub const BINS: usize = 20;

/// A found box, or a joint without one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundRow {
    /// The film's place in [`Evaluation::films`].
    pub film: usize,
    /// The detector's task.
    pub task: Task,
    /// The joint that the box lies on; absent on the background.
    pub reference: Option<&'static Joint>,
    /// The joint that the box claims; absent where a joint is missed.
    pub model: Option<&'static Joint>,
    /// The box's score, 0 to 1; 0 for a missed joint.
    pub score: f32,
    /// IoU of the two boxes, 0 to 1.
    pub iou: f32,
    /// The reference's box.
    pub reference_box: Option<BBox>,
    /// The found box.
    pub model_box: Option<BBox>,
    /// What is wrong; absent for a right box, and for matches of classes.
    pub kind: Option<ErrorKind>,
}

/// How a detector does: curves over the threshold and the boxes behind them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetectorCurves {
    /// What each threshold comes to, from the highest score down.
    pub points: Vec<OperatingPoint>,
    /// Right and wrong boxes by score, in [`BINS`] bins.
    pub scores: Histogram,
    /// Right and wrong boxes by IoU, in [`BINS`] bins.
    pub ious: Histogram,
}

impl Evaluation {
    /// The curves of a task's detector before the best-box rule; of one joint, or of all.
    #[must_use]
    pub fn detector_curves(&self, task: Task, joint: Option<&Joint>) -> DetectorCurves {
        let boxes = &self.boxes[task as usize];
        let class = joint.map(TaskBoxes::class);
        let judged: Vec<Judged> = boxes.matching.judged();
        let of = |one: &&Judged| class.is_none_or(|class| class == one.class);
        DetectorCurves {
            points: boxes.matching.operating_points(&judged, class),
            scores: Histogram::of(judged.iter().filter(of).map(|one| (one.score, one.right)), BINS),
            ious: Histogram::of(judged.iter().filter(of).map(|one| (one.iou, one.right)), BINS),
        }
    }

    /// Every box that a task's detector found, whatever its score, right and wrong.
    #[must_use]
    pub fn found(&self, task: Task) -> Vec<FoundRow> {
        let boxes = &self.boxes[task as usize];
        let sample = boxes.sample();
        let row = |one: Judged| {
            let found = sample.found[one.found as usize];
            let reference = one.reference.map(|place| sample.reference[place as usize]);
            FoundRow {
                film: found.film as usize,
                task,
                reference: reference.and_then(|reference| boxes.joint(reference.class)),
                model: boxes.joint(found.class),
                score: found.score as f32,
                iou: one.iou as f32,
                reference_box: reference.map(|reference| reference.rect.into()),
                model_box: Some(found.rect.into()),
                kind: one.kind,
            }
        };
        boxes.matching.judged().into_iter().map(row).collect()
    }

    /// How often a task's detector takes one joint for another among boxes of at least this score: pairs of classes by their places in
    /// [`svh_core::joint::joints`].
    #[must_use]
    pub fn class_confusion(&self, task: Task, threshold: f32) -> BTreeMap<ClassPair, u32> {
        let sample = self.boxes[task as usize].sample();
        class_pairs(sample, &class_matches(sample, threshold.into()))
    }

    /// The boxes behind a pair of classes.
    #[must_use]
    pub fn class_boxes(&self, task: Task, threshold: f32, pair: ClassPair) -> Vec<FoundRow> {
        let boxes = &self.boxes[task as usize];
        let sample = boxes.sample();
        let row = |one: ClassMatch| {
            let reference = one.reference.map(|place| sample.reference[place as usize]);
            let found = one.found.map(|place| sample.found[place as usize]);
            ((reference.map(|reference| reference.class), found.map(|found| found.class)) == pair).then(|| FoundRow {
                film: one.film as usize,
                task,
                reference: reference.and_then(|reference| boxes.joint(reference.class)),
                model: found.and_then(|found| boxes.joint(found.class)),
                score: found.map_or(0.0, |found| found.score as f32),
                iou: reference.zip(found).map_or(0.0, |(reference, found)| reference.rect.iou(&found.rect)) as f32,
                reference_box: reference.map(|reference| reference.rect.into()),
                model_box: found.map(|found| found.rect.into()),
                kind: None,
            })
        };
        class_matches(sample, threshold.into()).into_iter().filter_map(row).collect()
    }
}

impl Evaluation {
    /// The reference's box of a joint on a film, and the box that the best-box rule accepts there at a threshold.
    #[must_use]
    pub(crate) fn accepted(&self, film: usize, joint: &Joint, threshold: f32) -> (Option<BBox>, Option<BBox>) {
        let boxes = &self.boxes[joint.task as usize];
        let sample = boxes.sample();
        let found = u32::try_from(film).ok().and_then(|film| boxes.rule.candidates(film, TaskBoxes::class(joint)));
        let Some(candidates) = found else { return (None, None) };
        let reference = candidates.reference.map(|place| sample.reference[place as usize].rect.into());
        (reference, candidates.kept(sample, threshold.into()).map(|kept| boxes.rule.rect(sample, kept).into()))
    }
}
