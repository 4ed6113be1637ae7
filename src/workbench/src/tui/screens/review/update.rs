//! How the reviews answer to keys, to the mouse, and to what comes from the disk.

use std::sync::Arc;

use svh_core::{
    Joint,
    review::{
        News,
        queue::{Kind, Queue},
    },
};

use super::{
    changes::{self, tell},
    layout::layout,
    lines::{self, Line, List},
    naming,
    state::{at, is_hidden},
};
use crate::{
    pictures::{Plan, View},
    tui::{
        action::{Action, Effect},
        input::{Mouse, MouseKind},
        message::Message,
        names, navigation,
        prompt::{Purpose, Typed},
        screens::film,
        state::{Screen, State as Whole},
        table::WHEEL,
    },
};

/// The screen has come to the front. From a film one comes to review that film.
pub fn enter(state: &mut Whole) -> Vec<Effect> {
    state.review.edit = None;
    if state.trail.last() == Some(&Screen::Film) {
        (state.review.list, state.review.chosen) = (List::Film, true);
    }
    let mut effects = build(state);
    arrange(state);
    effects.extend(if is_of_film(state) { bring_film(state) } else { show(state) });
    effects
}

/// Asks for the queue where models know something new.
fn build(state: &mut Whole) -> Vec<Effect> {
    let review = &mut state.review;
    if !review.stale || review.working || !matches!(state.cohort, crate::tui::state::Cohort::Ready(_)) {
        return Vec::new();
    }
    (review.stale, review.working) = (false, true);
    vec![Effect::BuildQueue]
}

/// Models know something new.
pub fn results_changed(state: &mut Whole) -> Vec<Effect> {
    state.review.stale = true;
    if state.screen == Screen::Review { build(state) } else { Vec::new() }
}

/// The queue has been worked out.
pub fn built(state: &mut Whole, queue: Arc<Queue>) -> Vec<Effect> {
    state.review.queue = queue;
    state.review.working = false;
    if state.screen != Screen::Review {
        return Vec::new();
    }
    if !state.review.chosen {
        state.review.chosen = true;
        let first = first_with_lines(state);
        state.review.list = first.unwrap_or(List::Film);
    }
    arrange(state);
    let effects = build(state);
    if is_of_film(state) || state.review.edit.is_some() { effects } else { [effects, show(state)].concat() }
}

fn first_with_lines(state: &Whole) -> Option<List> {
    let catalogue = state.catalogue()?;
    let open = |kind: &Kind| !lines::of_kind(*kind, &state.review.queue, catalogue, state.desk.reviews()).is_empty();
    Kind::ALL.into_iter().find(open).map(List::Of)
}

/// Reviews have been found on the disk.
pub fn read(state: &mut Whole, news: News) -> Vec<Effect> {
    let before = state.desk.reviews().problems().count();
    state.desk.take(news);
    let problems: Vec<&str> = state.desk.reviews().problems().skip(before).collect();
    if let Some(first) = problems.first() {
        let more = if problems.len() > 1 { format!(" (and {} more; `svh reviews` lists them)", problems.len() - 1) } else { String::new() };
        state.message = Some(Message::error(format!("reviews: {first}{more}")));
    }
    if state.screen == Screen::Review {
        arrange(state);
    }
    Vec::new()
}

/// Changes wait for the disk, or do no more.
pub fn unkept(state: &mut Whole, unkept: Option<(usize, String)>) {
    state.message = match &unkept {
        Some((_, reason)) => Some(Message::error(reason.clone())),
        None => Some(Message::info("everything is on the disk now")),
    };
    state.desk.unkept = unkept;
}

fn is_of_film(state: &Whole) -> bool {
    matches!(state.review.list, List::Film | List::Blind)
}

/// Works the lines of the list out anew; the same line stays chosen where it is still there.
pub fn arrange(state: &mut Whole) {
    let Some(catalogue) = state.catalogue().cloned() else { return };
    let old = state.review.line().copied();
    let reviews = state.desk.reviews();
    let lines = match state.review.list {
        List::Of(kind) => lines::of_kind(kind, &state.review.queue, &catalogue, reviews),
        List::Film | List::Blind => film::current(state).map(|current| lines::of_film(&current, state.film.patient)).unwrap_or_default(),
        List::Readers => lines::of_readers(&catalogue, reviews, state.desk.reader()),
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
    let (patient, reviews) = (state.film.patient as u32, state.desk.reviews());
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
    let of_limb = |(limb, path): &(Option<svh_core::Limb>, std::path::PathBuf)| {
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
fn bring_film(state: &mut Whole) -> Vec<Effect> {
    let (patient, place) = (state.film.patient, state.film.film);
    let effects = film::put(state, patient, place);
    look(state);
    effects
}

/// A close look at the joint at hand, or the whole film, as the user wants it and as far as it may be seen.
fn look(state: &mut Whole) {
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
        return tell(state, end);
    }
    state.review.cursor += 1;
    settle(state);
    show(state)
}

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
        Action::NextView => return change_list(state, beside(state.review.list, 1)),
        Action::PreviousView => return change_list(state, beside(state.review.list, List::ALL.len() - 1)),
        Action::BlindReading => {
            let list = if state.review.list == List::Blind { List::Film } else { List::Blind };
            return change_list(state, list);
        }
        Action::Differences => return change_list(state, List::Readers),
        Action::Accept => return changes::accept(state),
        Action::Grade(grade) => return changes::grade(state, Some(grade)),
        Action::TypeGrade => return changes::ask(state, Purpose::Grade),
        Action::Flag => return changes::ask(state, Purpose::Flag),
        Action::ClearFlag => return changes::clear_flags(state),
        Action::Relabel => return changes::ask_label(state),
        Action::MoveBox => return changes::take_in_hand(state),
        Action::DrawBox => return changes::draw(state),
        Action::DeleteBox => return changes::delete(state),
        Action::Undo => return changes::undo(state, false),
        Action::Redo => return changes::undo(state, true),
        Action::Take => return changes::take(state),
        Action::Leave => state.review.edit = None,
        Action::Resize => state.review.edit.iter_mut().for_each(|edit| edit.resize = !edit.resize),
        Action::Nudge(dx, dy) => nudge(state, dx, dy),
        Action::NextJoint => return joint_beside(state, true),
        Action::PreviousJoint => return joint_beside(state, false),
        Action::NextLimb => return film_beside(state, true),
        Action::PreviousLimb => return film_beside(state, false),
        Action::OnFilm => return navigation::go(state, Screen::Film),
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

fn beside(list: List, step: usize) -> List {
    let place = List::ALL.iter().position(|other| *other == list).unwrap_or(0);
    List::ALL[(place + step) % List::ALL.len()]
}

fn change_list(state: &mut Whole, list: List) -> Vec<Effect> {
    state.review.edit = None;
    (state.review.list, state.review.chosen) = (list, true);
    (state.review.cursor, state.review.offset) = (0, 0);
    arrange(state);
    if is_of_film(state) { bring_film(state) } else { show(state) }
}

fn move_to(state: &mut Whole, line: usize) -> Vec<Effect> {
    state.review.cursor = line;
    settle(state);
    show(state)
}

/// The joint before or after in the order of the film's lists.
fn joint_beside(state: &mut Whole, forward: bool) -> Vec<Effect> {
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
fn film_beside(state: &mut Whole, forward: bool) -> Vec<Effect> {
    if is_of_film(state) {
        return film_of_cohort_beside(state, forward);
    }
    let Some(here) = state.review.line().copied() else { return Vec::new() };
    let other = |line: &Line| (line.patient, line.joint.limb) != (here.patient, here.joint.limb);
    let (lines, cursor) = (&state.review.lines, state.review.cursor);
    let found = if forward { (cursor..lines.len()).find(|at| other(&lines[*at])) } else { (0..cursor).rev().find(|at| other(&lines[*at])) };
    match found {
        Some(line) => move_to(state, line),
        None => tell(state, "there is no other film in this direction"),
    }
}

fn film_of_cohort_beside(state: &mut Whole, forward: bool) -> Vec<Effect> {
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
    let Some((patient, place)) = next else { return tell(state, "there is no other film in this direction") };
    let effects = film::put(state, patient, place);
    (state.film.joint, state.film.task) = (0, svh_core::Task::Narrowing);
    state.review.cursor = 0;
    arrange(state);
    look(state);
    effects
}

/// Moves the box in hand by steps of half a cell as the film is seen now, at least a pixel of the film.
fn nudge(state: &mut Whole, dx: i8, dy: i8) {
    let step = plan(state).map_or(1.0, |plan| (down_a_cell(&plan) / 2.0).round().max(1.0));
    let size = at(state).and_then(|at| at.size());
    if let (Some(edit), Some(size)) = (&mut state.review.edit, size) {
        edit.nudge(f32::from(dx) * step, f32::from(dy) * step, size);
    }
}

/// Pixels of the film from one row of cells to the next.
fn down_a_cell(plan: &Plan) -> f32 {
    (plan.region[3] - plan.region[1]) / f32::from(plan.rect.height.max(1))
}

/// The picture as it is shown.
fn plan(state: &Whole) -> Option<Plan> {
    super::view::plan(state)
}

/// The mouse: on the list it chooses, on the picture it moves the view or the box in hand.
pub fn mouse(state: &mut Whole, mouse: Mouse) -> Vec<Effect> {
    let parts = layout(state.room(), state.painter.protocol());
    let over = |rect: ratatui::layout::Rect| rect.contains((mouse.column, mouse.row).into());
    let on_picture = parts.picture.is_some_and(over);
    match mouse.kind {
        MouseKind::WheelUp if on_picture => film::zoom(state, film::ZOOM),
        MouseKind::WheelDown if on_picture => film::zoom(state, 1.0 / film::ZOOM),
        MouseKind::Press if on_picture => press_picture(state, mouse),
        MouseKind::Drag => drag(state, mouse),
        MouseKind::Release => {
            state.film.drag = None;
            state.review.edit.iter_mut().for_each(|edit| edit.grab = None);
        }
        // With a box in hand the list stands still.
        _ if state.review.edit.is_some() => {}
        MouseKind::WheelUp => return move_to(state, state.review.cursor.saturating_sub(WHEEL)),
        MouseKind::WheelDown => return move_to(state, state.review.cursor + WHEEL),
        MouseKind::Press if over(parts.head) => {
            let forward = mouse.column >= parts.head.x + parts.head.width / 3;
            return act(state, if forward { Action::NextView } else { Action::PreviousView });
        }
        MouseKind::Press if over(parts.lines) => {
            let line = state.review.offset + usize::from(mouse.row - parts.lines.y);
            if line < state.review.lines.len() {
                return move_to(state, line);
            }
        }
        MouseKind::Press => {}
    }
    Vec::new()
}

fn press_picture(state: &mut Whole, mouse: Mouse) {
    let Some(plan) = plan(state) else { return };
    let Some(point) = film::film_point(&plan, mouse.column, mouse.row) else { return };
    if let Some(edit) = &mut state.review.edit {
        edit.press(point, down_a_cell(&plan));
        return;
    }
    state.film.drag = Some((mouse.column, mouse.row));
    // Choosing by a box that may not be seen would tell where it is.
    if state.review.list != List::Blind {
        film::choose_box_at(state, point);
        follow_cursor(state);
    }
}

/// Where the list has a line about the joint at hand, that line is the chosen one.
fn follow_cursor(state: &mut Whole) {
    let line = at(state).and_then(|at| state.review.lines.iter().position(|line| line.is_at(at.patient as u32, at.joint())));
    state.review.cursor = line.unwrap_or(state.review.cursor);
    settle(state);
}

fn drag(state: &mut Whole, mouse: Mouse) {
    let Some(plan) = plan(state) else { return };
    let size = plan.picture.size();
    match (&mut state.review.edit, film::film_point(&plan, mouse.column, mouse.row)) {
        (Some(edit), Some(point)) => edit.drag(point, size),
        (Some(_), None) => {}
        (None, _) => film::drag_view(state, mouse, &plan),
    }
}

/// Something was typed into the line at the foot.
pub fn typed(state: &mut Whole, typed: &Typed) -> Vec<Effect> {
    let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
    prompt.edit(typed);
    match (typed, prompt.purpose) {
        (Typed::Cancel, _) => return Vec::new(),
        (Typed::Accept, Purpose::Grade) => return changes::typed_grade(state, &prompt.text),
        (Typed::Accept, Purpose::Flag) => return changes::flag(state, &prompt.text),
        (Typed::Accept, Purpose::Relabel) => return changes::relabel(state, &prompt.text),
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

/// The joints that the box at hand could be given to, by what was typed so far.
#[must_use]
pub fn candidates(state: &Whole, text: &str) -> Vec<&'static Joint> {
    let Some(at) = at(state) else { return Vec::new() };
    let others: Vec<_> = at.current.joints(at.joint().task).iter().copied().filter(|joint| *joint != at.joint()).collect();
    naming::matches(text, &others)
}
