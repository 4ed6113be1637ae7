//! What errors of boxes do to the patient's total.

use svh_core::{Joint, Task, joint};

use super::Evaluation;
use super::boxes::TaskBoxes;
use crate::detection::{ErrorKind, Kept, NamedError};

/// Effects at one threshold.
pub struct Effects<'a> {
    evaluation: &'a Evaluation,
    threshold: f64,
}

impl<'a> Effects<'a> {
    pub fn at(evaluation: &'a Evaluation, threshold: f32) -> Self {
        Self { evaluation, threshold: threshold.into() }
    }

    /// Whether a found box counts after the best-box rule.
    pub fn keeps(&self, boxes: &TaskBoxes, found: u32) -> bool {
        let one = boxes.sample().found[found as usize];
        self.kept(boxes, one.film, one.class) == Some(Kept::Found(found))
    }

    /// What an error adds to the total of its patient.
    pub fn of(&self, boxes: &TaskBoxes, error: &NamedError) -> Option<i32> {
        let sample = boxes.sample();
        let missed = |truth: u32| self.of_joint(boxes, error.film, sample.truth[truth as usize].class);
        let Some(found) = error.found else { return error.truth.and_then(missed) };
        let class = sample.found[found as usize].class;
        let claimed = if self.keeps(boxes, found) { self.of_joint(boxes, error.film, class)? } else { 0 };
        // The joint that the box really shows is nobody else's loss if nothing finds it and this is the best claim to it.
        let lost = error.truth.filter(|truth| {
            let other = sample.truth[*truth as usize].class;
            let confusion = !matches!(error.kind, ErrorKind::Localisation | ErrorKind::Duplicate) && other != class;
            confusion && boxes.matching.claimed_by(*truth) == Some(found) && self.kept(boxes, error.film, other).is_none()
        });
        Some(claimed + lost.map_or(Some(0), missed)?)
    }

    /// Prediction minus truth of a joint of a film, for a foot's narrowing box with the erosion that is graded from the same box; of a joint without a
    /// box, minus the truth.
    pub fn of_joint(&self, boxes: &TaskBoxes, film: u32, class: u16) -> Option<i32> {
        let joint = boxes.joint(class)?;
        let own = self.of_grade(boxes, film, class, joint)?;
        let twin = self.taken_over(film, joint).map_or(Some(0), |twin| self.of_grade(boxes, film, class, twin))?;
        Some(own + twin)
    }

    fn of_grade(&self, boxes: &TaskBoxes, film: u32, class: u16, joint: &'static Joint) -> Option<i32> {
        let film_of = &self.evaluation.films[film as usize];
        if film_of.limb != joint.limb {
            return Some(0);
        }
        let grades = &self.evaluation.grades;
        let truth = i32::from(grades.truth(film_of.patient, joint)?);
        match self.kept(boxes, film, class) {
            None => Some(-truth),
            // Another box than the one that the run graded: its grade is not known.
            Some(Kept::Found(found)) if !boxes.graded[found as usize] => None,
            Some(_) => Some(i32::from(grades.predicted(film_of.patient, joint)?) - truth),
        }
    }

    /// The erosion joint that is graded from a foot's narrowing box, where erosion has no labels of its own.
    fn taken_over(&self, film: u32, joint: &Joint) -> Option<&'static Joint> {
        let labelled = self.evaluation.films[film as usize].labelled[Task::Erosion as usize];
        let shared = joint.task == Task::Narrowing && !joint.limb.is_hand() && !labelled;
        shared.then(|| joint::by_label(Task::Erosion, &joint.label)).flatten()
    }

    fn kept(&self, boxes: &TaskBoxes, film: u32, class: u16) -> Option<Kept> {
        boxes.rule.candidates(film, class)?.kept(boxes.sample(), self.threshold)
    }
}
