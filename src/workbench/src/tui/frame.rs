//! What surrounds every screen: the bar on top, the status line, the hints at the foot.

use ratatui::{buffer::Buffer, layout::Rect};
use unicode_width::UnicodeWidthStr;

use super::{
    draw, header,
    keys::Place,
    message::Level,
    state::State,
    theme::Theme,
    window::{error_lines, status_lines},
};

/// Draws bar, status and hints.
pub fn render(state: &State, buffer: &mut Buffer) {
    header::render(state, buffer);
    let (width, height) = state.size;
    let lines = status_lines(state);
    let status = Rect { x: 0, y: height.saturating_sub(1 + lines), width, height: lines };
    status_line(state, status, buffer);
    hints(state, Rect { x: 0, y: height.saturating_sub(1), width, height: 1 }, buffer);
}

fn status_line(state: &State, rect: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let inner = Rect { x: rect.x + 1, width: rect.width.saturating_sub(2), ..rect };
    if let Some(prompt) = &state.prompt {
        let used =
            draw::pieces(buffer, inner, &[(prompt.purpose.label(), theme.title()), (&prompt.text, theme.text()), ("▏", theme.title())]);
        let rest = Rect { x: inner.x + used + 1, width: inner.width.saturating_sub(used + 1), ..inner };
        if prompt.text.is_empty() {
            draw::left(buffer, rest, prompt.hint(), theme.muted());
        }
        return;
    }
    match &state.message {
        Some(message) if message.level == Level::Error => {
            for (index, text) in error_lines(state, &message.text).iter().enumerate() {
                let sign = if index == 0 { "✗ " } else { "  " };
                draw::pieces(buffer, draw::line(inner, index as u16), &[(sign, theme.error()), (text, theme.error())]);
            }
        }
        _ if state.engine.current().is_some() => progress(state, inner, buffer),
        Some(message) => drop(draw::pieces(buffer, inner, &[("· ", theme.good()), (&message.text, theme.text())])),
        None => state.front().status(state, inner, buffer),
    }
}

fn progress(state: &State, rect: Rect, buffer: &mut Buffer) {
    let (theme, Some(job)) = (state.theme, state.engine.current()) else { return };
    let spinner = format!("{} ", draw::spinner(state.tick));
    let title = if job.cancelled { format!("cancelling: {}", job.title()) } else { job.title() };
    let share = if job.total > 0 { job.done as f32 / job.total as f32 } else { 0.0 };
    let cells = usize::from((rect.width / 5).clamp(6, 30));
    let bar = draw::bar(share, cells);
    let counts = if job.total > 0 { format!(" {}/{}", job.done, job.total) } else { String::new() };
    let waiting = state.engine.jobs.len() - 1;
    let waiting = if waiting > 0 { format!(" · {waiting} waiting") } else { String::new() };
    let what = if job.what.is_empty() { String::new() } else { format!(" {}", job.what) };
    let escape = if job.cancelled { "" } else { "  Esc cancels" };
    let pieces = [
        (spinner.as_str(), theme.model()),
        (&title, theme.text()),
        ("  ", theme.text()),
        (&bar, theme.rail()),
        (&counts, theme.text()),
        (&what, theme.muted()),
        (&waiting, theme.muted()),
        (escape, theme.muted()),
    ];
    draw::pieces(buffer, rect, &pieces);
}

/// Hints that stand at the right edge on every screen.
const ALWAYS: [&str; 3] = ["^P", "?", "q"];

fn hints(state: &State, rect: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    if state.palette.is_some() {
        hint_list(theme, &[("↑↓", "choose"), ("⏎", "do it"), ("Esc", "close")], rect, buffer);
        return;
    }
    if let Some(hints) = state.front().hints(state) {
        hint_list(theme, hints, rect, buffer);
        return;
    }
    if state.prompt.is_some() {
        hint_list(theme, &[("⏎", "apply"), ("Esc", "cancel"), ("Ctrl-U", "clear")], rect, buffer);
        return;
    }
    let place = state.place();
    let all: Vec<(&str, &str)> =
        state.registry.keys.at(place).filter(|binding| !binding.hint.is_empty()).map(|binding| (binding.label, binding.hint)).collect();
    let (mut last, mut first): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(label, _)| ALWAYS.contains(label) || *label == state.registry.keys.letters());
    if place == Place::Help {
        first.push(("Esc", "close"));
    } else if !state.trail.is_empty() && place != Place::Editing {
        last.insert(0, ("Esc", "back"));
    }
    let width = |hints: &[(&str, &str)]| hints.iter().map(|(label, hint)| label.width() + hint.width() + 3).sum::<usize>() as u16;
    // What is always there may take three fifths of the line, what the screen offers has the rest.
    while width(&last) > rect.width * 3 / 5 {
        last.remove(0);
    }
    let kept = rect.width.saturating_sub(width(&last) + 1);
    while width(&first) > kept && first.pop().is_some() {}
    hint_list(theme, &first, Rect { width: kept, ..rect }, buffer);
    hint_list(theme, &last, Rect { x: rect.x + kept, width: rect.width - kept, ..rect }, buffer);
}

fn hint_list(theme: Theme, hints: &[(&str, &str)], rect: Rect, buffer: &mut Buffer) {
    let mut pieces = Vec::new();
    for (label, hint) in hints {
        pieces.extend([(" ", theme.text()), (*label, theme.key()), (" ", theme.text()), (*hint, theme.muted()), (" ", theme.text())]);
    }
    draw::pieces(buffer, rect, &pieces);
}
