//! How the imbalance looks.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::Distribution;

use super::{
    bars,
    columns::Column,
    layout::here,
    state::{By, Line, SPLITS},
};
use crate::tui::{active_run, draw, format, state::State as Whole, window};

/// Draws the screen.
pub fn render(state: &Whole, buffer: &mut Buffer) {
    let (theme, layout) = (state.theme, here(state));
    if active_run::notice(state, window::body(state.room()), buffer) {
        return;
    }
    let Some(evaluation) = state.active_run.evaluation() else { return };
    let head = draw::choices(buffer, layout.head, &SPLITS.map(|(_, name)| name), state.imbalance.split, theme);
    active_run::head(state, head, buffer);
    let screen = &state.imbalance;
    if screen.rows.is_empty() && !matches!(SPLITS[screen.split].0, By::Split(_)) {
        let texts = if SPLITS[screen.split].0 == By::Tag {
            "nothing has a tag: K tags films, joints and patients".to_owned()
        } else {
            "nothing is known of where these films came from: neither their ids nor their files tell sources apart".to_owned()
        };
        return draw::notice(buffer, window::body(state.room()), &[texts], theme.text());
    }
    if screen.rows.iter().all(|line| line.found.reference.iter().chain(&line.found.model).sum::<u64>() == 0) {
        let texts = ["this cohort has no grades: put the reader's into training.csv, or let the model grade (s on Patients)".to_owned()];
        draw::notice(buffer, window::body(state.room()), &texts, theme.text());
        return;
    }
    screen.table.heads(&layout.table, theme, buffer);
    screen.table.lines(&layout.table, theme, buffer, |place, column| cell(state, &screen.rows[place], column));
    // The chosen one and, as far as there is room, those after it.
    let mut area = layout.bars;
    let shown = screen.table.shown.iter().skip(screen.table.cursor).filter_map(|place| screen.rows.get(*place as usize));
    for (index, line) in shown.enumerate() {
        let height = bars::height(&line.scope);
        if index > 0 && area.height + 1 < height {
            break;
        }
        bars::render(screen, line, evaluation.has_predictions(), theme, Rect { height: height.min(area.height), ..area }, buffer);
        let used = height.min(area.height);
        area = Rect { y: area.y + used, height: area.height - used, ..area };
    }
}

fn cell(state: &Whole, line: &Line, column: Column) -> (String, Style) {
    let (theme, found) = (state.theme, &line.found);
    let count = |count: u64| (format::grouped(count as usize), theme.text());
    match column {
        Column::Scope => (line.name(), theme.text()),
        Column::Joints => count(found.reference.iter().sum()),
        Column::Missing if found.reference_missing == 0 => ("·".to_owned(), theme.muted()),
        Column::Missing => count(found.reference_missing),
        Column::Zero => match Distribution::zero_share(&found.reference) {
            Some(share) => (format!("{:.1} %", share * 100.0), theme.text()),
            None => ("·".to_owned(), theme.muted()),
        },
        Column::Entropy => (format::value(Distribution::entropy(&found.reference), 2), theme.text()),
        Column::Effective => (format::value(Distribution::effective(&found.reference), 2), theme.text()),
        Column::Reader => (spark(&found.reference, state.imbalance.log), theme.reader()),
        Column::Model => (spark(&found.model, state.imbalance.log), theme.model()),
    }
}

/// A distribution as columns, one a grade.
fn spark(counts: &[u64], log: bool) -> String {
    let most = counts.iter().copied().max().unwrap_or(0);
    let share = |count: &u64| {
        if most == 0 || *count == 0 {
            return 0.0;
        }
        let share = if log { (*count as f64 + 1.0).ln() / (most as f64 + 1.0).ln() } else { *count as f64 / most as f64 };
        share.max(0.011) as f32
    };
    counts.iter().map(|count| draw::column(share(count))).collect()
}

/// The status line of the screen.
#[must_use]
pub fn summary(state: &Whole) -> String {
    let screen = &state.imbalance;
    if screen.rows.is_empty() {
        return String::new();
    }
    format!("{} of {} · entropy in bits · effective: 2^entropy grades", screen.table.cursor + 1, screen.rows.len())
}
