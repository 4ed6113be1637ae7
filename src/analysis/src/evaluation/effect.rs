//! What errors of boxes do to the patient's total.

use svh_core::{Joint, Task};

use super::Evaluation;
use super::boxes::TaskBoxes;
use crate::detection::{AcceptedBox, ErrorKind, MatchOutcome, NamedError};

/// Effects of the boxes of one task at one threshold.
pub(crate) struct Effects<'a> {
    evaluation: &'a Evaluation,
    pub boxes: &'a TaskBoxes,
    pub threshold: f64,
}

impl<'a> Effects<'a> {
    pub fn at(evaluation: &'a Evaluation, boxes: &'a TaskBoxes, threshold: f32) -> Self {
        Self { evaluation, boxes, threshold: threshold.into() }
    }

    /// Whether a found box counts after the best-box rule.
    pub fn keeps(&self, found: u32) -> bool {
        let one = self.boxes.sample().found[found as usize];
        self.kept(one.film, one.class) == Some(AcceptedBox::Found(found))
    }

    /// Whether a found box lies on no joint: Background, and Other where it is not another joint.
    pub(crate) fn is_off_joints(&self, found: u32) -> bool {
        matches!(self.boxes.matching.outcomes()[found as usize], MatchOutcome::Wrong { reference: None, .. })
    }

    /// Whether a found box lies on no joint and the joint that it claims is there and not found.
    pub fn misses(&self, found: u32) -> bool {
        let one = self.boxes.sample().found[found as usize];
        let reference = self.boxes.rule.candidates(one.film, one.class).and_then(|candidates| candidates.reference);
        self.is_off_joints(found) && reference.is_some_and(|reference| self.boxes.matching.is_missed(reference, self.threshold))
    }

    /// What an error adds to the total of its patient. What a wrong box does to the joint that it claims is told in the row of that box alone.
    pub fn of(&self, error: &NamedError) -> Option<i32> {
        let sample = self.boxes.sample();
        let missed = |reference: u32| {
            let class = sample.reference[reference as usize].class;
            if matches!(self.kept(error.film, class), Some(AcceptedBox::Found(_))) { Some(0) } else { self.of_joint(error.film, class) }
        };
        let Some(found) = error.found else { return error.reference.and_then(missed) };
        let class = sample.found[found as usize].class;
        let claimed = if self.keeps(found) { self.of_joint(error.film, class)? } else { 0 };
        // The joint that the box really shows is nobody else's loss if nothing finds it and this is the best claim to it.
        let lost = error.reference.filter(|reference| {
            let other = sample.reference[*reference as usize].class;
            let confusion = !matches!(error.kind, ErrorKind::Localisation | ErrorKind::Duplicate) && other != class;
            confusion && self.boxes.matching.claimed_by(*reference) == Some(found) && self.kept(error.film, other).is_none()
        });
        Some(claimed + lost.map_or(Some(0), missed)?)
    }

    /// Model minus reference of a joint of a film, for a foot's narrowing box with the erosion that is graded from the same box; of a joint without a
    /// box, minus the reference.
    pub fn of_joint(&self, film: u32, class: u16) -> Option<i32> {
        let joint = self.boxes.joint(class)?;
        let own = self.of_grade(film, class, joint)?;
        let twin = self.taken_over(film, joint).map_or(Some(0), |twin| self.of_grade(film, class, twin))?;
        Some(own + twin)
    }

    fn of_grade(&self, film: u32, class: u16, joint: &'static Joint) -> Option<i32> {
        let film_of = &self.evaluation.films[film as usize];
        if film_of.limb != joint.limb {
            return Some(0);
        }
        let grades = &self.evaluation.grades;
        let reference = i32::from(grades.reference(film_of.patient, joint)?);
        match self.kept(film, class) {
            None => Some(-reference),
            // Another box than the one that the run graded: its grade is not known.
            Some(AcceptedBox::Found(found)) if !self.boxes.graded[found as usize] => None,
            Some(_) => Some(i32::from(grades.model(film_of.patient, joint)?) - reference),
        }
    }

    /// The erosion joint that is graded from a foot's narrowing box, where erosion has no labels of its own.
    fn taken_over(&self, film: u32, joint: &Joint) -> Option<&'static Joint> {
        let labelled = self.evaluation.films[film as usize].labelled[Task::Erosion as usize];
        let shared = joint.task == Task::Narrowing && !joint.limb.is_hand() && !labelled;
        joint.twin().filter(|_| shared)
    }

    /// The box that counts for a class of a film.
    pub fn kept(&self, film: u32, class: u16) -> Option<AcceptedBox> {
        self.boxes.rule.candidates(film, class)?.kept(self.boxes.sample(), self.threshold)
    }
}
