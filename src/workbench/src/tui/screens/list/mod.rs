//! What a point of a curve, a bar, a cell, a comparison or a file stands for: films, boxes and joints as crops or as lines.

mod arrange;
mod columns;
mod entries;
mod grading;
mod layout;
mod pass;
pub mod state;
mod tiles;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::MouseEvent;
use ratatui::buffer::Buffer;
use svh_core::{Joint, Task, tags::Subject};

use crate::tui::{
    action::{Action, Effect},
    active_run,
    message::Message,
    prompt::{Prompt, Purpose, Typed},
    screen_trait::{Change, Screen},
    screens::film,
    sheet,
    state::State,
    table::Pressed,
    tagging,
};
use arrange::{FILTER, arrange};
use layout::here;
use pass::Step;
use svh_terminal::Plan;

pub use arrange::open;
#[cfg(test)]
pub use entries::chosen;
pub use entries::{of_errors, of_found, of_graded, tagged};
pub use pass::open as open_pass;

/// The screen.
pub struct List;

impl Screen for List {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        let layout = here(state);
        if sheet::look(state, action) {
            return Vec::new();
        }
        match action {
            Action::NextView | Action::PreviousView => state.list.lines = !state.list.lines,
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
            Action::Export if state.list.selection.items.is_empty() => {}
            Action::Export => state.prompt = Some(Prompt::new(Purpose::Export, "", 0)),
            _ if !state.list.lines && layout.grid.act(action, &mut state.list.table.cursor, state.list.table.shown.len()) => {}
            _ => {
                let pressed = state.list.table.key(action, &layout.table);
                return entry_pressed(state, pressed);
            }
        }
        self.settle(state);
        Vec::new()
    }

    fn settle(&self, state: &mut State) {
        layout::settle(state);
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        entries::recount(state);
        let lacks_boxes = state.list.selection.items.iter().any(|item| item.joint.is_some() && item.is_without_box());
        if lacks_boxes { active_run::need(state) } else { Vec::new() }
    }

    fn back(&self, state: &mut State) -> bool {
        if !std::mem::take(&mut state.list.marked).is_empty() {
            return true;
        }
        let filtered = !std::mem::take(&mut state.list.filter).is_empty();
        if filtered {
            arrange(state);
        }
        filtered
    }

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        grading::typed(state, typed)
    }

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        let lines = here(state).table.lines;
        if !state.list.table.step(forward, lines) {
            state.message = Some(Message::end_of_list(forward));
            return Some(Vec::new());
        }
        Some(open_film(state))
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        let layout = here(state);
        let table = &mut state.list.table;
        let pressed = if state.list.lines {
            table.mouse(mouse, &layout.table)
        } else {
            layout.grid.mouse(mouse, &mut table.cursor, table.shown.len())
        };
        entry_pressed(state, pressed)
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        if change == Change::Tags && !state.list.filter.is_empty() {
            arrange(state);
        }
        Vec::new()
    }

    fn wants_rest(&self, state: &State) -> bool {
        let grid = here(state).grid;
        !state.list.lines && sheet::is_unasked(state, &tiles::page(state, &grid).0, &grid)
    }

    fn rested(&self, state: &mut State) -> Vec<Effect> {
        let grid = here(state).grid;
        let tiles = tiles::page(state, &grid).0;
        sheet::ask(state, &tiles, &grid)
    }

    fn joint(&self, state: &State) -> Option<&'static Joint> {
        entries::chosen(state).and_then(|item| item.joint)
    }

    fn subjects(&self, state: &State) -> Vec<Subject> {
        grading::targets(state)
            .into_iter()
            .filter_map(|place| state.list.selection.items.get(place))
            .map(crate::selection::Item::subject)
            .collect()
    }

    fn patient(&self, state: &State) -> Option<usize> {
        entries::patient(state)
    }

    fn at_hand(&self, state: &State) -> Option<String> {
        entries::chosen(state).map(crate::selection::Item::place)
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}

fn entry_pressed(state: &mut State, pressed: Pressed) -> Vec<Effect> {
    let effects = pressed.apply(state, arrange, open_film);
    List.settle(state);
    effects
}

fn open_film(state: &mut State) -> Vec<Effect> {
    let Some((item, patient)) = entries::chosen(state).cloned().zip(entries::patient(state)) else {
        if let Some(item) = entries::chosen(state) {
            state.message = Some(Message::info(format!("the cohort has no patient {}", item.patient)));
        }
        return Vec::new();
    };
    // A box may claim a joint of another limb; the film is that of the box.
    let joint = item.joint.filter(|joint| joint.limb == item.limb);
    let task = item.joint.map_or(Task::Narrowing, |joint| joint.task);
    film::show(state, patient, item.limb, task, joint)
}
