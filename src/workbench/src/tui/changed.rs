//! What changed between two runs, as a list: broken grades and boxes first, then the fixed ones, then what became better or worse.

use svh_analysis::{Changed, Changes, Evaluation, JointChange, Verdict, changes, stats::Resamples};

use super::format;
use crate::selection::{Item, Selection};

/// The list, with the counts and the net effect in its title.
#[must_use]
pub fn selection(first: &Evaluation, second: &Evaluation, threshold: f32) -> Selection {
    let found = changes(first, second, threshold, Resamples::default());
    let rank = |verdict: Verdict| match verdict {
        Verdict::Broken => 0,
        Verdict::Fixed => 1,
        Verdict::Worse => 2,
        Verdict::Better => 3,
    };
    let mut rows: Vec<&JointChange> = found.rows.iter().collect();
    rows.sort_by_key(|row| rank(row.verdict));
    let items = rows.into_iter().filter_map(|row| item(first, row)).collect();
    Selection { title: title(&found), items }
}

/// Counts of grades and boxes, and fixed minus broken a patient with its interval.
#[must_use]
pub fn title(found: &Changes) -> String {
    let counts = |boxes: bool| {
        let [fixed, broken, better, worse] = Verdict::ALL.map(|verdict| found.count(boxes, verdict));
        format!("{fixed} fixed, {broken} broken, {better} better, {worse} worse")
    };
    let net = |net: Option<(f64, Option<svh_analysis::stats::Interval>)>| {
        let (mean, interval) = net?;
        let interval = interval.map_or_else(String::new, |interval| format!(" {}", format::interval(interval, 2)));
        Some(format!(", net {}{interval} a patient", format::value(Some(mean), 2)))
    };
    let part = |name: &str, boxes: bool, of: Option<(f64, Option<svh_analysis::stats::Interval>)>| {
        net(of).map(|net| format!("{name}: {}{net}", counts(boxes)))
    };
    let parts: Vec<String> = [part("grades", false, found.grades), part("boxes", true, found.boxes)].into_iter().flatten().collect();
    if parts.is_empty() { "the runs share no joint that can be right or wrong".to_owned() } else { parts.join(" · ") }
}

fn item(first: &Evaluation, row: &JointChange) -> Option<Item> {
    let patient = first.patients().get(row.patient[0])?;
    let [before, found] = row.boxes;
    let iou = |iou: Option<f32>| iou.map_or_else(|| "none".to_owned(), |iou| format!("{iou:.2}"));
    let (what, reader, model, overlap) = match row.changed {
        Changed::Grade { reference, runs: [one, other] } => {
            (format!("{} {one}→{other}", row.verdict.name()), Some(reference), Some(other), None)
        }
        Changed::Box { iou: [one, other] } => (format!("{} box, IoU {}→{}", row.verdict.name(), iou(one), iou(other)), None, None, other),
    };
    Some(Item {
        joint: Some(row.joint),
        what,
        reference: row.reference_box,
        found,
        before,
        iou: overlap,
        reader,
        model,
        ..Item::film(patient, row.joint.limb)
    })
}
