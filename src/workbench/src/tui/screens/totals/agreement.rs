//! How well totals agree, in two lines: correlation and error, bias and limits.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::{TotalsAgreement, stats::Interval};

use crate::tui::{draw, format, theme::Theme};

/// Draws the metrics.
pub fn render(agreement: &TotalsAgreement, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let wide = area.width >= 110;
    let zero = format::value(agreement.rmse_zero, 1);
    let mut first = vec![("RMSE", format!("{} (all zero {zero})", format::value(agreement.rmse, 1)))];
    if wide {
        first.push(("MAE", format::value(agreement.mae, 1)));
    }
    if let Some(icc) = &agreement.icc_agreement {
        first.push(("ICC(A,1)", with_interval(format::value(Some(icc.value), 2), icc.ci95, 2)));
    }
    if let Some(icc) = agreement.icc_consistency.as_ref().filter(|_| wide) {
        first.push(("ICC(C,1)", with_interval(format::value(Some(icc.value), 2), icc.ci95, 2)));
    }
    first.push(("CCC", format::value(agreement.ccc, 2)));
    draw::metrics(buffer, draw::line(area, 0), &first, theme);
    let mut second = Vec::new();
    if let Some(found) = &agreement.bland_altman {
        second.push(("bias", with_interval(format::value(Some(found.bias), 1), Some(found.bias_ci95), 1)));
        let limits = format!("{} to {}", format::value(Some(found.limits.low), 1), format::value(Some(found.limits.high), 1));
        second.push(("limits", limits));
        second.push((if wide { "smallest detectable change" } else { "SDC" }, format::value(agreement.sdc95, 1)));
    }
    let complete = if wide { format!(" ({} with every joint)", format::grouped(agreement.complete)) } else { String::new() };
    second.push(("patients", format!("{}{complete}", format::grouped(agreement.n))));
    draw::metrics(buffer, draw::line(area, 1), &second, theme);
}

fn with_interval(value: String, interval: Option<Interval>, decimals: usize) -> String {
    interval.map_or_else(|| value.clone(), |interval| format!("{value} {}", format::interval(interval, decimals)))
}
