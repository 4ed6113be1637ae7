//! Totals as clouds of points: model against reader, and difference against mean.

use svh_analysis::PatientTotal;

use super::state::{State, View};
use crate::tui::{
    plot::{Axis, Kind, Plot, Series},
    theme::Theme,
};

/// The plot of a view; `None` without a patient that both graded.
#[must_use]
pub fn plot(screen: &State, theme: Theme, chosen: Option<usize>) -> Option<Plot> {
    let known = || screen.totals.iter().filter_map(|total| Some((total, points(total, screen.view)?)));
    known().next()?;
    let cloud = |complete: bool| {
        let these = known().filter(|(total, _)| total.is_complete() == complete && chosen != Some(total.patient));
        these.map(|(_, point)| point).collect::<Vec<_>>()
    };
    let series =
        |name: &str, style, sign, points: Vec<(f64, f64)>| Series { name: name.to_owned(), style, kind: Kind::Signs(sign), points };
    let one = known().filter(|(total, _)| chosen == Some(total.patient)).map(|(_, point)| point).collect();
    let partial = cloud(false);
    let mut all = vec![series("", theme.model(), '○', cloud(true))];
    if !partial.is_empty() {
        all.push(series("partial", theme.doubt(), '×', partial));
    }
    all.push(series("", theme.title(), '●', one));
    let (xs, ys): (Vec<f64>, Vec<f64>) = known().map(|(_, point)| point).unzip();
    let part = screen.part;
    Some(if screen.view == View::Scatter {
        let most = xs.iter().chain(&ys).copied().fold(1.0, f64::max);
        let line = Series { name: "equal".to_owned(), style: theme.muted(), kind: Kind::Dotted, points: vec![(0.0, 0.0), (most, most)] };
        all.insert(0, line);
        let axis = |who: &str| Axis { title: format!("{who}, {part}, points"), from: 0.0, to: most, whole: true };
        Plot { x: axis("reader"), y: axis("model"), series: all }
    } else {
        let found = screen.agreement.as_ref().and_then(|agreement| agreement.bland_altman.clone());
        let x = Axis::over(format!("mean of both, {part}, points"), xs.iter().copied(), (0.0, 1.0)).of_whole();
        let ends = found.iter().flat_map(|found| [found.limits.low, found.limits.high]);
        let y = Axis::over("diff, points", ys.iter().copied().chain(ends), (-1.0, 1.0)).of_whole();
        let level = |name: &str, kind, at: f64| Series {
            name: name.to_owned(),
            style: theme.reader(),
            kind,
            points: vec![(x.from, at), (x.to, at)],
        };
        let lines = found.iter().flat_map(|found| {
            [
                level("bias", Kind::Line, found.bias),
                level("limits", Kind::Dotted, found.limits.low),
                level("", Kind::Dotted, found.limits.high),
            ]
        });
        let series = lines.chain(all).collect();
        Plot { x, y, series }
    })
}

/// The point of a patient over the joints that both graded.
fn points(total: &PatientTotal, view: View) -> Option<(f64, f64)> {
    let (reference, model) = total.both?;
    match view {
        View::Scatter => Some((f64::from(reference.points), f64::from(model.points))),
        View::Table | View::BlandAltman => Some((total.mean()?, f64::from(total.difference()?))),
    }
}
