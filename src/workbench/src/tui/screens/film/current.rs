//! Everything that is known of the film at hand, in one place.

use std::path::PathBuf;

use svh_core::{
    Detection, FilmDetections, FilmLabels, GradeRow, Joint, JointScore, Limb, OpenJoint, PatientScore, Proposal, Reviews, Task,
};

use crate::tui::{
    data::drawn,
    films::Film,
    names,
    results::{self, Scored},
    state::State as Whole,
};
use svh_terminal::Picture;

/// The film at hand with everything that is known of it.
pub struct Current<'a> {
    /// The patient's id.
    pub patient: &'a str,
    /// Its file.
    pub path: PathBuf,
    /// The limb, from the name or as the model recognised it.
    pub limb: Option<Limb>,
    /// The patient's films.
    pub films: Vec<(Option<Limb>, PathBuf)>,
    /// The film's place among them.
    pub place: usize,
    /// The pixels and the readers' boxes.
    pub film: Option<&'a Film>,
    /// The reader's grades, as reviews correct them.
    pub grades: Option<GradeRow>,
    /// What was reviewed.
    pub reviews: &'a Reviews,
    /// It has erosion labels of its own.
    pub erosion_file: bool,
    /// What the detectors found.
    pub found: Option<&'a FilmDetections>,
    /// The model's grades.
    pub scored: Option<&'a Scored>,
}

/// The film at hand; `None` without a cohort or where the patient has no film.
#[must_use]
pub fn current(state: &Whole) -> Option<Current<'_>> {
    of(state, state.film.patient, state.film.film)
}

/// A film of a patient, both by their places.
#[must_use]
pub fn of(state: &Whole, patient_place: usize, place: usize) -> Option<Current<'_>> {
    let catalogue = state.catalogue()?;
    let patient = catalogue.cohort.patients().get(patient_place)?;
    let films = catalogue.films(patient_place);
    let (limb, path) = films.get(place)?.clone();
    let found = state.results.film(&path);
    let limb = limb.or_else(|| found.map(|found| found.limb));
    let reviews = state.session.reviews();
    Some(Current {
        patient: &patient.id,
        limb,
        film: state.films.get(&path),
        grades: reviews.correct_grades(&patient.id, catalogue.grades(patient_place)),
        erosion_file: limb.is_some_and(|limb| patient.has_labels(Task::Erosion, limb)),
        reviews,
        scored: state.results.patient(&patient.id),
        place,
        path,
        films,
        found,
    })
}

impl<'a> Current<'a> {
    /// Whether it is still being read.
    #[must_use]
    pub const fn is_reading(&self) -> bool {
        matches!(self.film, None | Some(Film::Reading))
    }

    /// The pixels, once they are there.
    #[must_use]
    pub fn picture(&self) -> Option<&'a std::sync::Arc<Picture>> {
        match self.film? {
            Film::Ready(picture, _) => Some(picture),
            _ => None,
        }
    }

    /// The boxes that people drew, once they are read.
    #[must_use]
    pub fn labels(&self) -> Option<&'a FilmLabels> {
        match self.film? {
            Film::Ready(_, labels) => Some(labels),
            _ => None,
        }
    }

    /// The joints of this film in the order of the list.
    #[must_use]
    pub fn joints(&self, task: Task) -> &'static [&'static Joint] {
        self.limb.map_or(&[], |limb| names::ordered(task, limb))
    }

    /// What is known of a joint.
    #[must_use]
    pub fn entry(&self, joint: &'static Joint) -> Entry<'a> {
        let file = self.labels().and_then(|labels| drawn(labels, joint));
        let decided = self.reviews.decided_box(self.patient, joint, self.erosion_file);
        Entry {
            joint,
            drawn: decided.map_or(file.map(|reference| reference.bbox), |decision| decision.value),
            proposed: file.filter(|_| decided.is_none()).and_then(|reference| reference.placed.proposal()),
            grade: self.grades.as_ref().and_then(|grades| grades.get(joint)),
            found: self.found.and_then(|found| results::kept(found, joint)),
            score: self.scored.and_then(|scored| score(&scored.score, joint)),
            open: self.scored.and_then(|scored| scored.score.open.get(&joint.ra2_column)),
        }
    }
}

fn score<'a>(patient: &'a PatientScore, joint: &Joint) -> Option<&'a JointScore> {
    patient.joints.get(&joint.ra2_column)
}

/// One joint of the film at hand.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The joint.
    pub joint: &'static Joint,
    /// The box of the label file, as reviews correct it.
    pub drawn: Option<svh_core::BBox>,
    /// That box is a model's, unreviewed.
    pub proposed: Option<Proposal>,
    /// The reader's grade.
    pub grade: Option<u8>,
    /// The detector's box.
    pub found: Option<&'a Detection>,
    /// The model's grade.
    pub score: Option<&'a JointScore>,
    /// The model's distribution where it left the joint open.
    pub open: Option<&'a OpenJoint>,
}

impl Entry<'_> {
    /// How unlike what the model knows the joint looks, 0 to 1.
    #[must_use]
    pub fn unfamiliarity(&self) -> Option<f32> {
        self.open.map(|open| open.unfamiliarity).or_else(|| self.score?.unfamiliarity)
    }

    /// The model's probabilities with its expected grade, whether it graded the joint or left it open.
    #[must_use]
    pub fn distribution(&self) -> Option<(&[f32], f32)> {
        let graded = self.score.map(|score| (score.probabilities.as_slice(), score.expected));
        graded.or_else(|| self.open.map(|open| (open.probabilities.as_slice(), open.expected)))
    }

    /// The model's grade minus the reader's.
    #[must_use]
    pub fn difference(&self) -> Option<i16> {
        Some(i16::from(self.score?.grade) - i16::from(self.grade?))
    }
}
