//! How the form that starts a run looks.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Span,
    widgets::{Block, BorderType, Widget},
};

use super::form::Form;
use crate::tui::{draw, state::State as Whole, table, theme::Theme, window};

/// Draws the form over the screen.
pub fn render(state: &Whole, form: &Form, buffer: &mut Buffer) {
    let theme = state.theme;
    let fields = form.shown().count();
    let body = window::body(state.room());
    let height = (fields as u16 + 11).min(body.height);
    let width = body.width.saturating_sub(4).min(96);
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
    let choice = format!("‹ {} ›", form.what().describe());
    line(theme, "run", &choice, "← → choose", form.line() == 0, draw::line(inner, 0), buffer);
    for (index, field) in form.shown().enumerate() {
        let chosen = form.line() == index + 1;
        let value = match field.choices {
            [] if chosen => format!("{}▏", field.value),
            [] => field.value.clone(),
            _ => format!("‹ {} ›", field.value),
        };
        line(theme, field.name, &value, field.hint, chosen, draw::line(inner, 1 + index as u16), buffer);
    }
    let after = fields as u16 + 2;
    let last = form.line() == fields + 1;
    let start = draw::line(inner, after);
    let text = form.problem().map_or_else(|| "[ start ]".to_owned(), |problem| format!("[ start ] {problem}"));
    draw::left(buffer, Rect { x: start.x + 2, ..start }, &text, if form.problem().is_some() { theme.error() } else { theme.title() });
    if last {
        table::select(start, theme, buffer);
    }
    let command = format!("svh {}", form.command().join(" "));
    let notes = [command, "It keeps running when svh quits or the connection drops; R finds it again, X stops it.".to_owned()];
    let lines = notes.iter().flat_map(|note| draw::wrap(note, usize::from(inner.width)));
    for (index, text) in lines.enumerate() {
        let style = if index == 0 { theme.text() } else { theme.muted() };
        draw::left(buffer, draw::line(inner, after + 2 + index as u16), &text, style);
    }
}

fn line(theme: Theme, name: &str, value: &str, hint: &str, chosen: bool, line: Rect, buffer: &mut Buffer) {
    const NAME: u16 = 10;
    draw::left(buffer, Rect { x: line.x + 2, width: NAME, ..line }, name, theme.muted());
    let rest = Rect { x: line.x + 2 + NAME, width: line.width.saturating_sub(3 + NAME), ..line };
    let used = draw::left(buffer, rest, value, theme.text());
    if chosen {
        table::select(line, theme, buffer);
        let after = Rect { x: rest.x + used + 2, width: rest.width.saturating_sub(used + 2), ..rest };
        draw::left(buffer, after, hint, theme.selection());
    }
}
