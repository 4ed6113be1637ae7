//! Confusion matrices by task and joint group, with metrics, intervals and baselines beside them; a cell opens its crops.

mod crops;
mod layout;
mod matrix;
mod metrics;
pub mod state;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use svh_analysis::GradeFilter;

use crate::{
    figures::{self, Figure, FigureError},
    tui::{
        action::{Action, Effect},
        active_run,
        choice::beside,
        keys::screens::CONFUSION,
        message::Message,
        screen_trait::Screen,
        screens::film,
        sheet,
        state::State,
        table::Pressed,
    },
};
use layout::here;
use state::{Crops, Normal};
use svh_terminal::Plan;

/// The screen.
pub struct Confusion;

impl Screen for Confusion {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        if sheet::look(state, action) {
            return Vec::new();
        }
        if state.confusion.crops.is_some() {
            return act_on_crops(state, action);
        }
        let screen = &mut state.confusion;
        let count = screen.scopes.len();
        let (reference, model) = screen.cell;
        match action {
            Action::NextView => return choose_scope(state, (state.confusion.scope + 1) % count),
            Action::PreviousView => return choose_scope(state, (state.confusion.scope + count - 1) % count),
            Action::Up => screen.cell = (reference.saturating_sub(1), model),
            Action::Down => screen.cell = (reference + 1, model),
            Action::Left => screen.cell = (reference, model.saturating_sub(1)),
            Action::Right => screen.cell = (reference, model + 1),
            Action::Normalise => screen.normal = beside(&Normal::ALL, screen.normal, true),
            Action::Diagonal => screen.hides_diagonal = !screen.hides_diagonal,
            Action::Open => open_crops(state),
            _ => {}
        }
        self.settle(state);
        Vec::new()
    }

    /// Keeps the chosen cell within the matrix.
    fn settle(&self, state: &mut State) {
        let most = state.confusion.chosen().scale.max_grade();
        let (reference, model) = state.confusion.cell;
        state.confusion.cell = (reference.min(most), model.min(most));
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        intervals(state)
    }

    fn evaluated(&self, state: &mut State) -> Vec<Effect> {
        state.confusion.crops = None;
        count(state);
        if state.screen == CONFUSION.id { intervals(state) } else { Vec::new() }
    }

    /// From crops to the matrix.
    fn back(&self, state: &mut State) -> bool {
        state.confusion.crops.take().is_some()
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        let layout = here(state);
        if let Some(crops) = &mut state.confusion.crops {
            let pressed = layout.grid.mouse(mouse, &mut crops.cursor, crops.rows.len());
            return if pressed == Pressed::Open { open_film(state) } else { Vec::new() };
        }
        if !matches!(mouse.kind, MouseEventKind::Down(_)) {
            return Vec::new();
        }
        if let Some(scope) = view::scope_at(state, layout.scopes, mouse.column, mouse.row) {
            return choose_scope(state, scope);
        }
        let most = state.confusion.chosen().scale.max_grade();
        let mut cells = (0..=most).flat_map(|reference| (0..=most).map(move |model| (reference, model)));
        match cells.find(|(reference, model)| layout.of_cell(*reference, *model).contains((mouse.column, mouse.row).into())) {
            Some(cell) if cell == state.confusion.cell => open_crops(state),
            Some(cell) => state.confusion.cell = cell,
            None => {}
        }
        Vec::new()
    }

    fn wants_rest(&self, state: &State) -> bool {
        let grid = here(state).grid;
        let crops = state.confusion.crops.as_ref();
        crops.is_some_and(|crops| sheet::is_unasked(state, &crops::page(state, crops, &grid).0, &grid))
    }

    fn rested(&self, state: &mut State) -> Vec<Effect> {
        let grid = here(state).grid;
        let tiles = state.confusion.crops.as_ref().map(|crops| crops::page(state, crops, &grid).0);
        tiles.map_or_else(Vec::new, |tiles| sheet::ask(state, &tiles, &grid))
    }

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        let crops = state.confusion.crops.as_mut()?;
        let next = if forward { Some(crops.cursor + 1) } else { crops.cursor.checked_sub(1) };
        let Some(next) = next.filter(|next| *next < crops.rows.len()) else {
            state.message = Some(Message::end_of_list(forward));
            return Some(Vec::new());
        };
        crops.cursor = next;
        Some(open_film(state))
    }

    fn part_hints(&self, state: &State) -> Option<&'static [(&'static str, &'static str)]> {
        let crops: &[(&str, &str)] = &[("↑↓←→", "crop"), ("n N", "next"), ("⏎", "film"), ("s", "score")];
        state.confusion.crops.is_some().then_some(crops)
    }

    /// The patient of the chosen crop.
    fn patient(&self, state: &State) -> Option<usize> {
        let crops = state.confusion.crops.as_ref()?;
        let place = crops.rows.get(crops.cursor)?.patient;
        state.catalogue()?.cohort.position(state.active_run.evaluation()?.patients().get(place)?)
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        Some(("confusion", figures::confusion(state.active_run.evaluation()?, &state.confusion.chosen())))
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}

fn count(state: &mut State) {
    let scope = state.confusion.chosen();
    state.confusion.agreement = state.active_run.evaluation().map(|evaluation| evaluation.agreement(&scope, None));
}

fn intervals(state: &mut State) -> Vec<Effect> {
    let scope = state.confusion.chosen();
    active_run::want_agreement(state, scope)
}

fn choose_scope(state: &mut State, scope: usize) -> Vec<Effect> {
    state.confusion.scope = scope;
    Confusion.settle(state);
    count(state);
    intervals(state)
}

/// The joints behind the chosen cell.
fn open_crops(state: &mut State) {
    let state::State { cell: (reference, model), .. } = state.confusion;
    let Some(evaluation) = state.active_run.evaluation() else { return };
    let rows = evaluation.graded(&GradeFilter::cell(state.confusion.chosen(), reference, model));
    if rows.is_empty() {
        state.message = Some(Message::info(format!("no joint has grade {reference} of the reader and {model} of the model")));
    } else {
        state.confusion.crops = Some(Crops { cell: (reference, model), rows, cursor: 0 });
    }
}

fn act_on_crops(state: &mut State, action: Action) -> Vec<Effect> {
    let grid = here(state).grid;
    let Some(crops) = &mut state.confusion.crops else { return Vec::new() };
    let movement = match action {
        Action::Open => return open_film(state),
        Action::PreviousItem => Action::Left,
        Action::NextItem => Action::Right,
        other => other,
    };
    grid.act(movement, &mut crops.cursor, crops.rows.len());
    Vec::new()
}

/// The film at the chosen crop.
fn open_film(state: &mut State) -> Vec<Effect> {
    let chosen = state.confusion.crops.as_ref().and_then(|crops| crops.rows.get(crops.cursor)).map(|row| row.joint);
    let (Some(joint), Some(patient)) = (chosen, Confusion.patient(state)) else { return Vec::new() };
    film::show(state, patient, joint.limb, joint.task, Some(joint))
}
