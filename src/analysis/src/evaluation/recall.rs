//! How well joints are found by how damaged they are: the joints that a detector misses are not any joints, but the worst ones.

use std::collections::BTreeMap;

use serde::Serialize;
use svh_core::Task;

use super::Evaluation;
use crate::detection::{AcceptedBox, MATCH_IOU};

/// The joints of a reference grade that the best-box rule leaves a box on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GradeRecall {
    /// The reader's grade; null for joints without one.
    pub grade: Option<u8>,
    /// Joints of that grade with a reference box.
    pub n: usize,
    /// Of these, joints on which the box that counts lies (IoU of at least 0.5), one placed by the shape model included.
    pub found: usize,
    /// `found` over `n`.
    pub recall: f64,
}

impl Evaluation {
    /// Recall after the best-box rule by the reader's grade of the joint, the lowest first and joints without a grade last; grades that no boxed joint
    /// has are left out. A foot's boxes count once, as narrowing, by the grade of narrowing.
    #[must_use]
    pub fn recall_by_grade(&self, task: Task, threshold: f32) -> Vec<GradeRecall> {
        let boxes = &self.boxes[task as usize];
        let sample = boxes.sample();
        // Above every grade, so that joints without one come last.
        let mut counts: BTreeMap<(bool, Option<u8>), [usize; 2]> = BTreeMap::new();
        for candidates in boxes.rule.all() {
            let (Some(reference), Some(joint)) = (candidates.reference, boxes.joint(candidates.class)) else { continue };
            let grade = self.grades.reference(self.films[candidates.film as usize].patient, joint);
            let on_it = |kept: AcceptedBox| sample.reference[reference as usize].rect.iou(&boxes.rule.rect(sample, kept)) >= MATCH_IOU;
            let found = candidates.kept(sample, threshold.into()).is_some_and(on_it);
            let [n, hits] = counts.entry((grade.is_none(), grade)).or_default();
            (*n, *hits) = (*n + 1, *hits + usize::from(found));
        }
        let row = |((_, grade), [n, found]): (_, [usize; 2])| GradeRecall { grade, n, found, recall: found as f64 / n as f64 };
        counts.into_iter().map(row).collect()
    }
}
