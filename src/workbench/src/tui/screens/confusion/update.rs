//! How the confusion matrices answer to keys, to the mouse, and to an evaluation.

use crossterm::event::{MouseEvent, MouseEventKind};
use svh_analysis::GradeFilter;

use super::{
    crops,
    keys::ID,
    layout::here,
    state::{Crops, Normal, State},
    view::scope_at,
};
use crate::tui::{
    action::{Action, Effect},
    active_run,
    message::Message,
    screens::film,
    sheet,
    state::State as Whole,
};

/// The screen has come to the front.
pub fn enter(state: &mut Whole) -> Vec<Effect> {
    let mut effects = active_run::need(state);
    effects.extend(intervals(state));
    effects
}

/// There is another evaluation, or none any more.
pub fn evaluated(state: &mut Whole) -> Vec<Effect> {
    state.confusion.crops = None;
    count(state);
    if state.screen == ID { intervals(state) } else { Vec::new() }
}

fn count(state: &mut Whole) {
    let scope = state.confusion.chosen();
    state.confusion.agreement = state.active_run.evaluation().map(|evaluation| evaluation.agreement(&scope, None));
}

fn intervals(state: &mut Whole) -> Vec<Effect> {
    let scope = state.confusion.chosen();
    active_run::want_agreement(state, scope)
}

/// Keeps the chosen cell within the matrix.
pub fn settle(state: &mut Whole) {
    let most = state.confusion.chosen().scale.max_grade();
    let (reference, model) = state.confusion.cell;
    state.confusion.cell = (reference.min(most), model.min(most));
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
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
        Action::Normalise => {
            let place = Normal::ALL.iter().position(|normal| *normal == screen.normal).unwrap_or(0);
            screen.normal = Normal::ALL[(place + 1) % Normal::ALL.len()];
        }
        Action::Diagonal => screen.hides_diagonal = !screen.hides_diagonal,
        Action::Open => open_crops(state),
        _ => {}
    }
    settle(state);
    Vec::new()
}

fn choose_scope(state: &mut Whole, scope: usize) -> Vec<Effect> {
    state.confusion.scope = scope;
    settle(state);
    count(state);
    intervals(state)
}

/// The joints behind the chosen cell.
fn open_crops(state: &mut Whole) {
    let State { cell: (reference, model), .. } = state.confusion;
    let Some(evaluation) = state.active_run.evaluation() else { return };
    let rows = evaluation.graded(&GradeFilter::cell(state.confusion.chosen(), reference, model));
    if rows.is_empty() {
        state.message = Some(Message::info(format!("no joint has grade {reference} of the reader and {model} of the model")));
    } else {
        state.confusion.crops = Some(Crops { cell: (reference, model), rows, cursor: 0 });
    }
}

fn act_on_crops(state: &mut Whole, action: Action) -> Vec<Effect> {
    let grid = here(state).grid;
    let Some(crops) = &mut state.confusion.crops else { return Vec::new() };
    let (row, page) = (usize::from(grid.columns), grid.count());
    crops.cursor = match action {
        Action::Left | Action::PreviousItem => crops.cursor.saturating_sub(1),
        Action::Right | Action::NextItem => crops.cursor + 1,
        Action::Up => crops.cursor.saturating_sub(row),
        Action::Down => crops.cursor + row,
        Action::PageUp => crops.cursor.saturating_sub(page),
        Action::PageDown => crops.cursor + page,
        Action::Open => return open_film(state),
        _ => return Vec::new(),
    }
    .min(crops.rows.len().saturating_sub(1));
    Vec::new()
}

/// The film at the chosen crop.
fn open_film(state: &mut Whole) -> Vec<Effect> {
    let chosen = state.confusion.crops.as_ref().and_then(|crops| crops.rows.get(crops.cursor)).map(|row| row.joint);
    let (Some(joint), Some(patient)) = (chosen, patient(state)) else { return Vec::new() };
    film::show(state, patient, joint.limb, joint.task, Some(joint))
}

/// The film of the next crop, or of the one before; `None` where no crops are open.
pub fn step(state: &mut Whole, forward: bool) -> Option<Vec<Effect>> {
    let crops = state.confusion.crops.as_mut()?;
    let next = if forward { Some(crops.cursor + 1) } else { crops.cursor.checked_sub(1) };
    match next.filter(|next| *next < crops.rows.len()) {
        Some(next) => crops.cursor = next,
        None => {
            state.message = Some(Message::end_of_list(forward));
            return Some(Vec::new());
        }
    }
    Some(open_film(state))
}

/// From crops to the matrix; false where the matrix is shown.
pub fn back(state: &mut Whole) -> bool {
    state.confusion.crops.take().is_some()
}

/// The mouse.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = here(state);
    if let Some(crops) = &mut state.confusion.crops {
        let last = crops.rows.len().saturating_sub(1);
        match mouse.kind {
            MouseEventKind::ScrollDown => crops.cursor = (crops.cursor + usize::from(layout.grid.columns)).min(last),
            MouseEventKind::ScrollUp => crops.cursor = crops.cursor.saturating_sub(usize::from(layout.grid.columns)),
            MouseEventKind::Down(_) => {
                let hit = layout.grid.at(mouse.column, mouse.row).map(|index| layout.grid.first(crops.cursor) + index);
                match hit.filter(|place| *place <= last) {
                    Some(place) if place == crops.cursor => return open_film(state),
                    Some(place) => crops.cursor = place,
                    None => {}
                }
            }
            _ => {}
        }
        return Vec::new();
    }
    if !matches!(mouse.kind, MouseEventKind::Down(_)) {
        return Vec::new();
    }
    if let Some(scope) = scope_at(state, layout.scopes, mouse.column, mouse.row) {
        return choose_scope(state, scope);
    }
    let most = state.confusion.chosen().scale.max_grade();
    let cells = (0..=most).flat_map(|reference| (0..=most).map(move |model| (reference, model)));
    let hit = cells.into_iter().find(|(reference, model)| layout.of_cell(*reference, *model).contains((mouse.column, mouse.row).into()));
    match hit {
        Some(cell) if cell == state.confusion.cell => open_crops(state),
        Some(cell) => state.confusion.cell = cell,
        None => {}
    }
    Vec::new()
}

/// Whether crops are wanted that have not been asked for.
#[must_use]
pub fn wants_rest(state: &Whole) -> bool {
    let Some(crops) = state.confusion.crops.as_ref().filter(|_| state.screen == ID && state.is_uncovered()) else {
        return false;
    };
    let grid = here(state).grid;
    sheet::is_unasked(state, &crops::page(state, crops, &grid).0, &grid)
}

/// The keys rest: the crops on the screen are read.
pub fn rested(state: &mut Whole) -> Vec<Effect> {
    let grid = here(state).grid;
    let tiles = state.confusion.crops.as_ref().map(|crops| crops::page(state, crops, &grid).0);
    tiles.map_or_else(Vec::new, |tiles| sheet::ask(state, &tiles, &grid))
}

/// The patient of the chosen crop, by the place in the cohort.
#[must_use]
pub fn patient(state: &Whole) -> Option<usize> {
    let crops = state.confusion.crops.as_ref()?;
    let place = crops.rows.get(crops.cursor)?.patient;
    state.catalogue()?.cohort.position(state.active_run.evaluation()?.patients().get(place)?)
}
