//! The screens, each a folder with its state, its keys, its update, its view and its tests; and the one place that knows them all.

pub mod film;
pub mod help;
pub mod patients;
pub mod review;
pub mod runs;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    action::{Action, Effect},
    draw,
    input::{Mouse, MouseKind},
    prompt::Typed,
    state::{Screen, State},
};
use crate::pictures::Plan;

/// The screen has come to the front.
pub fn enter(state: &mut State) -> Vec<Effect> {
    match state.screen {
        Screen::Patients => patients::settle(state),
        Screen::Film => {}
        Screen::Runs => return runs::enter(state),
        Screen::Review => return review::enter(state),
    }
    Vec::new()
}

/// A wish that is the screen's own affair.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match state.screen {
        Screen::Patients => patients::act(state, action),
        Screen::Film => film::act(state, action),
        Screen::Runs => runs::act(state, action),
        Screen::Review => review::act(state, action),
    }
}

/// Back within the screen: from a close look to the whole, from some lines to all. False where there is nothing to go back from.
pub fn back(state: &mut State) -> bool {
    match state.screen {
        Screen::Patients => patients::back(state),
        Screen::Film => film::back(state),
        Screen::Runs => false,
        Screen::Review => review::back(state),
    }
}

/// The mouse between the bar and the status line.
pub fn mouse(state: &mut State, mouse: Mouse) -> Vec<Effect> {
    match (state.screen, mouse.kind) {
        (Screen::Film, _) => film::mouse(state, mouse),
        (Screen::Runs, _) => runs::mouse(state, mouse),
        (Screen::Review, _) => review::mouse(state, mouse),
        (Screen::Patients, MouseKind::WheelUp | MouseKind::WheelDown) => {
            patients::wheel(state, mouse.kind == MouseKind::WheelDown);
            Vec::new()
        }
        (Screen::Patients, MouseKind::Press) => patients::click(state, mouse),
        (Screen::Patients, _) => Vec::new(),
    }
}

/// Something was typed into the line at the foot.
pub fn typed(state: &mut State, typed: &Typed) -> Vec<Effect> {
    match state.screen {
        Screen::Patients => patients::typed(state, typed),
        Screen::Review => return review::typed(state, typed),
        Screen::Film | Screen::Runs => state.prompt = None,
    }
    Vec::new()
}

/// The window has another size.
pub fn settle(state: &mut State) {
    match state.screen {
        Screen::Patients => patients::settle(state),
        Screen::Film => {}
        Screen::Runs => runs::settle(state),
        Screen::Review => review::settle(state),
    }
}

/// Whether the screen shows a sign that moves.
#[must_use]
pub fn is_waiting(state: &State) -> bool {
    match state.screen {
        Screen::Film => film::current(state).is_some_and(|film| film.is_reading()),
        Screen::Review => state.review.working || film::current(state).is_some_and(|film| film.is_reading()),
        Screen::Patients | Screen::Runs => false,
    }
}

/// Whether the screen wants something read as soon as the keys rest.
#[must_use]
pub fn wants_rest(state: &State) -> bool {
    state.screen == Screen::Patients && patients::wants_films(state)
}

/// The keys have rested for a moment.
pub fn rested(state: &mut State) -> Vec<Effect> {
    match state.screen {
        Screen::Patients => patients::rested(state),
        Screen::Film | Screen::Runs | Screen::Review => Vec::new(),
    }
}

/// The place in the cohort of the patient whom a request to the models is about.
#[must_use]
pub fn patient(state: &State) -> Option<usize> {
    match state.screen {
        Screen::Patients => state.patients.chosen(),
        Screen::Film | Screen::Review => Some(state.film.patient),
        Screen::Runs => None,
    }
}

/// Draws the screen; the plan is for the painter.
pub fn render(state: &State, buffer: &mut Buffer) -> Option<Plan> {
    match state.screen {
        Screen::Patients => patients::render(state, buffer),
        Screen::Film => return film::render(state, buffer),
        Screen::Review => return review::render(state, buffer),
        Screen::Runs => runs::render(state, buffer),
    }
    None
}

/// Draws the screen's status line, for when there is no news.
pub fn render_status(state: &State, line: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    match state.screen {
        Screen::Patients => drop(draw::left(buffer, line, &patients::summary(state), theme.muted())),
        Screen::Film => film::render_status(state, line, buffer),
        Screen::Review => review::render_status(state, line, buffer),
        Screen::Runs => drop(draw::left(buffer, line, &runs::summary(state), theme.muted())),
    }
}

/// What the bar says of the thing that the screen has open.
#[must_use]
pub fn title(state: &State) -> Vec<String> {
    match state.screen {
        Screen::Film => film::title(state),
        Screen::Review => review::title(state),
        Screen::Patients | Screen::Runs => Vec::new(),
    }
}
