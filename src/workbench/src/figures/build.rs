//! From an evaluation to the figures: each says what its numbers rest on.

use svh_analysis::progression::{self, Change, Progression};
use svh_analysis::{
    DetectorCurves, Evaluation, Part, Scale as Grades, Scope, Split, TrainingCurves,
    detection::{CocoMetrics, Histogram, RECALLS, best_f1},
};
use svh_core::{Task, joint};

use super::{
    FigureError,
    figure::{Axis, Content, Figure, Layer, Panel},
    palette::Ink,
};

type Result = std::result::Result<Figure, FigureError>;

fn empty(what: &str) -> FigureError {
    FigureError::Empty(what.to_owned())
}

/// What the figure is of.
fn source(evaluation: &Evaluation) -> String {
    let patients = evaluation.patients().len();
    let patients = if patients == 1 { "1 patient".to_owned() } else { format!("{patients} patients") };
    evaluation.run().map_or_else(|| patients.clone(), |run| format!("run {run}, {patients}"))
}

fn line(name: &str, ink: Ink, dashed: bool, points: Vec<(f64, f64)>) -> Layer {
    Layer::Line { name: name.to_owned(), ink, dashed, points }
}

fn dots(name: &str, ink: Ink, filled: bool, points: Vec<(f64, f64)>) -> Layer {
    Layer::Dots { name: name.to_owned(), ink, filled, points }
}

fn single(title: &str, caption: String, x: Axis, y: Axis, layers: Vec<Layer>) -> Figure {
    let panels = vec![Panel { title: String::new(), content: Content::Plot { x, y, layers } }];
    Figure { title: title.to_owned(), caption, panels, columns: 1 }
}

/// A range over values with a margin, so that no point lies on the frame.
fn spread(values: impl Iterator<Item = f64>, least: (f64, f64)) -> (f64, f64) {
    let (low, high) = values.filter(|value| value.is_finite()).fold(least, |(low, high), value| (low.min(value), high.max(value)));
    let margin = (high - low) * 0.05;
    (low - margin, high + margin)
}

/// How often each grade occurs, reader beside model: for the limbs of a task as in the paper's figure 8.6.1.
///
/// # Errors
/// No grade at all.
pub fn distribution(evaluation: &Evaluation, task: Task) -> Result {
    let scopes: Vec<Scope> = Split::Limb.scopes().into_iter().filter(|scope| scope.scale.task() == task).collect();
    let panel = |scope: &Scope| {
        let found = evaluation.distribution(scope);
        let has_model = found.model.iter().sum::<u64>() > 0;
        let half = if has_model { 0.4 } else { 0.3 };
        let bars = |counts: &[u64], from: f64, to: f64| {
            let bar = |(grade, count): (usize, &u64)| (grade as f64 + from, grade as f64 + to, *count as f64, count.to_string());
            counts.iter().enumerate().map(bar).collect()
        };
        let reader = bars(&found.reference, -half, if has_model { 0.0 } else { half });
        let mut layers = vec![Layer::Bars { name: "reader".to_owned(), ink: Ink::Reader, bars: reader }];
        if has_model {
            layers.push(Layer::Bars { name: "model".to_owned(), ink: Ink::Model, bars: bars(&found.model, 0.0, half) });
        }
        let most = found.reference.iter().chain(&found.model).copied().max().unwrap_or(0) as f64;
        let names = (0..=scope.scale.max_grade()).map(|grade| grade.to_string()).collect();
        Panel {
            title: scope.limb.map_or_else(String::new, |limb| limb.name().to_owned()),
            content: Content::Plot {
                x: Axis::names(format!("{task} grade"), names),
                y: Axis::numbers("joints", 0.0, most.max(1.0) * 1.15),
                layers,
            },
        }
    };
    if scopes
        .iter()
        .all(|scope| evaluation.distribution(scope).reference.iter().chain(&evaluation.distribution(scope).model).sum::<u64>() == 0)
    {
        return Err(empty("no joint of this task has a grade to show; put the reader's grades into training.csv"));
    }
    let panels = scopes.iter().map(panel).collect();
    Ok(Figure { title: format!("Distribution of {task} grades by limb"), caption: source(evaluation), panels, columns: 2 })
}

/// The confusion matrix of a scope.
///
/// # Errors
/// No joint that both graded.
pub fn confusion(evaluation: &Evaluation, scope: &Scope) -> Result {
    let agreement = evaluation.agreement(scope, None);
    let figures = &agreement.metrics;
    if figures.n == 0 {
        return Err(empty("no joint has a grade of both reader and model, so there is no confusion matrix; evaluate a scoring run"));
    }
    let names = (0..=scope.scale.max_grade()).map(|grade| grade.to_string()).collect();
    let counts = agreement.confusion.rows().map(<[u64]>::to_vec).collect();
    let kappa = figures.qwk.map_or_else(String::new, |kappa| format!(", quadratic weighted kappa {kappa:.3}"));
    let accuracy = figures.accuracy.map_or_else(String::new, |accuracy| format!(", accuracy {accuracy:.3}"));
    let content = Content::Matrix { rows: "reader's grade".to_owned(), columns: "model's grade".to_owned(), names, counts };
    Ok(Figure {
        title: format!("Confusion of grades: {scope}"),
        caption: format!("{}, {} joints{accuracy}{kappa}", source(evaluation), figures.n),
        panels: vec![Panel { title: String::new(), content }],
        columns: 1,
    })
}

/// Precision by recall at IoU 0.5 and 0.75, of one joint or as the mean over all.
///
/// # Errors
/// No box of the reference, or no such joint.
pub fn pr_curves(evaluation: &Evaluation, task: Task, found: &CocoMetrics, label: Option<&str>) -> Result {
    let class = |label: &str| joint::joints(task).iter().position(|joint| joint.label == label).and_then(|place| u16::try_from(place).ok());
    let wanted = label.and_then(class);
    let curve = found.curves.iter().find(|curve| curve.class == wanted && (label.is_none() || wanted.is_some()));
    let Some(curve) = curve else {
        return Err(empty(&match label {
            Some(label) => format!("{label} has no reference box for {task}, so it has no precision-recall curve"),
            None => format!("the cohort has no reference box for {task}, so there is no precision-recall curve"),
        }));
    };
    let points = |values: &[f64]| values.iter().enumerate().map(|(at, value)| (at as f64 / (RECALLS - 1) as f64, *value)).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let layers = vec![
        line(&format!("IoU 0.50, AP {:.3}", mean(&curve.at50)), Ink::Curve(0), false, points(&curve.at50)),
        line(&format!("IoU 0.75, AP {:.3}", mean(&curve.at75)), Ink::Curve(1), true, points(&curve.at75)),
    ];
    let of = label.map_or_else(|| "mean over joints".to_owned(), str::to_owned);
    let (x, y) = (Axis::numbers("recall", 0.0, 1.02), Axis::numbers("precision", 0.0, 1.05));
    let caption = format!("{}, {} reference boxes", source(evaluation), evaluation.reference_boxes(task));
    Ok(single(&format!("Precision and recall of the {task} detector, {of}"), caption, x, y, layers))
}

/// Precision, recall and F1 over the threshold, with the best F1.
///
/// # Errors
/// A detector without boxes.
pub fn f1(evaluation: &Evaluation, task: Task, curves: &DetectorCurves) -> Result {
    let Some(best) = best_f1(&curves.points) else {
        return Err(empty(&format!("the run has no {task} box on a labelled film, so there is no curve over the threshold")));
    };
    let of = |read: &dyn Fn(&svh_analysis::detection::OperatingPoint) -> Option<f64>| {
        curves.points.iter().rev().map(|point| (point.threshold, read(point).unwrap_or(f64::NAN))).collect::<Vec<_>>()
    };
    let layers = vec![
        line("precision", Ink::Curve(0), true, of(&|point| point.precision())),
        line("recall", Ink::Curve(2), true, of(&|point| point.recall())),
        line("F1", Ink::Curve(1), false, of(&|point| point.f1())),
        dots(
            &format!("best F1 {:.3} at {:.2}", best.f1().unwrap_or(0.0), best.threshold),
            Ink::Curve(6),
            true,
            vec![(best.threshold, best.f1().unwrap_or(0.0))],
        ),
    ];
    let (x, y) = (Axis::numbers("threshold on the score", 0.0, 1.0), Axis::numbers("share", 0.0, 1.05));
    Ok(single(&format!("The {task} detector over its threshold"), source(evaluation), x, y, layers))
}

/// Right and wrong boxes by score or by IoU.
///
/// # Errors
/// A detector without boxes.
pub fn histogram(evaluation: &Evaluation, task: Task, of: &str, found: &Histogram) -> Result {
    if found.right.iter().chain(&found.wrong).sum::<u32>() == 0 {
        return Err(empty(&format!("the run has no {task} box on a labelled film, so the histogram would be empty")));
    }
    let width = 1.0 / found.right.len() as f64;
    let bars = |counts: &[u32], from: f64, to: f64| {
        let bar = |(place, count): (usize, &u32)| {
            let left = place as f64 * width;
            (left + width * from, left + width * to, f64::from(*count), String::new())
        };
        counts.iter().enumerate().map(bar).collect()
    };
    let most = found.right.iter().chain(&found.wrong).copied().max().unwrap_or(1);
    let layers = vec![
        Layer::Bars { name: "right".to_owned(), ink: Ink::Right, bars: bars(&found.right, 0.05, 0.5) },
        Layer::Bars { name: "wrong".to_owned(), ink: Ink::Wrong, bars: bars(&found.wrong, 0.5, 0.95) },
    ];
    let (x, y) = (Axis::numbers(of, 0.0, 1.0), Axis::numbers("boxes", 0.0, f64::from(most) * 1.1));
    Ok(single(&format!("Boxes of the {task} detector by {of}"), source(evaluation), x, y, layers))
}

/// How often grades of a confidence are right.
///
/// # Errors
/// No joint that both graded.
pub fn reliability(evaluation: &Evaluation, scope: &Scope) -> Result {
    let found = evaluation.reliability(scope);
    let Some(found) = found else {
        return Err(empty("no joint has a grade of both reader and model, so there is no reliability diagram; evaluate a scoring run"));
    };
    let bins = found.bins.len() as f64;
    let bar = |(place, (count, _, share)): (usize, &(usize, f64, f64))| {
        let left = place as f64 / bins;
        let text = if *count > 0 { count.to_string() } else { String::new() };
        (left + 0.005, left + 1.0 / bins - 0.005, *share, text)
    };
    let points = found.bins.iter().filter(|(count, ..)| *count > 0).map(|(_, confidence, share)| (*confidence, *share)).collect();
    let layers = vec![
        Layer::Bars {
            name: "share right, with joints".to_owned(),
            ink: Ink::Curve(4),
            bars: found.bins.iter().enumerate().map(bar).collect(),
        },
        line("perfectly calibrated", Ink::Guide, true, vec![(0.0, 0.0), (1.0, 1.0)]),
        dots("at the mean confidence", Ink::Reader, true, points),
    ];
    let (x, y) = (Axis::numbers("confidence: probability of the chosen grade", 0.0, 1.0), Axis::numbers("share of right grades", 0.0, 1.1));
    let caption = format!("{}, {} joints, ECE {:.3}, Brier score {:.3}", source(evaluation), found.n, found.ece, found.brier);
    Ok(single(&format!("Reliability: {scope}"), caption, x, y, layers))
}

/// Differences of totals against their means, with bias and limits of agreement.
///
/// # Errors
/// Fewer than two patients that both graded.
pub fn bland_altman(evaluation: &Evaluation, part: Part) -> Result {
    let totals = evaluation.totals(part);
    let point = |total: &svh_analysis::PatientTotal| Some((total.mean()?, f64::from(total.difference()?)));
    let points = |complete: bool| totals.iter().filter(|total| total.is_complete() == complete).filter_map(point).collect::<Vec<_>>();
    let (whole, partial) = (points(true), points(false));
    let agreement = evaluation.totals_agreement(part);
    let Some(found) = agreement.bland_altman else {
        return Err(empty("a Bland-Altman plot takes two patients that both reader and model graded"));
    };
    let all = || whole.iter().chain(&partial).copied();
    let (left, right) = spread(all().map(|point| point.0), (0.0, 1.0));
    let (low, high) = spread(all().map(|point| point.1).chain([found.limits.low, found.limits.high]), (-1.0, 1.0));
    let level = |name: String, dashed, at: f64| line(&name, Ink::Guide, dashed, vec![(left, at), (right, at)]);
    let mut layers = vec![
        level(format!("bias {:.1}", found.bias), false, found.bias),
        level(format!("limits of agreement {:.1} to {:.1}", found.limits.low, found.limits.high), true, found.limits.low),
        level(String::new(), true, found.limits.high),
        dots(if partial.is_empty() { "" } else { "all joints graded" }, Ink::Model, true, whole),
    ];
    if !partial.is_empty() {
        layers.push(dots("some joints graded", Ink::Model, false, partial));
    }
    let x = Axis::numbers("mean of reader and model in points", left, right);
    let y = Axis::numbers("model minus reader in points", low, high);
    Ok(single(&format!("Bland-Altman plot of totals: {part}"), format!("{}, {} compared", source(evaluation), agreement.n), x, y, layers))
}

/// The model's totals against the reader's.
///
/// # Errors
/// No patient that both graded.
pub fn scatter(evaluation: &Evaluation, part: Part) -> Result {
    let totals = evaluation.totals(part);
    let points: Vec<(f64, f64)> = totals.iter().filter_map(|total| total.both).map(|(a, b)| (a.points.into(), b.points.into())).collect();
    if points.is_empty() {
        return Err(empty("no patient has a total of both reader and model; evaluate a scoring run"));
    }
    let most = points.iter().flat_map(|(x, y)| [*x, *y]).fold(1.0, f64::max) * 1.05;
    let layers = vec![line("equal", Ink::Guide, true, vec![(0.0, 0.0), (most, most)]), dots("", Ink::Model, true, points.clone())];
    let axis = |who: &str| Axis::numbers(format!("{who}'s total in points"), 0.0, most);
    let caption = format!("{}, {} compared over joints that both graded", source(evaluation), points.len());
    Ok(single(&format!("Totals: {part}"), caption, axis("reader"), axis("model"), layers))
}

/// Totals from the lowest to the highest against the share of patients that have at most so many points, as trials of progression show them.
///
/// # Errors
/// No patient with a total.
pub fn cumulative(evaluation: &Evaluation, part: Part) -> Result {
    let totals = evaluation.totals(part);
    let sorted = |read: fn(&svh_analysis::PatientTotal) -> Option<u32>| {
        let mut points: Vec<f64> = totals.iter().filter_map(read).map(f64::from).collect();
        points.sort_by(f64::total_cmp);
        let n = points.len() as f64;
        points.into_iter().enumerate().map(|(place, total)| ((place as f64 + 0.5) / n * 100.0, total)).collect::<Vec<_>>()
    };
    // Where both graded, over the same joints, so that the curves can be compared.
    let has_both = totals.iter().any(|total| total.both.is_some());
    let (reader, model) = if has_both {
        (sorted(|total| Some(total.both?.0.points)), sorted(|total| Some(total.both?.1.points)))
    } else {
        (sorted(|total| Some(total.reference?.points)), sorted(|total| Some(total.model?.points)))
    };
    let most = reader.iter().chain(&model).map(|point| point.1).fold(1.0, f64::max);
    let mut layers = Vec::new();
    for (name, ink, filled, points) in [("reader", Ink::Reader, true, reader), ("model", Ink::Model, false, model)] {
        if !points.is_empty() {
            layers.extend([line("", ink, !filled, points.clone()), dots(name, ink, filled, points)]);
        }
    }
    if layers.is_empty() {
        return Err(empty("no patient has a total, so there is no cumulative probability plot"));
    }
    let (x, y) = (Axis::numbers("cumulative probability in %", 0.0, 100.0), Axis::numbers("total in points", 0.0, most * 1.05));
    let over = if has_both { ", over joints that both graded" } else { "" };
    Ok(single(&format!("Cumulative probability of totals: {part}"), format!("{}{over}", source(evaluation)), x, y, layers))
}

/// The cumulative probability plot of changes between visits, with lines at the smallest detectable change.
///
/// # Errors
/// Where no joint is graded at both visits of a patient.
pub fn progression(evaluation: &Evaluation, found: &Progression) -> Result {
    let curve = |of: fn(&Change) -> Option<f64>| {
        let changes: Vec<f64> = found.changes.iter().filter_map(of).collect();
        progression::cumulative(&changes).into_iter().map(|point| (point.probability * 100.0, point.change)).collect::<Vec<_>>()
    };
    let (reader, model) = (curve(|change| change.reader), curve(|change| change.model));
    let ends = reader.iter().chain(&model).map(|point| point.1).chain(found.sdc.iter().flat_map(|sdc| [*sdc, -sdc]));
    let (least, most) = ends.fold((-1.0, 1.0), |(least, most), value| (f64::min(least, value), f64::max(most, value)));
    let mut layers = vec![line("", Ink::Guide, true, vec![(0.0, 0.0), (100.0, 0.0)])];
    for (place, at) in found.sdc.iter().flat_map(|sdc| [*sdc, -sdc]).enumerate() {
        layers.push(line(if place == 0 { "smallest detectable change" } else { "" }, Ink::Curve(3), true, vec![(0.0, at), (100.0, at)]));
    }
    if reader.is_empty() && model.is_empty() {
        return Err(empty("no joint is graded at both visits of a patient, so there is no cumulative probability plot"));
    }
    for (name, ink, filled, points) in [("reader", Ink::Reader, true, reader), ("model", Ink::Model, false, model)] {
        if !points.is_empty() {
            layers.extend([line("", ink, !filled, points.clone()), dots(name, ink, filled, points)]);
        }
    }
    let (x, y) = (Axis::numbers("cumulative probability in %", 0.0, 100.0), Axis::numbers("change in units", least * 1.05, most * 1.05));
    let pairs = found.changes.len();
    let caption = format!("{}, {pairs} pairs of visits, over joints graded at both", source(evaluation));
    Ok(single(&format!("Cumulative probability of change: {}", found.score.describe()), caption, x, y, layers))
}

/// The curves of a training: losses by step, and the metrics that were measured.
///
/// # Errors
/// A run without either.
pub fn training_curves(run: &str, curves: &TrainingCurves) -> Result {
    let mut panels = Vec::new();
    let plot = |title: &str, y: &str, layers: Vec<Layer>, to: f64| {
        let range = layers.iter().flat_map(|layer| match layer {
            Layer::Line { points, .. } | Layer::Dots { points, .. } => points.clone(),
            Layer::Bars { .. } => Vec::new(),
        });
        let (right, high) =
            range.fold((1.0, to), |(right, high): (f64, f64), (x, y)| (right.max(x), if y.is_finite() { high.max(y) } else { high }));
        let content = Content::Plot { x: Axis::numbers("step", 0.0, right), y: Axis::numbers(y, 0.0, high * 1.05), layers };
        Panel { title: title.to_owned(), content }
    };
    let losses = curves.losses();
    if !losses.is_empty() {
        let layer = |(place, name): (usize, &&str)| {
            let points = curves.loss(name).iter().map(|(step, value)| (*step as f64, *value)).collect();
            line(name, Ink::Curve(place), place % 2 == 1, points)
        };
        panels.push(plot("loss", "loss", losses.iter().enumerate().map(layer).collect(), 1e-9));
    }
    let mut names: Vec<&str> = curves.metrics().map(|(_, name)| name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let splits: Vec<&str> = curves.metrics().filter(|(_, other)| *other == name).map(|(split, _)| split).collect();
        let layers = splits.iter().enumerate().flat_map(|(place, split)| {
            let points: Vec<_> = curves.metric(split, name).iter().map(|metric| (metric.step as f64, metric.value)).collect();
            [line("", Ink::Curve(place), place % 2 == 1, points.clone()), dots(split, Ink::Curve(place), place % 2 == 0, points)]
        });
        panels.push(plot(&name.replace('_', " "), &name.replace('_', " "), layers.collect(), 1.0));
    }
    if panels.is_empty() {
        return Err(empty(&format!("{run} has no training curve; name a run of svh train (svh runs lists them)")));
    }
    let columns = panels.len().min(2);
    Ok(Figure { title: "Training curves".to_owned(), caption: format!("run {run}"), panels, columns })
}

/// The scope of a scale, narrowed to a limb.
#[must_use]
pub const fn scope(scale: Grades, limb: Option<svh_core::Limb>) -> Scope {
    Scope { scale, group: None, limb, joint: None }
}
