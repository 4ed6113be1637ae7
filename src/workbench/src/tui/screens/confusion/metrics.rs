//! The metrics beside a matrix: the model's with its 95 % interval by bootstrap over patients, and the two baselines that need no model.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::{
    Agreement,
    stats::{GradeMetrics, NAMED_METRICS},
};

use super::layout::Layout;
use crate::tui::{draw, format, state::State as Whole, theme::Theme};

/// The metrics in the order of the table, with their heads.
const SHOWN: [(&str, &str); 8] = [
    ("accuracy", "accuracy"),
    ("balanced_accuracy", "balanced"),
    ("within1", "within 1"),
    ("qwk", "QWK"),
    ("kappa", "kappa"),
    ("rmse", "RMSE"),
    ("mae", "MAE"),
    ("macro_f1", "macro F1"),
];

fn value(metrics: &GradeMetrics, name: &str) -> Option<f64> {
    NAMED_METRICS.into_iter().find(|(known, _)| *known == name).and_then(|(_, read)| read(metrics))
}

/// Draws the metrics; `quick` are those without intervals, which are there at once.
pub fn render(state: &Whole, quick: &Agreement, layout: &Layout, buffer: &mut Buffer) {
    let scope = state.confusion.chosen();
    let whole = state.active_run.agreement(&scope);
    if layout.is_narrow {
        across(quick, whole, state.theme, layout.metrics, buffer);
    } else {
        down(quick, whole, state.theme, layout.metrics, buffer);
    }
}

/// The text of an interval: a wait, a reason, or its two ends.
fn interval(whole: Option<&Agreement>, name: &str) -> String {
    let Some(whole) = whole else { return "…".to_owned() };
    let found = whole.ci95.as_ref().and_then(|intervals| intervals.get(name));
    found.map_or_else(|| "–".to_owned(), |interval| format::interval(*interval, 2))
}

/// One line a metric.
fn down(quick: &Agreement, whole: Option<&Agreement>, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let columns = [(12, 7, "model"), (20, 13, "95 % interval"), (35, 7, "majority"), (44, 7, "all zero")];
    let put = |line: Rect, (x, width): (u16, u16), text: &str, style, buffer: &mut Buffer| {
        draw::right(
            buffer,
            Rect { x: line.x + x, width: width.max(text.chars().count() as u16).min(line.width.saturating_sub(x)), ..line },
            text,
            style,
        );
    };
    let heads = draw::line(area, 0);
    for (x, width, head) in columns {
        let style = if head == "model" { theme.model() } else { theme.muted() };
        put(heads, (x, width), head, style, buffer);
    }
    for (index, (name, head)) in SHOWN.into_iter().enumerate() {
        let line = draw::line(area, 1 + index as u16);
        draw::left(buffer, line, head, theme.text());
        put(line, (12, 7), &format::value(value(&quick.metrics, name), 3), theme.title(), buffer);
        put(line, (20, 13), &interval(whole, name), theme.text(), buffer);
        put(line, (35, 7), &format::value(value(&quick.majority.metrics, name), 3), theme.muted(), buffer);
        put(line, (44, 7), &format::value(value(&quick.zero.metrics, name), 3), theme.muted(), buffer);
    }
    let mut notes = vec![
        format!("{} joints", format::grouped(quick.metrics.n as usize)),
        format!("balanced accuracy over the {} grades that occur", quick.metrics.grades_present),
        format!("majority: always grade {}", quick.majority.grade),
    ];
    if quick.missing > 0 {
        notes.push(format!("{} graded joints have no grade of the model and are left out", format::grouped(quick.missing as usize)));
    }
    if let Some(patients) = whole.and_then(|whole| whole.patients) {
        notes.push(format!("intervals: bootstrap over {}, 1000 draws", format::count(patients, "patient")));
    }
    let lines = notes.iter().flat_map(|note| draw::wrap(note, usize::from(area.width)));
    for (index, text) in lines.enumerate() {
        draw::left(buffer, draw::line(area, SHOWN.len() as u16 + 2 + index as u16), &text, theme.muted());
    }
}

/// One column a metric: as many as there is room for.
fn across(quick: &Agreement, whole: Option<&Agreement>, theme: Theme, area: Rect, buffer: &mut Buffer) {
    const NAME: u16 = 9;
    const WIDTH: u16 = 11;
    let count = usize::from(area.width.saturating_sub(NAME) / WIDTH).min(SHOWN.len());
    let names = ["", "model", "95 %", "majority", "all zero"];
    for (row, name) in names.into_iter().enumerate() {
        let style = if row == 1 { theme.model() } else { theme.muted() };
        draw::left(buffer, draw::line(area, row as u16), name, style);
    }
    for (index, (name, head)) in SHOWN.into_iter().take(count).enumerate() {
        let column = Rect { x: area.x + NAME + index as u16 * WIDTH, width: WIDTH - 1, ..area };
        let cells = [
            (head.to_owned(), theme.muted()),
            (format::value(value(&quick.metrics, name), 3), theme.title()),
            (whole.map_or_else(|| "…".to_owned(), |_| interval(whole, name).replace(['[', ']'], "").replace(", ", "–")), theme.text()),
            (format::value(value(&quick.majority.metrics, name), 3), theme.muted()),
            (format::value(value(&quick.zero.metrics, name), 3), theme.muted()),
        ];
        for (row, (text, style)) in cells.into_iter().enumerate() {
            draw::right(buffer, draw::line(column, row as u16), &text, style);
        }
    }
}
