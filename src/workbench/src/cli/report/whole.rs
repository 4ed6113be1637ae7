//! The report of a run over its cohort: metrics with intervals, figures, totals of all patients, what is missing, and the patients who differ most.

use svh_analysis::{
    Part, Scale, Scope,
    detection::{ErrorKind, STATISTICS},
    stats::{Interval, NAMED_METRICS, Resamples},
};
use svh_core::{Task, protocol::DEFAULT_THRESHOLD};

use super::{
    super::{evaluate::failure, evaluated::Evaluated, failure::Outcome, metrics::name_of, progress::Progress},
    html::{self, list, or_dash, table, text},
    page::{self, RunLines},
};
use crate::figures::{self, FigureError, Format};

/// The page, with the films of at most so many patients.
pub fn page(found: &Evaluated, films: usize, progress: &Progress) -> Outcome<String> {
    let lines = RunLines::read(found);
    let name = found.run.as_ref().map_or_else(String::new, svh_core::RunReader::name);
    let mut body = page::source(found);
    body += &missing(found, &lines);
    body += "<h2>Grades</h2>\n";
    body += &grades(found);
    body += "<h2>Totals</h2>\n";
    body += &totals(found);
    body += "<h2>Boxes</h2>\n";
    progress.what("computing the detectors' metrics");
    body += &boxes(found)?;
    body += "<h2>Figures</h2>\n";
    body += &plots(found)?;
    body += &patients(found, &lines, films, progress);
    Ok(html::page(&format!("Run {name}"), &body))
}

fn missing(found: &Evaluated, lines: &RunLines) -> String {
    let mut said: Vec<String> = lines.failed().map(|(film, reason)| format!("{film} was not read: {reason}")).collect();
    said.extend(found.evaluation.problems().iter().cloned());
    for scale in Scale::ALL {
        let ungraded = found.evaluation.ungraded(&Scope::all(scale));
        if ungraded > 0 {
            said.push(format!("{}: {ungraded} joints that the reader graded have no grade of the model", scale.describe()));
        }
    }
    let said = if said.is_empty() { "<p>Nothing is missing.</p>\n".to_owned() } else { list(&said) };
    format!("<h2>What is missing</h2>\n<div class=\"missing\">{said}</div>\n")
}

fn number(value: Option<f64>) -> String {
    or_dash(value.map(|value| format!("{value:.3}")))
}

fn grades(found: &Evaluated) -> String {
    let mut tables = String::new();
    for scale in Scale::ALL {
        let agreement = found.evaluation.agreement(&Scope::all(scale), Some(Resamples::default()));
        if agreement.metrics.n == 0 {
            continue;
        }
        let interval = |name: &str| agreement.ci95.as_ref()?.get(name).map(|Interval { low, high }| format!("{low:.3} to {high:.3}"));
        let row = |(name, read): (&'static str, fn(&svh_analysis::stats::GradeMetrics) -> Option<f64>)| {
            let values = [&agreement.metrics, &agreement.majority.metrics, &agreement.zero.metrics].map(|figures| number(read(figures)));
            let [result, majority, zero] = values;
            vec![text(name_of(name)), result, or_dash(interval(name)), majority, zero]
        };
        let majority = format!("always {}", agreement.majority.grade);
        let caption = format!("{}: {} joints", scale.describe(), agreement.metrics.n);
        let rows: Vec<Vec<String>> = NAMED_METRICS.into_iter().map(row).collect();
        tables += &table(&caption, &["metric", "result", "95 % interval", &majority, "always 0"], &rows);
    }
    if tables.is_empty() { "<p>No joint has a grade of both reader and model.</p>\n".to_owned() } else { tables }
}

fn totals(found: &Evaluated) -> String {
    let evaluation = &found.evaluation;
    let row = |part: Part| {
        let agreement = evaluation.totals_agreement(part);
        let bias = agreement.bland_altman.as_ref();
        let points = |value: Option<f64>| or_dash(value.map(|value| format!("{value:.1}")));
        vec![
            text(part),
            text(agreement.n),
            points(agreement.mae),
            points(agreement.rmse),
            points(bias.map(|found| found.bias)),
            or_dash(bias.map(|found| format!("{:.1} to {:.1}", found.limits.low, found.limits.high))),
            number(agreement.icc_agreement.as_ref().map(|icc| icc.value)),
            points(agreement.sdc95),
        ]
    };
    let parts = [Part::WHOLE, Part { limb: None, task: Some(Task::Narrowing) }, Part { limb: None, task: Some(Task::Erosion) }];
    let agreement = table(
        "Agreement of totals, in points, over joints that both graded",
        &["", "patients", "MAE", "RMSE", "bias", "limits of agreement", "ICC(A,1)", "SDC"],
        &parts.map(row),
    );
    let mut order = evaluation.totals(Part::WHOLE);
    order.sort_by_key(|total| std::cmp::Reverse(total.difference().map_or(-1, i32::abs)));
    let sum =
        |sum: Option<svh_analysis::Summed>, of: u32| or_dash(sum.map(|sum| format!("{} (graded {} of {of})", sum.points, sum.joints)));
    let rows: Vec<Vec<String>> = order
        .iter()
        .map(|total| {
            let id = &evaluation.patients()[total.patient];
            let open = total.open.map_or(0, |open| open.joints);
            vec![
                text(id),
                sum(total.reference, total.joints),
                sum(total.model, total.joints),
                or_dash(total.difference().map(|d| format!("{d:+}"))),
                text(open),
            ]
        })
        .collect();
    agreement + &table("Patients, the largest difference first", &["patient", "reader", "model", "difference", "open joints"], &rows)
}

fn boxes(found: &Evaluated) -> Outcome<String> {
    let evaluation = &found.evaluation;
    let mut html = String::new();
    for task in Task::ALL.into_iter().filter(|task| evaluation.reference_boxes(*task) > 0) {
        let coco = evaluation.coco(task).map_err(failure)?;
        let known = |value: f64| (value >= 0.0).then_some(value);
        let rows: Vec<Vec<String>> =
            STATISTICS.iter().zip(&coco.stats).map(|(name, value)| vec![text(name), number(known(*value))]).collect();
        let caption = format!("{task} detector: {} reference boxes", evaluation.reference_boxes(task));
        html += &table(&caption, &["COCO", "all boxes"], &rows);
    }
    if html.is_empty() {
        return Ok("<p>The cohort has no reference boxes, so boxes can be neither right nor wrong.</p>\n".to_owned());
    }
    let errors = evaluation.errors(DEFAULT_THRESHOLD);
    let count = |kind: ErrorKind, task: Task, kept: bool| {
        errors.rows.iter().filter(|row| row.kind == kind && row.task == task && (!kept || row.kept || kind == ErrorKind::Missed)).count()
    };
    let rows: Vec<Vec<String>> = ErrorKind::ALL
        .into_iter()
        .map(|kind| {
            let cells = Task::ALL.into_iter().flat_map(|task| [count(kind, task, false), count(kind, task, true)].map(text));
            std::iter::once(format!("{} <small>({})</small>", text(kind), text(kind.describe()))).chain(cells).collect()
        })
        .collect();
    let caption = format!("Errors of boxes with a score of at least {DEFAULT_THRESHOLD}");
    Ok(html + &table(&caption, &["kind", "narrowing", "of these accepted", "erosion", "of these accepted"], &rows))
}

/// The figures that have data.
fn plots(found: &Evaluated) -> Outcome<String> {
    let evaluation = &found.evaluation;
    let mut made = Vec::from(Task::ALL.map(|task| figures::distribution(evaluation, task)));
    made.extend(Scale::ALL.map(|scale| figures::confusion(evaluation, &Scope::all(scale))));
    made.push(figures::bland_altman(evaluation, Part::WHOLE));
    made.push(figures::cumulative(evaluation, Part::WHOLE));
    made.extend(Scale::ALL.map(|scale| figures::reliability(evaluation, &Scope::all(scale))));
    for task in Task::ALL.into_iter().filter(|task| evaluation.reference_boxes(*task) > 0) {
        made.push(figures::pr_curves(evaluation, task, &evaluation.coco(task).map_err(failure)?, None));
    }
    let mut html = String::new();
    for figure in made {
        let drawn = figure.and_then(|figure| figures::render(&figure, Format::Svg));
        match drawn {
            Ok(svg) => html += &format!("<div class=\"plots\">\n{}</div>\n", String::from_utf8_lossy(&svg)),
            Err(FigureError::Empty(_)) => {}
            Err(error) => html += &format!("<p>{}</p>\n", text(error)),
        }
    }
    Ok(html)
}

fn patients(found: &Evaluated, lines: &RunLines, films: usize, progress: &Progress) -> String {
    let evaluation = &found.evaluation;
    let mut order = evaluation.totals(Part::WHOLE);
    order.sort_by_key(|total| std::cmp::Reverse(total.difference().map_or(-1, i32::abs)));
    let shown = order.len().min(films);
    let mut html = String::new();
    if shown < order.len() {
        let text = format!("<p>Below are the {shown} patients with the largest differences, of {}; --films shows more.</p>\n", order.len());
        html += &text;
    }
    for (place, total) in order.iter().take(shown).enumerate() {
        let id = &evaluation.patients()[total.patient];
        progress.set(place, shown, id);
        html += &format!("<section>\n<h2>Patient {}</h2>\n{}</section>\n", text(id), page::patient(found, lines, id, 3));
    }
    html
}
