//! How the list looks.

use ratatui::{buffer::Buffer, style::Style};

use super::{
    columns::Column,
    entries::{chosen, is_graded, reader_grade, tags},
    layout::here,
    tiles,
};
use crate::{
    selection::Item,
    tui::{draw, format, names, sheet, state::State as Whole, tagging, window},
};
use svh_terminal::Plan;

/// Draws the screen; the plan is for the painter.
pub fn render(state: &Whole, buffer: &mut Buffer) -> Option<Plan> {
    let (theme, layout, list) = (state.theme, here(state), &state.list);
    if list.selection.items.is_empty() {
        let texts = [
            "no list yet".to_owned(),
            String::new(),
            "⏎ on a point of the curves, on a bar of the imbalance or on a comparison of runs opens one;".to_owned(),
            "`svh COHORT --view FILE` opens one that a script has written".to_owned(),
        ];
        draw::notice(buffer, window::body(state.room()), &texts, theme.text());
        return None;
    }
    let chosen = usize::from(list.lines);
    let head = draw::choices(buffer, layout.head, &["crops", "lines"], chosen, theme);
    let mut count = format!(" · {}", format::count_of(list.table.shown.len(), "entry", "entries"));
    if list.pass.is_some() || list.reviewed > 0 {
        count.push_str(&format!(", {} reviewed", list.reviewed));
    }
    if !list.filter.is_empty() {
        count.push_str(&format!(" of {} · filter `{}`", list.selection.items.len(), list.filter));
    }
    if !list.marked.is_empty() {
        count.push_str(&format!(", {} marked", list.marked.len()));
    }
    draw::pieces(buffer, head, &[(&list.selection.title, theme.title()), (&count, theme.muted())]);
    if !list.lines {
        let (tiles, chosen) = tiles::page(state, &layout.grid);
        return sheet::render(state, &tiles, &layout.grid, chosen, buffer);
    }
    list.table.heads(&layout.table, theme, buffer);
    list.table.lines(&layout.table, theme, buffer, |place, column| {
        let marked = list.marked.contains(&(place as u32));
        cell(state, &list.selection.items[place], column, marked)
    });
    None
}

fn cell(state: &Whole, item: &Item, column: Column, marked: bool) -> (String, Style) {
    let theme = state.theme;
    let text = |text: String| if text.is_empty() { ("·".to_owned(), theme.muted()) } else { (text, theme.text()) };
    match column {
        Column::Place => text(format!("{}{}-{}", if marked { "● " } else { "" }, item.patient, item.limb)),
        Column::Joint => text(item.joint.map(names::short).unwrap_or_default()),
        Column::Task => text(item.joint.map(|joint| joint.task.name().to_owned()).unwrap_or_default()),
        Column::Reader => {
            let seen = if is_graded(state, item) { "✓" } else { "" };
            let grade = reader_grade(state, item).map_or_else(|| "·".to_owned(), |grade| grade.to_string());
            (format!("{grade}{seen}"), theme.reader())
        }
        Column::Model => (item.model.map_or_else(|| "·".to_owned(), |grade| grade.to_string()), theme.model()),
        Column::Score => text(item.score.map(|score| format!("{score:.2}")).unwrap_or_default()),
        Column::Iou => text(item.iou.map(|iou| format!("{iou:.2}")).unwrap_or_default()),
        Column::What => {
            let tags = tagging::words(tags(state, item));
            if tags.is_empty() { text(item.what.clone()) } else { (format!("{tags} {}", item.what), theme.key()) }
        }
    }
}

/// The status line of the screen.
#[must_use]
pub fn summary(state: &Whole) -> String {
    let Some(item) = chosen(state) else { return String::new() };
    let sheet = state.sheet.describe().filter(|_| !state.list.lines).map_or_else(String::new, |words| format!(" · {words}"));
    let measured = tiles::measured(state, item);
    let parts = [tiles::name(item), measured, tagging::words(tags(state, item)), item.what.clone()];
    let words: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    format!("{} of {} · {}{sheet}", state.list.table.cursor + 1, format::grouped(state.list.table.shown.len()), words.join(" · "))
}
