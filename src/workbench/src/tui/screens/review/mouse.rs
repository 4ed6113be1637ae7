//! The mouse: on the list it chooses, on the picture it moves the view or the box in hand.

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::{
    Review,
    layout::layout,
    line::List,
    marks::{down_a_cell, plan},
    navigation::{follow_cursor, move_to},
};
use crate::tui::{
    action::{Action, Effect},
    screen_trait::Screen,
    screens::film,
    state::State as Whole,
    table::WHEEL,
};

/// The mouse: on the list it chooses, on the picture it moves the view or the box in hand.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let parts = layout(state.room(), state.painter.protocol());
    let over = |rect: Rect| rect.contains((mouse.column, mouse.row).into());
    let on_picture = parts.picture.is_some_and(over);
    match mouse.kind {
        MouseEventKind::ScrollUp if on_picture => film::zoom(state, film::ZOOM),
        MouseEventKind::ScrollDown if on_picture => film::zoom(state, 1.0 / film::ZOOM),
        MouseEventKind::Down(_) if on_picture => press_picture(state, mouse),
        MouseEventKind::Drag(_) => drag(state, mouse),
        MouseEventKind::Up(_) => {
            state.film.drag = None;
            state.review.edit.iter_mut().for_each(|edit| edit.grab = None);
        }
        // With a box in hand the list stands still.
        _ if state.review.edit.is_some() => {}
        MouseEventKind::ScrollUp => return move_to(state, state.review.cursor.saturating_sub(WHEEL)),
        MouseEventKind::ScrollDown => return move_to(state, state.review.cursor + WHEEL),
        MouseEventKind::Down(_) if over(parts.head) => {
            let forward = mouse.column >= parts.head.x + parts.head.width / 3;
            return Review.act(state, if forward { Action::NextView } else { Action::PreviousView });
        }
        MouseEventKind::Down(_) if over(parts.lines) => {
            let line = state.review.offset + usize::from(mouse.row - parts.lines.y);
            if line < state.review.lines.len() {
                return move_to(state, line);
            }
        }
        MouseEventKind::Down(_) | MouseEventKind::Moved | MouseEventKind::ScrollLeft | MouseEventKind::ScrollRight => {}
    }
    Vec::new()
}

fn press_picture(state: &mut Whole, mouse: MouseEvent) {
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

fn drag(state: &mut Whole, mouse: MouseEvent) {
    let Some(plan) = plan(state) else { return };
    let size = plan.picture.size();
    match (&mut state.review.edit, film::film_point(&plan, mouse.column, mouse.row)) {
        (Some(edit), Some(point)) => edit.drag(point, size),
        (Some(_), None) => {}
        (None, _) => film::drag_view(state, mouse, &plan),
    }
}
