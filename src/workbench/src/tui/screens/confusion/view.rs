//! How the confusion matrices look.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::Scope;

use super::{crops, layout::here, matrix, metrics, state::Crops};
use crate::tui::{active_run, draw, format, names, sheet, state::State as Whole, window};
use svh_terminal::Plan;

/// Draws the screen; the plan is for the painter.
pub fn render(state: &Whole, buffer: &mut Buffer) -> Option<Plan> {
    let (theme, layout) = (state.theme, here(state));
    if active_run::notice(state, window::body(state.room()), buffer) {
        return None;
    }
    let evaluation = state.active_run.evaluation()?;
    if !evaluation.has_predictions() {
        let texts = if evaluation.run().is_none() {
            active_run::how_to_get_a_run(state)
        } else {
            vec!["this run found joints and graded none; ^R chooses another run".to_owned()]
        };
        draw::notice(buffer, window::body(state.room()), &texts, theme.text());
        return None;
    }
    active_run::head(state, layout.head, buffer);
    if let Some(crops) = &state.confusion.crops {
        return sheet_of(state, crops, buffer);
    }
    scopes(state, layout.scopes, buffer);
    let hidden = if state.confusion.hides_diagonal { ", diagonal hidden" } else { "" };
    draw::right(buffer, layout.head, &format!("{}{hidden}", state.confusion.normal.describe()), theme.muted());
    let agreement = state.confusion.agreement.as_ref()?;
    if agreement.metrics.n == 0 {
        let text = "no joint of this kind was graded by both reader and model; Tab shows others".to_owned();
        draw::notice(buffer, layout.rest, &[text], theme.text());
        return None;
    }
    matrix::render(&state.confusion, &agreement.confusion, &layout, theme, buffer);
    metrics::render(state, agreement, &layout, buffer);
    None
}

/// A scale by its name, its groups after it by theirs.
fn name(scope: &Scope) -> &'static str {
    scope.group.map_or_else(|| scope.scale.describe(), names::group)
}

/// Where the names of the scopes stand, in as many lines as they take.
fn places(state: &Whole, area: Rect) -> Vec<Rect> {
    let mut places = Vec::new();
    let (mut x, mut y) = (area.x, area.y);
    for scope in &state.confusion.scopes {
        let width = name(scope).len() as u16 + 2;
        if x + width > area.right() && x > area.x {
            (x, y) = (area.x, y + 1);
        }
        let height = u16::from(y < area.bottom());
        places.push(Rect { x, y, width: width.min(area.right().saturating_sub(x)), height });
        x += width;
    }
    places
}

/// The scope whose name is at a cell of the screen.
#[must_use]
pub fn scope_at(state: &Whole, area: Rect, column: u16, row: u16) -> Option<usize> {
    places(state, area).iter().position(|place| place.contains((column, row).into()))
}

fn scopes(state: &Whole, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    for (index, (scope, place)) in state.confusion.scopes.iter().zip(places(state, area)).enumerate() {
        let style = if index == state.confusion.scope { theme.selection() } else { theme.muted() };
        draw::left(buffer, place, &format!(" {} ", name(scope)), style);
    }
}

fn sheet_of(state: &Whole, crops: &Crops, buffer: &mut Buffer) -> Option<Plan> {
    let layout = here(state);
    let (reference, model) = crops.cell;
    let text = format!(
        "{}: reader {reference}, model {model} · {}; ⏎ opens the film",
        names::scope(&state.confusion.chosen()),
        format::count(crops.rows.len(), "joint"),
    );
    draw::left(buffer, Rect { height: 1, ..layout.scopes }, &text, state.theme.text());
    let (tiles, chosen) = crops::page(state, crops, &layout.grid);
    sheet::render(state, &tiles, &layout.grid, chosen, buffer)
}

/// The status line of the screen: the chosen cell or crop in words.
#[must_use]
pub fn summary(state: &Whole) -> String {
    if let Some(crops) = &state.confusion.crops {
        let (tiles, chosen) = crops::page(state, crops, &here(state).grid);
        let caption = tiles.get(chosen).map(|tile| tile.caption.replace('\n', " · ")).unwrap_or_default();
        let sheet = state.sheet.describe().map_or_else(String::new, |words| format!(" · {words}"));
        return format!("{} of {} · {caption}{sheet}", crops.cursor + 1, format::grouped(crops.rows.len()));
    }
    let Some(agreement) = &state.confusion.agreement else { return String::new() };
    let (reference, model) = state.confusion.cell;
    let table = &agreement.confusion;
    let count = table.get(reference, model);
    let percent = |whole: u64| if whole == 0 { "–".to_owned() } else { format!("{:.1} %", count as f64 / whole as f64 * 100.0) };
    let of_row = percent(table.reference_counts().get(usize::from(reference)).copied().unwrap_or(0));
    let of_column = percent(table.model_counts().get(usize::from(model)).copied().unwrap_or(0));
    format!(
        "reader {reference}, model {model}: {} · {of_row} of the row · {of_column} of the column",
        format::count(count as usize, "joint"),
    )
}
