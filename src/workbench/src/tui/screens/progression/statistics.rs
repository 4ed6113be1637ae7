//! The statistics of change, in three lines: agreement, the reader, the model.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::progression::{Change, Progression, Response};

use crate::tui::{draw, format, theme::Theme};

/// Draws them.
pub fn render(found: &Progression, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let wide = area.width >= 110;
    let mut first = Vec::new();
    if let Some(limits) = &found.limits {
        let ends = format!("{} to {}", format::value(Some(limits.limits.low), 1), format::value(Some(limits.limits.high), 1));
        first.push(("pairs", format::grouped(limits.n)));
        first.push((if wide { "smallest detectable change" } else { "SDC" }, format::value(found.sdc, 1)));
        first.push(("bias", format::value(Some(limits.bias), 1)));
        first.push((if wide { "limits of agreement" } else { "limits" }, ends));
        first.push((if wide { "ICC of change" } else { "ICC" }, format::value(found.icc.map(|icc| icc.value), 2)));
        first.push((if wide { "κ on progression" } else { "κ" }, format::value(found.kappa, 2)));
    } else {
        first.push(("pairs", format!("{}, none graded by both reader and model", format::grouped(found.changes.len()))));
    }
    draw::metrics(buffer, draw::line(area, 0), &first, theme);
    let per_year = |of: fn(&Change) -> Option<f64>| {
        let values: Vec<f64> = found.changes.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let lines = [
        ("reader", &found.reader, per_year(|change| change.reader_per_year), theme.reader()),
        ("model", &found.model, per_year(|change| change.model_per_year), theme.model()),
    ];
    for (index, (name, response, yearly, style)) in lines.into_iter().enumerate() {
        side(name, response.as_ref(), yearly, (style, theme), draw::line(area, 1 + index as u16), buffer);
    }
}

/// What one side's changes come to.
fn side(name: &str, response: Option<&Response>, yearly: Option<f64>, (style, theme): (Style, Theme), line: Rect, buffer: &mut Buffer) {
    let Some(of) = response else {
        draw::pieces(buffer, line, &[(name, style), (" fewer than two pairs with grades at both visits", theme.muted())]);
        return;
    };
    let number = |value: Option<f64>| format::value(value, 2);
    let metrics = [
        (if line.width >= 90 { "mean change" } else { "mean" }, format!("{} (SD {})", number(Some(of.mean)), number(Some(of.sd)))),
        ("per year", number(yearly)),
        ("SRM", number(of.srm)),
        ("progressed", format!("{} of {}", of.progressed, of.n)),
    ];
    let used = draw::pieces(buffer, line, &[(&format!("{name:<7}"), style)]);
    draw::metrics(buffer, Rect { x: line.x + used, width: line.width.saturating_sub(used), ..line }, &metrics, theme);
}
