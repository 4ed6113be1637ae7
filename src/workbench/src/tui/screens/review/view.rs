//! How the reviews look.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{detail, layout::layout, list, marks::plan};
use crate::tui::{draw, screens::film, state::State as Whole};
use svh_terminal::Plan;

/// What the bar shows of the joint at hand.
#[must_use]
pub fn title(state: &Whole) -> Vec<String> {
    film::title(state)
}

/// Draws the screen; the plan is for the painter.
pub fn render(state: &Whole, buffer: &mut Buffer) -> Option<Plan> {
    let parts = layout(state.room(), state.painter.protocol());
    list::head(state, parts.head, buffer);
    list::lines(state, parts.lines, buffer);
    detail::render(state, parts.detail, buffer);
    let current = film::current(state)?;
    film::render_picture(state, &current, parts.picture?, || plan(state), buffer)
}

/// Who reads, what waits, and how the film is seen.
pub fn render_status(state: &Whole, line: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let name = format!("{} reads{}", state.session.reader(), if state.session.blind { " blindly" } else { "" });
    let done = match state.session.author().count() {
        0 => String::new(),
        1 => " · 1 change".to_owned(),
        count => format!(" · {count} changes"),
    };
    let waiting = state.session.unkept.as_ref().map_or_else(String::new, |(count, _)| format!(" · {count} not on disk"));
    let zoom = format!(" · zoom {:.1}", state.film.view.zoom);
    let painter = state.painter.protocol().name();
    let room = Rect { width: line.width.saturating_sub(painter.len() as u16 + 2), ..line };
    draw::pieces(buffer, room, &[(&name, theme.text()), (&done, theme.muted()), (&waiting, theme.error()), (&zoom, theme.muted())]);
    draw::right(buffer, line, painter, theme.muted());
}
