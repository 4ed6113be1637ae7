//! The film at hand as a picture with the boxes over it: those of the film's screen, but for what is hidden, in hand, or answered by readers.

use svh_core::review::Lock;

use super::{
    at::{At, at, is_hidden},
    layout::layout,
    line::List,
};
use crate::tui::{
    names,
    screens::film::{self, Current},
    state::State as Whole,
    theme,
};
use svh_terminal::{Line, Mark, Plan};

/// The marks of the film at hand.
#[must_use]
pub fn marks(state: &Whole, current: &Current) -> Vec<Mark> {
    let screen = &state.film;
    let mut marks = Vec::new();
    let at = at(state);
    let answers = at.as_ref().filter(|_| state.review.list == List::Readers).and_then(|at| at.review).map(|review| &review.locks[..]);
    for (place, joint) in current.joints(screen.task).iter().enumerate() {
        let chosen = place == screen.joint;
        if is_hidden(state, current, joint) || (chosen && answers.is_some_and(|answers| answers.iter().any(|lock| lock.bbox.is_some()))) {
            continue;
        }
        marks.extend(film::of_joint(screen, &current.entry(joint), chosen && state.review.edit.is_none()));
    }
    marks.extend(answers.into_iter().flatten().enumerate().filter_map(|(place, lock)| of_reader(place, lock)));
    marks.extend(at.as_ref().and_then(draft));
    marks.extend(in_hand(state));
    film::in_colours(&mut marks, state.theme);
    marks
}

/// A reader's answer; the first one's is drawn like the reader's, the others' like the model's.
fn of_reader(place: usize, lock: &Lock) -> Option<Mark> {
    let (colour, line) = if place == 0 { (theme::READER, Line::Solid) } else { (theme::MODEL, Line::Corners) };
    Some(Mark { bbox: lock.bbox?, colour, line, selected: true, label: (place == 0).then(|| ascii(&lock.reader)) })
}

/// The reader's own box that is not locked yet.
fn draft(at: &At) -> Option<Mark> {
    let bbox = at.draft.bbox.filter(|_| at.hidden)?;
    Some(Mark { bbox, colour: theme::HAND, line: Line::Dashed, selected: true, label: Some(names::short(at.joint())) })
}

fn in_hand(state: &Whole) -> Option<Mark> {
    let edit = state.review.edit.as_ref()?;
    let doing = if edit.resize { "size" } else { "move" };
    let label = Some(format!("{} {doing}", names::short(edit.joint)));
    Some(Mark { bbox: edit.bbox, colour: theme::HAND, line: Line::Solid, selected: true, label })
}

/// As much of a name as the letters of pictures can write.
fn ascii(name: &str) -> String {
    name.chars().filter(char::is_ascii).take(16).collect()
}

/// The picture of the film at hand; `None` while it is being read, and where pictures are off.
#[must_use]
pub fn plan(state: &Whole) -> Option<Plan> {
    let current = film::current(state)?;
    let picture = current.picture()?;
    let area = layout(state.room(), state.painter.protocol()).picture?;
    Some(film::laid(state, picture, area, marks(state, &current)))
}

/// Pixels of the film from one row of cells to the next.
#[must_use]
pub fn down_a_cell(plan: &Plan) -> f32 {
    (plan.region[3] - plan.region[1]) / f32::from(plan.rect.height.max(1))
}
