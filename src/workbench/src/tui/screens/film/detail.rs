//! The chosen joint in words: its name, both grades and what they mean, the distribution, where its box comes from.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::ErrorRow;
use svh_core::{MARKED_ABOVE, Origin};

use super::{
    current::{Current, Entry},
    raw,
};
use crate::tui::{draw, names, screens::errors, state::State as Whole, theme::Theme, totals::OPEN};

/// Cells of the longest bar of the distribution.
const BAR: usize = 20;

type Lines = Vec<(String, Style)>;

/// Draws as many lines as fit; the first say the most.
pub fn render(entry: &Entry, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    let width = usize::from(inner.width);
    let mut lines = Lines::new();
    if area.height > 5 {
        lines.push((String::new(), theme.text()));
    }
    lines.extend(draw::wrap(&names::long(entry.joint), width).into_iter().map(|text| (text, theme.title())));
    lines.extend(grades(entry, theme, width));
    lines.extend(origin(entry, theme, width));
    if let Some((shares, _)) = entry.distribution().filter(|(shares, _)| lines.len() + shares.len() < usize::from(area.height)) {
        lines.push((String::new(), theme.text()));
        lines.extend(distribution(entry, shares, theme));
    }
    for (index, (text, style)) in lines.iter().take(usize::from(area.height)).enumerate() {
        draw::left(buffer, draw::line(inner, index as u16), text, *style);
    }
}

/// Says of an error what is wrong, and of its box why it was accepted or rejected.
pub fn error(state: &Whole, current: &Current, error: &ErrorRow, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    let width = usize::from(inner.width);
    let mut lines = Lines::new();
    if area.height > 5 {
        lines.push((String::new(), theme.text()));
    }
    for (text, style) in errors::words(state, error) {
        lines.extend(draw::wrap(&text, width).into_iter().map(|text| (text, style)));
    }
    let verdict = current.found.zip(error.detection).filter(|(found, place)| *place < found.detections.len());
    if let Some(words) = verdict.map(|(found, place)| raw::verdict(found, place, state.active_run.threshold).words()) {
        lines.extend(draw::wrap(&words, width).into_iter().map(|text| (text, theme.doubt())));
    }
    for (index, (text, style)) in lines.iter().take(usize::from(area.height)).enumerate() {
        draw::left(buffer, draw::line(inner, index as u16), text, *style);
    }
}

fn grades(entry: &Entry, theme: Theme, width: usize) -> Lines {
    let mut lines = Lines::new();
    // In a narrow panel by the letters of the list's columns, so that the meaning is whole.
    let said = |who: &str, letter: char, grade: u8| {
        let meaning = names::meaning(entry.joint, grade);
        let whole = format!("{who} {grade}: {meaning}");
        if whole.chars().count() > width { format!("{letter} {grade} {meaning}") } else { whole }
    };
    if let Some(grade) = entry.grade {
        lines.push((said("reader", 'R', grade), theme.reader()));
    }
    if let Some(score) = entry.score {
        lines.push((said("model ", 'M', score.grade), theme.model()));
        let share = score.probabilities.get(usize::from(score.grade)).copied().unwrap_or(0.0);
        lines.push((format!("       {:.0} % probable, expected {:.2}", share * 100.0, score.expected), theme.muted()));
        if let Some(alone) = score.moved_from() {
            lines.push((format!("       by its crop alone {alone:.2}"), theme.muted()));
        }
        if let Some(value) = score.unfamiliarity {
            let style = if value > MARKED_ABOVE { theme.doubt() } else { theme.muted() };
            lines.push((format!("       unfamiliarity {value:.2}"), style));
        }
    }
    if let Some(open) = entry.open {
        let text = format!("model  {OPEN} left open: {}", open.reason);
        lines.extend(draw::wrap(&text, width).into_iter().map(|text| (text, theme.doubt())));
        lines.push((format!("       unfamiliarity {:.2}, expected {:.2}", open.unfamiliarity, open.expected), theme.muted()));
    }
    lines
}

fn origin(entry: &Entry, theme: Theme, width: usize) -> Lines {
    let mut lines: Lines = proposal(entry, theme, width);
    let Some(found) = entry.found else {
        lines.extend(entry.drawn.is_none().then(|| ("no box; d finds the joints".to_owned(), theme.muted())));
        return lines;
    };
    let text = match found.from {
        Origin::Detector => format!("box of the detector, score {:.2}", found.score),
        Origin::Narrowing => format!("box taken over from narrowing, {:.2}", found.score),
        Origin::Inferred => "~ missed by the detector, inferred box".to_owned(),
    };
    lines.push((text, theme.muted()));
    let doubt = found.implausible.iter().flat_map(|why| draw::wrap(&format!("? implausible: {why}"), width));
    lines.extend(doubt.map(|text| (text, theme.doubt())));
    lines
}

/// An unreviewed box of the label file.
fn proposal(entry: &Entry, theme: Theme, width: usize) -> Lines {
    let Some(proposal) = entry.proposed else { return Lines::new() };
    draw::wrap(&format!("{}; V reviews it", names::proposal(proposal)), width).into_iter().map(|text| (text, theme.doubt())).collect()
}

/// A bar a grade; the reader's grade is marked.
fn distribution(entry: &Entry, shares: &[f32], theme: Theme) -> Lines {
    let line = |(grade, share): (usize, &f32)| {
        let reader = if entry.grade.map(usize::from) == Some(grade) { "R" } else { " " };
        let model = if entry.score.map(|score| usize::from(score.grade)) == Some(grade) { "M" } else { " " };
        let style = if model == "M" { theme.model() } else { theme.muted() };
        (format!("{grade:2} {reader}{model} {} {:3.0} %", draw::bar(*share, BAR), share * 100.0), style)
    };
    shares.iter().enumerate().map(line).collect()
}
