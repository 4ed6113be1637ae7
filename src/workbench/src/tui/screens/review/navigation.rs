//! Going from line to line, joint to joint, film to film, list to list.

use svh_core::{
    Joint, Limb, Task, joint,
    review::{ReadingOrder, queue::Kind},
};

use super::{
    at::{at, is_hidden},
    layout::layout,
    line::{Line, List},
    lines,
};
use crate::tui::{action::Effect, screens::film, state::State as Whole};
use svh_terminal::View;

pub(super) fn is_of_film(state: &Whole) -> bool {
    matches!(state.review.list, List::Film | List::Blind)
}

/// Rebuilds the lines of the list; the same line stays chosen where it is still there.
pub fn arrange(state: &mut Whole) {
    let Some(catalogue) = state.catalogue().cloned() else { return };
    let old = state.review.line().copied();
    let reviews = state.session.reviews();
    let lines = match state.review.list {
        List::Of(kind) => lines::of_kind(kind, &state.review.queue, &catalogue, reviews),
        List::Film | List::Blind => film::current(state).map(|current| lines::of_film(&current, state.film.patient)).unwrap_or_default(),
        List::Readers => lines::of_readers(&catalogue, reviews, state.session.reader()),
    };
    let same =
        |line: &Line| old.is_some_and(|old| line.is_at(old.patient, old.joint) && line.why.map(|w| w.kind()) == old.why.map(|w| w.kind()));
    let at_hand = |line: &Line| at(state).is_some_and(|at| line.is_at(at.patient as u32, at.joint()));
    let place = if is_of_film(state) { lines.iter().position(at_hand) } else { lines.iter().position(same) };
    state.review.cursor = place.unwrap_or(state.review.cursor);
    state.review.lines = lines;
    settle(state);
}

/// Something about a patient has changed: what is settled leaves the list.
pub fn after_change(state: &mut Whole) {
    if matches!(state.review.list, List::Of(Kind::Flagged | Kind::Conflict) | List::Readers) {
        arrange(state);
        return;
    }
    let Some(catalogue) = state.catalogue().cloned() else { return };
    let (patient, reviews) = (state.film.patient as u32, state.session.reviews());
    let cursor = state.review.cursor;
    let gone = |line: &Line| line.patient == patient && line.is_settled(&catalogue, reviews);
    let before = state.review.lines.iter().take(cursor).filter(|line| gone(line)).count();
    state.review.lines.retain(|line| !gone(line));
    state.review.cursor = cursor - before;
    settle(state);
}

/// Keeps the cursor within the list and in sight.
pub fn settle(state: &mut Whole) {
    let height = usize::from(layout(state.room(), state.painter.protocol()).lines.height).max(1);
    let review = &mut state.review;
    review.cursor = review.cursor.min(review.lines.len().saturating_sub(1));
    let last = review.lines.len().saturating_sub(height);
    review.offset = review.offset.clamp((review.cursor + 1).saturating_sub(height), review.cursor).min(last);
}

/// Brings the joint of the chosen line to hand.
pub fn show(state: &mut Whole) -> Vec<Effect> {
    match state.review.line().copied() {
        Some(line) => bring(state, line.patient as usize, line.joint),
        None => Vec::new(),
    }
}

/// Brings a joint to hand: its film, and a close look at its box.
pub fn bring(state: &mut Whole, patient: usize, joint: &'static Joint) -> Vec<Effect> {
    let Some(catalogue) = state.catalogue().cloned() else { return Vec::new() };
    let films = catalogue.films(patient);
    let of_limb = |(limb, path): &(Option<Limb>, std::path::PathBuf)| {
        limb.or_else(|| state.results.film(path).map(|found| found.limb)) == Some(joint.limb)
    };
    let Some(place) = films.iter().position(of_limb) else { return Vec::new() };
    let effects = film::put(state, patient, place);
    state.film.task = joint.task;
    state.film.joint = lines::place_of(joint).unwrap_or(0);
    look(state);
    effects
}

/// Asks for the film at hand, which was chosen elsewhere.
pub(super) fn bring_film(state: &mut Whole) -> Vec<Effect> {
    let (patient, place) = (state.film.patient, state.film.film);
    let effects = film::put(state, patient, place);
    look(state);
    effects
}

/// A close look at the joint at hand, or the whole film, as the user wants it and as far as it may be seen.
pub(super) fn look(state: &mut Whole) {
    if state.review.edit.is_some() {
        return;
    }
    let hidden = film::current(state).is_some_and(|current| at(state).is_some_and(|at| is_hidden(state, &current, at.joint())));
    let has_box = at(state).is_some_and(|at| at.proposal().is_some());
    // A close look at a box that is hidden would tell where it is; a view that the reader chose blindly stays.
    let chosen_blindly = hidden && !state.film.close;
    state.film.close = state.review.close && has_box && !hidden;
    if state.film.close {
        film::follow(state);
    } else if !chosen_blindly {
        state.film.view = View::default();
    }
}

/// The next line.
pub fn step_on(state: &mut Whole) -> Vec<Effect> {
    if state.review.cursor + 1 >= state.review.lines.len() {
        let end =
            if is_of_film(state) { "that was the last joint of this film; n goes to the next film" } else { "that was the last line" };
        return state.say(end);
    }
    state.review.cursor += 1;
    settle(state);
    show(state)
}

pub(super) fn change_list(state: &mut Whole, list: List) -> Vec<Effect> {
    state.review.edit = None;
    (state.review.list, state.review.chosen) = (list, true);
    (state.review.cursor, state.review.offset) = (0, 0);
    arrange(state);
    if is_of_film(state) { bring_film(state) } else { show(state) }
}

pub(super) fn move_to(state: &mut Whole, line: usize) -> Vec<Effect> {
    state.review.cursor = line;
    settle(state);
    show(state)
}

/// The joint before or after in the order of the film's lists.
pub(super) fn joint_beside(state: &mut Whole, forward: bool) -> Vec<Effect> {
    if is_of_film(state) {
        let line = if forward { state.review.cursor + 1 } else { state.review.cursor.saturating_sub(1) };
        return move_to(state, line);
    }
    let Some(joints) = film::current(state).map(|current| current.joints(state.film.task).len()) else { return Vec::new() };
    let joint = state.film.joint;
    state.film.joint = if forward { (joint + 1).min(joints.saturating_sub(1)) } else { joint.saturating_sub(1) };
    look(state);
    Vec::new()
}

/// The film before or after: of the cohort in its order, or the next one that the list has lines of.
pub(super) fn film_beside(state: &mut Whole, forward: bool) -> Vec<Effect> {
    if is_of_film(state) {
        return film_of_cohort_beside(state, forward);
    }
    let Some(here) = state.review.line().copied() else { return Vec::new() };
    let other = |line: &Line| (line.patient, line.joint.limb) != (here.patient, here.joint.limb);
    let (lines, cursor) = (&state.review.lines, state.review.cursor);
    let found = if forward { (cursor..lines.len()).find(|at| other(&lines[*at])) } else { (0..cursor).rev().find(|at| other(&lines[*at])) };
    match found {
        Some(line) => move_to(state, line),
        None => state.say("there is no other film in this direction"),
    }
}

/// The films in the order of the session: the patient's place and the limb.
fn in_order(state: &Whole) -> Vec<(usize, Limb)> {
    let Some(catalogue) = state.catalogue() else { return Vec::new() };
    state.session.order.sequence(&catalogue.cohort, &catalogue.visits, state.session.reader())
}

fn at_in_order(state: &Whole, films: &[(usize, Limb)]) -> Option<usize> {
    let here = (state.film.patient, film::current(state)?.limb?);
    films.iter().position(|film| *film == here)
}

/// Where the film at hand is in the order of the session, from 1, and how many films that has.
pub(super) fn place_in_order(state: &Whole) -> Option<(usize, usize)> {
    let films = in_order(state);
    Some((at_in_order(state, &films)? + 1, films.len()))
}

/// The film that a blind reader reads next, or read before, in the order of the session.
fn blind_film_beside(state: &mut Whole, forward: bool) -> Vec<Effect> {
    let films = in_order(state);
    let next = match (at_in_order(state, &films), forward) {
        (Some(place), true) => Some(place + 1),
        (Some(place), false) => place.checked_sub(1),
        (None, _) => Some(0),
    };
    let Some(next) = next.filter(|place| *place < films.len()) else { return state.say("there is no other film in this direction") };
    let effects = to_limb(state, films[next]);
    state.say(format!("film {} of {}", next + 1, films.len()));
    effects
}

/// Brings the film to hand at which the reader began or stopped to read blindly in this order.
pub(super) fn resume(state: &mut Whole) -> Vec<Effect> {
    let Some(catalogue) = state.catalogue().cloned() else { return Vec::new() };
    let (films, reviews, me) = (in_order(state), state.session.reviews(), state.session.reader());
    let answered = |(patient, limb): (usize, Limb)| {
        let id = &catalogue.cohort.patients()[patient].id;
        let joints = || Task::ALL.into_iter().flat_map(|task| joint::of_limb(task, limb));
        let locked = joints().filter(|joint| reviews.joint(id, joint).is_some_and(|review| review.lock_of(me).is_some()));
        (locked.count(), joints().count())
    };
    match ReadingOrder::resume(&films, answered) {
        Some(place) => to_limb(state, films[place]),
        None => Vec::new(),
    }
}

fn to_limb(state: &mut Whole, (patient, limb): (usize, Limb)) -> Vec<Effect> {
    let films = state.catalogue().map(|catalogue| catalogue.films(patient)).unwrap_or_default();
    match films.iter().position(|(of, _)| *of == Some(limb)) {
        Some(place) => to_film(state, patient, place),
        None => Vec::new(),
    }
}

fn to_film(state: &mut Whole, patient: usize, place: usize) -> Vec<Effect> {
    let effects = film::put(state, patient, place);
    (state.film.joint, state.film.task) = (0, Task::Narrowing);
    state.review.cursor = 0;
    arrange(state);
    look(state);
    effects
}

fn film_of_cohort_beside(state: &mut Whole, forward: bool) -> Vec<Effect> {
    if state.session.blind {
        return blind_film_beside(state, forward);
    }
    let Some(catalogue) = state.catalogue().cloned() else { return Vec::new() };
    let (patient, place) = (state.film.patient, state.film.film);
    let count = |patient: usize| catalogue.cohort.patients()[patient].film_count();
    let next = if forward {
        let same = (place + 1 < count(patient)).then_some((patient, place + 1));
        same.or_else(|| (patient + 1..catalogue.len()).find(|other| count(*other) > 0).map(|other| (other, 0)))
    } else {
        let same = place.checked_sub(1).map(|place| (patient, place));
        same.or_else(|| (0..patient).rev().find(|other| count(*other) > 0).map(|other| (other, count(other) - 1)))
    };
    let Some((patient, place)) = next else { return state.say("there is no other film in this direction") };
    to_film(state, patient, place)
}

/// Where the list has a line about the joint at hand, that line is the chosen one.
pub(super) fn follow_cursor(state: &mut Whole) {
    let line = at(state).and_then(|at| state.review.lines.iter().position(|line| line.is_at(at.patient as u32, at.joint())));
    state.review.cursor = line.unwrap_or(state.review.cursor);
    settle(state);
}
