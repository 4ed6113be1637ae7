//! How the table looks.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_core::{Limb, MARKED_ABOVE, Task};

use super::{
    card,
    columns::Column,
    filter::position,
    layout::{Layout, here},
};
use crate::tui::{
    active_run,
    data::Row,
    draw, format,
    state::{Cohort, State as Whole},
    table::Column as _,
    tagging,
    theme::Theme,
    totals::Totals,
    window,
};

/// Draws the table, or what stands in for it.
pub fn render(state: &Whole, buffer: &mut Buffer) {
    let theme = state.theme;
    let body = window::body(state.room());
    let width = usize::from(body.width.saturating_sub(8)).min(90);
    match &state.cohort {
        Cohort::Reading => notice(&[format!("{} reading {}", draw::spinner(state.tick), state.root.display())], theme.text(), body, buffer),
        Cohort::Failed(reason) => {
            let mut texts = draw::wrap(reason, width);
            texts.push(String::new());
            texts.extend(draw::wrap(
                "q quits; `svh FOLDER` opens another folder, `svh phantom FOLDER --patients 3 --seed 1` makes one to try",
                width,
            ));
            notice(&texts, theme.error(), body, buffer);
        }
        Cohort::Ready(catalogue) if catalogue.is_empty() => {
            notice(
                &["this cohort has no patients; put films named ID-LH.jpg to ID-RF.jpg into its folder images/".to_owned()],
                theme.text(),
                body,
                buffer,
            );
        }
        Cohort::Ready(_) => table(state, &here(state), buffer),
    }
}

/// Some lines in the middle of an area.
fn notice(texts: &[String], style: Style, area: Rect, buffer: &mut Buffer) {
    let top = area.height.saturating_sub(texts.len() as u16) / 2;
    for (index, text) in texts.iter().enumerate() {
        draw::centre(buffer, draw::line(area, top + index as u16), text, style);
    }
}

/// The cohort in one line.
#[must_use]
pub fn summary(state: &Whole) -> String {
    let Some(catalogue) = state.catalogue() else { return String::new() };
    let shown = state.patients.table.shown.len();
    let place = if shown > 0 { format!("{} of {shown}", state.patients.table.cursor + 1) } else { "none".to_owned() };
    // An order whose column has no room is told here.
    let sort = state.patients.table.sort;
    let hidden = here(state).table.columns.iter().all(|place| place.column != sort);
    let place = if hidden { format!("{place} · by {}", sort.spec().head) } else { place };
    // The tags of the chosen patient, of which the table may have no room for all.
    let chosen = state.patients.table.chosen().and_then(|patient| state.row(patient)).map(|row| row.patient.id.as_str());
    let tags = chosen.map(|id| tagging::words(state.session.tags().of_patient(id))).filter(|tags| !tags.is_empty());
    let place = tags.map_or_else(|| place.clone(), |tags| format!("{place} · {tags}"));
    let filter = &state.patients.filter;
    if filter.is_empty() {
        place
    } else {
        format!("{place} · filter `{}` hides {} · Esc shows all", filter.text, catalogue.len() - shown)
    }
}

fn table(state: &Whole, layout: &Layout, buffer: &mut Buffer) {
    heads(state, layout, buffer);
    let theme = state.theme;
    if state.patients.table.shown.is_empty() {
        let text = format!("no patient fits the filter `{}`; Esc shows all", state.patients.filter.text);
        notice(&[text], theme.text(), layout.table.lines, buffer);
        return;
    }
    state.patients.table.draw(&layout.table, theme, buffer, |patient, column, rect, buffer| {
        if let Some(row) = state.row(patient) {
            cell(state, &row, column, rect, buffer);
        }
    });
    if let Some(card) = layout.card {
        card::render(state, card, buffer);
    }
}

fn heads(state: &Whole, layout: &Layout, buffer: &mut Buffer) {
    let theme = state.theme;
    if let Some(catalogue) = state.catalogue() {
        let films: usize = catalogue.cohort.patients().len();
        let scored = state.results.scored();
        let run = active_run::shown(state).map(|run| format!("◆ {run}"));
        let text = format!("{films} patients · {scored} scored");
        let text = if run.is_some() { format!(" · {text}") } else { text };
        draw::pieces(buffer, layout.summary, &[(run.as_deref().unwrap_or_default(), theme.title()), (&text, theme.muted())]);
    }
    // A rule over each run of neighbours that belong together.
    for neighbours in layout.table.columns.chunk_by(|one, other| group(one.column) == group(other.column)) {
        let (Some(first), Some(last)) = (neighbours.first(), neighbours.last()) else { continue };
        let Some(name) = group(first.column) else { continue };
        let style = match name {
            "reader" => theme.reader(),
            "model" => theme.model(),
            _ => theme.muted(),
        };
        let rect = Rect { x: layout.groups.x + first.left, width: last.left + last.width - first.left, ..layout.groups };
        let least = name.len() as u16;
        if rect.width < least + 2 {
            // Over a lone total, its name alone, which may begin in the gap.
            let more = least.saturating_sub(rect.width).min(rect.x - layout.groups.x);
            draw::right(buffer, Rect { x: rect.x - more, width: rect.width + more, ..rect }, name, style);
            continue;
        }
        let rule: String = "─".repeat(usize::from(rect.width));
        draw::left(buffer, rect, &rule, theme.frame());
        draw::centre(buffer, rect, &format!(" {name} "), style);
    }
    state.patients.table.heads(&layout.table, theme, buffer);
}

/// What a column is part of.
const fn group(column: Column) -> Option<&'static str> {
    match column {
        Column::Film(_) => Some("films"),
        Column::ReaderNarrowing | Column::ReaderErosion | Column::Reader => Some("reader"),
        Column::ModelNarrowing | Column::ModelErosion | Column::Model | Column::Difference => Some("model"),
        Column::Id | Column::Graded | Column::Open | Column::Unfamiliar => None,
    }
}

fn cell(state: &Whole, row: &Row, column: Column, rect: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    match column {
        Column::Id => {
            let used = id(state, &row.patient.id, rect, buffer) + 1;
            let room = Rect { x: rect.x + used, width: rect.width.saturating_sub(used), ..rect };
            let tags = tagging::fitted(&state.session.tags().of_patient(&row.patient.id), usize::from(room.width));
            draw::left(buffer, room, &tags, theme.key());
        }
        Column::Film(limb) => film(theme, row, limb, rect, buffer),
        _ => {
            let (text, style) = cell_text(theme, row, column);
            draw::right(buffer, rect, &text, style);
        }
    }
}

/// The id, with what the search has found in it.
fn id(state: &Whole, id: &str, rect: Rect, buffer: &mut Buffer) -> u16 {
    let used = draw::left(buffer, rect, id, state.theme.text());
    let search = &state.patients.search;
    let found = position(id, search).filter(|_| !search.is_empty());
    if let Some(before) = found.and_then(|at| id.get(..at)) {
        let start = before.chars().count() as u16;
        let width = (search.chars().count() as u16).min(rect.width.saturating_sub(start));
        buffer.set_style(Rect { x: rect.x + start.min(rect.width), width, ..rect }, state.theme.found());
    }
    used
}

/// A square where there is a film, and the first letters of the labels it has.
fn film(theme: Theme, row: &Row, limb: Limb, rect: Rect, buffer: &mut Buffer) {
    if !row.patient.has_film(limb) {
        draw::left(buffer, rect, "·", theme.muted());
        return;
    }
    let label = |task, letter| if row.patient.has_labels(task, limb) { letter } else { " " };
    let labels = [label(Task::Narrowing, "n"), label(Task::Erosion, "e")].concat();
    draw::pieces(buffer, rect, &[("■", theme.text()), (&labels, theme.muted())]);
}

fn cell_text(theme: Theme, row: &Row, column: Column) -> (String, Style) {
    let none = || ("·".to_owned(), theme.muted());
    let sum = |totals: Option<Totals>, what: fn(Totals) -> u16, style: Style| match totals {
        Some(totals) if totals.all.joints > 0 => (what(totals).to_string(), style),
        _ => none(),
    };
    match column {
        Column::Graded => match row.reference {
            Some(totals) => (format!("{}/86", totals.all.joints), theme.text()),
            None => ("·".to_owned(), theme.muted()),
        },
        Column::ReaderNarrowing => sum(row.reference, |totals| totals.all.narrowing, theme.text()),
        Column::ReaderErosion => sum(row.reference, |totals| totals.all.erosion, theme.text()),
        Column::Reader => sum(row.reference, |totals| totals.all.total(), theme.reader()),
        Column::ModelNarrowing => sum(row.model, |totals| totals.all.narrowing, theme.text()),
        Column::ModelErosion => sum(row.model, |totals| totals.all.erosion, theme.text()),
        Column::Model => row.model.map_or_else(none, |totals| (totals.all.marked(totals.all.total()), theme.model())),
        Column::Open => match row.model.map(|totals| totals.all.open) {
            None | Some(0) => none(),
            Some(open) => (open.to_string(), theme.doubt()),
        },
        Column::Unfamiliar => row
            .model
            .and_then(|totals| totals.unfamiliarity)
            .map_or_else(none, |value| (format!("{value:.2}"), if value > MARKED_ABOVE { theme.doubt() } else { theme.muted() })),
        Column::Difference => match row.difference() {
            Some(difference) => (format::signed(difference), theme.text()),
            None => ("·".to_owned(), theme.muted()),
        },
        Column::Id | Column::Film(_) => (String::new(), theme.text()),
    }
}
