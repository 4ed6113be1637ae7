//! How the errors look.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::{ErrorRow, detection::ErrorKind};
use svh_core::Task;

use super::{
    columns::Column,
    detail_pane, filter, joints, kinds,
    layout::{Layout, here},
    order::{chosen, row},
    state::View,
    tiles,
};
use crate::tui::{
    active_run, draw,
    format::{self, signed},
    names, sheet,
    state::State as Whole,
    window,
};
use svh_terminal::{Plan, Protocol};

/// Draws the screen; the plan is for the painter.
pub fn render(state: &Whole, buffer: &mut Buffer) -> Option<Plan> {
    let layout = here(state);
    if active_run::notice(state, window::body(state.room()), buffer) {
        return None;
    }
    let evaluation = state.active_run.evaluation()?;
    if evaluation.run().is_none() {
        draw::notice(buffer, window::body(state.room()), &active_run::how_to_get_a_run(state), state.theme.text());
        return None;
    }
    head(state, layout.head, buffer);
    kinds::render(state, layout.kinds, buffer);
    if state.errors.view == View::Joints {
        joints::render(state, layout.rest, buffer);
        return None;
    }
    if state.errors.table.shown.is_empty() {
        draw::notice(buffer, layout.rest, &[none(state)], state.theme.text());
        return None;
    }
    match state.errors.view {
        View::List => list(state, &layout, buffer),
        View::Sheet => {
            let (tiles, chosen) = tiles::page(state, &layout.grid);
            sheet::render(state, &tiles, &layout.grid, chosen, buffer)
        }
        View::Joints => None,
    }
}

/// The run, the threshold, the view.
fn head(state: &Whole, line: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let views: Vec<&str> = View::ALL.iter().map(|view| view.name()).collect();
    let at = View::ALL.iter().position(|view| *view == state.errors.view).unwrap_or(0);
    let line = draw::choices(buffer, line, &views, at, theme);
    let used = active_run::head(state, line, buffer);
    let rest = Rect { x: line.x + used, width: line.width.saturating_sub(used), ..line };
    let threshold = format!("{:.2}", state.active_run.threshold);
    let wait = if state.active_run.is_current() { "" } else { " …" };
    draw::pieces(buffer, rest, &[(" · threshold ", theme.muted()), (&threshold, theme.title()), (wait, theme.model())]);
}

/// Why no error is listed.
fn none(state: &Whole) -> String {
    let Some(evaluation) = state.active_run.evaluation() else { return String::new() };
    let words = filter::describe(&state.errors.filter, Some(evaluation));
    if !words.is_empty() {
        return format!("no error fits the filter `{words}`; Esc shows all");
    }
    if Task::ALL.into_iter().all(|task| evaluation.reference_boxes(task) == 0) {
        return "no film of this run has label files, so no box can be right or wrong; draw boxes, or import them with `svh import`"
            .to_owned();
    }
    format!("no error at threshold {:.2}", state.active_run.threshold)
}

fn list(state: &Whole, layout: &Layout, buffer: &mut Buffer) -> Option<Plan> {
    let theme = state.theme;
    state.errors.table.heads(&layout.table, theme, buffer);
    let says_task = layout.table.columns.iter().any(|place| place.column == Column::Task);
    let text = |place, column| row(state, place).map(|error| cell(state, error, column, says_task)).unwrap_or_default();
    state.errors.table.lines(&layout.table, theme, buffer, text);
    let error = chosen(state)?;
    if layout.film.is_empty() {
        return None;
    }
    detail_pane::render(state, error, layout.words, buffer);
    tiles::glance(state, error)?.render(state, layout.film, buffer)
}

/// What stands in a column; where there is none for the task, the joint is followed by its first letter.
fn cell(state: &Whole, error: &ErrorRow, column: Column, says_task: bool) -> (String, Style) {
    let theme = state.theme;
    let none = || ("·".to_owned(), theme.muted());
    let has_box = error.kind != ErrorKind::Missed;
    match column {
        Column::Kind => (error.kind.name().to_owned(), theme.text()),
        Column::Film => (detail_pane::film(state, error), theme.muted()),
        Column::Joint => error.joint().map_or_else(none, |joint| {
            let task = if says_task {
                ""
            } else if error.task == Task::Narrowing {
                " n"
            } else {
                " e"
            };
            (format!("{}{task}", names::short(joint)), theme.text())
        }),
        Column::Task => (error.task.name().to_owned(), theme.muted()),
        Column::Score if has_box => (format!("{:.2}", error.score), theme.text()),
        Column::Iou if has_box => (format!("{:.2}", error.iou), theme.text()),
        Column::Counts if has_box => {
            if error.kept {
                ("✓".to_owned(), theme.text())
            } else {
                none()
            }
        }
        Column::Score | Column::Iou | Column::Counts => none(),
        Column::Effect => match error.effect {
            Some(0) => none(),
            Some(points) => (signed(i64::from(points)), theme.title()),
            None => ("?".to_owned(), theme.muted()),
        },
    }
}

/// Draws the screen's status line: where one is, the filter, the chosen error where there are only crops.
pub fn render_status(state: &Whole, line: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let shown = state.errors.table.shown.len();
    let total = state.active_run.errors.rows.len();
    if state.errors.view == View::Joints {
        draw::left(buffer, line, "false boxes and (missed joints); ⏎ lists those of the chosen, e other task", theme.muted());
        return;
    }
    let mut text = if shown == 0 {
        "none".to_owned()
    } else {
        format!("{} of {}", format::grouped(state.errors.table.cursor + 1), format::grouped(shown))
    };
    let filter = filter::describe(&state.errors.filter, state.active_run.evaluation().map(std::convert::AsRef::as_ref));
    if !filter.is_empty() {
        text += &format!(" · filter `{filter}` hides {} · Esc shows all", format::grouped(total - shown.min(total)));
    }
    // Beside a film the words stand below it.
    let alone = state.errors.view == View::Sheet || state.painter.protocol() == Protocol::Off || state.size.0 < 100;
    if let Some(error) = chosen(state).filter(|_| alone && filter.is_empty()) {
        let lines = detail_pane::lines(state, error);
        text += &format!(" · {} {} · {}", detail_pane::film(state, error), lines[1].0, lines[3].0);
    }
    if let Some(words) = state.sheet.describe().filter(|_| state.errors.view == View::Sheet) {
        text = format!("{words} · {text}");
    }
    draw::left(buffer, line, &text, theme.muted());
}
