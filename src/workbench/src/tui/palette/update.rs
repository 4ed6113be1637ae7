//! How the palette answers to typing and what it does.

use std::cmp::Reverse;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::{
    entries::fixed,
    state::{Entry, Offer, State, pattern},
    view,
};
use crate::tui::{
    action::{Action, Effect, ScreenId},
    active_run, cohort_choice, navigation,
    prompt::Typed,
    screens::{film, patients, runs},
    state::State as Whole,
    table::WHEEL,
};

/// More patients than so many are not listed: a longer text finds the right one sooner.
const PATIENTS: usize = 200;
/// What a text is worth that begins with what was typed: `tot` means Totals, not whatever has totals.
const BEGINNING: u32 = 50;
/// Longest text.
const LONGEST: usize = 100;

/// Opens the palette.
pub fn open(state: &mut Whole, offer: Offer) {
    let mut palette = State { offer, ..State::default() };
    find(state, &mut palette, false);
    state.palette = Some(palette);
}

/// What came of a key or a click.
pub enum Outcome {
    /// The palette did what was to be done.
    Done(Vec<Effect>),
    /// A command of another screen was chosen: go there first.
    ActOn(ScreenId, Action),
    /// A command was chosen, which is to be done as if its key had been pressed.
    Act(Action),
}

impl Outcome {
    const NOTHING: Self = Self::Done(Vec::new());
}

/// A key while the palette is open.
pub fn press(state: &mut Whole, key: KeyEvent) -> Outcome {
    let Some(palette) = &mut state.palette else { return Outcome::NOTHING };
    let last = palette.hits.len().saturating_sub(1);
    let page = usize::from(view::layout(state.size).lines.height);
    match (key.modifiers, key.code) {
        (KeyModifiers::NONE, KeyCode::Up) | (KeyModifiers::CONTROL, KeyCode::Char('k')) => {
            palette.cursor = if palette.cursor == 0 { last } else { palette.cursor - 1 }
        }
        (KeyModifiers::NONE, KeyCode::Down) | (KeyModifiers::CONTROL, KeyCode::Char('j')) => {
            palette.cursor = if palette.cursor == last { 0 } else { palette.cursor + 1 }
        }
        (_, KeyCode::PageUp) => palette.cursor = palette.cursor.saturating_sub(page),
        (_, KeyCode::PageDown) => palette.cursor = (palette.cursor + page).min(last),
        (_, KeyCode::Esc) | (KeyModifiers::CONTROL, KeyCode::Char('p')) => {
            state.palette = None;
            return Outcome::NOTHING;
        }
        (_, KeyCode::Enter) => return choose(state),
        _ => {
            if let Some(typed) = Typed::of(key) {
                self::typed(state, &typed);
            }
        }
    }
    settle(state);
    Outcome::NOTHING
}

/// Text was typed or pasted.
pub fn typed(state: &mut Whole, typed: &Typed) {
    let Some(mut palette) = state.palette.take() else { return };
    let before = palette.text.clone();
    match typed {
        Typed::Text(text) => palette.text.extend(text.chars().take(LONGEST.saturating_sub(palette.text.chars().count()))),
        Typed::Erase => drop(palette.text.pop()),
        Typed::Clear => palette.text.clear(),
        Typed::Accept | Typed::Complete | Typed::Cancel => {}
    }
    let narrower = !before.is_empty() && palette.text.starts_with(&before);
    (palette.cursor, palette.offset) = (0, 0);
    find(state, &mut palette, narrower);
    state.palette = Some(palette);
}

fn settle(state: &mut Whole) {
    let height = usize::from(view::layout(state.size).lines.height.max(1));
    if let Some(palette) = &mut state.palette {
        palette.offset = palette.offset.min(palette.cursor).max((palette.cursor + 1).saturating_sub(height));
    }
}

/// Looks for what fits the text. `narrower`: only among the patients that fitted before.
fn find(state: &Whole, palette: &mut State, narrower: bool) {
    if palette.offer == Offer::Cohorts {
        return find_cohorts(state, palette);
    }
    let everything = palette.offer == Offer::Everything;
    let commands = if everything { fixed(state) } else { Vec::new() };
    let others = (0..state.cohorts.roots.len()).filter(|place| everything && *place != state.cohorts.at).map(Entry::Cohort);
    let entries = commands.into_iter().chain((0..state.runs.list.len()).map(Entry::Run)).chain(others);
    if palette.text.trim().is_empty() {
        palette.hits = entries.collect();
        return;
    }
    let (pattern, mut matcher, mut buffer) = (pattern(&palette.text), Matcher::new(Config::DEFAULT), Vec::new());
    let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher);
    let beginning = palette.text.trim().to_lowercase();
    let mut found: Vec<(u32, Entry)> = entries
        .filter_map(|entry| {
            let text = entry.text(state);
            let bonus = if text.to_lowercase().starts_with(&beginning) { BEGINNING } else { 0 };
            Some((score(&text)? + bonus, entry))
        })
        .collect();
    if let Some(catalogue) = state.catalogue().filter(|_| everything) {
        let patients = catalogue.cohort.patients();
        let mut fitting = Vec::new();
        let mut look = |place: u32| {
            let score = patients.get(place as usize).and_then(|patient| score(&patient.id));
            fitting.extend(score.map(|score| (score, place)));
        };
        if narrower {
            palette.patients.iter().copied().for_each(&mut look);
        } else {
            (0..patients.len() as u32).for_each(&mut look);
        }
        palette.patients = fitting.iter().map(|(_, place)| *place).collect();
        if fitting.len() > PATIENTS {
            fitting.select_nth_unstable_by_key(PATIENTS, |(score, place)| (Reverse(*score), *place));
            fitting.truncate(PATIENTS);
        }
        found.extend(fitting.into_iter().map(|(score, place)| (score, Entry::Patient(place))));
    }
    // The sort is stable: equals of one kind keep their order.
    found.sort_by_key(|(score, entry)| (Reverse(*score), entry.rank()));
    palette.hits = found.into_iter().map(|(_, entry)| entry).collect();
}

/// The open cohorts that fit, the next one first, then the folder that was typed.
fn find_cohorts(state: &Whole, palette: &mut State) {
    let count = state.cohorts.roots.len();
    let all = (1..=count).map(|step| Entry::Cohort((state.cohorts.at + step) % count));
    let (pattern, mut matcher, mut buffer) = (pattern(&palette.text), Matcher::new(Config::DEFAULT), Vec::new());
    let mut fits = |entry: &Entry| pattern.score(Utf32Str::new(&entry.text(state), &mut buffer), &mut matcher).is_some();
    palette.hits = all.filter(|entry| palette.text.trim().is_empty() || fits(entry)).chain([Entry::Folder]).collect();
}

/// Does what is chosen.
fn choose(state: &mut Whole) -> Outcome {
    let Some(palette) = state.palette.take() else { return Outcome::NOTHING };
    Outcome::Done(match palette.hits.get(palette.cursor) {
        None => Vec::new(),
        Some(Entry::Command(action)) => return Outcome::Act(*action),
        Some(_) if state.session.blind => navigation::refuse(state),
        Some(Entry::CommandOn(screen, action)) => return Outcome::ActOn(*screen, *action),
        Some(Entry::Screen(screen)) => navigation::go(state, *screen),
        Some(Entry::Run(place)) if palette.offer == Offer::Runs => {
            let folder = state.runs.list.get(*place).map(|run| run.folder.clone());
            folder.map_or_else(Vec::new, |folder| active_run::choose(state, folder))
        }
        Some(Entry::Cohort(place)) => cohort_choice::switch(state, *place),
        Some(Entry::Folder) if palette.text.trim().is_empty() => Vec::new(),
        Some(Entry::Folder) => cohort_choice::open(&palette.text, |name| std::env::var(name).ok()),
        Some(Entry::Run(place)) => runs::show(state, *place),
        Some(Entry::Patient(place)) => {
            state.help = None;
            patients::choose(state, *place);
            let effects = film::open(state, *place as usize, None);
            // One goes on in the table, whatever screen was in front.
            state.film.origin = None;
            effects
        }
    })
}

/// The mouse while the palette is open.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Outcome {
    let layout = view::layout(state.size);
    let Some(palette) = &mut state.palette else { return Outcome::NOTHING };
    let last = palette.hits.len().saturating_sub(1);
    match mouse.kind {
        MouseEventKind::ScrollDown => palette.cursor = (palette.cursor + WHEEL).min(last),
        MouseEventKind::ScrollUp => palette.cursor = palette.cursor.saturating_sub(WHEEL),
        MouseEventKind::Down(_) if layout.lines.contains((mouse.column, mouse.row).into()) => {
            let line = palette.offset + usize::from(mouse.row - layout.lines.y);
            if line <= last {
                palette.cursor = line;
                return choose(state);
            }
        }
        MouseEventKind::Down(_) => state.palette = None,
        _ => {}
    }
    settle(state);
    Outcome::NOTHING
}
