//! Two runs compared: metrics with the interval of their difference, or curves in one plot.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::{Comparison, MetricDifference};

use crate::tui::{draw, format, theme::Theme};

/// Right ends and heads of the columns after the metric's name: first run, second run, difference, interval, verdict.
const COLUMNS: [(u16, &str); 5] = [(28, "first"), (38, "second"), (49, "difference"), (69, "95 % interval"), (71, "")];
/// Cells of the table.
const WIDTH: u16 = 72;

/// The names of the metrics.
fn name(metric: &str) -> &str {
    match metric {
        "accuracy" => "accuracy",
        "balanced_accuracy" => "balanced accuracy",
        "macro_f1" => "macro F1",
        "within1" => "within 1",
        "qwk" => "QWK",
        "kappa" => "kappa",
        "rmse" => "RMSE",
        "mae" => "MAE",
        "total_mae" => "MAE of totals",
        "total_rmse" => "RMSE of totals",
        "false_positives" => "wrong boxes",
        other => other,
    }
}

/// The metrics of a scale, the most telling first; as many are shown as there are lines for.
const ORDER: [&str; 8] = ["qwk", "accuracy", "rmse", "balanced_accuracy", "within1", "mae", "kappa", "macro_f1"];

/// A line of the table.
type Line = (Vec<String>, Style);

/// The lines of the table, with so many metrics of every scale.
fn lines(found: &Comparison, each: usize, theme: Theme) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (scale, metrics) in &found.grades {
        let joints = found.joints.get(scale).copied().unwrap_or(0);
        if joints == 0 {
            continue;
        }
        if each > 2 {
            lines.push((vec![format!("{}, {}", scale.describe(), format::count(joints as usize, "joint"))], theme.title()));
        }
        let named = ORDER.iter().take(each).filter_map(|name| metrics.iter().find(|metric| metric.name == *name));
        lines.extend(named.map(|metric| (row(metric, (each <= 2).then_some(scale.describe())), theme.text())));
    }
    if each > 2 && !found.boxes.is_empty() {
        lines.push((vec!["boxes after the rules, a patient".to_owned()], theme.title()));
    }
    for (task, metrics) in &found.boxes {
        lines.extend(metrics.iter().map(|metric| (row(metric, Some(task.name())), theme.text())));
    }
    if each > 2 {
        lines.push((vec![format!("totals, {}", format::count(found.patients, "patient"))], theme.title()));
    }
    lines.extend(found.totals.iter().map(|metric| (row(metric, None), theme.text())));
    lines
}

/// Draws the comparison.
pub fn render(found: &Comparison, (first, second): (&str, &str), theme: Theme, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.height.saturating_sub(3));
    let each = (1..=ORDER.len()).rev().find(|each| lines(found, *each, theme).len() <= room).unwrap_or(1);
    let legend = format!("first {first} · second {second} · {}", format::count(found.patients, "patient"));
    draw::left(buffer, draw::line(area, 0), &legend, theme.muted());
    let heads = draw::line(area, 1);
    for (end, head) in COLUMNS {
        put(heads, end, head, theme.muted(), buffer);
    }
    for (index, (cells, style)) in lines(found, each, theme).iter().take(room).enumerate() {
        let line = draw::line(area, 2 + index as u16);
        draw::left(buffer, line, cells.first().map_or("", String::as_str), *style);
        for (cell, (end, _)) in cells.iter().skip(1).zip(COLUMNS) {
            put(line, end, cell, *style, buffer);
        }
    }
    let foot = draw::line(area, area.height.saturating_sub(1));
    draw::left(buffer, foot, "* beyond chance: the interval (bootstrap over patients) excludes 0", theme.muted());
}

/// Writes a cell that ends at a column.
fn put(line: Rect, end: u16, text: &str, style: Style, buffer: &mut Buffer) {
    let rect = Rect { width: end.min(line.width).min(WIDTH), ..line };
    draw::right(buffer, rect, text, style);
}

/// A metric of both runs; the last cell shows where the difference is beyond chance.
fn row(metric: &MetricDifference, of: Option<&str>) -> Vec<String> {
    let value = |value: Option<f64>| format::value(value, 3);
    let signed = metric.difference.map_or_else(
        || "–".to_owned(),
        |difference| if difference > 0.0 { format!("+{}", value(Some(difference))) } else { value(Some(difference)) },
    );
    let beyond = metric.ci95.is_some_and(|interval| !interval.holds(0.0));
    let name = of.map_or_else(|| name(metric.name).to_owned(), |of| format!("{of} {}", name(metric.name)));
    vec![
        name,
        value(metric.first),
        value(metric.second),
        signed,
        metric.ci95.map_or_else(|| "–".to_owned(), |interval| format::interval(interval, 3)),
        if beyond { "*".to_owned() } else { String::new() },
    ]
}
