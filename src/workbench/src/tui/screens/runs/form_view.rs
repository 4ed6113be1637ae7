//! How the form that starts a run looks.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Span,
    widgets::{Block, BorderType, Widget},
};

use super::form::{Field, Form, Problem};
use crate::tui::{draw, state::State as Whole, table, theme::Theme, window};

/// Cells of a field's name.
const NAME: u16 = 15;

/// What is said below the command.
const NOTE: &str = "It keeps running when svh quits or the connection drops; R finds it again, X stops it.";

/// Draws the form over the screen. Where the window is low its fields scroll; what is wrong, the start and the command stay in sight.
pub fn render(state: &Whole, form: &Form, buffer: &mut Buffer) {
    let theme = state.theme;
    let body = window::body(state.room());
    let width = body.width.saturating_sub(4).min(100);
    let inner_width = usize::from(width.saturating_sub(4));
    let problem = form.problem();
    let command = draw::wrap(&format!("svh {}", form.command().join(" ")), inner_width);
    let note = draw::wrap(NOTE, inner_width);
    let fields = form.shown().count() as u16 + 1;
    // Borders, the hint of the chosen field, and the start.
    let fixed = 2 + 2 + 1 + command.len() as u16;
    let room = body.height.saturating_sub(fixed);
    let lines = fields.min(room.max(1));
    let notes = if lines == fields { note.len().min(usize::from(room - lines)) } else { 0 };
    let height = (fixed + lines + notes as u16).min(body.height);
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height };
    for y in area.y..area.bottom() {
        let line = Rect { y, height: 1, ..area };
        buffer.set_style(line, Style::reset());
        draw::left(buffer, line, &" ".repeat(usize::from(area.width)), theme.text());
    }
    Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.frame())
        .title(Span::styled(" start a run ", theme.title()))
        .render(area, buffer);
    let inner = Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) };
    let chosen = form.line() as u16;
    let first = if chosen >= fields { fields - lines } else { (chosen + 1).saturating_sub(lines) };
    for row in 0..lines {
        let at = first + row;
        let rect = draw::line(inner, row);
        match at.checked_sub(1) {
            None => one(theme, "run", &format!("‹ {} ›", form.what().describe()), "", false, rect, buffer),
            Some(place) => {
                if let Some(shown) = form.shown().nth(usize::from(place)) {
                    let wrong = problem.as_ref().is_some_and(|problem| problem.field == Some(usize::from(place)));
                    field(theme, shown, at == chosen, wrong, rect, buffer);
                }
            }
        }
        if at == chosen {
            table::select(rect, theme, buffer);
        }
    }
    if lines < fields {
        let more = format!("{}–{} of {fields}", first + 1, first + lines);
        draw::right(buffer, Rect { x: area.x, y: area.y, width: area.width.saturating_sub(2), height: 1 }, &more, theme.muted());
    }
    about(theme, form, problem.as_ref(), draw::line(inner, lines), buffer);
    let start = draw::line(inner, lines + 1);
    let ready = problem.is_none();
    draw::left(buffer, Rect { x: start.x + 2, ..start }, "[ start ]", if ready { theme.title() } else { theme.muted() });
    if chosen == fields {
        table::select(start, theme, buffer);
    }
    for (row, text) in command.iter().enumerate() {
        draw::left(buffer, draw::line(inner, lines + 3 + row as u16), text, theme.text());
    }
    for (row, text) in note.iter().take(notes).enumerate() {
        draw::left(buffer, draw::line(inner, lines + 3 + (command.len() + row) as u16), text, theme.muted());
    }
}

/// What is wrong, or else what the chosen field is about.
fn about(theme: Theme, form: &Form, problem: Option<&Problem>, line: Rect, buffer: &mut Buffer) {
    let rest = Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line };
    let chosen = form.line().checked_sub(1).and_then(|place| form.shown().nth(place));
    // Of a field that is wrong its own fault is said; elsewhere the help of the field counts more than a fault somewhere else.
    let here = problem.filter(|problem| problem.field.is_none_or(|field| field + 1 == form.line() || chosen.is_none()));
    match (here, chosen) {
        (Some(problem), _) => {
            let name = problem.field.filter(|field| field + 1 != form.line()).and_then(|field| form.shown().nth(field));
            let text = name.map_or_else(|| problem.text.clone(), |field| format!("{}: {}", field.name, problem.text));
            draw::left(buffer, rest, &text, theme.error())
        }
        (None, Some(field)) => draw::left(buffer, rest, &field.hint, theme.muted()),
        (None, None) => draw::left(buffer, rest, "← → choose", theme.muted()),
    };
}

fn field(theme: Theme, field: &Field, chosen: bool, wrong: bool, line: Rect, buffer: &mut Buffer) {
    let value = match (&field.choices[..], chosen) {
        ([], true) => format!("{}▏", field.value),
        ([], false) => field.value.clone(),
        _ => format!("‹ {} ›", field.value),
    };
    // An empty field shows what is used in its place.
    let default = field.default.as_ref().filter(|_| field.value.trim().is_empty() && field.choices.is_empty());
    one(theme, field.name, &value, &default.map_or_else(String::new, |default| format!("{default} (default)")), wrong, line, buffer);
}

fn one(theme: Theme, name: &str, value: &str, default: &str, wrong: bool, line: Rect, buffer: &mut Buffer) {
    draw::left(buffer, Rect { x: line.x, width: 2, ..line }, if wrong { "! " } else { "  " }, theme.error());
    draw::left(buffer, Rect { x: line.x + 2, width: NAME, ..line }, name, if wrong { theme.error() } else { theme.muted() });
    let rest = Rect { x: line.x + 2 + NAME, width: line.width.saturating_sub(3 + NAME), ..line };
    let used = draw::left(buffer, rest, value, if wrong { theme.error() } else { theme.text() });
    let after = Rect { x: rest.x + used, width: rest.width.saturating_sub(used), ..rest };
    draw::left(buffer, after, default, theme.muted());
}
