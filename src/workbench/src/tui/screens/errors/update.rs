//! How the errors answer to keys, to the mouse, and to an evaluation.

use crossterm::event::{MouseEvent, MouseEventKind};
use svh_analysis::{ErrorFilter, ErrorRow, detection::ErrorKind};
use svh_core::{Limb, Task};

use super::{
    filter, joints,
    keys::ID,
    kinds,
    layout::{Layout, here},
    order::{Item, arrange, chosen, following},
    state::{GradeErrorFilter, View},
    tiles,
};
use crate::{
    selection::Selection,
    tui::{
        action::{Action, Effect},
        active_run,
        message::Message,
        picture::Glance,
        prompt::{Prompt, Purpose, Typed},
        screens::{film, list},
        sheet,
        state::State as Whole,
        table::Pressed,
        tagging, threshold,
    },
};

/// What may be typed to go somewhere.
const JUMP: &str = "a line's number, or a threshold such as 0.37";

/// The screen has come to the front.
pub fn enter(state: &mut Whole) -> Vec<Effect> {
    settle(state);
    active_run::need(state)
}

/// There is another evaluation.
pub fn evaluated(state: &mut Whole) {
    state.errors.filter.patient = None;
    arrange(state);
}

/// Keeps the cursor on the screen.
pub fn settle(state: &mut Whole) {
    let layout = here(state);
    state.errors.table.settle(layout.table.lines);
    state.errors.grades.settle(layout.grades.lines);
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let layout = here(state);
    if sheet::look(state, action) {
        return Vec::new();
    }
    match action {
        Action::NextItem => drop(move_on(state, true)),
        Action::PreviousItem => drop(move_on(state, false)),
        Action::Jump => state.prompt = Some(Prompt::new(Purpose::Jump, "", state.errors.table.cursor).hinting(JUMP)),
        Action::OpenList => return open_list(state),
        Action::NextView => turn_view(state, 1),
        Action::PreviousView => turn_view(state, View::ALL.len() - 1),
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
        Action::Open => return open(state),
        _ if state.errors.view == View::Joints => move_joint(state, action),
        _ if state.errors.view == View::Sheet => move_crop(state, action, &layout),
        _ if state.errors.view == View::Grades && state.errors.grades.act(action, layout.grades.lines) => {}
        _ if state.errors.view == View::Grades && state.errors.grades.sort_act(action, &layout.grades) => arrange(state),
        _ if state.errors.view == View::Grades => {}
        _ if state.errors.table.act(action, layout.table.lines) => {}
        _ if state.errors.table.sort_act(action, &layout.table) => arrange(state),
        _ => {}
    }
    Vec::new()
}

/// The filter in words.
#[must_use]
pub fn described(state: &Whole) -> String {
    let evaluation = state.active_run.evaluation().map(std::convert::AsRef::as_ref);
    filter::describe(&state.errors.filter, &state.errors.grade_filter, &state.errors.tags, evaluation)
}

/// The next error of the view at hand, or the one before; false at the end.
fn move_on(state: &mut Whole, forward: bool) -> bool {
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

/// The film of the next error of the list, or of the one before.
pub fn step(state: &mut Whole, forward: bool) -> Vec<Effect> {
    if state.errors.view == View::Joints || !move_on(state, forward) {
        state.message = Some(Message::end_of_list(forward));
        return Vec::new();
    }
    open(state)
}

fn turn_view(state: &mut Whole, step: usize) {
    let place = View::ALL.iter().position(|view| *view == state.errors.view).unwrap_or(0);
    state.errors.view = View::ALL[(place + step) % View::ALL.len()];
}

/// The next of all, one after the other.
fn after<T: Copy + PartialEq>(all: &[T], one: Option<T>) -> Option<T> {
    match one {
        None => all.first().copied(),
        Some(one) => all.iter().position(|other| *other == one).and_then(|place| all.get(place + 1)).copied(),
    }
}

fn switch_task(state: &mut Whole) {
    if state.errors.view == View::Joints {
        let other = if state.errors.task == Task::Narrowing { Task::Erosion } else { Task::Narrowing };
        choose_joint(state, other, state.errors.joint);
        return;
    }
    state.errors.filter.task = after(&Task::ALL, state.errors.filter.task);
    arrange(state);
}

fn toggle_kind(state: &mut Whole, index: usize) {
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

fn choose_joint(state: &mut Whole, task: Task, (line, right): (usize, bool)) {
    state.errors.task = task;
    state.errors.joint = (line.min(joints::pairs(task).len().saturating_sub(1)), right);
}

fn move_joint(state: &mut Whole, action: Action) {
    let (line, right) = state.errors.joint;
    let joint = match action {
        Action::Up => (line.saturating_sub(1), right),
        Action::Down => (line + 1, right),
        Action::Left => (line, false),
        Action::Right => (line, true),
        Action::Top => (0, right),
        Action::Bottom => (usize::MAX, right),
        _ => return,
    };
    choose_joint(state, state.errors.task, joint);
}

/// From a joint to its errors after the best-box rule.
fn only_joint(state: &mut Whole) {
    let (line, right) = state.errors.joint;
    let Some(pair) = joints::pairs(state.errors.task).get(line).copied() else { return };
    let joint = pair.side(right);
    state.errors.filter = ErrorFilter {
        task: Some(joint.task),
        limb: Some(joint.limb),
        joint: Some(joint.joint.clone()),
        kept: true,
        ..ErrorFilter::default()
    };
    state.errors.grade_filter = GradeErrorFilter::default();
    state.errors.tags.clear();
    state.errors.view = View::List;
    arrange(state);
}

fn move_crop(state: &mut Whole, action: Action, layout: &Layout) {
    let table = &mut state.errors.table;
    let (row, page) = (usize::from(layout.grid.columns), layout.grid.count());
    table.cursor = match action {
        Action::Left => table.cursor.saturating_sub(1),
        Action::Right => table.cursor + 1,
        Action::Up => table.cursor.saturating_sub(row),
        Action::Down => table.cursor + row,
        Action::PageUp => table.cursor.saturating_sub(page),
        Action::PageDown => table.cursor + page,
        Action::Top => 0,
        Action::Bottom => usize::MAX,
        _ if table.sort_act(action, &layout.table) => return arrange(state),
        _ => return,
    };
    table.cursor = table.cursor.min(table.shown.len().saturating_sub(1));
    table.settle(layout.table.lines);
}

/// The film of the chosen error: at the box that is wrong, or at the joint whose grade is.
fn open(state: &mut Whole) -> Vec<Effect> {
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

/// Shows all errors again, or the list; false where all are listed already.
pub fn back(state: &mut Whole) -> bool {
    if state.errors.view != View::List {
        state.errors.view = View::List;
        return true;
    }
    let filtered = state.errors.filter != ErrorFilter::default()
        || state.errors.grade_filter != GradeErrorFilter::default()
        || !state.errors.tags.is_empty();
    if filtered {
        state.errors.filter = ErrorFilter::default();
        state.errors.grade_filter = GradeErrorFilter::default();
        state.errors.tags.clear();
        arrange(state);
    }
    filtered
}

/// Something was typed into the line at the foot.
pub fn typed(state: &mut Whole, typed: &Typed) -> Vec<Effect> {
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

/// Goes to a line, or takes a threshold: a number with a point in it, or 0.
fn jump(state: &mut Whole, text: &str) -> Result<Vec<Effect>, String> {
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
    settle(state);
    Ok(Vec::new())
}

/// The mouse.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = here(state);
    let wheel = matches!(mouse.kind, MouseEventKind::ScrollUp | MouseEventKind::ScrollDown);
    let down = mouse.kind == MouseEventKind::ScrollDown;
    match state.errors.view {
        _ if matches!(mouse.kind, MouseEventKind::Down(_)) && layout.kinds.contains((mouse.column, mouse.row).into()) => {
            if let Some(kind) = kinds::at(state, layout.kinds, mouse.column, mouse.row) {
                // Zero is the tenth.
                toggle_kind(state, (kind.digit() + 9) % 10);
            }
        }
        View::List if wheel => state.errors.table.wheel(down, layout.table.lines),
        View::List if matches!(mouse.kind, MouseEventKind::Down(_)) => match state.errors.table.press(mouse, &layout.table) {
            Pressed::Order => arrange(state),
            Pressed::Again => return open(state),
            Pressed::Line | Pressed::Nothing => {}
        },
        View::Grades if wheel => state.errors.grades.wheel(down, layout.grades.lines),
        View::Grades if matches!(mouse.kind, MouseEventKind::Down(_)) => match state.errors.grades.press(mouse, &layout.grades) {
            Pressed::Order => arrange(state),
            Pressed::Again => return open(state),
            Pressed::Line | Pressed::Nothing => {}
        },
        View::Sheet if wheel => move_crop(state, if down { Action::Down } else { Action::Up }, &layout),
        View::Sheet if matches!(mouse.kind, MouseEventKind::Down(_)) => {
            let table = &state.errors.table;
            let hit = layout.grid.at(mouse.column, mouse.row).map(|index| layout.grid.first(table.cursor) + index);
            match hit.filter(|line| *line < table.shown.len()) {
                Some(line) if line == table.cursor => return open(state),
                Some(line) => state.errors.table.cursor = line,
                None => {}
            }
        }
        View::Joints if wheel => move_joint(state, if down { Action::Down } else { Action::Up }),
        View::Joints if matches!(mouse.kind, MouseEventKind::Down(_)) => {
            if let Some((task, line, right)) = joints::at(state.errors.task, layout.rest, mouse.column, mouse.row) {
                if (state.errors.task, state.errors.joint) == (task, (line, right)) {
                    only_joint(state);
                } else {
                    choose_joint(state, task, (line, right));
                }
            }
        }
        _ => {}
    }
    settle(state);
    Vec::new()
}

fn seen(state: &Whole) -> bool {
    state.screen == ID && state.is_uncovered() && state.painter.protocol() != svh_terminal::Protocol::Off
}

/// Whether a film or crops are wanted that have not been asked for.
#[must_use]
pub fn wants_rest(state: &Whole) -> bool {
    if !seen(state) {
        return false;
    }
    match state.errors.view {
        View::List | View::Grades => unread(state).is_some(),
        View::Sheet => {
            let grid = here(state).grid;
            sheet::is_unasked(state, &tiles::page(state, &grid).0, &grid)
        }
        View::Joints => false,
    }
}

/// The film of the chosen error, or of the next one, that has not been read.
fn unread(state: &Whole) -> Option<Glance> {
    following(state).take(2).filter_map(|item| tiles::glance(state, item)).find(|glance| glance.is_unread(state))
}

/// The keys rest: what is on the screen is read.
pub fn rested(state: &mut Whole) -> Vec<Effect> {
    if !seen(state) {
        return Vec::new();
    }
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

/// The patient of the chosen error, by the place in the cohort.
#[must_use]
pub fn patient(state: &Whole) -> Option<usize> {
    tiles::glance(state, chosen(state)?).map(|glance| glance.patient)
}

/// The errors shown as a list.
fn open_list(state: &mut Whole) -> Vec<Effect> {
    let Some(evaluation) = state.active_run.evaluation().cloned() else { return Vec::new() };
    // A list of crops is of boxes; wrong grades have a view of their own.
    let boxes = &state.active_run.errors.rows;
    let rows: Vec<ErrorRow> = state.errors.table.shown.iter().filter_map(|place| boxes.get(*place as usize)).copied().collect();
    let title = format!("errors of {}", active_run::name(state));
    let items = list::of_errors(&evaluation, &rows);
    list::open(state, Selection { title, items })
}
