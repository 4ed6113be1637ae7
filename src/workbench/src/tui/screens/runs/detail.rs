//! The chosen run: facts, a curve, its last words.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::{Evaluation, Part, Scale, Scope, TrainingCurves, thinned};
use svh_core::{RunKind, RunState, Task};

use super::{columns::state_label, compare, layout::Layout, state::Curve, tasks};
use crate::tui::{
    draw, format,
    plot::{Axis, Kind, Plot, Series},
    run::Run,
    state::State as Whole,
    theme::Theme,
};

/// Draws the chosen run, beside the marked one where there is one of its kind.
pub fn render(state: &Whole, run: &Run, layout: &Layout, buffer: &mut Buffer) {
    let theme = state.theme;
    let marked = state.runs.marked().filter(|marked| is_training(marked) == is_training(run));
    if let Some(marked) = marked.filter(|_| !is_training(run)) {
        return compared(state, run, marked, layout.rest, buffer);
    }
    facts(theme, run, layout.facts, buffer);
    let empty = TrainingCurves::default();
    let curves_of = |run: &Run| state.runs.curves.get(&run.folder);
    let curves = curves_of(run).unwrap_or(&empty);
    if is_training(run) {
        let other = marked.and_then(|marked| Some((marked.name.as_str(), curves_of(marked)?)));
        curve(theme, run, curves, other, state.runs.curve, layout.curve, buffer);
    } else {
        scoring(state, run, layout.curve, buffer);
    }
    last_words(theme, curves, layout.words, buffer);
}

fn is_training(run: &Run) -> bool {
    run.info.kind == RunKind::Train
}

/// A scoring beside the marked one.
fn compared(state: &Whole, run: &Run, marked: &Run, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let pair = (marked.folder.clone(), run.folder.clone());
    match state.runs.comparison.as_ref().filter(|(of, _)| *of == pair) {
        Some((_, Ok(found))) => compare::render(found, (&marked.name, &run.name), theme, area, buffer),
        Some((_, Err(reason))) => draw::notice(buffer, area, std::slice::from_ref(reason), theme.error()),
        None => draw::notice(buffer, area, &["comparing …".to_owned()], theme.muted()),
    }
}

/// What ran and how far it is; what is most important comes first, for where there are few lines.
fn facts(theme: Theme, run: &Run, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let mut lines: Vec<(String, Style)> = Vec::new();
    let mut add = |text: String, style: Style| lines.extend(draw::wrap(&text, width).into_iter().map(|text| (text, style)));
    let (state_label, style) = state_label(theme, run.state);
    let mut first = state_label.to_owned();
    if let Some(reached) = &run.reached {
        first += &format!(" · {} · {} of {}", reached.what, reached.done, reached.total);
        if let (RunState::Running, Some(left)) = (run.state, reached.seconds_left()) {
            first += &format!(" · {} left", format::duration(left));
        }
    }
    add(first, style);
    if let Some(load) = &run.load {
        add(load.describe(), theme.text());
    }
    if let Some(note) = &run.note {
        add(format!("\u{201c}{note}\u{201d}"), theme.key());
    }
    if let Some(message) = &run.info.message {
        add(message.clone(), theme.error());
    }
    let models: Vec<&str> = run.info.models.iter().map(|model| model.name.as_str()).collect();
    let mut settings: Vec<String> = vec![if models.is_empty() { run.content() } else { models.join(" ") }];
    let shown = |name: &&String| !["network", "task", "arch", "out"].contains(&name.as_str());
    for name in run.info.settings.keys().filter(shown) {
        settings.push(format!("{} {}", name.replace('_', " "), plain(&run.info.settings[name])));
    }
    settings.extend(run.info.seed.map(|seed| format!("seed {seed}")));
    add(settings.join(" · "), theme.text());
    let mut times = format!("began {}", format::date(&run.info.started));
    if let Some(finished) = &run.info.finished {
        times += &format!(", ended {}", format::date(finished));
    }
    add(times, theme.muted());
    let versions: Vec<String> = run.info.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    add(versions.join(" · "), theme.muted());
    add(run.info.command.join(" "), theme.muted());
    for (index, (text, style)) in lines.iter().filter(|(text, _)| !text.is_empty()).take(usize::from(area.height)).enumerate() {
        draw::left(buffer, draw::line(area, index as u16), text, *style);
    }
}

/// A setting without the quotes of JSON.
fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn curve(
    theme: Theme,
    run: &Run,
    curves: &TrainingCurves,
    other: Option<(&str, &TrainingCurves)>,
    which: Curve,
    area: Rect,
    buffer: &mut Buffer,
) {
    let plot = match other {
        Some(other) => beside(theme, (run.name.as_str(), curves), other, which, area),
        None => match which {
            Curve::Loss => loss(theme, curves, area),
            Curve::Accuracy => accuracy(theme, curves),
            Curve::Rate => rate(theme, curves, area),
        },
    };
    match plot {
        Some(plot) => plot.render(area, theme, buffer),
        None => {
            let when = if run.state == RunState::Running { "yet" } else { "in this run" };
            let text = format!("no {} {when}; Tab shows another curve", which.name());
            draw::notice(buffer, area, &[text], theme.muted());
        }
    }
}

/// The same curve of two trainings in one plot.
fn beside(theme: Theme, one: (&str, &TrainingCurves), other: (&str, &TrainingCurves), which: Curve, area: Rect) -> Option<Plot> {
    let points = |curves: &TrainingCurves| -> Vec<(f64, f64)> {
        let thin = |points| thinned(points, usize::from(area.width)).iter().map(|bucket| (bucket.step, bucket.mean)).collect();
        match which {
            Curve::Loss => thin(curves.loss("total")),
            Curve::Rate => thin(curves.rates()),
            Curve::Accuracy => {
                let split = curves.metrics().map(|(split, _)| split).find(|split| split.starts_with("validation")).unwrap_or("train");
                curves.metric(split, "accuracy").iter().map(|metric| (f64::from(metric.epoch) + 1.0, metric.value * 100.0)).collect()
            }
        }
    };
    let series: Vec<Series> = [(other, theme.reader(), Kind::Dotted), (one, theme.model(), Kind::Line)]
        .into_iter()
        .map(|((name, curves), style, kind)| Series { name: name.to_owned(), style, kind, points: points(curves) })
        .collect();
    let all = || series.iter().flat_map(|series| series.points.iter().copied());
    all().next()?;
    let (x, y) = match which {
        Curve::Loss => ("step", "training loss"),
        Curve::Accuracy => ("epoch", "accuracy held out, %"),
        Curve::Rate => ("step", "learning rate"),
    };
    let x = Axis::over(x, all().map(|point| point.0), (0.0, 1.0)).of_whole();
    let y = Axis::over(y, all().map(|point| point.1), (0.0, 0.0));
    Some(Plot { x, y, series })
}

/// Looks of the series of one plot, told apart by colour and by line.
fn looks(theme: Theme, place: usize) -> (Style, Kind) {
    [
        (theme.model(), Kind::Line),
        (theme.reader(), Kind::Dotted),
        (theme.good(), Kind::Signs('×')),
        (theme.doubt(), Kind::Signs('○')),
        (theme.muted(), Kind::Signs('+')),
    ][place.min(4)]
}

/// What a metric was measured on, in words.
fn measured_on(split: &str) -> String {
    split.replace("validation_", "held out, ").replace("validation", "held out").replace('_', " ")
}

/// Losses by step: the sum as a line, its parts dotted, and the loss on what is held out wherever it was measured.
fn loss(theme: Theme, curves: &TrainingCurves, area: Rect) -> Option<Plot> {
    let buckets = usize::from(area.width);
    let names = curves.losses();
    // One part alone is the sum.
    let shown = if names.len() == 2 { &names[..1] } else { &names[..] };
    let mut series: Vec<Series> = Vec::new();
    for (place, name) in shown.iter().take(3).enumerate() {
        let (style, kind) = looks(theme, place.min(1));
        let kind = if place == 2 { Kind::Signs('·') } else { kind };
        let points = thinned(curves.loss(name), buckets).iter().map(|bucket| (bucket.step, bucket.mean)).collect();
        series.push(Series { name: name.replace('_', " "), style, kind, points });
    }
    let held_out = curves.metrics().filter(|(split, name)| split.starts_with("validation") && *name == "loss");
    for ((split, name), sign) in held_out.zip(['○', '×']) {
        let points = curves.metric(split, name).iter().map(|metric| (metric.step as f64, metric.value)).collect();
        let (style, _) = looks(theme, 2);
        series.push(Series { name: measured_on(split), style, kind: Kind::Signs(sign), points });
    }
    series.reverse();
    let steps = curves.loss("total").iter().map(|(step, _)| *step as f64);
    let values: Vec<f64> = series.iter().flat_map(|series| series.points.iter().map(|point| point.1)).collect();
    (!values.is_empty()).then(|| Plot {
        x: Axis::over("step", steps, (0.0, 1.0)).of_whole(),
        y: Axis::over("training loss", values.into_iter(), (0.0, 0.0)),
        series,
    })
}

/// Accuracy by epoch, in training and on the patients held out.
fn accuracy(theme: Theme, curves: &TrainingCurves) -> Option<Plot> {
    // A detector's is the share of joints that it finds.
    let shown = curves.metrics().filter(|(_, name)| ["accuracy", "recall"].contains(name));
    let series: Vec<Series> = shown
        .enumerate()
        .map(|(place, (split, name))| {
            let (style, kind) = looks(theme, place);
            let points = curves.metric(split, name).iter().map(|metric| (f64::from(metric.epoch) + 1.0, metric.value * 100.0)).collect();
            let name = if name == "recall" { format!("joints found, {}", measured_on(split)) } else { measured_on(split) };
            Series { name, style, kind, points }
        })
        .collect();
    let epochs = series.iter().flat_map(|series| series.points.iter().map(|point| point.0)).fold(2.0, f64::max);
    (!series.is_empty()).then(|| Plot {
        x: Axis { title: "epoch".to_owned(), from: 1.0, to: epochs, whole: true },
        y: Axis { title: "accuracy, %".to_owned(), from: 0.0, to: 100.0, whole: true },
        series,
    })
}

fn rate(theme: Theme, curves: &TrainingCurves, area: Rect) -> Option<Plot> {
    let points: Vec<(f64, f64)> =
        thinned(curves.rates(), usize::from(area.width)).iter().map(|bucket| (bucket.step, bucket.mean)).collect();
    let (steps, values): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let series = vec![Series { name: String::new(), style: theme.model(), kind: Kind::Line, points }];
    (!steps.is_empty()).then(|| Plot {
        x: Axis::over("step", steps.into_iter(), (0.0, 1.0)).of_whole(),
        y: Axis::over("learning rate", values.into_iter(), (0.0, 0.0)),
        series,
    })
}

/// A scoring: how far it is and what it comes to.
fn scoring(state: &Whole, run: &Run, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let mut lines: Vec<(String, Style)> = Vec::new();
    if let Some(reached) = run.reached.as_ref().filter(|_| run.state == RunState::Running) {
        let cells = usize::from(area.width.saturating_sub(20).min(60));
        let bar = draw::bar(reached.share() as f32, cells);
        lines.push((
            format!("{bar} {:.0} % of {}", reached.share() * 100.0, format::count(reached.total as usize, "patient")),
            theme.model(),
        ));
        lines.push((String::new(), theme.text()));
    }
    if run.on_cluster && run.state != RunState::Finished {
        let room = usize::from(area.height).saturating_sub(lines.len());
        lines.extend(tasks::lines(state.runs.tasks.get(&run.folder), theme, room));
    }
    let used = state.active_run.source().is_some_and(|source| source.as_ref() == Some(&run.folder));
    match state.active_run.evaluation().filter(|_| used) {
        Some(evaluation) => lines.extend(metrics(state, evaluation)),
        None => lines.push(("⏎ shows this run on all screens; Space marks it to compare another one with it".to_owned(), theme.muted())),
    }
    for (index, (text, style)) in lines.iter().enumerate() {
        draw::left(buffer, draw::line(area, index as u16), text, *style);
    }
}

/// The run in use in a few metrics.
fn metrics(state: &Whole, evaluation: &Evaluation) -> Vec<(String, Style)> {
    let theme = state.theme;
    let mut lines =
        vec![(format!("◆ all screens show this run: {}", format::count(evaluation.patients().len(), "patient")), theme.title())];
    for scale in Scale::ALL {
        let found = evaluation.agreement(&Scope::all(scale), None);
        if found.metrics.n == 0 {
            continue;
        }
        let value = |value| format::value(value, 2);
        let (metrics, zero) = (&found.metrics, &found.zero.metrics);
        let text = format!(
            "{:<13}QWK {}  accuracy {} (majority {})  RMSE {} (zeros {})",
            scale.describe(),
            value(metrics.qwk),
            value(metrics.accuracy),
            value(found.majority.metrics.accuracy),
            value(metrics.rmse),
            value(zero.rmse)
        );
        lines.push((text, theme.text()));
    }
    let totals = evaluation.totals_agreement(Part::WHOLE);
    if totals.n > 0 {
        let text = format!("{:<13}RMSE {} points (zeros {})", "totals", format::value(totals.rmse, 1), format::value(totals.rmse_zero, 1));
        lines.push((text, theme.text()));
    }
    for task in Task::ALL {
        let reference = evaluation.reference_boxes(task);
        if reference > 0 {
            let of_task = state.active_run.tallies.iter().filter(|of| of.joint.task == task);
            let (wrong, missed) = of_task.fold((0, 0), |sum, of| (sum.0 + of.tally.false_positives, sum.1 + of.tally.missed));
            let text = format!("{:<13}{} false boxes and {} missed of {}", task.name(), wrong, missed, format::count(reference, "joint"));
            lines.push((text, theme.text()));
        }
    }
    lines
}

/// The latest sentences, the last one at the foot.
fn last_words(theme: Theme, curves: &TrainingCurves, area: Rect, buffer: &mut Buffer) {
    let mut lines: Vec<String> = Vec::new();
    for text in curves.log().rev() {
        let mut wrapped = draw::wrap(text, usize::from(area.width.saturating_sub(2)));
        wrapped
            .iter_mut()
            .enumerate()
            .for_each(|(index, line)| *line = if index == 0 { format!("· {line}") } else { format!("  {line}") });
        if area.height == 1 {
            wrapped.truncate(1);
        }
        if lines.len() + wrapped.len() > usize::from(area.height) {
            break;
        }
        wrapped.extend(lines);
        lines = wrapped;
    }
    let top = area.height - lines.len() as u16;
    for (index, text) in lines.iter().enumerate() {
        draw::left(buffer, draw::line(area, top + index as u16), text, theme.muted());
    }
}
