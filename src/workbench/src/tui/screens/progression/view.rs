//! How the progression looks.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::progression::{Change, Progression};

use super::{
    columns::{Column, visit},
    joints,
    layout::layout,
    plot,
    state::View,
    statistics,
};
use crate::tui::{active_run, draw, format, state::State as Whole, window};
use svh_terminal::Plan;

/// Draws the screen; the plan is for the painter.
pub fn render(state: &Whole, buffer: &mut Buffer) -> Option<Plan> {
    let (theme, layout) = (state.theme, layout(state));
    if active_run::notice(state, window::body(state.room()), buffer) {
        return None;
    }
    head(state, layout.head, buffer);
    let screen = &state.progression;
    let Some(found) = screen.found.as_ref().filter(|found| !found.changes.is_empty()) else {
        let area = draw::below(window::inner(window::body(state.room())), 1);
        draw::notice(buffer, area, &how_to_get_visits(state), theme.muted());
        return None;
    };
    if let Some(open) = &screen.joints {
        pair_head(state, found, open.of, layout.statistics, buffer);
        return joints::render(state, open, &layout, buffer);
    }
    statistics::render(found, theme, layout.statistics, buffer);
    if !layout.parts.is_narrow || screen.view == View::Table {
        screen.table.heads(&layout.table, theme, buffer);
        screen.table.lines(&layout.table, theme, buffer, |place, column| cell(state, found, &found.changes[place], column));
    }
    if !layout.parts.is_narrow || screen.view != View::Table {
        draw_plot(state, found, layout.parts.plot, buffer);
    }
    None
}

fn how_to_get_visits(state: &Whole) -> Vec<String> {
    vec![
        format!("no patient of {} has two visits", state.name()),
        String::new(),
        "visits.csv in the cohort's folder says which film set is which visit of whom: columns Patient_ID, patient, visit, and date or months".to_owned(),
        "`svh import dicom` writes it".to_owned(),
    ]
}

fn head(state: &Whole, line: Rect, buffer: &mut Buffer) {
    let (theme, screen) = (state.theme, &state.progression);
    let at = View::ALL.iter().position(|view| *view == screen.view).unwrap_or(0);
    let line = if screen.joints.is_none() { draw::choices(buffer, line, &View::ALL.map(View::name), at, theme) } else { line };
    let used = active_run::head(state, line, buffer);
    let rest = Rect { x: line.x + used, width: line.width.saturating_sub(used), ..line };
    draw::pieces(buffer, rest, &[(" · change of ", theme.muted()), (screen.score.describe(), theme.title())]);
}

/// The pair whose joints are listed.
fn pair_head(state: &Whole, found: &Progression, pair: usize, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let Some(change) = found.changes.get(pair) else { return };
    let months = change.months.map_or_else(String::new, |months| format!(", {} months", format::value(Some(months), 1)));
    let visits = format!("  {} → {}{months}", change.baseline, change.follow_up);
    draw::pieces(buffer, draw::line(area, 0), &[(&change.patient, theme.title()), (&visits, theme.muted())]);
    let units = |value: Option<f64>| value.map_or_else(|| "not graded at both".to_owned(), signed);
    let (reader, model) = (units(change.reader), units(change.model));
    let marks = progressed(found, change);
    let rest = format!("  over {} joints graded at both visits", change.joints);
    let pieces = [
        ("reader ", theme.muted()),
        (reader.as_str(), theme.reader()),
        ("  model ", theme.muted()),
        (model.as_str(), theme.model()),
        (rest.as_str(), theme.muted()),
    ];
    draw::pieces(buffer, draw::line(area, 1), &pieces);
    let above = format!("change above {}: ", format::value(found.threshold, 1));
    let who = match marks.trim() {
        "" => "neither by reader nor by model",
        "R" => "by the reader",
        "M" => "by the model",
        _ => "by reader and model",
    };
    if found.threshold.is_some() {
        draw::pieces(buffer, draw::line(area, 2), &[(&above, theme.muted()), (who, theme.text())]);
    }
}

fn signed(value: f64) -> String {
    let text = format::value(Some(value), 0);
    if value > 0.0 { format!("+{text}") } else { text }
}

/// Who says that a pair has progressed.
fn progressed(found: &Progression, change: &Change) -> String {
    let above = |value: Option<f64>| value.zip(found.threshold).is_some_and(|(value, least)| value > least);
    match (above(change.reader), above(change.model)) {
        (true, true) => "R M",
        (true, false) => "R",
        (false, true) => "  M",
        (false, false) => "",
    }
    .to_owned()
}

fn draw_plot(state: &Whole, found: &Progression, area: Rect, buffer: &mut Buffer) {
    match plot::plot(found, state.theme, state.progression.table.chosen()) {
        Some(plot) => plot.render(area, state.theme, buffer),
        None => draw::notice(buffer, area, &["no joint is graded at both visits of a patient".to_owned()], state.theme.muted()),
    }
}

fn cell(state: &Whole, found: &Progression, change: &Change, column: Column) -> (String, Style) {
    let theme = state.theme;
    let none = || ("·".to_owned(), theme.muted());
    let number =
        |value: Option<f64>, decimals: usize, style: Style| value.map_or_else(none, |value| (format::value(Some(value), decimals), style));
    let units = |value: Option<f64>, style: Style| value.map_or_else(none, |value| (signed(value), style));
    match column {
        Column::Patient => (change.patient.clone(), theme.text()),
        Column::Baseline => (visit(change, &change.baseline).to_owned(), theme.muted()),
        Column::FollowUp => (visit(change, &change.follow_up).to_owned(), theme.muted()),
        Column::Months => number(change.months, 1, theme.muted()),
        Column::Joints => (change.joints.to_string(), theme.muted()),
        Column::Reader => units(change.reader, theme.reader()),
        Column::Model => units(change.model, theme.model()),
        Column::ReaderPerYear => number(change.reader_per_year, 1, theme.reader()),
        Column::ModelPerYear => number(change.model_per_year, 1, theme.model()),
        Column::Progressed => (progressed(found, change), theme.title()),
    }
}

/// The status line of the screen.
#[must_use]
pub fn summary(state: &Whole) -> String {
    let screen = &state.progression;
    if let Some(joints) = &screen.joints {
        return format!("{} of {} joints · both films at one zoom", joints.table.cursor + 1, joints.rows.len());
    }
    let Some(found) = screen.found.as_ref().filter(|found| !found.changes.is_empty()) else { return String::new() };
    let cut = match (found.threshold, screen.threshold) {
        (None, _) => "prog needs two pairs graded by both; : types a cut-off".to_owned(),
        (Some(least), Some(_)) => format!("prog: change above {}", format::value(Some(least), 1)),
        (Some(least), None) => format!("prog: change above the SDC, {}", format::value(Some(least), 1)),
    };
    format!("{} of {} · {cut} · joints graded at both", format::grouped(screen.table.cursor + 1), format::grouped(found.changes.len()))
}
