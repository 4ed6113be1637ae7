//! The screens, each a folder with its state, its keys, its update, its view and its tests; and the one place that knows them all.

pub mod confusion;
pub mod errors;
pub mod film;
pub mod help;
pub mod imbalance;
pub mod patients;
pub mod review;
pub mod runs;
pub mod totals;

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
        Screen::Errors => return errors::enter(state),
        Screen::Totals => return totals::enter(state),
        Screen::Confusion => return confusion::enter(state),
        Screen::Imbalance => return imbalance::enter(state),
        Screen::Runs => return runs::enter(state),
        Screen::Review => return review::enter(state),
    }
    Vec::new()
}

/// There is another evaluation, or none any more: every screen of figures counts anew.
pub fn evaluated(state: &mut State) -> Vec<Effect> {
    errors::evaluated(state);
    totals::evaluated(state);
    imbalance::evaluated(state);
    confusion::evaluated(state)
}

/// A wish that is the screen's own affair.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match state.screen {
        Screen::Patients => patients::act(state, action),
        Screen::Film => film::act(state, action),
        Screen::Errors => errors::act(state, action),
        Screen::Totals => totals::act(state, action),
        Screen::Confusion => confusion::act(state, action),
        Screen::Imbalance => imbalance::act(state, action),
        Screen::Runs => runs::act(state, action),
        Screen::Review => review::act(state, action),
    }
}

/// Back within the screen: from a close look to the whole, from some lines to all. False where there is nothing to go back from.
pub fn back(state: &mut State) -> bool {
    match state.screen {
        Screen::Patients => patients::back(state),
        Screen::Film => film::back(state),
        Screen::Errors => errors::back(state),
        Screen::Totals => totals::back(state),
        Screen::Confusion => confusion::back(state),
        Screen::Imbalance => false,
        Screen::Runs => runs::back(state),
        Screen::Review => review::back(state),
    }
}

/// The mouse between the bar and the status line.
pub fn mouse(state: &mut State, mouse: Mouse) -> Vec<Effect> {
    match (state.screen, mouse.kind) {
        (Screen::Film, _) => film::mouse(state, mouse),
        (Screen::Errors, _) => errors::mouse(state, mouse),
        (Screen::Totals, _) => totals::mouse(state, mouse),
        (Screen::Confusion, _) => confusion::mouse(state, mouse),
        (Screen::Imbalance, _) => imbalance::mouse(state, mouse),
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
        Screen::Errors => errors::typed(state, typed),
        Screen::Totals => totals::typed(state, typed),
        Screen::Review => return review::typed(state, typed),
        Screen::Film | Screen::Confusion | Screen::Imbalance | Screen::Runs => state.prompt = None,
    }
    Vec::new()
}

/// The window has another size.
pub fn settle(state: &mut State) {
    patients::settle(state);
    errors::settle(state);
    totals::settle(state);
    confusion::settle(state);
    imbalance::settle(state);
    runs::settle(state);
    review::settle(state);
}

/// Whether the screen shows a sign that moves.
#[must_use]
pub fn is_waiting(state: &State) -> bool {
    match state.screen {
        Screen::Film => film::current(state).is_some_and(|film| film.is_reading()),
        Screen::Review => state.review.working || film::current(state).is_some_and(|film| film.is_reading()),
        _ => false,
    }
}

/// Whether the screen wants something read as soon as the keys rest.
#[must_use]
pub fn wants_rest(state: &State) -> bool {
    match state.screen {
        Screen::Patients => patients::wants_films(state),
        Screen::Errors => errors::wants_rest(state),
        Screen::Totals => totals::wants_rest(state),
        Screen::Confusion => confusion::wants_rest(state),
        Screen::Film | Screen::Imbalance | Screen::Runs | Screen::Review => false,
    }
}

/// The keys have rested for a moment.
pub fn rested(state: &mut State) -> Vec<Effect> {
    match state.screen {
        Screen::Patients => patients::rested(state),
        Screen::Errors => errors::rested(state),
        Screen::Totals => totals::rested(state),
        Screen::Confusion => confusion::rested(state),
        Screen::Film | Screen::Imbalance | Screen::Runs | Screen::Review => Vec::new(),
    }
}

/// The place in the cohort of the patient whom a request to the models is about.
#[must_use]
pub fn patient(state: &State) -> Option<usize> {
    match state.screen {
        Screen::Patients => state.patients.chosen(),
        Screen::Film | Screen::Review => Some(state.film.patient),
        Screen::Errors => errors::patient(state),
        Screen::Totals => totals::patient(state),
        Screen::Confusion => confusion::patient(state),
        Screen::Imbalance | Screen::Runs => None,
    }
}

/// Draws the screen; the plan is for the painter.
pub fn render(state: &State, buffer: &mut Buffer) -> Option<Plan> {
    match state.screen {
        Screen::Patients => patients::render(state, buffer),
        Screen::Film => return film::render(state, buffer),
        Screen::Errors => return errors::render(state, buffer),
        Screen::Totals => return totals::render(state, buffer),
        Screen::Confusion => return confusion::render(state, buffer),
        Screen::Imbalance => imbalance::render(state, buffer),
        Screen::Review => return review::render(state, buffer),
        Screen::Runs => runs::render(state, buffer),
    }
    None
}

/// Draws the screen's status line, for when there is no news.
pub fn render_status(state: &State, line: Rect, buffer: &mut Buffer) {
    let text = match state.screen {
        Screen::Film => return film::render_status(state, line, buffer),
        Screen::Errors => return errors::render_status(state, line, buffer),
        Screen::Review => return review::render_status(state, line, buffer),
        Screen::Patients => patients::summary(state),
        Screen::Totals => totals::summary(state),
        Screen::Confusion => confusion::summary(state),
        Screen::Imbalance => imbalance::summary(state),
        Screen::Runs => runs::summary(state),
    };
    draw::left(buffer, line, &text, state.theme.muted());
}

/// What the bar says of the thing that the screen has open.
#[must_use]
pub fn title(state: &State) -> Vec<String> {
    match state.screen {
        Screen::Film => film::title(state),
        Screen::Review => review::title(state),
        _ => Vec::new(),
    }
}
