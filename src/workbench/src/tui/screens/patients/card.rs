//! The card of the chosen patient, beside the table where the window is wide.

use std::sync::Arc;

use ratatui::{buffer::Buffer, layout::Rect};
use svh_core::Limb;

use crate::tui::{data::Row, draw, films::Film, state::State as Whole, totals::Total};
use crate::tui::{
    format::{count, signed},
    results::Scored,
    totals::OPEN,
};
use svh_terminal::{Cells, Picture, Plan, View, blocks};

/// Draws the card.
pub fn render(state: &Whole, area: Rect, buffer: &mut Buffer) {
    let Some(row) = state.patients.table.chosen().and_then(|index| state.row(index)) else { return };
    let theme = state.theme;
    for y in area.y..area.bottom() {
        draw::left(buffer, Rect { x: area.x, y, width: 1, height: 1 }, "│", theme.frame());
    }
    let inner = Rect { x: area.x + 3, width: area.width.saturating_sub(4), ..area };
    let mut next = 0;
    let mut line = || {
        next += 1;
        draw::line(inner, next - 1)
    };
    draw::left(buffer, line(), &row.patient.id, theme.title());
    line();
    let heads = line();
    draw::left(buffer, heads, "narr + eros", theme.muted());
    draw::right(buffer, Rect { width: 20.min(heads.width), ..heads }, "reader", theme.reader());
    draw::right(buffer, Rect { width: 27.min(heads.width), ..heads }, "model", theme.model());
    draw::left(buffer, at(heads, 29), "joints", theme.muted());
    for limb in Limb::ALL {
        limb_line(state, &row, limb, line(), buffer);
    }
    let all = line();
    draw::left(buffer, all, "all", theme.title());
    total_line(state, row.reference.map(|totals| totals.all), row.model.map(|totals| totals.all), all, buffer);
    line();
    for text in words(state, &row) {
        for text in draw::wrap(&text, usize::from(inner.width)) {
            draw::left(buffer, line(), &text, theme.text());
        }
    }
    let used = line().y + 1 - inner.y;
    if has_room(area) {
        let rest = Rect { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner };
        films(state, row.index, rest, buffer);
    }
}

/// Whether films fit below the totals.
#[must_use]
pub const fn has_room(card: Rect) -> bool {
    card.height > 30 && card.width > 30
}

/// The patient's films, small, two in a row.
fn films(state: &Whole, patient: usize, area: Rect, buffer: &mut Buffer) {
    let Some(catalogue) = state.catalogue() else { return };
    let (width, height) = (area.width.saturating_sub(1) / 2, area.height / 2);
    for (place, (limb, path)) in catalogue.films(patient).into_iter().take(4).enumerate() {
        let (column, row) = (place as u16 % 2, place as u16 / 2);
        let cell = Rect { x: area.x + column * (width + 1), y: area.y + row * height, width, height: height.saturating_sub(1) };
        let name = limb.map_or("film", svh_core::Limb::code);
        draw::centre(buffer, Rect { y: cell.bottom(), height: 1, ..cell }, name, state.theme.muted());
        match state.films.get(&path) {
            Some(Film::Ready(picture, _)) => thumbnail(state, picture, cell, buffer),
            Some(Film::Failed(_)) => {
                draw::centre(buffer, draw::line(cell, height / 2), &format!("✗ {name} cannot be read"), state.theme.error());
            }
            _ => draw::centre(buffer, draw::line(cell, height / 2), &format!("{name} …"), state.theme.muted()),
        }
    }
}

fn thumbnail(state: &Whole, picture: &Arc<Picture>, area: Rect, buffer: &mut Buffer) {
    let offered = Cells { columns: area.width, rows: area.height, pixel: state.capabilities.cell };
    let placed = View::default().place(picture.size(), offered);
    let Cells { columns, rows, .. } = placed.cells;
    let rect = Rect { x: area.x + (area.width - columns) / 2, y: area.y + (area.height - rows) / 2, width: columns, height: rows };
    let plan = Plan {
        picture: Arc::clone(picture),
        rect,
        cell: state.capabilities.cell,
        region: placed.region,
        window: picture.auto_window(),
        marks: Vec::new(),
        insets: Vec::new(),
    };
    blocks::paint(&plan, state.theme.colours(), state.capabilities.mosaic, buffer);
}

/// The rest of a line from a column on.
const fn at(line: Rect, x: u16) -> Rect {
    Rect { x: line.x + x, y: line.y, width: line.width.saturating_sub(x), height: line.height }
}

fn limb_line(state: &Whole, row: &Row, limb: Limb, line: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let there = row.patient.has_film(limb);
    draw::left(buffer, line, limb.name(), if there { theme.text() } else { theme.muted() });
    let of = |totals: Option<crate::tui::totals::Totals>| totals.and_then(|totals| totals.limb(limb));
    total_line(state, of(row.reference), of(row.model), line, buffer);
}

/// Narrowing + erosion of both, and the joints they rest on.
fn total_line(state: &Whole, reference: Option<Total>, model: Option<Total>, line: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let text = |sum: Option<Total>| match sum {
        None => "·".to_owned(),
        Some(sum) if sum.joints == 0 => sum.marked(0),
        Some(sum) => format!("{}+{}{}", sum.narrowing, sum.erosion, if sum.open > 0 { OPEN } else { "" }),
    };
    let joints = |sum: Option<Total>| sum.map_or_else(|| "·".to_owned(), |sum| sum.joints.to_string());
    draw::right(buffer, Rect { width: 20.min(line.width), ..line }, &text(reference), theme.reader());
    draw::right(buffer, Rect { width: 27.min(line.width), ..line }, &text(model), theme.model());
    draw::left(buffer, at(line, 29), &format!("{}/{}", joints(reference), joints(model)), theme.muted());
}

/// What the model did not grade, and what that leaves of its total.
fn open(scored: &Scored) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(totals) = scored.totals.filter(|totals| totals.all.open > 0) {
        let (told, expected) = (totals.all.told(scored.score.expected_joints), f32::from(totals.all.total()) + totals.all.open_expected);
        words.push(format!("model {told}, expected {expected:.0}"));
        let joints = count(usize::from(totals.all.open), "joint");
        words.push(format!("{OPEN} {joints} left open; the film shows which and why."));
    }
    words.extend(scored.score.coarse.iter().map(|(limb, side)| format!("{limb} {}", svh_core::coarse::note(*side))));
    words.extend(scored.score.left_out.iter().map(|(limb, why)| format!("{limb} left out: {why}")));
    words
}

/// What there is to say about the patient.
fn words(state: &Whole, row: &Row) -> Vec<String> {
    let mut words = Vec::new();
    match (row.reference, row.model) {
        (Some(reference), Some(model)) => {
            let difference = row.difference().map_or_else(|| "unknown".to_owned(), signed);
            let model_total = if model.all.joints > 0 { model.all.total().to_string() } else { "–".to_owned() };
            words.push(format!("reader {}, model {model_total}, difference {difference}", reference.all.total()));
            if reference.all.joints != model.all.joints {
                words.push("The totals sum different numbers of joints.".to_owned());
            }
        }
        (Some(_), None) => words.push("Not graded by the model yet: s grades it.".to_owned()),
        (None, Some(_)) => words.push("No reader's grades.".to_owned()),
        (None, None) => words.push("Neither reader's grades nor the model's: s grades it.".to_owned()),
    }
    if let Some(scored) = state.results.patient(&row.patient.id) {
        words.extend(open(scored));
        words.push(scored.run.as_ref().map_or_else(|| "Graded in this session.".to_owned(), |run| format!("Graded by the run {run}.")));
    }
    words
}
