//! One distribution: a line a grade with bars of reader and model, and what the sampler would draw.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::{Distribution, Scope};

use super::state::{Line, State};
use crate::tui::{draw, format, theme::Theme};

/// Cells of a count with its share beside a bar.
const NUMBERS: u16 = 16;
/// Cells of what the sampler draws.
const SAMPLER: u16 = 14;
/// Lines above the bars: title and heads.
pub const HEAD: u16 = 2;
/// Lines below the bars: what an epoch is made of.
const EPOCH: u16 = 1;
/// Cells of a grade.
const GRADE: u16 = 4;

/// The length of a bar, 0 to 1.
fn length(count: u64, most: u64, log: bool) -> f32 {
    if most == 0 || count == 0 {
        return 0.0;
    }
    if log { ((count as f64 + 1.0).ln() / (most as f64 + 1.0).ln()) as f32 } else { count as f32 / most as f32 }
}

/// Lines that a distribution takes with the gap below it.
#[must_use]
pub fn height(scope: &Scope) -> u16 {
    u16::from(scope.scale.max_grade()) + 1 + HEAD + EPOCH + 1
}

/// Draws the distribution of a line.
pub fn render(screen: &State, shown: &Line, has_model: bool, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let found = &shown.found;
    let scale = if screen.log { "bars by logarithm" } else { "bars by count" };
    let title = draw::line(area, 0);
    let used = draw::left(buffer, title, &shown.name(), theme.title());
    let rest = Rect { x: title.x + used + 2, width: title.width.saturating_sub(used + 2), ..title };
    draw::left(buffer, rest, scale, theme.muted());
    let both: u16 = if has_model { 2 } else { 1 };
    let room = area.width.saturating_sub(GRADE + SAMPLER + both * NUMBERS);
    let bar = (room / both).clamp(4, 44);
    let (reference_at, model_at) = (area.x + GRADE, area.x + GRADE + bar + NUMBERS);
    let sampler_at = if has_model { model_at + bar + NUMBERS } else { model_at };
    let heads = draw::line(area, 1);
    let put = |x: u16, width: u16, text: &str, style, line: Rect, buffer: &mut Buffer| {
        draw::left(buffer, Rect { x, width: width.min(area.right().saturating_sub(x)), ..line }, text, style);
    };
    let missing = |count: u64| if count > 0 { format!(" ({} missing)", format::grouped(count as usize)) } else { String::new() };
    put(area.x, GRADE, "", theme.muted(), heads, buffer);
    put(reference_at, bar + NUMBERS, &format!("reader{}", missing(found.reference_missing)), theme.reader(), heads, buffer);
    if has_model {
        put(model_at, bar + NUMBERS, &format!("model{}", missing(found.model_missing)), theme.model(), heads, buffer);
    }
    put(sampler_at, SAMPLER, &format!("sampler {:.1}", screen.balance()), theme.muted(), heads, buffer);
    let most = found.reference.iter().chain(if has_model { &found.model[..] } else { &[] }).copied().max().unwrap_or(0);
    let (drawn, repeats) =
        (Distribution::sampler(&found.reference, screen.balance()), Distribution::repeats(&found.reference, screen.balance()));
    for grade in 0..found.reference.len() {
        let line = draw::line(area, HEAD + grade as u16);
        if line.is_empty() {
            break;
        }
        draw::right(buffer, Rect { width: GRADE - 2, ..line }, &grade.to_string(), theme.text());
        let mut side_at = |counts: &[u64], x: u16, style| {
            side(counts, grade, (most, screen.log, bar), style, theme, Rect { x, width: bar + NUMBERS, ..line }, buffer);
        };
        side_at(&found.reference, reference_at, theme.reader());
        if has_model {
            side_at(&found.model, model_at, theme.model());
        }
        let text = match (drawn.get(grade), repeats.get(grade)) {
            (Some(share), Some(times)) if *share > 0.0 => format!("{:4.0} % ×{}", share * 100.0, times_text(*times)),
            _ => "   –".to_owned(),
        };
        put(sampler_at, SAMPLER, &text, theme.muted(), line, buffer);
    }
    let below = draw::line(area, HEAD + found.reference.len() as u16);
    if let Some(text) = epoch(&found.reference, screen.balance()).filter(|_| !below.is_empty()) {
        draw::left(buffer, below, &text, theme.muted());
    }
}

/// What an epoch of as many draws as there are crops is made of, and how often the rarest crop comes in it; `None` for no grades.
#[must_use]
pub fn epoch(counts: &[u64], balance: f64) -> Option<String> {
    let all: u64 = counts.iter().sum();
    let drawn = Distribution::sampler(counts, balance);
    let (rarest, count) = counts.iter().enumerate().filter(|(_, count)| **count > 0).min_by_key(|(_, count)| **count)?;
    let parts: Vec<String> = drawn.iter().map(|share| format::grouped((share * all as f64).round() as usize)).collect();
    let times = times_text(Distribution::repeats(counts, balance).get(rarest).copied().unwrap_or(0.0));
    let crops = if *count == 1 { "1 crop".to_owned() } else { format!("{} crops", format::grouped(*count as usize)) };
    Some(format!("epoch of {}: {} · rarest: grade {rarest}, {crops}, {times} times each", format::grouped(all as usize), parts.join(" ")))
}

/// How often a crop of a grade is shown in an epoch.
fn times_text(times: f64) -> String {
    if times >= 9.95 { format!("{times:.0}") } else { format!("{times:.1}") }
}

fn side(
    counts: &[u64],
    grade: usize,
    (most, log, bar): (u64, bool, u16),
    style: ratatui::style::Style,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let (count, all) = (counts.get(grade).copied().unwrap_or(0), counts.iter().sum::<u64>());
    let share = if all == 0 { 0.0 } else { count as f64 / all as f64 * 100.0 };
    let (number, share) = if count == 0 { ("0".to_owned(), String::new()) } else { (format::grouped(count as usize), percent(share)) };
    let filled = draw::stroke(length(count, most, log), usize::from(bar));
    let gap = if filled.is_empty() { "" } else { " " };
    let number_style = if count == 0 { theme.muted() } else { theme.text() };
    draw::pieces(buffer, area, &[(&filled, style), (gap, style), (&number, number_style), ("  ", number_style), (&share, theme.muted())]);
}

/// A share in per cent, with a decimal where it is small.
fn percent(share: f64) -> String {
    if share >= 9.95 { format!("{share:.0} %") } else { format!("{share:.1} %") }
}
