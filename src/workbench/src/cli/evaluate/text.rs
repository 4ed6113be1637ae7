//! An evaluation as text: detection before and after the rules, grades with their baselines, totals.

use std::collections::BTreeMap;
use std::fmt::Write;

use svh_analysis::detection::{CocoError, CocoMetrics, ErrorKind, Tide};
use svh_analysis::report::{DetectionReport, GradingReport, RunReport, parts};
use svh_analysis::{Comparison, Evaluation, GradeRecall, MetricDifference, OnlyOne, Scale, TotalsAgreement};
use svh_core::Task;

use super::super::metrics::{self, number};

/// A run's report.
pub fn of(report: &RunReport) -> String {
    let mut text = String::new();
    let run = report.run.as_deref().unwrap_or_default();
    let failed = if report.films_failed > 0 { format!(", {} of them could not be read", report.films_failed) } else { String::new() };
    let _ = writeln!(text, "run {run}: {} patients, {} films{failed}", report.patients, report.films);
    for task in Task::ALL {
        match report.detection.get(&task).and_then(Option::as_ref) {
            Some(found) => detection(&mut text, task, found, report.threshold),
            None => {
                let _ = writeln!(text, "\nDETECTION, {task}: no film of the run has labels for it");
            }
        }
    }
    for scale in Scale::ALL {
        if let Some(found) = report.grading.get(&scale) {
            grading(&mut text, scale, found);
        }
    }
    totals(&mut text, "TOTALS, over the joints that both graded", &report.totals);
    if let Some(with_open) = &report.totals_with_open {
        totals(&mut text, "TOTALS, joints that were left open at their expected grades", with_open);
    }
    text
}

/// Metrics of COCO files.
pub fn coco(found: &CocoMetrics, errors: &[CocoError], films: usize, threshold: f32) -> String {
    let mut text = format!("{films} films\n\n{:<18}{:>9}\n", "boxes of any score", "result");
    for (name, place) in MAIN {
        let _ = writeln!(text, "{name:<18}{:>9}", statistic(found, place));
    }
    let mut counts: BTreeMap<ErrorKind, usize> = BTreeMap::new();
    errors.iter().for_each(|error| *counts.entry(error.kind).or_default() += 1);
    text.push('\n');
    tide(&mut text, &[&found.tide]);
    let _ = writeln!(text, "\nerrors by name, boxes of {}", from_score(threshold));
    for (kind, count) in counts {
        let _ = writeln!(text, "{:<18}{count:>9}  {}", kind.name(), kind.describe());
    }
    text
}

/// COCO's main statistics with their places.
const MAIN: [(&str, usize); 4] = [("AP", 0), ("AP50", 1), ("AP75", 2), ("AR100", 8)];

fn statistic(found: &CocoMetrics, place: usize) -> String {
    number(found.stats.get(place).copied().filter(|value| *value >= 0.0))
}

/// A threshold in words.
fn from_score(threshold: f32) -> String {
    if threshold > 0.0 { format!("score {threshold} and up") } else { "any score".to_owned() }
}

/// The metrics of a task's boxes. AP and TIDE rank all boxes by their scores and have no threshold; the best-box rule and all counts have one, which each block
/// names.
fn detection(text: &mut String, task: Task, found: &DetectionReport, threshold: f32) {
    let _ = writeln!(text, "\nDETECTION, {task}: {} true boxes on {} films", found.reference_boxes, found.films);
    if task == Task::Erosion {
        text.push_str(
            "A foot's boxes are the same for both tasks and counted under narrowing, unless\nit has erosion labels of its own.\n",
        );
    }
    let score = from_score(threshold);
    let _ = writeln!(text, "{:<26}{:>16}{:>20}", "BOXES OF", "any score", format!("rules, score {threshold}"));
    for (name, place) in MAIN {
        let _ = writeln!(text, "{name:<26}{:>16}{:>20}", statistic(&found.all, place), statistic(&found.after, place));
    }
    tide(text, &[&found.all.tide, &found.after.tide]);
    let _ = writeln!(text, "{:<26}{:>16}{:>20}", format!("BOXES OF {score}"), "before rules", "after the rules");
    let _ = writeln!(text, "{:<26}{:>16}{:>20}", "missed", found.missed_before, found.missed);
    let _ = writeln!(text, "{:<26}{:>16}{:>20}", "false positives", found.false_positives_before, found.false_positives);
    let _ = writeln!(text, "{:<26}{:>16}{:>20}{:>14}", format!("ERRORS, {score}"), "boxes", "change a total by", "unknown");
    for (kind, tally) in &found.effect {
        let change = format!("{:+} ({})", tally.points, tally.changing);
        let _ = writeln!(text, "{:<26}{:>16}{change:>20}{:>14}", kind.name(), tally.errors, tally.unknown);
    }
    recall(text, &found.recall_by_grade, &score);
    let wrong: Vec<String> = found
        .per_joint
        .iter()
        .filter(|(_, tally)| tally.false_positives + tally.missed > 0)
        .map(|(label, tally)| format!("{label} {} wrong, {} missed", tally.false_positives, tally.missed))
        .collect();
    if !wrong.is_empty() {
        let _ = writeln!(text, "by joint after the rules, {score}: {}", wrong.join("; "));
    }
}

/// Recall after the rules by reference grade.
fn recall(text: &mut String, rows: &[GradeRecall], score: &str) {
    let _ = writeln!(text, "{:<26}{:>16}{:>20}{:>14}", format!("FOUND, {score}"), "joints", "after the rules", "recall");
    for row in rows {
        let grade = row.grade.map_or_else(|| "not graded".to_owned(), |grade| format!("grade {grade}"));
        let _ = writeln!(text, "  {grade:<24}{:>16}{:>20}{:>14}", row.n, row.found, number(Some(row.recall)));
    }
}

/// AP points lost to a kind, and its errors.
type ReadTide = fn(&Tide) -> (f64, u64);

/// TIDE, one column a set of boxes: AP points lost to each kind, and how many errors it has.
fn tide(text: &mut String, columns: &[&Tide]) {
    let kinds: [(&str, ReadTide); 6] = [
        ("TIDE Class", |tide| (tide.dap.class, tide.count.class)),
        ("TIDE Box", |tide| (tide.dap.place, tide.count.place)),
        ("TIDE Other", |tide| (tide.dap.other, tide.count.other)),
        ("TIDE Duplicate", |tide| (tide.dap.duplicate, tide.count.duplicate)),
        ("TIDE Background", |tide| (tide.dap.background, tide.count.background)),
        ("TIDE Missed", |tide| (tide.dap.missed, tide.count.missed)),
    ];
    for (name, read) in kinds {
        let cells = columns.iter().map(|tide| read(tide)).map(|(dap, count)| format!("{dap:.2} ({count})"));
        // One column: a file of COCO's; two: a run's, before and after the rules.
        let widths = if columns.len() == 1 { [18, 12, 0] } else { [26, 16, 20] };
        let (first, widths) = (widths[0], &widths[1..]);
        let cells: String = cells.zip(widths.iter().copied()).map(|(cell, width)| format!("{cell:>width$}")).collect();
        let _ = writeln!(text, "{name:<first$}{cells}");
    }
}

fn grading(text: &mut String, scale: Scale, found: &GradingReport) {
    let _ = writeln!(text, "\nGRADES, {}", scale.describe());
    if found.agreement.metrics.n == 0 {
        let _ = writeln!(text, "no joint was graded by both ({} by the reader only)", found.agreement.missing);
        return;
    }
    text.push_str(&metrics::table(&found.agreement));
    with_open(text, found);
    let _ = writeln!(text, "\n{:<20}{:>9}{:>12}", "confidence", "ECE", "Brier");
    let _ = writeln!(text, "{:<20}{:>9}{:>12}", "", number(found.ece), number(found.brier));
    let _ = writeln!(text, "{:<20}{:>9}{:>12}{:>12}{:>12}", "by group", "joints", "accuracy", "balanced", "kappa q");
    for (name, group) in &found.groups {
        let metrics = &group.metrics;
        let [accuracy, balanced, qwk] = [metrics.accuracy, metrics.balanced_accuracy, metrics.qwk].map(number);
        let _ = writeln!(text, "{name:<20}{:>9}{accuracy:>12}{balanced:>12}{qwk:>12}", metrics.n);
    }
}

/// The main metrics once more with open joints at their expected grades, where the run left any open.
fn with_open(text: &mut String, found: &GradingReport) {
    let Some(with_open) = &found.with_open else { return };
    let _ = writeln!(text, "\n{:<20}{:>9}{:>12}{:>12}{:>12}{:>12}", "", "joints", "accuracy", "balanced", "kappa q", "RMSE");
    for (name, agreement) in [("graded", &found.agreement), ("with open at expected", with_open)] {
        let metrics = &agreement.metrics;
        let [accuracy, balanced, qwk, rmse] = [metrics.accuracy, metrics.balanced_accuracy, metrics.qwk, metrics.rmse].map(number);
        let _ = writeln!(text, "{name:<21}{:>8}{accuracy:>12}{balanced:>12}{qwk:>12}{rmse:>12}", metrics.n);
    }
    let _ = writeln!(text, "{} joints were left open because they look unfamiliar.", found.open);
}

/// Two runs side by side.
pub fn comparison(found: &Comparison, first: &Evaluation, second: &Evaluation) -> String {
    let name = |run: &Evaluation| run.run().unwrap_or_default().to_owned();
    let OnlyOne { first: a, second: b } = found.only_one;
    let mut text = format!("first {}, second {}: {} patients that both did\n", name(first), name(second), found.patients);
    if a + b > 0 {
        let _ = writeln!(text, "left out: {a} joints that only the first graded, {b} that only the second did");
    }
    for (task, rows) in &found.boxes {
        differences(&mut text, &format!("BOXES, {task}, a patient"), rows);
    }
    for (scale, rows) in &found.grades {
        let joints = found.joints.get(scale).copied().unwrap_or(0);
        differences(&mut text, &format!("GRADES, {}, {joints} joints", scale.describe()), rows);
    }
    differences(&mut text, "TOTALS, points", &found.totals);
    text.push_str("\n* beyond chance: the interval does not hold 0\n");
    text
}

fn differences(text: &mut String, title: &str, rows: &[MetricDifference]) {
    let _ = writeln!(text, "\n{title}\n{:<20}{:>9}{:>9}{:>12}  95 % interval", "", "first", "second", "difference");
    for row in rows {
        let [first, second] = [row.first, row.second].map(number);
        let change = row.difference.map_or_else(|| "-".to_owned(), |value| format!("{value:+.3}"));
        let beyond = if row.ci95.is_some_and(|interval| !interval.holds(0.0)) { " *" } else { "" };
        let interval = metrics::interval(row.ci95.as_ref());
        let line = format!("{:<20}{first:>9}{second:>9}{change:>12}  {interval}{beyond}", metrics::name_of(row.name));
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

fn totals(text: &mut String, title: &str, found: &BTreeMap<String, TotalsAgreement>) {
    let _ = writeln!(text, "\n{title}");
    let _ = writeln!(
        text,
        "{:<10}{:>4}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}  {:<16}{:>5}",
        "", "n", "whole", "RMSE", "all 0", "bias", "ICC A", "CCC", "limits", "SDC"
    );
    for (name, _) in parts() {
        let Some(part) = found.get(name) else { continue };
        let one = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
        let two = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        let limits =
            part.bland_altman.as_ref().map_or_else(String::new, |found| format!("{:.1} to {:.1}", found.limits.low, found.limits.high));
        let _ = writeln!(
            text,
            "{name:<10}{:>4}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}  {limits:<16}{:>5}",
            part.n,
            part.complete,
            one(part.rmse),
            one(part.rmse_zero),
            one(part.bland_altman.as_ref().map(|found| found.bias)),
            two(part.icc_agreement.map(|icc| icc.value)),
            two(part.ccc),
            one(part.sdc95),
        );
    }
}
