//! How the errors look.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::{GradeError, detection::ErrorKind};
use svh_core::Task;

use super::{
    columns::{Column, GradeColumn},
    described, detail_pane, joints, kinds,
    layout::{Layout, here},
    order::{self, Item, chosen, item},
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
    if state.errors.view == View::Grades {
        return grades(state, &layout, buffer);
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
        View::Grades | View::Joints => None,
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
    let words = described(state);
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
    let text = |place, column| item(state, place).map(|item| cell(state, item, column, says_task)).unwrap_or_default();
    state.errors.table.lines(&layout.table, theme, buffer, text);
    beside(state, layout, buffer)
}

/// The wrong grades with what the model said of them.
fn grades(state: &Whole, layout: &Layout, buffer: &mut Buffer) -> Option<Plan> {
    let theme = state.theme;
    if state.errors.grades.shown.is_empty() {
        let words = described(state);
        let text = if words.is_empty() {
            "no grade of a right box differs from the reader's".to_owned()
        } else {
            format!("no wrong grade fits the filter `{words}`; Esc shows the list, once more all errors")
        };
        draw::notice(buffer, layout.rest, &[text], theme.text());
        return None;
    }
    state.errors.grades.heads(&layout.grades, theme, buffer);
    let says_task = layout.grades.columns.iter().any(|place| place.column == GradeColumn::Task);
    let text = |place: usize, column| {
        let error = state.active_run.grade_errors.get(place);
        error.map(|error| grade_cell(state, error, column, says_task)).unwrap_or_default()
    };
    state.errors.grades.lines(&layout.grades, theme, buffer, text);
    beside(state, layout, buffer)
}

fn grade_cell(state: &Whole, error: &GradeError, column: GradeColumn, says_task: bool) -> (String, Style) {
    let (theme, graded) = (state.theme, &error.graded);
    let grade = |grade: Option<u8>| grade.map_or_else(|| "·".to_owned(), |grade| grade.to_string());
    let share = |value: Option<f32>, decimals: usize| format::value(value.map(f64::from), decimals);
    match column {
        GradeColumn::Film => (detail_pane::film(state, Item::Grade(error)), theme.muted()),
        GradeColumn::Joint => {
            let mark = if order::tags(state, Item::Grade(error)).is_empty() { "" } else { " #" };
            (joint(graded.joint, says_task) + mark, theme.text())
        }
        GradeColumn::Task => (graded.joint.task.name().to_owned(), theme.muted()),
        GradeColumn::Reader => (grade(graded.reference), theme.reader()),
        GradeColumn::Model => (grade(graded.model), theme.model()),
        GradeColumn::Expected => (share(graded.expected, 1), theme.muted()),
        GradeColumn::Points => (signed(i64::from(error.points)), theme.title()),
        GradeColumn::Confidence => (share(graded.confidence, 2), theme.text()),
        GradeColumn::Entropy => (share(graded.entropy, 2), theme.muted()),
    }
}

/// The film of the chosen error with its words.
fn beside(state: &Whole, layout: &Layout, buffer: &mut Buffer) -> Option<Plan> {
    let item = chosen(state)?;
    if layout.film.is_empty() {
        return None;
    }
    detail_pane::render(state, item, layout.words, buffer);
    tiles::glance(state, item)?.render(state, layout.film, buffer)
}

/// A joint's name; where there is no column for the task, its first letter follows.
fn joint(joint: &svh_core::Joint, says_task: bool) -> String {
    let task = match joint.task {
        _ if says_task => "",
        Task::Narrowing => " n",
        Task::Erosion => " e",
    };
    format!("{}{task}", names::short(joint))
}

/// What stands in a column.
fn cell(state: &Whole, item: Item, column: Column, says_task: bool) -> (String, Style) {
    let theme = state.theme;
    let none = || ("·".to_owned(), theme.muted());
    match column {
        Column::Film => return (detail_pane::film(state, item), theme.muted()),
        Column::Joint => {
            let mark = if order::tags(state, item).is_empty() { "" } else { " #" };
            return item.joint().map_or_else(none, |of| (joint(of, says_task) + mark, theme.text()));
        }
        Column::Task => return item.joint().map_or_else(none, |joint| (joint.task.name().to_owned(), theme.muted())),
        Column::Effect => {
            return match item.effect() {
                Some(0) => none(),
                Some(points) => (signed(i64::from(points)), theme.title()),
                None => ("?".to_owned(), theme.muted()),
            };
        }
        Column::Kind | Column::Score | Column::Iou | Column::Counts => {}
    }
    let error = match item {
        Item::Box(error) => error,
        Item::Grade(error) if column == Column::Kind => {
            return (format!("Grade {}→{}", error.graded.reference.unwrap_or(0), error.graded.model.unwrap_or(0)), theme.text());
        }
        Item::Grade(_) if column == Column::Counts => return ("✓".to_owned(), theme.text()),
        Item::Grade(_) => return none(),
    };
    let has_box = error.kind != ErrorKind::Missed;
    match column {
        Column::Kind => (error.kind.name().to_owned(), theme.text()),
        Column::Score if has_box => (format!("{:.2}", error.score), theme.text()),
        Column::Iou if has_box => (format!("{:.2}", error.iou), theme.text()),
        Column::Counts if has_box => {
            if error.kept {
                ("✓".to_owned(), theme.text())
            } else {
                none()
            }
        }
        _ => none(),
    }
}

/// Draws the screen's status line: where one is, the filter, the chosen error where there are only crops.
pub fn render_status(state: &Whole, line: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let of_grades = state.errors.view == View::Grades;
    let all_grades = state.active_run.grade_errors.len();
    let (shown, cursor, total) = if of_grades {
        (state.errors.grades.shown.len(), state.errors.grades.cursor, all_grades)
    } else {
        (state.errors.table.shown.len(), state.errors.table.cursor, state.active_run.errors.rows.len() + all_grades)
    };
    if state.errors.view == View::Joints {
        draw::left(buffer, line, "false boxes and (missed joints); ⏎ lists those of the chosen, e other task", theme.muted());
        return;
    }
    let mut text = if shown == 0 { "none".to_owned() } else { format!("{} of {}", format::grouped(cursor + 1), format::grouped(shown)) };
    let filter = described(state);
    if !filter.is_empty() {
        text += &format!(" · filter `{filter}` hides {} · Esc shows all", format::grouped(total - shown.min(total)));
    }
    // Beside a film the words stand below it.
    let alone = state.errors.view == View::Sheet || state.painter.protocol() == Protocol::Off || state.size.0 < 100;
    if let Some(item) = chosen(state).filter(|_| alone && filter.is_empty()) {
        let lines = detail_pane::lines(state, item);
        let film = detail_pane::film(state, item);
        // The film's name ends in the limb.
        let limb = film.rsplit('-').next().unwrap_or_default();
        let joint = lines[1].0.strip_prefix(limb).map_or(lines[1].0.as_str(), str::trim_start);
        text += &format!(" · {film} {joint} · {}", lines[if matches!(item, Item::Box(_)) { 3 } else { 2 }].0);
    }
    if let Some(words) = state.sheet.describe().filter(|_| state.errors.view == View::Sheet) {
        text = format!("{words} · {text}");
    }
    draw::left(buffer, line, &text, theme.muted());
}
