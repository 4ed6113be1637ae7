//! What comes from elsewhere: the screen comes to the front, models know more, others have reviewed, the disk refuses.

use std::sync::Arc;

use svh_core::review::{
    ReviewUpdate,
    queue::{Kind, Queue},
};

use super::{
    line::List,
    lines,
    navigation::{arrange, bring_film, is_of_film, show},
};
use crate::tui::{
    action::Effect,
    confirm::Confirmed,
    keys::screens::{FILM, REVIEW},
    message::Message,
    state::{Cohort, State as Whole},
};

/// The screen has come to the front. From a film one comes to review that film.
pub fn enter(state: &mut Whole) -> Vec<Effect> {
    state.review.edit = None;
    if state.trail.last() == Some(&FILM.id) && !state.session.blind {
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
    if !review.stale || review.working || !matches!(state.cohort, Cohort::Ready(_)) {
        return Vec::new();
    }
    (review.stale, review.working) = (false, true);
    vec![Effect::BuildQueue]
}

/// Models know something new.
pub fn results_changed(state: &mut Whole) -> Vec<Effect> {
    state.review.stale = true;
    if state.screen == REVIEW.id { build(state) } else { Vec::new() }
}

/// Many boxes have been decided about at once: what is settled leaves the list.
pub fn settled(state: &mut Whole) -> Vec<Effect> {
    if state.screen != REVIEW.id {
        return Vec::new();
    }
    arrange(state);
    if is_of_film(state) { Vec::new() } else { show(state) }
}

/// The queue has been worked out.
pub fn built(state: &mut Whole, queue: Arc<Queue>) -> Vec<Effect> {
    state.review.queue = queue;
    state.review.working = false;
    if state.screen != REVIEW.id {
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
    let open = |kind: &Kind| !lines::of_kind(*kind, &state.review.queue, catalogue, state.session.reviews()).is_empty();
    Kind::ALL.into_iter().find(open).map(List::Of)
}

/// Reviews have been found on the disk.
pub fn read(state: &mut Whole, news: ReviewUpdate) -> Vec<Effect> {
    let before = state.session.reviews().problems().count();
    state.session.take(news);
    let problems: Vec<&str> = state.session.reviews().problems().skip(before).collect();
    if let Some(first) = problems.first() {
        let more = if problems.len() > 1 { format!(" (and {} more; `svh reviews` lists them)", problems.len() - 1) } else { String::new() };
        // The line may name a film set.
        let first = if state.session.hides_visits() { "a line cannot be used; `svh reviews` shows it" } else { first };
        state.message = Some(Message::error(format!("reviews: {first}{more}")));
    }
    if state.screen == REVIEW.id {
        arrange(state);
    }
    Vec::new()
}

/// Changes wait for the disk, or do no more.
pub fn unkept(state: &mut Whole, unkept: Option<(usize, String)>) {
    if unkept.is_none() {
        // Whether to quit without them is no longer the question.
        state.confirm = state.confirm.take().filter(|confirm| confirm.then != Confirmed::Quit);
    }
    state.message = match &unkept {
        Some((_, reason)) => Some(Message::error(reason.clone())),
        None => Some(Message::info("everything is on disk now")),
    };
    state.session.unkept = unkept;
}
