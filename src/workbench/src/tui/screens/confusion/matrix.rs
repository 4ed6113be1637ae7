//! The matrix: the reader's grades downwards, the model's to the right, the more of a row the brighter.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::stats::Confusion;

use super::{
    layout::{Layout, MARGIN},
    state::{Normal, State},
};
use crate::tui::{draw, format, theme::Theme};

/// The share that a cell has of its row, of its column, or of the largest cell: what its brightness stands for.
fn share(table: &Confusion, normal: Normal, reference: u8, model: u8, hides_diagonal: bool) -> f64 {
    let count = table.get(reference, model) as f64;
    let of = |whole: u64| if whole == 0 { 0.0 } else { count / whole as f64 };
    match normal {
        Normal::Row => of(table.reference_counts().get(usize::from(reference)).copied().unwrap_or(0)),
        Normal::Column => of(table.model_counts().get(usize::from(model)).copied().unwrap_or(0)),
        Normal::Count => {
            let seen = table.cells().filter(|(a, b, _)| !hides_diagonal || a != b);
            // Counts differ by powers of ten: brightness goes by their logarithm.
            let most = seen.map(|(_, _, count)| count).max().unwrap_or(0);
            if most == 0 { 0.0 } else { (count + 1.0).ln() / (most as f64 + 1.0).ln() }
        }
    }
}

/// What stands in a cell.
#[must_use]
pub fn text(table: &Confusion, normal: Normal, reference: u8, model: u8) -> String {
    let count = table.get(reference, model);
    match normal {
        _ if count == 0 => "·".to_owned(),
        Normal::Count => format::short(count),
        Normal::Row | Normal::Column => {
            let percent = share(table, normal, reference, model, false) * 100.0;
            if percent < 0.5 { "<1".to_owned() } else { format!("{percent:.0}") }
        }
    }
}

/// Draws the matrix with its grades and totals.
pub fn render(screen: &State, table: &Confusion, layout: &Layout, theme: Theme, buffer: &mut Buffer) {
    let side = table.side() as u8;
    let first = layout.of_cell(0, 0);
    let across = Rect { x: first.x, y: layout.matrix.y, width: layout.cell.0 * u16::from(side) + MARGIN.1, height: 1 };
    draw::left(buffer, across, "model →", theme.model());
    draw::left(buffer, Rect { y: layout.matrix.y + 1, height: 1, ..layout.matrix }, "reader ↓", theme.reader());
    for grade in 0..side {
        let (top, left) = (layout.of_cell(0, grade), layout.of_cell(grade, 0));
        let number = grade.to_string();
        draw::centre(buffer, Rect { y: layout.matrix.y + 1, height: 1, ..top }, &number, theme.model());
        let line = Rect { x: layout.matrix.x, width: MARGIN.0 - 2, height: 1, ..left };
        draw::right(buffer, middle(line, layout.cell.1), &number, theme.reader());
    }
    for reference in 0..side {
        for model in 0..side {
            cell(screen, table, (reference, model), layout.of_cell(reference, model), theme, buffer);
        }
    }
    totals(table, layout, theme, buffer);
}

const fn middle(area: Rect, lines: u16) -> Rect {
    Rect { y: area.y + (lines - 1) / 2, height: 1, ..area }
}

fn cell(screen: &State, table: &Confusion, (reference, model): (u8, u8), area: Rect, theme: Theme, buffer: &mut Buffer) {
    let hidden = screen.hides_diagonal && reference == model;
    let chosen = screen.cell == (reference, model);
    let area = area.intersection(buffer.area);
    let style = if hidden { Style::new() } else { theme.heat(share(table, screen.normal, reference, model, screen.hides_diagonal)) };
    buffer.set_style(area, style);
    let text = if hidden { "╲".to_owned() } else { text(table, screen.normal, reference, model) };
    // The diagonal stands out without colour too.
    let text_style = if hidden {
        theme.muted()
    } else if reference == model {
        style.patch(theme.title())
    } else {
        style
    };
    let line = middle(area, area.height.max(1));
    draw::centre(buffer, line, &text, text_style);
    if chosen {
        buffer.set_style(area, theme.cursor());
        draw::left(buffer, Rect { width: 1, ..line }, "[", theme.cursor());
        draw::right(buffer, line, "]", theme.cursor());
    }
}

/// How often the reader gave each grade, on the right, and the model, below.
fn totals(table: &Confusion, layout: &Layout, theme: Theme, buffer: &mut Buffer) {
    let side = table.side() as u8;
    for (grade, count) in table.reference_counts().into_iter().enumerate() {
        let last = layout.of_cell(grade as u8, side - 1);
        let place = Rect { x: last.right() + 1, width: MARGIN.1 - 1, height: 1, ..last };
        draw::right(buffer, middle(place, layout.cell.1), &format::short(count), theme.muted());
    }
    for (grade, count) in table.model_counts().into_iter().enumerate() {
        let place = layout.of_cell(side - 1, grade as u8);
        let line = Rect { y: place.bottom(), height: 1, ..place };
        if line.y < layout.matrix.bottom() {
            draw::centre(buffer, line, &format::short(count), theme.muted());
        }
    }
    let corner = layout.of_cell(side - 1, side - 1);
    let line = Rect { x: corner.right() + 1, y: corner.bottom(), width: MARGIN.1 - 1, height: 1 };
    if line.y < layout.matrix.bottom() {
        draw::right(buffer, line, &format::short(table.n()), theme.title());
    }
}
