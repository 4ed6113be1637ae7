//! How the table answers to keys, to the mouse and to new data.

use super::{
    columns::Column,
    filter::{Filter, position},
    keys::ID,
    layout::{columns, layout},
    order::{arrange, loaded, settle},
    state::State,
};
use crossterm::event::{MouseEvent, MouseEventKind};
use std::path::PathBuf;

use svh_core::Limb;

use crate::tui::{
    action::{Action, Effect},
    message::Message,
    prompt::{Prompt, Purpose, Typed},
    screens::film,
    state::State as Whole,
    tagging,
};
use svh_terminal::Protocol;

/// Lines that one step of the wheel moves.
const WHEEL: usize = 3;

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let page = usize::from(layout(state.room()).lines.height.max(2) - 1);
    let table = &mut state.patients;
    let last = table.shown.len().saturating_sub(1);
    match action {
        Action::Up => table.cursor = table.cursor.saturating_sub(1),
        Action::Down => table.cursor = (table.cursor + 1).min(last),
        Action::PageUp => table.cursor = table.cursor.saturating_sub(page),
        Action::PageDown => table.cursor = (table.cursor + page).min(last),
        Action::Top => table.cursor = 0,
        Action::Bottom => table.cursor = last,
        Action::Open => return open(state),
        Action::Search => state.prompt = Some(Prompt::new(Purpose::Search, "", table.cursor)),
        Action::Filter => {
            let prompt = Prompt::new(Purpose::Filter, &table.filter.text, table.cursor);
            let hint = tagging::kept_hint(state, Purpose::Filter.hint());
            state.prompt = Some(prompt.hinting(hint));
        }
        Action::Jump => state.prompt = Some(Prompt::new(Purpose::Jump, "", table.cursor)),
        Action::NextItem | Action::PreviousItem if table.search.is_empty() => {
            table.cursor = if action == Action::NextItem { (table.cursor + 1).min(last) } else { table.cursor.saturating_sub(1) };
        }
        Action::NextItem => search_on(state, true),
        Action::PreviousItem => search_on(state, false),
        Action::SortNext => sort_beside(state, 1),
        Action::SortPrevious => sort_beside(state, Column::ALL.len() - 1),
        Action::SortReverse => {
            state.patients.reversed = !state.patients.reversed;
            arrange(state);
        }
        _ => {}
    }
    settle(state);
    Vec::new()
}

/// Shows everybody again, or forgets the search; false where neither hides or marks anything.
pub fn back(state: &mut Whole) -> bool {
    if !state.patients.filter.is_empty() {
        state.patients.filter = Filter::default();
        loaded(state);
        return true;
    }
    let searched = !state.patients.search.is_empty();
    state.patients.search.clear();
    searched
}

fn open(state: &mut Whole) -> Vec<Effect> {
    let Some(index) = state.patients.chosen() else { return Vec::new() };
    film::open(state, index, None)
}

/// Films with their limbs, where the names say them.
type Films = Vec<(Option<Limb>, PathBuf)>;

/// The films that the card shows and that have not been asked for yet: patient, and films with their limbs.
fn missing(state: &Whole) -> Option<(usize, Films)> {
    let covered = state.help.is_some() || state.palette.is_some() || state.is_cramped();
    let seen = state.screen == ID && !covered;
    let card = layout(state.room()).card.filter(|_| seen && state.painter.protocol() != Protocol::Off)?;
    let patient = state.patients.chosen().filter(|_| super::card::has_room(card))?;
    let films: Vec<_> = state.catalogue()?.films(patient).into_iter().filter(|(_, path)| state.films.get(path).is_none()).collect();
    (!films.is_empty()).then_some((patient, films))
}

/// Whether the card waits for films.
#[must_use]
pub fn wants_films(state: &Whole) -> bool {
    missing(state).is_some()
}

/// The keys have rested on a patient: its films are read for the card.
pub fn rested(state: &mut Whole) -> Vec<Effect> {
    let Some((patient, films)) = missing(state) else { return Vec::new() };
    // The latest wish is served first.
    let read = films.into_iter().rev().filter(|(_, path)| state.films.want(path));
    read.map(|(limb, path)| Effect::ReadFilm { patient, limb, path }).collect()
}

/// The mouse: the wheel moves the cursor, a click on a head sorts, on a line chooses, on the chosen line opens.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    match mouse.kind {
        MouseEventKind::ScrollUp | MouseEventKind::ScrollDown => wheel(state, mouse.kind == MouseEventKind::ScrollDown),
        MouseEventKind::Down(_) => return click(state, mouse),
        _ => {}
    }
    Vec::new()
}

fn click(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = layout(state.room());
    let inside = mouse.column >= layout.table.x && mouse.column < layout.table.right();
    if inside && mouse.row + 1 == layout.lines.y {
        let at = mouse.column - layout.table.x;
        let hit =
            columns(layout.table.width, &state.columns.patients).into_iter().find(|(_, left, width)| at + 1 >= *left && at < left + width);
        if let Some((column, ..)) = hit {
            sort_by(state, column);
        }
    } else if inside && mouse.row >= layout.lines.y && mouse.row < layout.lines.bottom() {
        let line = state.patients.offset + usize::from(mouse.row - layout.lines.y);
        if line < state.patients.shown.len() {
            if line == state.patients.cursor {
                return open(state);
            }
            state.patients.cursor = line;
        }
    }
    settle(state);
    Vec::new()
}

/// The wheel moves the cursor; what is chosen always stays in sight.
fn wheel(state: &mut Whole, down: bool) {
    let table = &mut state.patients;
    table.cursor = if down { table.cursor + WHEEL } else { table.cursor.saturating_sub(WHEEL) };
    settle(state);
}

/// Something was typed into the line at the foot.
pub fn typed(state: &mut Whole, typed: &Typed) -> Vec<Effect> {
    let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
    let mut effects = Vec::new();
    prompt.edit(typed);
    match (typed, prompt.purpose) {
        (Typed::Cancel, Purpose::Filter) => {}
        (Typed::Cancel, _) => state.patients.cursor = prompt.origin,
        (Typed::Accept, Purpose::Filter) => {
            let taken = tagging::recalled(state, &prompt.text).and_then(|(words, written)| filter(state, &words).map(|()| written));
            match taken {
                Ok(written) => effects = written,
                Err(reason) => {
                    state.prompt = Some(prompt.refused(reason));
                    return effects;
                }
            }
        }
        (Typed::Accept, Purpose::Jump) => {
            if let Err(reason) = jump(state, &prompt.text) {
                state.prompt = Some(prompt.refused(reason));
                return effects;
            }
        }
        (Typed::Accept, Purpose::Search) => {}
        (_, Purpose::Search) => search(state, &prompt),
        _ => {}
    }
    if !matches!(typed, Typed::Accept | Typed::Cancel) {
        state.prompt = Some(prompt);
    }
    settle(state);
    effects
}

fn search(state: &mut Whole, prompt: &Prompt) {
    state.patients.search = prompt.text.to_ascii_lowercase();
    if prompt.text.is_empty() {
        state.patients.cursor = prompt.origin;
    } else if let Some(line) = find(state, prompt.origin, true) {
        state.patients.cursor = line;
    }
}

fn search_on(state: &mut Whole, forward: bool) {
    let count = state.patients.shown.len();
    if count == 0 {
        return;
    }
    let start = if forward { (state.patients.cursor + 1) % count } else { (state.patients.cursor + count - 1) % count };
    match find(state, start, forward) {
        Some(line) => state.patients.cursor = line,
        None => state.message = Some(Message::info(format!("no id contains `{}`", state.patients.search))),
    }
}

/// The first line from `start` on, round the end, whose id contains what is searched for.
fn find(state: &Whole, start: usize, forward: bool) -> Option<usize> {
    let patients = state.catalogue()?.cohort.patients();
    let State { shown, search, .. } = &state.patients;
    let count = shown.len();
    let hit = |line: &usize| position(&patients[shown[*line] as usize].id, search).is_some();
    let forwards = (start..count).chain(0..start.min(count));
    if forward {
        forwards.into_iter().find(hit)
    } else {
        (0..=start.min(count.checked_sub(1)?)).rev().chain((start + 1..count).rev()).find(hit)
    }
}

fn jump(state: &mut Whole, text: &str) -> Result<(), String> {
    let text = text.trim();
    let Some(catalogue) = state.catalogue().cloned() else { return Ok(()) };
    let table = &mut state.patients;
    let number = text.parse::<usize>().ok().filter(|number| (1..=table.shown.len()).contains(number));
    let starts = |index: &u32| {
        let id = catalogue.cohort.patients()[*index as usize].id.as_bytes();
        id.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
    };
    match number.map(|number| number - 1).or_else(|| table.shown.iter().position(starts)) {
        _ if text.is_empty() => {}
        Some(line) => table.cursor = line,
        None => return Err(format!("no line {text}, and no id begins with it")),
    }
    Ok(())
}

fn filter(state: &mut Whole, text: &str) -> Result<(), String> {
    state.patients.filter = Filter::parse(text)?;
    arrange(state);
    Ok(())
}

/// The next patient of the table that has a film, at the same limb, or the one before.
pub fn step(state: &mut Whole, forward: bool) -> Vec<Effect> {
    let Some(catalogue) = state.catalogue().cloned() else { return Vec::new() };
    let limb = film::current(state).and_then(|current| current.limb);
    let shown = &state.patients.shown;
    let here = shown.iter().position(|index| *index as usize == state.film.patient).unwrap_or(0);
    let has_film = |line: &usize| catalogue.cohort.patients()[shown[*line] as usize].film_count() > 0;
    let line = if forward { (here + 1..shown.len()).find(has_film) } else { (0..here).rev().find(has_film) };
    let Some(line) = line else {
        let end = if forward { "last" } else { "first" };
        state.message = Some(Message::info(format!("this is the {end} patient in the table")));
        return Vec::new();
    };
    let patient = shown[line] as usize;
    state.patients.cursor = line;
    settle(state);
    film::open(state, patient, limb)
}

fn sort_beside(state: &mut Whole, step: usize) {
    let place = Column::ALL.iter().position(|column| *column == state.patients.sort).unwrap_or(0);
    state.patients.reversed = false;
    state.patients.sort = Column::ALL[(place + step) % Column::ALL.len()];
    arrange(state);
}

fn sort_by(state: &mut Whole, column: Column) {
    state.patients.reversed = state.patients.sort == column && !state.patients.reversed;
    state.patients.sort = column;
    arrange(state);
}
