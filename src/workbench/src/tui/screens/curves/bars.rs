//! Histograms of right and wrong boxes: a pair of columns a bin, told apart by their place and their fill as well as by colour.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::detection::Histogram;

use crate::tui::{draw, format, theme::Theme};

/// Parts of a cell from empty to full.
const PARTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws the columns; the chosen bin is marked below.
pub fn render(found: &Histogram, chosen: usize, log: bool, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let bins = found.right.len().max(1) as u16;
    let margin = 6;
    let step = (area.width.saturating_sub(margin) / bins).max(3);
    let columns = ((step - 1) / 2).max(1);
    let most = found.right.iter().chain(&found.wrong).copied().max().unwrap_or(0);
    let height = area.height.saturating_sub(2);
    let share = |count: u32| {
        if most == 0 || count == 0 {
            0.0
        } else if log {
            (f64::from(count) + 1.0).ln() / (f64::from(most) + 1.0).ln()
        } else {
            f64::from(count) / f64::from(most)
        }
    };
    draw::right(buffer, Rect { width: margin - 1, height: 1, ..area }, &format::short(most.into()), theme.muted());
    for bin in 0..bins {
        let x = area.x + margin + bin * step;
        for (place, (counts, sign, style)) in
            [(&found.right, '█', theme.good()), (&found.wrong, '▒', theme.error())].into_iter().enumerate()
        {
            let count = counts[usize::from(bin)];
            let eighths = ((share(count) * f64::from(height) * 8.0).round() as u16).max(u16::from(count > 0));
            for row in 0..height {
                let filled = eighths.saturating_sub(row * 8).min(8);
                if filled == 0 {
                    break;
                }
                let letter = if filled == 8 { sign } else { PARTS[usize::from(filled)] };
                let cell = Rect { x: x + place as u16 * columns, y: area.y + height - 1 - row, width: columns, height: 1 };
                draw::left(buffer, cell, &letter.to_string().repeat(usize::from(columns)), style);
            }
        }
        let under = Rect { x, y: area.y + height, width: columns * 2, height: 1 };
        let mark = if usize::from(bin) == chosen { "▲" } else { "─" };
        let style = if usize::from(bin) == chosen { theme.title() } else { theme.frame() };
        draw::left(buffer, under, &mark.repeat(usize::from(columns * 2)), style);
        if bin % 4 == 0 {
            let label = Rect { x, y: area.y + height + 1, width: step * 4, height: 1 };
            draw::left(buffer, label, &format!("{:.1}", f64::from(bin) / f64::from(bins)), theme.muted());
        }
    }
}
