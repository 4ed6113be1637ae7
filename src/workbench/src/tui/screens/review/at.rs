//! Everything that is known of the joint at hand, in one place.

use svh_core::{
    BBox, Joint,
    review::{Before, JointReview, ReviewTarget, holder_of_box},
};

use super::{line::List, state::Draft};
use crate::tui::{
    screens::film::{self, Current, Entry},
    state::State as Whole,
};

/// The joint at hand with everything that is known of it.
pub struct At<'a> {
    /// Its film.
    pub current: Current<'a>,
    /// The patient's place in the cohort.
    pub patient: usize,
    /// Boxes, grades.
    pub entry: Entry<'a>,
    /// What readers said of its grade, and of its box where that is its own.
    pub review: Option<&'a JointReview>,
    /// What readers said of its box.
    pub box_review: Option<&'a JointReview>,
    /// Reference and model are hidden: the reader is to answer first.
    pub hidden: bool,
    /// The answer that is not locked yet.
    pub draft: Draft,
}

/// The joint at hand: the chosen one of the film at hand.
#[must_use]
pub fn at(state: &Whole) -> Option<At<'_>> {
    let current = film::current(state)?;
    let screen = &state.film;
    let joint = *current.joints(screen.task).get(screen.joint)?;
    let entry = current.entry(joint);
    let review = current.reviews.joint(current.patient, joint);
    let box_review = current.reviews.joint(current.patient, holder_of_box(joint, current.erosion_file));
    let hidden = is_hidden(state, &current, joint);
    let draft = state.review.drafts.get(&(screen.patient, joint.index())).copied().unwrap_or_default();
    Some(At { patient: screen.patient, entry, review, box_review, hidden, draft, current })
}

/// Whether reader and model of a joint of the film at hand are hidden.
#[must_use]
pub fn is_hidden(state: &Whole, current: &Current, joint: &Joint) -> bool {
    let answered = || current.reviews.joint(current.patient, joint).is_some_and(|review| review.lock_of(state.session.reader()).is_some());
    state.review.list == List::Blind && !answered()
}

impl At<'_> {
    /// The joint.
    #[must_use]
    pub const fn joint(&self) -> &'static Joint {
        self.entry.joint
    }

    /// What a line about this joint speaks of: of its box, or of its grade.
    #[must_use]
    pub fn target(&self, of_box: bool) -> ReviewTarget {
        let joint = if of_box { holder_of_box(self.joint(), self.current.erosion_file) } else { self.joint() };
        let film = self.current.path.file_name().map(|name| name.to_string_lossy().into_owned());
        ReviewTarget { patient: self.current.patient.to_owned(), film, joint, size: self.size() }
    }

    /// The film's width and height, as far as they are known.
    #[must_use]
    pub fn size(&self) -> Option<(u32, u32)> {
        self.current.picture().map(|picture| picture.size()).or_else(|| self.current.found.map(|found| (found.width, found.height)))
    }

    /// What is there before a change.
    #[must_use]
    pub fn before(&self) -> Before {
        let (patient, joint) = (self.current.patient, self.joint());
        let holder = holder_of_box(joint, self.current.erosion_file);
        let mut saw = self.current.reviews.heads(patient, joint);
        if holder != joint {
            saw.extend(self.current.reviews.heads(patient, holder));
        }
        Before { bbox: self.entry.drawn, grade: self.entry.grade, saw: Some(saw) }
    }

    /// The box that accepting takes: the reader's, or else the model's, as far as it lies in the film.
    #[must_use]
    pub fn proposal(&self) -> Option<BBox> {
        let found = self.entry.found.map(|found| match self.size() {
            Some((width, height)) => found.bbox.clipped(width as f32, height as f32),
            None => found.bbox,
        });
        self.entry.drawn.or(found)
    }
}
