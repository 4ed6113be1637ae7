//! Grades that differ from the reader's although the box is right: what the scorers got wrong, as errors of boxes are what the detectors did.

use std::sync::Arc;

use svh_core::{Joint, Task, joint};

use super::errors::{ErrorRow, Errors};
use super::grades::GradeError;
use super::{ErrorFilter, Evaluation};
use crate::detection::ErrorKind;

/// The wrong grades whose boxes are right at a threshold, patient by patient.
#[derive(Clone, Debug, Default)]
pub struct GradeErrors {
    differing: Arc<[GradeError]>,
    /// Their places among those.
    places: Vec<u32>,
}

impl GradeErrors {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// One by its place.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&GradeError> {
        self.places.get(place).map(|place| &self.differing[*place as usize])
    }

    /// All in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &GradeError> {
        self.places.iter().map(|place| &self.differing[*place as usize])
    }
}

impl Evaluation {
    /// The joints whose grades differ, patient by patient, but for those whose difference an error of a box answers for: the two lists together tell each
    /// joint once.
    #[must_use]
    pub fn grade_errors(&self, errors: &Errors) -> GradeErrors {
        // One a patient and joint, as fast as a step of the threshold has to be.
        let mut told = vec![false; self.patients().len() * joint::COUNT];
        let mut tell = |patient: usize, joint: &Joint| told[patient * joint::COUNT + joint.index()] = true;
        for row in &errors.rows {
            let film = &self.films()[row.film];
            for joint in answered_for(row).into_iter().flatten() {
                tell(film.patient, joint);
                let shared = row.task == Task::Narrowing && !joint.limb.is_hand() && !film.labelled[Task::Erosion as usize];
                let twin = joint.twin().filter(|_| shared);
                twin.into_iter().for_each(|twin| tell(film.patient, twin));
            }
        }
        let differing = self.grades.differing(|patient, limb| self.film_of(patient, limb).map(|film| film as usize));
        let untold = |(place, cell): (usize, &u32)| (!told[*cell as usize]).then_some(place as u32);
        GradeErrors { places: differing.cells.iter().enumerate().filter_map(untold).collect(), differing: Arc::clone(&differing.errors) }
    }
}

/// The joints whose grades an error of a box explains.
fn answered_for(row: &ErrorRow) -> [Option<&'static Joint>; 2] {
    match row.kind {
        ErrorKind::Missed => [row.reference, None],
        _ if row.kept => [row.model, row.reference.filter(|_| row.kind == ErrorKind::Inferred)],
        _ => [None, None],
    }
}

impl ErrorFilter {
    /// Whether an error of a grade passes: task, limb, joint and patient are asked for as among boxes; what asks for boxes alone hides it.
    #[must_use]
    pub fn passes_grade(&self, error: &GradeError) -> bool {
        let joint = error.graded.joint;
        let all = Self::default();
        self.score == all.score
            && self.iou == all.iou
            && self.task.is_none_or(|task| task == joint.task)
            && self.limb.is_none_or(|limb| limb == joint.limb)
            && self.patient.is_none_or(|patient| patient == error.graded.patient)
            && self.joint.as_ref().is_none_or(|name| joint.joint == *name)
    }
}
