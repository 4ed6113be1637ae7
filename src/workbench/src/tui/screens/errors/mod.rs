//! Errors of the detectors: every one at the operating threshold with its film beside it, as a contact sheet of crops, and counted by joint.

pub mod columns;
mod detail_pane;
mod filter;
mod joint_choice;
mod joints;
mod kinds;
mod layout;
mod order;
pub mod state;
mod tiles;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::{ErrorFilter, ErrorRow, detection::ErrorKind};
use svh_core::{Limb, Task, tags::Subject};

use crate::{
    figures::{self, Figure, FigureError},
    selection::Selection,
    tui::{
        action::{Action, Effect},
        active_run,
        choice::{after, beside},
        message::Message,
        picture::Glance,
        prompt::{Prompt, Purpose, Typed},
        screen_trait::{Change, Screen},
        screens::{film, list},
        sheet,
        state::State,
        table::Pressed,
        tagging, threshold,
    },
};
use joint_choice::{choose_joint, move_joint, only_joint, press_joint};
use layout::{Layout, here};
use order::{Item, arrange, chosen, following};
use state::{GradeErrorFilter, View};
use svh_terminal::Plan;

pub use detail_pane::words;

/// The screen.
pub struct Errors;

impl Screen for Errors {
    fn subjects(&self, state: &State) -> Vec<Subject> {
        order::chosen(state).and_then(|item| order::subject(state, item)).into_iter().collect()
    }

    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer)
    }

    fn settle(&self, state: &mut State) {
        let layout = here(state);
        state.errors.table.settle(layout.table.lines);
        state.errors.grades.settle(layout.grades.lines);
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        let layout = here(state);
        if sheet::look(state, action) {
            return Vec::new();
        }
        match action {
            Action::NextItem | Action::PreviousItem => drop(move_on(state, action == Action::NextItem)),
            Action::Jump => state.prompt = Some(Prompt::new(Purpose::Jump, "", state.errors.table.cursor).hinting(JUMP)),
            Action::OpenList => return open_list(state),
            Action::NextView | Action::PreviousView => {
                state.errors.view = beside(&View::ALL, state.errors.view, action == Action::NextView);
                arrange(state);
            }
            Action::Threshold(hundredths) => return threshold::step(state, hundredths),
            Action::ToggleKind(index) => toggle_kind(state, index),
            Action::SwitchTask => switch_task(state),
            Action::SwitchLimb => {
                state.errors.filter.limb = after(&Limb::ALL, state.errors.filter.limb);
                arrange(state);
            }
            Action::ToggleKept => {
                state.errors.filter.kept = !state.errors.filter.kept;
                arrange(state);
            }
            Action::ZoomJoint => state.errors.whole = !state.errors.whole,
            Action::Filter => {
                let words = described(state);
                let hint = tagging::kept_hint(state, filter::HINT);
                state.prompt = Some(Prompt::new(Purpose::Filter, &words, state.errors.table.cursor).hinting(hint));
            }
            Action::Open if state.errors.view == View::Joints => only_joint(state),
            _ => {
                let pressed = press_view(state, action, &layout);
                return line_pressed(state, pressed);
            }
        }
        Vec::new()
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        let evaluation = state.active_run.evaluation()?;
        let task = state.errors.filter.task.unwrap_or(svh_core::Task::Narrowing);
        Some(("scores", figures::histogram(evaluation, task, "score", &evaluation.detector_curves(task, None).scores)))
    }

    fn back(&self, state: &mut State) -> bool {
        if std::mem::replace(&mut state.errors.view, View::List) != View::List {
            return true;
        }
        let screen = &mut state.errors;
        let had_filter = std::mem::take(&mut screen.filter) != ErrorFilter::default();
        let had_grades = std::mem::take(&mut screen.grade_filter) != GradeErrorFilter::default();
        let filtered = !std::mem::take(&mut screen.tags).is_empty() || had_filter || had_grades;
        if filtered {
            arrange(state);
        }
        filtered
    }

    fn evaluated(&self, state: &mut State) -> Vec<Effect> {
        state.errors.filter.patient = None;
        arrange(state);
        Vec::new()
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        let layout = here(state);
        let screen = &mut state.errors;
        let pressed = match screen.view {
            _ if matches!(mouse.kind, MouseEventKind::Down(_)) && layout.kinds.contains((mouse.column, mouse.row).into()) => {
                if let Some(kind) = kinds::at(state, layout.kinds, mouse.column, mouse.row) {
                    // Zero is the tenth.
                    toggle_kind(state, (kind.digit() + 9) % 10);
                }
                Pressed::Nothing
            }
            View::List => screen.table.mouse(mouse, &layout.table),
            View::Grades => screen.grades.mouse(mouse, &layout.grades),
            View::Sheet => layout.grid.mouse(mouse, &mut screen.table.cursor, screen.table.shown.len()),
            View::Joints => {
                press_joint(state, mouse, &layout);
                Pressed::Nothing
            }
        };
        line_pressed(state, pressed)
    }

    fn typed(&self, state: &mut State, typed: &Typed) -> Vec<Effect> {
        let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
        prompt.edit(typed);
        match typed {
            Typed::Cancel => {}
            Typed::Accept if prompt.purpose == Purpose::Jump => match jump(state, prompt.text.trim()) {
                Ok(effects) => return effects,
                Err(reason) => state.prompt = Some(prompt.refused(reason)),
            },
            Typed::Accept => {
                let Some(evaluation) = state.active_run.evaluation().cloned() else { return Vec::new() };
                let taken = tagging::recalled(state, &prompt.text).and_then(|(words, effects)| {
                    let (filter, grades, tags) = filter::parse(&words, &evaluation)?;
                    (state.errors.filter, state.errors.grade_filter, state.errors.tags) = (filter, grades, tags);
                    Ok(effects)
                });
                match taken {
                    Ok(effects) => {
                        arrange(state);
                        return effects;
                    }
                    Err(reason) => state.prompt = Some(prompt.refused(reason)),
                }
            }
            _ => state.prompt = Some(prompt),
        }
        Vec::new()
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        match change {
            Change::Errors => arrange(state),
            Change::Tags if !state.errors.tags.is_empty() => arrange(state),
            Change::Cohort | Change::Results | Change::Answered | Change::Tags => {}
        }
        Vec::new()
    }

    fn wants_rest(&self, state: &State) -> bool {
        match state.errors.view {
            View::List | View::Grades => unread(state).is_some(),
            View::Sheet => {
                let grid = here(state).grid;
                sheet::is_unasked(state, &tiles::page(state, &grid).0, &grid)
            }
            View::Joints => false,
        }
    }

    fn rested(&self, state: &mut State) -> Vec<Effect> {
        match state.errors.view {
            View::List | View::Grades => unread(state).map_or_else(Vec::new, |glance| glance.read(state)),
            View::Sheet => {
                let grid = here(state).grid;
                let (tiles, _) = tiles::page(state, &grid);
                sheet::ask(state, &tiles, &grid)
            }
            View::Joints => Vec::new(),
        }
    }

    fn step(&self, state: &mut State, forward: bool) -> Option<Vec<Effect>> {
        if state.errors.view == View::Joints || !move_on(state, forward) {
            state.message = Some(Message::end_of_list(forward));
            return Some(Vec::new());
        }
        Some(open(state))
    }

    fn part_hints(&self, state: &State) -> Option<&'static [(&'static str, &'static str)]> {
        match state.errors.view {
            View::List => None,
            View::Sheet => {
                Some(&[("↑↓←→", "crop"), ("⏎", "film"), ("Tab", "view"), ("t p", "boxes"), ("( ) { }", "window"), ("f", "filter")])
            }
            View::Grades => {
                Some(&[("n N", "next"), ("⏎", "film"), ("Tab", "view"), ("< >", "sort"), ("f", "filter"), ("e", "task"), ("l", "limb")])
            }
            View::Joints => Some(&[("↑↓←→", "joint"), ("⏎", "its errors"), ("Tab", "view"), ("e", "task"), ("[ ]", "threshold")]),
        }
    }

    fn patient(&self, state: &State) -> Option<usize> {
        tiles::glance(state, chosen(state)?).map(|glance| glance.patient)
    }

    fn status(&self, state: &State, line: Rect, buffer: &mut Buffer) {
        view::render_status(state, line, buffer);
    }
}

/// What may be typed to go somewhere.
const JUMP: &str = "a line's number, or a threshold such as 0.37";

/// The filter in words.
#[must_use]
pub fn described(state: &State) -> String {
    let evaluation = state.active_run.evaluation().map(std::convert::AsRef::as_ref);
    filter::describe(&state.errors.filter, &state.errors.grade_filter, &state.errors.tags, evaluation)
}

/// The next error of the view at hand, or the one before; false at the end.
fn move_on(state: &mut State, forward: bool) -> bool {
    let layout = here(state);
    match state.errors.view {
        View::Grades => state.errors.grades.step(forward, layout.grades.lines),
        View::List | View::Sheet => state.errors.table.step(forward, layout.table.lines),
        View::Joints => {
            move_joint(state, if forward { Action::Down } else { Action::Up });
            true
        }
    }
}

fn switch_task(state: &mut State) {
    if state.errors.view == View::Joints {
        let other = beside(&Task::ALL, state.errors.task, true);
        choose_joint(state, other, state.errors.joint);
        return;
    }
    state.errors.filter.task = after(&Task::ALL, state.errors.filter.task);
    arrange(state);
}

fn toggle_kind(state: &mut State, index: usize) {
    let Some(kind) = ErrorKind::ALL.get(index).copied() else {
        state.errors.grade_filter.only = !state.errors.grade_filter.only;
        return arrange(state);
    };
    let kinds = &mut state.errors.filter.kinds;
    match kinds.iter().position(|other| *other == kind) {
        Some(place) => drop(kinds.remove(place)),
        None => kinds.push(kind),
    }
    arrange(state);
}

/// A key of the view at hand alone.
fn press_view(state: &mut State, action: Action, layout: &Layout) -> Pressed {
    let screen = &mut state.errors;
    match screen.view {
        View::Joints => {
            move_joint(state, action);
            Pressed::Nothing
        }
        View::Sheet if layout.grid.act(action, &mut screen.table.cursor, screen.table.shown.len()) => Pressed::Line,
        View::List | View::Sheet => screen.table.key(action, &layout.table),
        View::Grades => screen.grades.key(action, &layout.grades),
    }
}

fn line_pressed(state: &mut State, pressed: Pressed) -> Vec<Effect> {
    let effects = pressed.apply(state, arrange, open);
    Errors.settle(state);
    effects
}

/// The film of the chosen error: at the box that is wrong, or at the joint whose grade is.
fn open(state: &mut State) -> Vec<Effect> {
    let Some(item) = chosen(state) else { return Vec::new() };
    let Some(glance) = tiles::glance(state, item) else {
        state.message = Some(Message::info("the run has no film of this limb"));
        return Vec::new();
    };
    match item {
        Item::Box(error) => {
            let error = *error;
            film::show_error(state, glance.patient, glance.limb, error)
        }
        Item::Grade(error) => {
            let joint = error.graded.joint;
            film::show_close(state, glance.patient, joint)
        }
    }
}

/// Goes to a line, or takes a threshold: a number with a point in it, or 0.
fn jump(state: &mut State, text: &str) -> Result<Vec<Effect>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = || format!("`{text}` is neither a line's number nor a threshold from 0.0 to 1.0");
    if text.contains('.') || text == "0" {
        let value = text.parse::<f32>().ok().filter(|value| (0.0..=1.0).contains(value)).ok_or_else(wrong)?;
        return Ok(threshold::set(state, (value * 100.0).round() as i16));
    }
    let line = text.parse::<usize>().ok().filter(|line| *line > 0).ok_or_else(wrong)?;
    if state.errors.view == View::Grades {
        state.errors.grades.cursor = line - 1;
    } else {
        state.errors.table.cursor = line - 1;
    }
    Errors.settle(state);
    Ok(Vec::new())
}

/// The film of the chosen error, or of the next one, that has not been read.
fn unread(state: &State) -> Option<Glance> {
    following(state).take(2).filter_map(|item| tiles::glance(state, item)).find(|glance| glance.is_unread(state))
}

/// The errors shown as a list.
fn open_list(state: &mut State) -> Vec<Effect> {
    let Some(evaluation) = state.active_run.evaluation().cloned() else { return Vec::new() };
    // A list of crops is of boxes; wrong grades have a view of their own.
    let boxes = &state.active_run.errors.rows;
    let rows: Vec<ErrorRow> = state.errors.table.shown.iter().filter_map(|place| boxes.get(*place as usize)).copied().collect();
    let title = format!("errors of {}", active_run::name(state));
    let items = list::of_errors(&evaluation, &rows);
    list::open(state, Selection { title, items })
}
