//! Texts within a line of cells: cut with an ellipsis, wrapped into lines that are counted before they are drawn, bars between words. ratatui's
//! `Paragraph` cuts without a sign and does not say how many lines it takes, and its gauges take a rectangle of their own.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, symbols::block};
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;

/// Writes a text from the left, cut to the width with an ellipsis; returns the cells it took.
pub fn left(buffer: &mut Buffer, rect: Rect, text: &str, style: Style) -> u16 {
    let rect = rect.intersection(buffer.area);
    if rect.is_empty() {
        return 0;
    }
    let room = usize::from(rect.width);
    let cut = cut(text, room);
    let (end, _) = buffer.set_stringn(rect.x, rect.y, &cut, room, style);
    end - rect.x
}

/// Writes a text that ends at the right edge.
pub fn right(buffer: &mut Buffer, rect: Rect, text: &str, style: Style) {
    let width = (text.width() as u16).min(rect.width);
    left(buffer, Rect { x: rect.right() - width, width, ..rect }, text, style);
}

/// Writes a text in the middle.
pub fn centre(buffer: &mut Buffer, rect: Rect, text: &str, style: Style) {
    let width = (text.width() as u16).min(rect.width);
    left(buffer, Rect { x: rect.x + (rect.width - width) / 2, width, ..rect }, text, style);
}

/// Writes pieces one after the other; returns the cells they took.
pub fn pieces(buffer: &mut Buffer, rect: Rect, pieces: &[(&str, Style)]) -> u16 {
    let mut used = 0;
    for (text, style) in pieces {
        let rest = Rect { x: rect.x + used, width: rect.width.saturating_sub(used), ..rect };
        used += left(buffer, rest, text, *style);
    }
    used
}

/// Writes sentences into the middle of an area, wrapped to its width.
pub fn notice(buffer: &mut Buffer, area: Rect, texts: &[String], style: Style) {
    let width = usize::from(area.width.saturating_sub(4)).min(90);
    let lines: Vec<String> = texts.iter().flat_map(|text| wrap(text, width)).collect();
    let top = area.height.saturating_sub(lines.len() as u16) / 2;
    for (index, text) in lines.iter().enumerate() {
        centre(buffer, line(area, top + index as u16), text, style);
    }
}

/// Writes the names of views at the right edge, the chosen one on the selection's colours, in brackets so that it stands out without them; returns
/// what is left of the line before them.
pub fn choices(buffer: &mut Buffer, rect: Rect, names: &[&str], chosen: usize, theme: Theme) -> Rect {
    let width: u16 = names.iter().map(|name| name.width() as u16 + 2).sum();
    let mut x = rect.right().saturating_sub(width).max(rect.x);
    for (index, name) in names.iter().enumerate() {
        let place = Rect { x, width: (name.width() as u16 + 2).min(rect.right().saturating_sub(x)), ..rect };
        let text = if index == chosen { format!("[{name}]") } else { format!(" {name} ") };
        x += left(buffer, place, &text, if index == chosen { theme.selection() } else { theme.muted() });
    }
    Rect { width: rect.width.saturating_sub(width + 1), ..rect }
}

/// A line of a rectangle; empty below its end.
#[must_use]
pub const fn line(rect: Rect, index: u16) -> Rect {
    let height = if index < rect.height { 1 } else { 0 };
    Rect { x: rect.x, y: rect.y.saturating_add(index), width: rect.width, height }
}

/// What is left of a rectangle below so many lines.
#[must_use]
pub const fn below(rect: Rect, lines: u16) -> Rect {
    Rect { y: rect.y.saturating_add(lines), height: rect.height.saturating_sub(lines), ..rect }
}

/// Writes names with their values, one after the other.
pub fn metrics(buffer: &mut Buffer, rect: Rect, metrics: &[(&str, String)], theme: Theme) {
    let mut parts = Vec::new();
    for (place, (name, value)) in metrics.iter().enumerate() {
        let gap = if place > 0 { "  " } else { "" };
        parts.extend([(gap, theme.text()), (*name, theme.muted()), (" ", theme.text()), (value.as_str(), theme.text())]);
    }
    pieces(buffer, rect, &parts);
}

/// The text, or as much of it as fits with an ellipsis.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    for letter in text.chars() {
        if cut.width() + unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0) >= width {
            break;
        }
        cut.push(letter);
    }
    if width > 0 {
        cut.push('…');
    }
    cut
}

/// The text, or as much of its end as fits behind an ellipsis.
#[must_use]
pub fn cut_head(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut rest = text;
    while rest.width() >= width.max(1) {
        let mut letters = rest.chars();
        letters.next();
        rest = letters.as_str();
    }
    if width > 0 { format!("…{rest}") } else { String::new() }
}

/// Parts a text into lines of at most this width, at spaces where there are any.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word = word;
        let gap = lines.last().map_or(0, |line| usize::from(!line.is_empty()));
        if lines.last().is_some_and(|line| line.width() + gap + word.width() > width && !line.is_empty()) {
            lines.push(String::new());
        }
        // A word longer than a line, a path for instance, is parted where it must be.
        while word.width() > width && word.chars().nth(1).is_some() {
            let at = fitting(word, width);
            lines.last_mut().into_iter().for_each(|line| line.push_str(&word[..at]));
            lines.push(String::new());
            word = &word[at..];
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// The bytes of a word that fit into so many cells, one letter at least.
fn fitting(word: &str, width: usize) -> usize {
    let mut cells = 0;
    let letters = word.char_indices().map(|(at, letter)| {
        cells += unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0);
        (at + letter.len_utf8(), cells)
    });
    let fit = letters.take_while(|(_, cells)| *cells <= width).last().map(|(end, _)| end);
    fit.unwrap_or_else(|| word.chars().next().map_or(0, char::len_utf8))
}

/// A bar of this many cells, filled to a share, in eighths of a cell.
#[must_use]
pub fn bar(share: f32, cells: usize) -> String {
    const PARTS: [&str; 8] = [
        " ",
        block::ONE_EIGHTH,
        block::ONE_QUARTER,
        block::THREE_EIGHTHS,
        block::HALF,
        block::FIVE_EIGHTHS,
        block::THREE_QUARTERS,
        block::SEVEN_EIGHTHS,
    ];
    let eighths = ((share.clamp(0.0, 1.0) * cells as f32 * 8.0).round() as usize).min(cells * 8);
    let mut bar = block::FULL.repeat(eighths / 8);
    if eighths / 8 < cells {
        bar.push_str(PARTS[eighths % 8]);
        bar.extend(std::iter::repeat_n(' ', cells - eighths / 8 - 1));
    }
    bar
}

/// A thin bar, filled to a share in halves of a cell; what is not nothing is seen.
#[must_use]
pub fn stroke(share: f32, cells: usize) -> String {
    let halves = (share.clamp(0.0, 1.0) * cells as f32 * 2.0).round() as usize;
    let halves = if share > 0.0 { halves.max(1) } else { 0 };
    let mut stroke: String = std::iter::repeat_n('━', halves / 2).collect();
    if halves % 2 == 1 {
        stroke.push('╸');
    }
    stroke
}

/// A column whose height stands for a share; never quite full, so that columns in lines below each other stay apart.
#[must_use]
pub fn column(share: f32) -> char {
    const PARTS: [char; 7] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];
    if share < 0.01 { '·' } else { PARTS[((share * 7.0) as usize).min(6)] }
}

/// A sign that something is running.
#[must_use]
pub const fn spinner(tick: usize) -> &'static str {
    const SIGNS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    SIGNS[tick % SIGNS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_with_an_ellipsis_and_short_text_is_not() {
        assert_eq!(cut("radiocarpal", 11), "radiocarpal");
        assert_eq!(cut("radiocarpal", 6), "radio…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!((cut_head("lunate", 6), cut_head("lunate", 4), cut_head("日本語", 4)), ("lunate".into(), "…ate".into(), "…語".into()));
        assert_eq!((cut_head("abc", 1), cut_head("abc", 0)), ("…".into(), String::new()));
    }

    #[test]
    fn wrapping_keeps_every_letter_and_no_line_is_too_long() {
        let text = "libtorch was not found (/a/very/long/path/that/does/not/fit/anywhere): install it";
        let lines = wrap(text, 20);
        assert!(lines.iter().all(|line| line.width() <= 20), "{lines:?}");
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(letters(&lines.concat()), letters(text));
        // Letters of two cells count as two.
        assert_eq!(wrap("日本語の長い言葉", 6), ["日本語", "の長い", "言葉"]);
        assert_eq!(wrap("日本", 1), ["日", "本"]);
    }

    #[test]
    fn bars_are_as_long_as_their_share() {
        assert_eq!(bar(0.5, 4), "██  ");
        assert_eq!(bar(1.0, 4), "████");
        assert_eq!(bar(0.0, 2), "  ");
        assert_eq!((stroke(0.5, 3), stroke(0.0, 3), stroke(0.001, 3), stroke(1.0, 2)), ("━╸".into(), "".into(), "╸".into(), "━━".into()));
        assert_eq!((column(0.0), column(0.5), column(1.0)), ('·', '▄', '▇'));
    }
}
