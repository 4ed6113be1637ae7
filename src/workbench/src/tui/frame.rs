//! What surrounds every screen: the bar on top, the status line, the hints at the foot.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

use super::{
    draw, header,
    keys::Place,
    message::Level,
    navigation,
    prompt::Prompt,
    state::State,
    theme::Theme,
    window::{above_prompt, status_lines, wrapped},
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
    if let Some(confirm) = &state.confirm {
        return lines(&wrapped(state, &confirm.text), ("? ", theme.key()), theme.title(), inner, buffer);
    }
    if let Some(prompt) = &state.prompt {
        return type_line(state, prompt, inner, buffer);
    }
    match &state.message {
        Some(message) if message.level == Level::Error => {
            lines(&wrapped(state, &message.text), ("✗ ", theme.error()), theme.error(), inner, buffer);
        }
        _ if state.engine.current().is_some() => progress(state, inner, buffer),
        Some(message) => lines(&wrapped(state, &message.text), ("· ", theme.good()), theme.text(), inner, buffer),
        None => state.front().status(state, inner, buffer),
    }
}

/// A text of one or more lines behind a sign.
fn lines(texts: &[String], (sign, of_sign): (&str, Style), style: Style, rect: Rect, buffer: &mut Buffer) {
    for (index, text) in texts.iter().enumerate() {
        let sign = if index == 0 { sign } else { "  " };
        draw::pieces(buffer, draw::line(rect, index as u16), &[(sign, of_sign), (text, style)]);
    }
}

/// The line that is being typed. Of a long text the end is shown, where the next letter appears.
fn type_line(state: &State, prompt: &Prompt, rect: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let above = above_prompt(state, prompt);
    if prompt.error.is_some() {
        lines(&above, ("✗ ", theme.error()), theme.error(), rect, buffer);
    } else {
        lines(&above, ("  ", theme.muted()), theme.muted(), rect, buffer);
    }
    let line = draw::line(rect, above.len() as u16);
    let label = prompt.purpose.label();
    let text = draw::cut_head(&prompt.text, usize::from(line.width).saturating_sub(label.width() + 1));
    let used = draw::pieces(buffer, line, &[(label, theme.title()), (&text, theme.text()), ("▏", theme.title())]);
    if prompt.text.is_empty() && above.is_empty() {
        let rest = Rect { x: line.x + used + 1, width: line.width.saturating_sub(used + 1), ..line };
        draw::left(buffer, rest, prompt.hint(), theme.muted());
    }
}

/// The running request. What it does just now gives way to the rest.
fn progress(state: &State, rect: Rect, buffer: &mut Buffer) {
    let (theme, Some(job)) = (state.theme, state.engine.current()) else { return };
    let spinner = format!("{} ", draw::spinner(state.tick));
    let title = if job.cancelled { format!("cancelling: {}  ", job.title()) } else { format!("{}  ", job.title()) };
    let share = if job.total > 0 { job.done as f32 / job.total as f32 } else { 0.0 };
    let cells = usize::from((rect.width / 5).clamp(6, 30));
    let bar = draw::bar(share, cells);
    let counts = if job.total > 0 { format!(" {}/{}", job.done, job.total) } else { String::new() };
    let waiting = state.engine.jobs.len() - 1;
    let waiting = if waiting > 0 { format!(" · {waiting} waiting") } else { String::new() };
    let escape = if job.cancelled { "" } else { "  Esc cancels" };
    let others = [&spinner, &title, &bar, &counts, &waiting, escape].iter().map(|text| text.width()).sum::<usize>();
    let what = if job.what.is_empty() { String::new() } else { format!(" {}", job.what) };
    let what = draw::cut(&what, usize::from(rect.width).saturating_sub(others));
    let pieces = [
        (spinner.as_str(), theme.model()),
        (&title, theme.text()),
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
    if state.confirm.is_some() {
        hint_list(theme, &[("y ⏎", "yes"), ("any other key", "no")], rect, buffer);
        return;
    }
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
    if let Some(own) = state.front().part_hints(state).filter(|_| place != Place::Help) {
        first = own.to_vec();
    }
    if place == Place::Help {
        first.push(("Esc", "close"));
    } else if place != Place::Editing && (navigation::leads_back(state) || state.front().part_hints(state).is_some()) {
        last.insert(0, ("Esc", "back"));
    }
    let (first, last, kept) = fit(first, last, state.registry.keys.letters(), rect.width);
    hint_list(theme, &first, Rect { width: kept, ..rect }, buffer);
    hint_list(theme, &last, Rect { x: rect.x + kept, width: rect.width - kept, ..rect }, buffer);
}

/// Keys as they are written, each with a word.
type Hints<'a> = Vec<(&'a str, &'a str)>;

/// What the foot shows where not all hints have room, and the columns of the first part. The way back, `?` and the other keys of every screen stay, but the
/// letters of the screens give way first, as they are on the bar on top; then the screen's own hints do, the least important, which are the last, first.
/// `?` says that there are more.
fn fit<'a>(mut first: Hints<'a>, mut last: Hints<'a>, letters: &str, columns: u16) -> (Hints<'a>, Hints<'a>, u16) {
    let width = |hints: &[(&str, &str)]| hints.iter().map(|(label, hint)| label.width() + hint.width() + 3).sum::<usize>() as u16;
    let is_essential = |label: &str| label == "?" || label == "Esc";
    if width(&first) + width(&last) >= columns {
        last.retain(|(label, _)| *label != letters);
    }
    // On a very narrow window even of these only the way back and the help stay.
    while width(&last) > columns * 3 / 5
        && let Some(at) = last.iter().position(|(label, _)| !is_essential(label))
    {
        last.remove(at);
    }
    if width(&first) + width(&last) >= columns {
        last.iter_mut().filter(|(label, _)| *label == "?").for_each(|(_, hint)| *hint = "more");
    }
    let kept = columns.saturating_sub(width(&last) + 1);
    while width(&first) > kept && first.pop().is_some() {}
    (first, last, kept)
}

fn hint_list(theme: Theme, hints: &[(&str, &str)], rect: Rect, buffer: &mut Buffer) {
    let mut pieces = Vec::new();
    for (label, hint) in hints {
        pieces.extend([(" ", theme.text()), (*label, theme.key()), (" ", theme.text()), (*hint, theme.muted()), (" ", theme.text())]);
    }
    draw::pieces(buffer, rect, &pieces);
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [(&str, &str); 6] = [("s", "score"), ("⏎", "open"), ("Tab", "limb"), ("d", "detect"), ("e", "task"), ("n N", "next")];
    const EVERYWHERE: [(&str, &str); 5] = [("Esc", "back"), ("PETC", "screens"), ("^P", "commands"), ("?", "help"), ("q", "quit")];

    fn fitted(columns: u16) -> (Vec<&'static str>, Hints<'static>) {
        let (first, last, kept) = fit(OWN.to_vec(), EVERYWHERE.to_vec(), "PETC", columns);
        let width: usize = first.iter().map(|(label, hint)| label.width() + hint.width() + 3).sum();
        assert!(width <= usize::from(kept) && kept <= columns);
        (first.into_iter().map(|(label, _)| label).collect(), last)
    }

    #[test]
    fn what_has_no_room_goes_by_importance_and_the_help_says_that_there_is_more() {
        let (first, last) = fitted(130);
        assert_eq!((first.len(), last.as_slice()), (6, &EVERYWHERE[..]));
        // The letters of the screens are on the bar; without them all has room.
        let (first, last) = fitted(100);
        assert_eq!((first.len(), last.len(), last[2]), (6, 4, ("?", "help")));
        let (first, last) = fitted(80);
        assert_eq!(first, ["s", "⏎", "Tab", "d"]);
        assert!(last.contains(&("?", "more")) && last.contains(&("Esc", "back")), "{last:?}");
        for columns in [20, 25, 30, 40, 60] {
            let (_, last) = fitted(columns);
            assert!(last.contains(&("?", "more")) && last.contains(&("Esc", "back")), "{columns}: {last:?}");
        }
    }
}
