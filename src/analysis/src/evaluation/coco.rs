//! COCO's and TIDE's metrics of a run, before and after the rules.

use svh_core::Task;

use super::Evaluation;
use crate::Result;
use crate::detection::{AcceptedBox, CocoMetrics, FoundBox, Matching, Sample};

impl Evaluation {
    /// Metrics of everything that the detector found, whatever its score; boxes that the shape model placed are not the detector's.
    ///
    /// # Errors
    /// Scores that are not numbers.
    pub fn coco(&self, task: Task) -> Result<CocoMetrics> {
        CocoMetrics::of(&self.boxes[task as usize].matching)
    }

    /// Metrics of the boxes that count after the best-box rule at a threshold: one a joint at most, those placed by the shape model included, at score 0.
    ///
    /// # Errors
    /// Scores that are not numbers.
    pub(crate) fn coco_after(&self, task: Task, threshold: f32) -> Result<CocoMetrics> {
        let boxes = &self.boxes[task as usize];
        let sample = boxes.sample();
        let one = |kept: AcceptedBox| match kept {
            AcceptedBox::Found(place) => sample.found[place as usize],
            AcceptedBox::Inferred(place) => boxes.rule.inferred()[place as usize],
        };
        let kept = boxes.rule.all().iter().filter_map(|candidates| candidates.kept(sample, threshold.into()));
        let found: Vec<FoundBox> = kept.map(one).collect();
        CocoMetrics::of(&Matching::of(Sample { found, ..sample.clone() }))
    }

    /// Before the best-box rule, among the boxes of at least this score: reference boxes that none finds, and boxes that find none.
    #[must_use]
    pub(crate) fn before_rule(&self, task: Task, threshold: f32) -> (usize, usize) {
        let boxes = &self.boxes[task as usize];
        let reference = &boxes.sample().reference;
        let missed = (0..reference.len()).filter(|place| boxes.matching.found_at(*place as u32) < f64::from(threshold)).count();
        let wrong = boxes.matching.errors(threshold.into()).filter(|error| error.found.is_some()).count();
        (missed, wrong)
    }
}
