//! Reviews: what is worth a look, one joint after the other, beside its film; boxes and grades are corrected here, and read blindly.
//!
//! The film at hand is that of the film screen: what is looked at here is there as well, and the other way round.

mod at;
mod changes;
mod detail;
mod edit;
mod joint_search;
mod layout;
mod line;
mod lines;
mod list;
mod marks;
mod mouse;
mod navigation;
pub mod state;
mod updates;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::{buffer::Buffer, layout::Rect};
use svh_core::{Joint, tags::Subject};

use crate::tui::{
    action::{Action, Effect},
    bulk,
    choice::beside,
    keys::screens::FILM,
    keys::{Place, screens::REVIEW},
    names,
    navigation::{go, refuse},
    prompt::{Prompt, Purpose, Typed},
    screen_trait::{Change, Screen},
    screens::film,
    state::State,
};
use at::at;
use layout::layout;
use line::{Line, List};
use marks::{down_a_cell, plan};
use navigation::{change_list, film_beside, joint_beside, look, move_to, settle, show};
use svh_terminal::Plan;

pub use updates::{built, read, settled, unkept};

/// The screen.
pub struct Review;

impl Screen for Review {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        let page = usize::from(layout(state.room(), state.painter.protocol()).lines.height).max(2) - 1;
        match action {
            Action::Up => return move_to(state, state.review.cursor.saturating_sub(1)),
            Action::Down => return move_to(state, state.review.cursor + 1),
            Action::PageUp => return move_to(state, state.review.cursor.saturating_sub(page)),
            Action::PageDown => return move_to(state, state.review.cursor + page),
            Action::Top => return move_to(state, 0),
            Action::Bottom => return move_to(state, state.review.lines.len()),
            Action::NextView | Action::PreviousView | Action::Differences | Action::OnFilm if state.session.blind => {
                return refuse(state);
            }
            Action::NextView | Action::PreviousView => {
                return change_list(state, beside(&List::ALL, state.review.list, action == Action::NextView));
            }
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
            Action::AcceptMany if state.session.blind => return refuse(state),
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
            Action::OnFilm => return go(state, FILM.id),
            Action::ZoomJoint => {
                state.review.close = !state.film.close;
                look(state);
            }
            _ => return film::act(state, action),
        }
        Vec::new()
    }

    fn settle(&self, state: &mut State) {
        settle(state);
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        updates::enter(state)
    }

    fn back(&self, state: &mut State) -> bool {
        state.review.edit.take().is_some()
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        mouse::mouse(state, mouse)
    }

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
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

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Results | Change::Answered => updates::results_changed(state),
            Change::Cohort | Change::Errors | Change::Tags => Vec::new(),
        }
    }

    fn is_waiting(&self, state: &State) -> bool {
        state.review.working || film::current(state).is_some_and(|film| film.is_reading())
    }

    fn shows_film(&self) -> bool {
        true
    }

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        let action = if forward { Action::Down } else { Action::Up };
        Some(self.act(state, action))
    }

    fn joint(&self, state: &State) -> Option<&'static Joint> {
        at(state).map(|at| at.joint())
    }

    fn subjects(&self, state: &State) -> Vec<Subject> {
        at(state).map(|at| Subject::joint(at.current.patient, at.joint().limb, at.joint())).into_iter().collect()
    }

    fn patient(&self, state: &State) -> Option<usize> {
        Some(state.film.patient)
    }

    fn place(&self, state: &State) -> Place {
        if state.review.edit.is_some() { Place::Editing } else { Place::On(REVIEW.id) }
    }

    fn status(&self, state: &State, line: Rect, buffer: &mut Buffer) {
        view::render_status(state, line, buffer);
    }

    fn title(&self, state: &State) -> Vec<String> {
        view::title(state)
    }
}

/// Moves the box in hand by steps of half a cell as the film is seen now, at least a pixel of the film.
fn nudge(state: &mut State, dx: i8, dy: i8) {
    let step = plan(state).map_or(1.0, |plan| (down_a_cell(&plan) / 2.0).round().max(1.0));
    let size = at(state).and_then(|at| at.size());
    if let (Some(edit), Some(size)) = (&mut state.review.edit, size) {
        edit.nudge(f32::from(dx) * step, f32::from(dy) * step, size);
    }
}

/// Does what was typed; a text that is refused stays to be corrected.
fn answer(state: &mut State, prompt: Prompt, does: impl FnOnce(&mut State, &str) -> Vec<Effect>) -> Vec<Effect> {
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
fn search_on(state: &mut State, text: &str) -> Vec<Effect> {
    if text.is_empty() {
        let (text, next) = (state.review.search.clone(), state.review.cursor + 1);
        find(state, &text, next);
    } else {
        text.clone_into(&mut state.review.search);
    }
    show(state)
}

/// Brings the cursor to the first line from `start` on, round the end, whose patient or joint holds a text.
fn find(state: &mut State, text: &str, start: usize) {
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
pub fn candidates(state: &State, text: &str) -> Vec<&'static Joint> {
    let Some(at) = at(state) else { return Vec::new() };
    let others: Vec<_> = at.current.joints(at.joint().task).iter().copied().filter(|joint| *joint != at.joint()).collect();
    joint_search::matches(text, &others)
}
