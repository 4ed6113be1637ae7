//! How the list answers to keys and to the mouse.

use crossterm::event::{MouseEvent, MouseEventKind};
use svh_core::Task;

use super::{
    arrange::{FILTER, arrange},
    entries::{chosen, patient},
    grading,
    keys::ID,
    layout::{here, settle},
    pass::{self, Step},
    tiles,
};
use crate::tui::{
    action::{Action, Effect},
    message::Message,
    prompt::{Prompt, Purpose},
    screens::film,
    sheet,
    state::State as Whole,
    table::Pressed,
    tagging,
};

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let layout = here(state);
    if sheet::look(state, action) {
        return Vec::new();
    }
    match action {
        Action::NextView | Action::PreviousView => state.list.lines = !state.list.lines,
        Action::Open => return open_film(state),
        Action::Mark => {
            grading::mark(state);
            return Vec::new();
        }
        Action::Grade(grade) => return grading::grade(state, Some(grade)),
        Action::TypeGrade => grading::ask(state),
        Action::Filter => {
            let hint = tagging::kept_hint(state, FILTER);
            state.prompt = Some(Prompt::new(Purpose::Filter, &state.list.filter, 0).hinting(hint));
        }
        Action::AcceptMany => return grading::accept(state),
        Action::Undo | Action::Redo => return grading::take_back(state, action),
        Action::NextItem => return pass::turn(state, Step::Next),
        Action::PreviousItem => return pass::turn(state, Step::Previous),
        Action::SwitchTask => return pass::turn(state, Step::Task),
        _ if sheet::look(state, action) => return Vec::new(),
        Action::Export if state.list.selection.items.is_empty() => {}
        Action::Export => state.prompt = Some(Prompt::new(Purpose::Export, "", 0)),
        Action::Left | Action::Right | Action::Up | Action::Down | Action::PageUp | Action::PageDown if !state.list.lines => {
            let (row, page) = (usize::from(layout.grid.columns), layout.grid.count());
            let last = state.list.table.shown.len().saturating_sub(1);
            let cursor = &mut state.list.table.cursor;
            *cursor = match action {
                Action::Left => cursor.saturating_sub(1),
                Action::Right => *cursor + 1,
                Action::Up => cursor.saturating_sub(row),
                Action::Down => *cursor + row,
                Action::PageUp => cursor.saturating_sub(page),
                _ => *cursor + page,
            }
            .min(last);
        }
        _ if state.list.table.act(action, layout.table.lines) => {}
        _ if state.list.table.sort_act(action, &layout.table) => arrange(state),
        _ => {}
    }
    settle(state);
    Vec::new()
}

/// The next entry or the one before, and its film.
pub fn step(state: &mut Whole, forward: bool) -> Vec<Effect> {
    let last = state.list.table.shown.len().saturating_sub(1);
    let cursor = state.list.table.cursor;
    let next = if forward { (cursor + 1).min(last) } else { cursor.saturating_sub(1) };
    if next == cursor {
        state.message = Some(Message::end_of_list(forward));
        return Vec::new();
    }
    state.list.table.cursor = next;
    settle(state);
    open_film(state)
}

fn open_film(state: &mut Whole) -> Vec<Effect> {
    let Some((item, patient)) = chosen(state).cloned().zip(patient(state)) else {
        if let Some(item) = chosen(state) {
            state.message = Some(Message::info(format!("the cohort has no patient {}", item.patient)));
        }
        return Vec::new();
    };
    // A box may claim a joint of another limb; the film is that of the box.
    let joint = item.joint.filter(|joint| joint.limb == item.limb);
    let task = item.joint.map_or(Task::Narrowing, |joint| joint.task);
    film::show(state, patient, item.limb, task, joint)
}

/// The mouse.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = here(state);
    let wheel = matches!(mouse.kind, MouseEventKind::ScrollDown | MouseEventKind::ScrollUp);
    if state.list.lines {
        if wheel {
            state.list.table.wheel(mouse.kind == MouseEventKind::ScrollDown, layout.table.lines);
        } else if matches!(mouse.kind, MouseEventKind::Down(_)) {
            match state.list.table.press(mouse, &layout.table) {
                Pressed::Order => arrange(state),
                Pressed::Again => return open_film(state),
                Pressed::Line | Pressed::Nothing => {}
            }
        }
        return Vec::new();
    }
    if wheel {
        return act(state, if mouse.kind == MouseEventKind::ScrollDown { Action::Down } else { Action::Up });
    }
    if matches!(mouse.kind, MouseEventKind::Down(_)) {
        let hit = layout.grid.at(mouse.column, mouse.row).map(|index| layout.grid.first(state.list.table.cursor) + index);
        match hit.filter(|place| *place < state.list.table.shown.len()) {
            Some(place) if place == state.list.table.cursor => return open_film(state),
            Some(place) => state.list.table.cursor = place,
            None => {}
        }
    }
    Vec::new()
}

/// Whether crops are wanted that have not been asked for.
#[must_use]
pub fn wants_rest(state: &Whole) -> bool {
    if state.list.lines || state.screen != ID || !state.is_uncovered() {
        return false;
    }
    let grid = here(state).grid;
    sheet::is_unasked(state, &tiles::page(state, &grid).0, &grid)
}

/// The keys rest: the crops on the screen are read.
pub fn rested(state: &mut Whole) -> Vec<Effect> {
    let grid = here(state).grid;
    let tiles = tiles::page(state, &grid).0;
    sheet::ask(state, &tiles, &grid)
}
