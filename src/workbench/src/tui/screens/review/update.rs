//! How the reviews answer to keys and to what is typed.

use svh_core::Joint;

use super::{
    at::at,
    changes, joint_search,
    layout::layout,
    line::{Line, List},
    navigation::{beside, change_list, film_beside, joint_beside, look, move_to, settle, show},
    plan::{down_a_cell, plan},
};
use crate::tui::{
    action::{Action, Effect},
    bulk, names, navigation,
    prompt::{Prompt, Purpose, Typed},
    screens::film,
    state::State as Whole,
};

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let page = usize::from(layout(state.room(), state.painter.protocol()).lines.height).max(2) - 1;
    match action {
        Action::Up => return move_to(state, state.review.cursor.saturating_sub(1)),
        Action::Down => return move_to(state, state.review.cursor + 1),
        Action::PageUp => return move_to(state, state.review.cursor.saturating_sub(page)),
        Action::PageDown => return move_to(state, state.review.cursor + page),
        Action::Top => return move_to(state, 0),
        Action::Bottom => return move_to(state, state.review.lines.len()),
        Action::NextView | Action::PreviousView | Action::Differences | Action::OnFilm if state.session.blind => {
            return navigation::refuse(state);
        }
        Action::NextView => return change_list(state, beside(state.review.list, 1)),
        Action::PreviousView => return change_list(state, beside(state.review.list, List::ALL.len() - 1)),
        Action::BlindReading => return changes::read_blindly(state, !state.session.blind),
        Action::Differences => return change_list(state, List::Readers),
        Action::Search => state.prompt = Some(Prompt::new(Purpose::Search, "", state.review.cursor)),
        Action::Accept => return changes::accept(state),
        Action::Grade(grade) => return changes::grade(state, Some(grade)),
        Action::TypeGrade => return changes::ask(state, Purpose::Grade),
        Action::Flag => return changes::ask(state, Purpose::Flag),
        Action::ClearFlag => return changes::clear_flags(state),
        Action::Relabel => return changes::ask_label(state),
        Action::MoveBox => return changes::take_in_hand(state),
        Action::DrawBox => return changes::draw(state),
        Action::DeleteBox => return changes::delete(state),
        Action::AcceptMany if state.session.blind => return navigation::refuse(state),
        Action::AcceptMany => state.prompt = Some(Prompt::new(Purpose::AcceptMany, "", 0)),
        Action::Undo => return changes::undo(state, false),
        Action::Redo => return changes::undo(state, true),
        Action::Take => return changes::take(state),
        Action::Leave => state.review.edit = None,
        Action::Resize => state.review.edit.iter_mut().for_each(|edit| edit.resize = !edit.resize),
        Action::Nudge(dx, dy) => nudge(state, dx, dy),
        Action::NextJoint => return joint_beside(state, true),
        Action::PreviousJoint => return joint_beside(state, false),
        Action::NextItem | Action::PreviousItem => return film_beside(state, action == Action::NextItem),
        Action::OnFilm => return navigation::go(state, film::ID),
        Action::ZoomJoint => {
            state.review.close = !state.film.close;
            look(state);
        }
        _ => return film::act(state, action),
    }
    Vec::new()
}

/// Puts a box in hand back; false where there is none.
pub fn back(state: &mut Whole) -> bool {
    state.review.edit.take().is_some()
}

/// Moves the box in hand by steps of half a cell as the film is seen now, at least a pixel of the film.
fn nudge(state: &mut Whole, dx: i8, dy: i8) {
    let step = plan(state).map_or(1.0, |plan| (down_a_cell(&plan) / 2.0).round().max(1.0));
    let size = at(state).and_then(|at| at.size());
    if let (Some(edit), Some(size)) = (&mut state.review.edit, size) {
        edit.nudge(f32::from(dx) * step, f32::from(dy) * step, size);
    }
}

/// Something was typed into the line at the foot.
pub fn typed(state: &mut Whole, typed: &Typed) -> Vec<Effect> {
    let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
    prompt.edit(typed);
    match (typed, prompt.purpose) {
        (Typed::Cancel, Purpose::Search) => return move_to(state, prompt.origin),
        (Typed::Cancel, _) => return Vec::new(),
        (Typed::Accept, Purpose::Search) => return search_on(state, &prompt.text),
        (Typed::Text(_) | Typed::Erase | Typed::Clear, Purpose::Search) => find(state, &prompt.text, prompt.origin),
        (Typed::Accept, Purpose::Grade) => return answer(state, prompt, changes::typed_grade),
        (Typed::Accept, Purpose::AcceptMany) => {
            return bulk::typed(state, &prompt.text).unwrap_or_else(|reason| {
                state.prompt = Some(prompt.refused(reason));
                Vec::new()
            });
        }
        (Typed::Accept, Purpose::Flag) => return answer(state, prompt, changes::flag),
        (Typed::Accept, Purpose::Relabel) => return answer(state, prompt, changes::relabel),
        (Typed::Complete, Purpose::Relabel) => {
            if let Some(joint) = candidates(state, &prompt.text).first() {
                prompt.text = names::short(joint);
            }
        }
        _ => {}
    }
    state.prompt = Some(prompt);
    Vec::new()
}

/// Does what was typed; a text that is refused stays to be corrected.
fn answer(state: &mut Whole, prompt: Prompt, does: impl FnOnce(&mut Whole, &str) -> Vec<Effect>) -> Vec<Effect> {
    state.message = None;
    let effects = does(state, &prompt.text);
    if effects.is_empty()
        && let Some(refused) = state.message.take()
    {
        state.prompt = Some(prompt.refused(refused.text));
    }
    effects
}

/// Goes on to the next line that holds what was typed, or what was searched for before; the first one is at hand already.
fn search_on(state: &mut Whole, text: &str) -> Vec<Effect> {
    if text.is_empty() {
        let (text, next) = (state.review.search.clone(), state.review.cursor + 1);
        find(state, &text, next);
    } else {
        text.clone_into(&mut state.review.search);
    }
    show(state)
}

/// Brings the cursor to the first line from `start` on, round the end, whose patient or joint holds a text.
fn find(state: &mut Whole, text: &str, start: usize) {
    let Some(catalogue) = state.catalogue().cloned() else { return };
    let text = text.to_lowercase();
    let hidden = state.session.hides_visits();
    let holds = |line: &Line| {
        let patient = catalogue.cohort.patients().get(line.patient as usize).filter(|_| !hidden);
        let patient = patient.map(|patient| patient.id.to_lowercase()).unwrap_or_default();
        format!("{patient} {} {}", line.joint.limb.code(), names::short(line.joint)).to_lowercase().contains(&text)
    };
    let (lines, count) = (&state.review.lines, state.review.lines.len());
    let found = (0..count).map(|step| (start + step) % count).find(|place| holds(&lines[*place]));
    if let Some(place) = found.filter(|_| !text.is_empty()) {
        state.review.cursor = place;
        settle(state);
    }
}

/// The joints that the box at hand could be given to, by what was typed so far.
#[must_use]
pub fn candidates(state: &Whole, text: &str) -> Vec<&'static Joint> {
    let Some(at) = at(state) else { return Vec::new() };
    let others: Vec<_> = at.current.joints(at.joint().task).iter().copied().filter(|joint| *joint != at.joint()).collect();
    joint_search::matches(text, &others)
}
