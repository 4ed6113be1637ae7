//! What the list holds: entries made of boxes, errors and graded joints, and what is known of one.

use svh_analysis::{Evaluation, FoundRow, GradedJoint};
use svh_core::{BBox, Joint, review::JointReview};

use crate::{
    selection::{Item, Selection},
    tui::state::State as Whole,
};

/// A reference box and a found one, of which either may be missing.
struct Boxes {
    reference: Option<BBox>,
    found: Option<BBox>,
    score: f32,
    iou: f32,
}

impl Boxes {
    /// The entry on the film at this place of the evaluation, of no joint yet.
    fn on(self, evaluation: &Evaluation, film: usize) -> Option<Item> {
        let film = evaluation.films().get(film)?;
        Some(Item {
            reference: self.reference,
            found: self.found,
            score: self.found.map(|_| self.score),
            iou: self.reference.and(self.found).map(|_| self.iou),
            ..Item::film(evaluation.patients().get(film.patient)?, film.limb)
        })
    }
}

/// Boxes of a detector as entries.
#[must_use]
pub fn of_found(evaluation: &Evaluation, rows: &[FoundRow]) -> Vec<Item> {
    let item = |row: &FoundRow| {
        let what = match (row.kind, row.reference, row.model) {
            (Some(kind), ..) => kind.to_string(),
            (None, Some(reference), Some(found)) if reference == found => "right".to_owned(),
            (None, Some(reference), Some(found)) => format!("{} called {}", reference.label, found.label),
            (None, None, Some(_)) => "on the background".to_owned(),
            (None, ..) => "missed".to_owned(),
        };
        let boxes = Boxes { reference: row.reference_box, found: row.model_box, score: row.score, iou: row.iou };
        Some(Item { joint: row.model.or(row.reference), what, ..boxes.on(evaluation, row.film)? })
    };
    rows.iter().filter_map(item).collect()
}

/// Errors of a detector as entries.
#[must_use]
pub fn of_errors(evaluation: &Evaluation, rows: &[svh_analysis::ErrorRow]) -> Vec<Item> {
    let item = |row: &svh_analysis::ErrorRow| {
        let what = row.effect.map_or_else(|| row.kind.to_string(), |effect| format!("{}, total {effect:+}", row.kind));
        let boxes = Boxes { reference: row.reference_box, found: row.model_box, score: row.score, iou: row.iou };
        Some(Item { joint: row.joint(), what, ..boxes.on(evaluation, row.film)? })
    };
    rows.iter().filter_map(item).collect()
}

/// Graded joints as entries.
#[must_use]
pub fn of_graded(evaluation: &Evaluation, rows: &[GradedJoint]) -> Vec<Item> {
    let item = |row: &GradedJoint| {
        let place = evaluation.place(row.patient, row.joint);
        let what = match (row.expected, row.confidence) {
            (Some(expected), Some(confidence)) => format!("expected {expected:.2}, conf {confidence:.2}"),
            (Some(expected), None) => format!("expected {expected:.2}"),
            _ => String::new(),
        };
        Some(Item {
            joint: Some(row.joint),
            what,
            reference: place.reference,
            found: place.model,
            reader: row.reference,
            model: row.model,
            ..Item::film(evaluation.patients().get(row.patient)?, row.joint.limb)
        })
    };
    rows.iter().filter_map(item).collect()
}

/// The tags of an entry and of what it is part of.
#[must_use]
pub fn tags<'a>(state: &'a Whole, item: &Item) -> Vec<&'a str> {
    state.session.tags().of_place(&item.patient, item.limb, item.joint, item.found)
}

/// The entries that pass the filter, in the order shown, with their tags: what is written.
#[must_use]
pub fn tagged(state: &Whole) -> Selection {
    let list = &state.list;
    let filtered = !list.filter.is_empty();
    let places = (0..list.selection.items.len()).filter(|place| !filtered || list.table.shown.contains(&(*place as u32)));
    let items = places.map(|place| &list.selection.items[place]).map(|item| {
        let tags = tags(state, item).into_iter().map(str::to_owned).collect();
        Item { tags, ..item.clone() }
    });
    Selection { title: list.selection.title.clone(), items: items.collect() }
}

/// The chosen entry.
#[must_use]
pub fn chosen(state: &Whole) -> Option<&Item> {
    state.list.selection.items.get(state.list.table.chosen()?)
}

/// The patient of the chosen entry, by the place in the cohort.
#[must_use]
pub fn patient(state: &Whole) -> Option<usize> {
    state.catalogue()?.cohort.position(&chosen(state)?.patient)
}

/// The joint of an entry, if it is one of the film that the entry is on.
#[must_use]
pub fn joint(item: &Item) -> Option<&'static Joint> {
    item.joint.filter(|joint| joint.limb == item.limb)
}

/// What readers said of the joint of an entry.
#[must_use]
pub fn review<'a>(state: &'a Whole, item: &Item) -> Option<&'a JointReview> {
    state.session.reviews().joint(&item.patient, joint(item)?)
}

/// The reader's grade of an entry as it is now: what was reviewed counts more than what the list was made of.
#[must_use]
pub fn reader_grade(state: &Whole, item: &Item) -> Option<u8> {
    review(state, item).and_then(|review| review.grade.as_ref()).map_or(item.reader, |decision| decision.value)
}

/// Whether a reader gave or confirmed the grade.
#[must_use]
pub fn is_graded(state: &Whole, item: &Item) -> bool {
    review(state, item).is_some_and(|review| review.grade.is_some())
}

/// Counts the entries whose grades readers gave or confirmed.
pub fn recount(state: &mut Whole) {
    state.list.reviewed = state.list.selection.items.iter().filter(|item| is_graded(state, item)).count();
}
