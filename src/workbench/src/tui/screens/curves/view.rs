//! How the curves look.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::{
    Scale,
    detection::{ClassAp, OperatingPoint, RECALLS, best_f1},
};

use super::{
    bars, lines, pair_name,
    state::{State, View},
};
use crate::tui::{
    active_run, draw, format, names,
    plot::{Axis, Kind, Plot, Series},
    state::State as Whole,
    theme::Theme,
    window,
};

/// Draws the screen.
pub fn render(state: &Whole, buffer: &mut Buffer) {
    let (theme, screen) = (state.theme, &state.curves);
    let body = window::body(state.room());
    if active_run::notice(state, body, buffer) {
        return;
    }
    let inner = window::inner(body);
    let rest = draw::choices(buffer, draw::line(inner, 0), &View::ALL.map(View::name), screen.view as usize, theme);
    active_run::head(state, rest, buffer);
    let area = draw::below(inner, 2);
    let about = draw::line(inner, 1);
    if screen.view == View::Reliability {
        return reliability(screen, theme, about, area, buffer);
    }
    let of = screen.joint.map_or_else(|| "all joints".to_owned(), |joint| format!("{} {}", joint.limb.name(), names::short(joint)));
    let used = draw::pieces(buffer, about, &[(screen.task.name(), theme.title()), (", ", theme.text()), (&of, theme.text())]);
    let about = Rect { x: about.x + used + 2, width: about.width.saturating_sub(used + 2), ..about };
    match &screen.detector {
        None => draw::notice(buffer, area, &[format!("{} computing", draw::spinner(state.tick))], theme.muted()),
        Some(Err(reason)) => draw::notice(buffer, area, std::slice::from_ref(reason), theme.error()),
        Some(Ok(detector)) if detector.curves.points.is_empty() || detector.coco.curves.is_empty() => {
            let text =
                format!("no {} box of this run lies on a labelled film, so there is nothing to measure; e: the other task", screen.task);
            draw::notice(buffer, area, &[text], theme.text());
        }
        Some(Ok(_)) => match screen.view {
            View::Precision => precision(screen, theme, area, buffer),
            View::F1 => f1(screen, theme, area, buffer),
            View::Table => table(screen, theme, area, buffer),
            View::Classes => classes(state, theme, about, area, buffer),
            View::Scores | View::Overlap | View::Reliability => {
                let legend = [
                    ("█ right  ", theme.good()),
                    ("▒ wrong  ", theme.error()),
                    (if screen.log { "by logarithm" } else { "by count" }, theme.muted()),
                ];
                draw::pieces(buffer, about, &legend);
                let Some(curves) = screen.curves() else { return };
                let found = if screen.view == View::Scores { &curves.scores } else { &curves.ious };
                bars::render(found, screen.at(), screen.log, theme, area, buffer);
            }
        },
    }
}

fn series(name: &str, style: ratatui::style::Style, kind: Kind, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.to_owned(), style, kind, points }
}

fn axis(title: &str) -> Axis {
    Axis { title: title.to_owned(), from: 0.0, to: 1.0, whole: false }
}

/// Precision by recall, with the chosen threshold.
fn precision(screen: &State, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let Some(detector) = screen.ready() else { return };
    let place = lines(screen).iter().position(|joint| *joint == screen.joint).unwrap_or(0);
    let Some(curve) = detector.coco.curves.get(place) else { return };
    let points = |values: &[f64]| values.iter().enumerate().map(|(at, value)| (at as f64 / (RECALLS - 1) as f64, *value)).collect();
    let at = screen.point().and_then(|point| Some((point.recall()?, point.precision()?)));
    let series = vec![
        series("IoU 0.75", theme.muted(), Kind::Dotted, points(&curve.at75)),
        series("IoU 0.50", theme.model(), Kind::Line, points(&curve.at50)),
        series(&format!("at {:.2}", screen.threshold()), theme.title(), Kind::Signs('●'), at.into_iter().collect()),
    ];
    Plot { x: axis("recall"), y: axis("precision"), series }.render(area, theme, buffer);
}

/// Precision, recall and F1 over the threshold, with the best F1 and the chosen threshold.
fn f1(screen: &State, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let Some(curves) = screen.curves() else { return };
    let of = |read: fn(&OperatingPoint) -> Option<f64>| {
        curves.points.iter().rev().map(|point| (point.threshold, read(point).unwrap_or(f64::NAN))).collect::<Vec<_>>()
    };
    let best = best_f1(&curves.points);
    let mark = |point: Option<OperatingPoint>| point.and_then(|point| Some((point.threshold, point.f1()?))).into_iter().collect::<Vec<_>>();
    let at = screen.point().and_then(|point| Some((screen.threshold(), point.f1()?)));
    let series = vec![
        series("precision", theme.muted(), Kind::Dotted, of(OperatingPoint::precision)),
        series("recall", theme.reader(), Kind::Dotted, of(OperatingPoint::recall)),
        series("F1", theme.model(), Kind::Line, of(OperatingPoint::f1)),
        series("best", theme.good(), Kind::Signs('◆'), mark(best)),
        series("here", theme.title(), Kind::Signs('●'), at.into_iter().collect()),
    ];
    Plot { x: axis("threshold"), y: axis("share"), series }.render(area, theme, buffer);
}

/// The first line shown so that the chosen one is seen.
const fn first(chosen: usize, lines: usize) -> usize {
    if chosen < lines { 0 } else { chosen + 1 - lines }
}

/// Average precision by joint.
fn table(screen: &State, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let Some(detector) = screen.ready() else { return };
    let row = |line: Rect, cells: [String; 5], style, buffer: &mut Buffer| {
        let [name, numbers @ ..] = cells;
        draw::left(buffer, Rect { x: line.x + 2, width: 28.min(line.width.saturating_sub(2)), ..line }, &name, style);
        for (place, number) in numbers.iter().enumerate() {
            draw::right(buffer, Rect { width: (38 + 9 * place as u16).min(line.width), ..line }, number, style);
        }
    };
    let head = ["joint", "AP", "AP50", "AP75", "AR"].map(str::to_owned);
    row(draw::line(area, 0), head, theme.muted(), buffer);
    let shown = usize::from(area.height.saturating_sub(1)).max(1);
    let start = first(screen.at(), shown);
    for (index, joint) in lines(screen).into_iter().enumerate().skip(start).take(shown) {
        let line = draw::line(area, (index - start + 1) as u16);
        let known = |value: f64| format::value((value >= 0.0).then_some(value), 3);
        let stats = &detector.coco.stats;
        let (name, found) = match joint {
            None => {
                let stat = |place: usize| stats.get(place).copied().unwrap_or(-1.0);
                ("all joints".to_owned(), ClassAp { ap: stat(0), ap50: stat(1), ap75: stat(2), ar: stat(8) })
            }
            Some(joint) => {
                let Some(found) = detector.coco.per_class.get(&joint.label) else { continue };
                (format!("{} {}", joint.limb.name(), names::short(joint)), *found)
            }
        };
        let style = if index == screen.at() { theme.title() } else { theme.text() };
        if index == screen.at() {
            draw::left(buffer, Rect { width: 1, ..line }, "▌", theme.title());
        }
        row(line, [name, known(found.ap), known(found.ap50), known(found.ap75), known(found.ar)], style, buffer);
    }
}

/// Joints that are taken for others.
fn classes(state: &Whole, theme: Theme, about: Rect, area: Rect, buffer: &mut Buffer) {
    let screen = &state.curves;
    draw::left(buffer, about, &format!("boxes from {:.2}, IoU from 0.50", state.active_run.threshold), theme.muted());
    if screen.pairs.is_empty() {
        draw::notice(buffer, area, &["every box lies on the joint that it claims, and none is missed".to_owned()], theme.text());
        return;
    }
    let most = screen.pairs.first().map_or(1, |(_, count)| *count);
    let shown = usize::from(area.height).max(1);
    let start = first(screen.at(), shown);
    for (index, (pair, count)) in screen.pairs.iter().enumerate().skip(start).take(shown) {
        let line = draw::line(area, (index - start) as u16);
        let style = if index == screen.at() { theme.title() } else { theme.text() };
        if index == screen.at() {
            draw::left(buffer, Rect { width: 1, ..line }, "▌", theme.title());
        }
        draw::left(
            buffer,
            Rect { x: line.x + 2, width: 44.min(line.width.saturating_sub(2)), ..line },
            &pair_name(screen.task, *pair),
            style,
        );
        draw::right(buffer, Rect { width: 52.min(line.width), ..line }, &count.to_string(), style);
        let bar = Rect { x: line.x + 54, width: line.width.saturating_sub(54), ..line };
        draw::left(buffer, bar, &draw::stroke(*count as f32 / most as f32, usize::from(bar.width)), theme.model());
    }
}

/// How often grades of a confidence are right.
fn reliability(screen: &State, theme: Theme, about: Rect, area: Rect, buffer: &mut Buffer) {
    let scale = screen.scale.unwrap_or(Scale::Narrowing);
    let used = draw::left(buffer, about, scale.describe(), theme.title());
    let about = Rect { x: about.x + used + 2, width: about.width.saturating_sub(used + 2), ..about };
    let Some(found) = &screen.reliability else {
        let text = "no joint of this scale was graded by both reader and model; e: another scale".to_owned();
        draw::notice(buffer, area, &[text], theme.text());
        return;
    };
    let words = format!("{} · ECE {:.3} · Brier score {:.3}", format::count(found.n, "joint"), found.ece, found.brier);
    draw::left(buffer, about, &words, theme.muted());
    let heads = draw::line(area, 0);
    let put = |line: Rect, end: u16, text: &str, style, buffer: &mut Buffer| {
        draw::right(buffer, Rect { width: end.min(line.width), ..line }, text, style);
    };
    for (end, head) in [(13, "confidence"), (21, "joints"), (29, "mean"), (37, "right")] {
        put(heads, end, head, theme.muted(), buffer);
    }
    draw::left(
        buffer,
        Rect { x: heads.x + 40, width: heads.width.saturating_sub(40), ..heads },
        "share right, ┃ mean confidence",
        theme.muted(),
    );
    for (bin, (count, confidence, share)) in found.bins.iter().enumerate() {
        let line = draw::line(area, 1 + bin as u16);
        let style = if bin == screen.at() { theme.title() } else { theme.text() };
        if bin == screen.at() {
            draw::left(buffer, Rect { width: 1, ..line }, "▌", theme.title());
        }
        let edges = format!("{:.1} to {:.1}", bin as f64 / 10.0, (bin + 1) as f64 / 10.0);
        put(line, 13, &edges, style, buffer);
        put(line, 21, &format::grouped(*count), style, buffer);
        if *count == 0 {
            continue;
        }
        put(line, 29, &format!("{confidence:.2}"), style, buffer);
        put(line, 37, &format!("{share:.2}"), style, buffer);
        let bar = Rect { x: line.x + 40, width: line.width.saturating_sub(41), ..line };
        draw::left(buffer, bar, &draw::stroke(*share as f32, usize::from(bar.width)), theme.model());
        let at = bar.x + (confidence * f64::from(bar.width.saturating_sub(1))).round() as u16;
        draw::left(buffer, Rect { x: at, width: 1, ..bar }, "┃", theme.reader());
    }
}

/// The status line of the screen: the chosen place in numbers.
#[must_use]
pub fn summary(state: &Whole) -> String {
    let screen = &state.curves;
    let at = screen.at();
    let bin = |bins: usize| format!("{:.2} to {:.2}", at as f64 / bins as f64, (at + 1) as f64 / bins as f64);
    match screen.view {
        View::Precision | View::F1 => {
            let Some(point) = screen.point() else { return format!("threshold {:.2}: no box", screen.threshold()) };
            let [precision, recall, f1] = [point.precision(), point.recall(), point.f1()].map(|value| format::value(value, 3));
            format!(
                "threshold {:.2}: precision {precision}, recall {recall}, F1 {f1} · {} wrong, {} missed",
                screen.threshold(),
                point.wrong,
                point.missed
            )
        }
        View::Scores | View::Overlap => {
            let Some(curves) = screen.curves() else { return String::new() };
            let (name, found) = if screen.view == View::Scores { ("score", &curves.scores) } else { ("IoU", &curves.ious) };
            let [right, wrong] = [&found.right, &found.wrong].map(|counts| counts.get(at).copied().unwrap_or(0));
            format!("{name} {}: {right} right, {wrong} wrong · ⏎ opens them", bin(found.right.len().max(1)))
        }
        View::Table => format!("{} of {} · ⏎ opens the wrong boxes, J shows this joint's curves", at + 1, lines(screen).len()),
        View::Classes => format!("{} of {} pairs", (at + 1).min(screen.pairs.len()), screen.pairs.len()),
        View::Reliability => format!("confidence {} · ⏎ opens its joints, the furthest off first", bin(10)),
    }
}
