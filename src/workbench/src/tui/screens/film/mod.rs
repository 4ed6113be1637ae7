//! One film: the picture with boxes, the joints with grades of reader and model, the totals.

mod closer;
mod current;
mod detail;
mod layout;
mod list;
pub mod looking;
mod marks;
mod plan;
mod raw;
pub mod state;
mod totals;
mod update;
mod view;
mod why;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::{buffer::Buffer, layout::Rect};
use svh_core::{
    Joint,
    tags::{Scope, Subject},
};

use crate::{
    selection::Item,
    tui::{
        action::{Action, Effect},
        keys::screens::FILM,
        screen_trait::Screen,
        state::State,
    },
};
use svh_terminal::Plan;

pub use closer::{ZOOM, follow, show_why, zoom};
pub use current::{Current, Entry, current};
pub use layout::{Layout, layout};
pub use marks::{in_colours, of_error, of_joint};
pub use plan::{film_point, laid};
pub use update::{act, choose_box_at, drag_view, open, put, read, show, show_close, show_error};
pub use view::{render_picture, title};

/// The screen.
pub struct Film;

impl Screen for Film {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        update::act(state, action)
    }

    fn back(&self, state: &mut State) -> bool {
        update::back(state)
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        update::mouse(state, mouse)
    }

    fn evaluated(&self, state: &mut State) -> Vec<Effect> {
        // Reference joints are those of the evaluation.
        if state.screen == FILM.id { why::ask(state) } else { Vec::new() }
    }

    fn wants_rest(&self, state: &State) -> bool {
        why::wants_rest(state)
    }

    fn rested(&self, state: &mut State) -> Vec<Effect> {
        why::ask(state)
    }

    fn is_waiting(&self, state: &State) -> bool {
        current(state).is_some_and(|film| film.is_reading())
    }

    fn shows_film(&self) -> bool {
        true
    }

    fn joint(&self, state: &State) -> Option<&'static Joint> {
        let current = current(state)?;
        current.joints(state.film.task).get(state.film.joint).copied()
    }

    fn subjects(&self, state: &State) -> Vec<Subject> {
        let Some(current) = current(state) else { return Vec::new() };
        let Some(limb) = current.limb else { return vec![Subject::patient(current.patient)] };
        let joint = current.joints(state.film.task).get(state.film.joint);
        vec![joint.map_or_else(|| Subject::film(current.patient, limb), |joint| Subject::joint(current.patient, limb, joint))]
    }

    /// As `--goto` takes it.
    fn at_hand(&self, state: &State) -> Option<String> {
        let current = current(state)?;
        let Some(limb) = current.limb else { return Some(current.patient.to_owned()) };
        let joint = self.joint(state);
        Some(Item { joint, ..Item::film(current.patient, limb) }.place())
    }

    fn tag_scope(&self) -> Option<Scope> {
        Some(Scope::Film)
    }

    fn patient(&self, state: &State) -> Option<usize> {
        Some(state.film.patient)
    }

    fn part_hints(&self, state: &State) -> Option<&'static [(&'static str, &'static str)]> {
        let detections: &[(&str, &str)] =
            &[("↑↓", "detection"), ("⏎", "zoom"), ("[ ]", "threshold"), ("e", "task"), ("*", "joints"), ("n N", "next")];
        let why: &[(&str, &str)] = &[("h", "joints"), ("↑↓", "joint"), ("O", "similar"), ("e", "task"), ("Tab", "limb"), ("n N", "next")];
        let why = state.film.why.then_some(why);
        why.or_else(|| state.film.raw.then_some(detections))
    }

    fn status(&self, state: &State, line: Rect, buffer: &mut Buffer) {
        view::render_status(state, line, buffer);
    }

    fn title(&self, state: &State) -> Vec<String> {
        view::title(state)
    }
}
