//! The cumulative probability plot of changes, with the lines of the smallest detectable change.

use svh_analysis::progression::{Progression, cumulative};

use crate::tui::{
    plot::{Axis, Kind, Plot, Series},
    theme::Theme,
};

/// The plot; `None` without any change. The chosen pair stands out.
#[must_use]
pub fn plot(found: &Progression, theme: Theme, chosen: Option<usize>) -> Option<Plot> {
    let chosen = chosen.and_then(|place| found.changes.get(place));
    let curve =
        |values: Vec<f64>| cumulative(&values).into_iter().map(|point| (point.probability * 100.0, point.change)).collect::<Vec<_>>();
    let reader = curve(found.changes.iter().filter_map(|change| change.reader).collect());
    let model = curve(found.changes.iter().filter_map(|change| change.model).collect());
    if reader.is_empty() && model.is_empty() {
        return None;
    }
    let at = |curve: &[(f64, f64)], change: Option<f64>| {
        let change = change?;
        curve.iter().copied().find(|(_, value)| *value >= change)
    };
    let points = [at(&reader, chosen.and_then(|change| change.reader)), at(&model, chosen.and_then(|change| change.model))];
    let sdc = found.sdc.into_iter().flat_map(|sdc| [sdc, -sdc]);
    let levels: Vec<f64> = sdc.clone().chain(found.threshold).collect();
    let values = reader.iter().chain(&model).map(|point| point.1).chain(levels);
    let y = Axis::over("change, units", values, (-1.0, 1.0)).of_whole();
    let x = Axis { title: "cumulative probability, %".to_owned(), from: 0.0, to: 100.0, whole: true };
    let level =
        |name: &str, style, at: f64| Series { name: name.to_owned(), style, kind: Kind::Dotted, points: vec![(0.0, at), (100.0, at)] };
    let mut series = vec![level("", theme.muted(), 0.0)];
    series.extend(sdc.enumerate().map(|(place, at)| level(if place == 0 { "SDC" } else { "" }, theme.doubt(), at)));
    if let Some(threshold) = found.threshold.filter(|threshold| Some(*threshold) != found.sdc) {
        series.push(level("progressed above", theme.title(), threshold));
    }
    for (name, style, sign, points) in [("reader", theme.reader(), '•', reader), ("model", theme.model(), '○', model)] {
        if !points.is_empty() {
            series.push(Series { name: name.to_owned(), style, kind: Kind::Signs(sign), points });
        }
    }
    series.push(Series {
        name: String::new(),
        style: theme.title(),
        kind: Kind::Signs('●'),
        points: points.into_iter().flatten().collect(),
    });
    Some(Plot { x, y, series })
}
