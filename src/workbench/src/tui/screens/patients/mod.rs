//! The table of patients: films and labels that exist, grades, totals of the reader and of the model; sorted, filtered, searched.

mod card;
pub mod columns;
mod filter;
mod layout;
pub mod state;
mod view;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use crossterm::event::MouseEvent;
use ratatui::buffer::Buffer;
use svh_core::Limb;

use crate::tui::{
    action::{Action, Effect},
    message::Message,
    prompt::{Prompt, Purpose, Typed},
    screen_trait::{Change, Screen},
    screens::film,
    state::State,
    table::Pressed,
    tagging,
};
use filter::{Filter, position};
use layout::here;
use svh_terminal::{Plan, Protocol};

/// The screen.
pub struct Patients;

impl Screen for Patients {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer);
        None
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        let layout = here(state);
        let screen = &mut state.patients;
        match action {
            Action::Search => state.prompt = Some(Prompt::new(Purpose::Search, "", screen.table.cursor)),
            Action::Filter => {
                let prompt = Prompt::new(Purpose::Filter, &screen.filter.text, screen.table.cursor);
                let hint = tagging::kept_hint(state, Purpose::Filter.hint());
                state.prompt = Some(prompt.hinting(hint));
            }
            Action::Jump => state.prompt = Some(Prompt::new(Purpose::Jump, "", screen.table.cursor)),
            Action::NextItem | Action::PreviousItem if !screen.search.is_empty() => search_on(state, action == Action::NextItem),
            _ => {
                let pressed = screen.table.key(action, &layout.table);
                return line_pressed(state, pressed);
            }
        }
        Vec::new()
    }

    fn settle(&self, state: &mut State) {
        let lines = here(state).table.lines;
        state.patients.table.settle(lines);
    }

    fn back(&self, state: &mut State) -> bool {
        if !state.patients.filter.is_empty() {
            state.patients.filter = Filter::default();
            arrange(state);
            return true;
        }
        let searched = !state.patients.search.is_empty();
        state.patients.search.clear();
        searched
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        let layout = here(state);
        let pressed = state.patients.table.mouse(mouse, &layout.table);
        line_pressed(state, pressed)
    }

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
        let mut effects = Vec::new();
        prompt.edit(typed);
        match (typed, prompt.purpose) {
            (Typed::Cancel, Purpose::Filter) => {}
            (Typed::Cancel, _) => state.patients.table.cursor = prompt.origin,
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
        self.settle(state);
        effects
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Cohort | Change::Results => arrange(state),
            Change::Tags if !state.patients.filter.is_empty() => arrange(state),
            Change::Answered | Change::Errors | Change::Tags => {}
        }
        Vec::new()
    }

    fn wants_rest(&self, state: &State) -> bool {
        missing(state).is_some()
    }

    fn rested(&self, state: &mut State) -> Vec<Effect> {
        let Some((patient, films)) = missing(state) else { return Vec::new() };
        // The latest wish is served first.
        let read = films.into_iter().rev().filter(|(_, path)| state.films.want(path));
        read.map(|(limb, path)| Effect::ReadFilm { patient, limb, path }).collect()
    }

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        let catalogue = state.catalogue().cloned()?;
        let limb = film::current(state).and_then(|current| current.limb);
        let shown = &state.patients.table.shown;
        let here = shown.iter().position(|index| *index as usize == state.film.patient).unwrap_or(0);
        let has_film = |line: &usize| catalogue.cohort.patients()[shown[*line] as usize].film_count() > 0;
        let line = if forward { (here + 1..shown.len()).find(has_film) } else { (0..here).rev().find(has_film) };
        let Some(line) = line else {
            let end = if forward { "last" } else { "first" };
            state.message = Some(Message::info(format!("this is the {end} patient in the table")));
            return Some(Vec::new());
        };
        let patient = shown[line] as usize;
        state.patients.table.cursor = line;
        self.settle(state);
        Some(film::open(state, patient, limb))
    }

    fn patient(&self, state: &State) -> Option<usize> {
        state.patients.table.chosen()
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}

/// Filters and sorts again; the chosen patient stays chosen where it is still shown.
fn arrange(state: &mut State) {
    let Some(catalogue) = state.catalogue().cloned() else { return };
    let lines = here(state).table.lines;
    let (reviews, tags) = (state.session.reviews(), state.session.tags());
    let filter = &state.patients.filter;
    let row = |place: usize| catalogue.row(place, &state.results, reviews);
    let passes = |place: &usize| filter.is_empty() || row(*place).is_some_and(|row| filter.holds(&row, tags));
    let chosen = state.patients.table.chosen();
    let mut table = state.patients.table.clone();
    table.arrange((0..catalogue.len()).filter(passes), lines, |column, place| {
        row(place).and_then(|row| column.key(&row)).map(|key| key as f64)
    });
    if table.chosen() != chosen {
        table.cursor = 0;
    }
    state.patients.table = table;
    Patients.settle(state);
}

/// Moves the cursor to a patient where the table shows it.
pub fn choose(state: &mut State, patient: u32) {
    let lines = here(state).table.lines;
    state.patients.table.choose(patient as usize, lines);
}

fn line_pressed(state: &mut State, pressed: Pressed) -> Vec<Effect> {
    match (pressed, state.patients.table.chosen()) {
        (Pressed::Order, _) => arrange(state),
        (Pressed::Open, Some(patient)) => return film::open(state, patient, None),
        _ => {}
    }
    Vec::new()
}

/// Films with their limbs, where the names say them.
type Films = Vec<(Option<Limb>, PathBuf)>;

/// The films that the card shows and that have not been asked for yet: patient, and films with their limbs.
fn missing(state: &State) -> Option<(usize, Films)> {
    let card = here(state).card.filter(|_| state.painter.protocol() != Protocol::Off)?;
    let patient = state.patients.table.chosen().filter(|_| card::has_room(card))?;
    let films: Vec<_> = state.catalogue()?.films(patient).into_iter().filter(|(_, path)| state.films.get(path).is_none()).collect();
    (!films.is_empty()).then_some((patient, films))
}

/// Whether the id of a patient contains what is searched for.
fn hit(state: &State) -> impl Fn(usize) -> bool {
    let patients = state.catalogue().map_or(&[][..], |catalogue| catalogue.cohort.patients());
    let search = &state.patients.search;
    move |place| !search.is_empty() && position(&patients[place].id, search).is_some()
}

fn search(state: &mut State, prompt: &Prompt) {
    state.patients.search = prompt.text.to_ascii_lowercase();
    let found = state.patients.table.find(prompt.origin, true, hit(state)).filter(|_| !prompt.text.is_empty());
    state.patients.table.cursor = found.unwrap_or(if prompt.text.is_empty() { prompt.origin } else { state.patients.table.cursor });
}

fn search_on(state: &mut State, forward: bool) {
    match state.patients.table.find_beside(forward, hit(state)) {
        Some(line) => state.patients.table.cursor = line,
        None => state.message = Some(Message::info(format!("no id contains `{}`", state.patients.search))),
    }
    Patients.settle(state);
}

fn jump(state: &mut State, text: &str) -> Result<(), String> {
    let text = text.trim();
    let Some(catalogue) = state.catalogue().cloned() else { return Ok(()) };
    let table = &mut state.patients.table;
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

fn filter(state: &mut State, text: &str) -> Result<(), String> {
    state.patients.filter = Filter::parse(text)?;
    arrange(state);
    Ok(())
}
