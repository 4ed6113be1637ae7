//! How the changes look.

use ratatui::{buffer::Buffer, style::Style};
use svh_analysis::{ChangesOf, Verdict};

use super::{columns::Column, layout::layout, state::View};
use crate::tui::{changed::ChangedRuns, draw, format, state::State as Whole, window};

/// Draws the screen.
pub fn render(state: &Whole, buffer: &mut Buffer) {
    let (theme, layout, changes) = (state.theme, layout(state.room()), &state.changes);
    let Some(found) = &changes.found else {
        let texts = ["mark a scoring on Runs with Space, choose another one, then press ~".to_owned()];
        return draw::notice(buffer, window::body(state.room()), &texts, theme.text());
    };
    let names = if layout.head.width > 76 { &View::NAMES } else { &View::SHORT };
    draw::choices(buffer, layout.head, names, changes.view, theme);
    let mut summary = found.summary(changes.view().boxes);
    if summary.is_empty() {
        summary.push("the runs share no joint of which this could be said".to_owned());
    }
    let threshold = if changes.view().boxes { format!(" · threshold {:.2}", found.threshold) } else { String::new() };
    let rest = format!(" · {}{threshold}", format::count(found.count_patients(), "patient"));
    for (line, text) in summary.iter().enumerate() {
        let more = if line == 1 { rest.as_str() } else { "" };
        draw::pieces(buffer, draw::line(layout.summary, line as u16), &[(text, theme.title()), (more, theme.muted())]);
    }
    let [first, second] = &found.runs;
    let pieces =
        [("after ", theme.muted()), (second.as_str(), theme.text()), (" · before ", theme.muted()), (first.as_str(), theme.text())];
    draw::pieces(buffer, draw::line(layout.summary, 2), &pieces);
    changes.table.heads(&layout.table, theme, buffer);
    let lines = changes.lines();
    changes.table.lines(&layout.table, theme, buffer, |place, column| cell(state, found, &lines[place], column));
}

fn cell(state: &Whole, found: &ChangedRuns, line: &ChangesOf, column: Column) -> (String, Style) {
    let theme = state.theme;
    let none = || ("·".to_owned(), theme.muted());
    match column {
        Column::Name => (found.name(&line.of), theme.text()),
        Column::Joints => (format::short(line.compared as u64), theme.muted()),
        Column::Verdict(verdict) => {
            let style = match verdict {
                Verdict::Fixed => theme.good(),
                Verdict::Broken => theme.error(),
                Verdict::Better | Verdict::Worse => theme.text(),
            };
            let count = line.counts[verdict as usize];
            if count == 0 { none() } else { (count.to_string(), style) }
        }
        Column::Net => (format::signed(line.net()), theme.title()),
        Column::Interval => line.interval.map_or_else(none, |interval| (format::interval(interval, 0), theme.text())),
        Column::Points if changes_boxes(state) => none(),
        Column::Points => (format::signed(i64::from(line.points)), theme.text()),
    }
}

fn changes_boxes(state: &Whole) -> bool {
    state.changes.view().boxes
}

/// The status line of the screen.
#[must_use]
pub fn summary(state: &Whole) -> String {
    let changes = &state.changes;
    if changes.lines().is_empty() {
        return String::new();
    }
    let points = if changes_boxes(state) { "" } else { " · points: how much further from the reader" };
    format!("{} of {} · net: fixed − broken{points}", changes.table.cursor + 1, format::grouped(changes.lines().len()))
}
