//! `svh reviews`: what readers did in a cohort, what is left to do, and how two of them agree.

use std::path::Path;

use serde_json::{Value, json};
use svh_analysis::Scale;
use svh_core::{
    Cohort, Reviews,
    ra2::quoted,
    review::{
        Change,
        queue::{Kind, Queue},
    },
};

use super::{
    exchange_args,
    failure::{Failure, Outcome},
    inputs, out,
    progress::Progress,
};
use crate::{Options, tui};

/// Prints the summary, the queue, the log, or two readers' answers.
pub fn run(command: &exchange_args::Reviews, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let folder = match &command.cohort {
        Some(folder) => folder.clone(),
        None => svh_core::places::demo().ok_or_else(inputs::no_demo)?,
    };
    let cohort = inputs::cohort(&folder, &progress)?;
    let reviews = Reviews::read(&folder);
    if !command.json {
        reviews.problems().for_each(|problem| progress.problem(problem));
    }
    if command.queue {
        return queue(&cohort, &reviews, command.json);
    }
    if command.log {
        return log(&reviews, command.json);
    }
    match &command.between[..] {
        [first, second] => between(&reviews, first, second, command.scale),
        _ => summary(&folder, &reviews, command.json),
    }
}

fn summary(folder: &Path, reviews: &Reviews, as_json: bool) -> Outcome {
    let flags: Vec<Value> = reviews
        .joints()
        .flat_map(|(patient, joint, review)| {
            review.flags.iter().map(move |flag| {
                json!({ "patient": patient, "task": joint.task, "joint": joint.label, "note": flag.note, "reader": flag.reader, "time": flag.time })
            })
        })
        .collect();
    let conflicts =
        reviews.joints().filter(|(_, _, review)| !review.box_conflicts.is_empty() || !review.grade_conflicts.is_empty()).count();
    let (boxes, grades) = reviews.joints().fold((0, 0), |(boxes, grades), (_, _, review)| {
        (boxes + usize::from(review.bbox.is_some()), grades + usize::from(review.grade.is_some()))
    });
    let locks: usize = reviews.joints().map(|(_, _, review)| review.locks.len()).sum();
    if as_json {
        return out::json(&json!({
            "lines": reviews.len(), "readers": reviews.readers(), "boxes": boxes, "grades": grades, "flags": flags, "conflicts": conflicts,
            "locked": locks, "problems": reviews.problems().collect::<Vec<_>>(),
        }));
    }
    if reviews.is_empty() {
        return out::line(format_args!("{} has no reviews yet; open it with `svh {0}` and press V", folder.display()));
    }
    let readers: Vec<String> = reviews.readers().iter().map(|(reader, lines)| format!("{reader} {lines}")).collect();
    out::line(format_args!("lines {}, by reader: {}", reviews.len(), readers.join(", ")))?;
    out::line(format_args!("boxes decided {boxes}, grades decided {grades}, answers locked {locks}, conflicts {conflicts}"))?;
    out::line(format_args!("flags {}", flags.len()))?;
    let text = |flag: &Value, name: &str| flag[name].as_str().unwrap_or_default().to_owned();
    flags.iter().try_for_each(|flag| {
        let [patient, joint, note, reader] = ["patient", "joint", "note", "reader"].map(|name| text(flag, name));
        out::line(format_args!("  {patient} {joint} ({}): {note} — {reader}", text(flag, "task")))
    })
}

fn queue(cohort: &Cohort, reviews: &Reviews, as_json: bool) -> Outcome {
    let results = tui::result_recorder::newest(cohort);
    let queue = Queue::build(cohort, |path| results.film(path), |patient| results.patient(patient).map(|scored| &scored.score));
    for kind in Kind::ALL {
        for item in queue.open(kind, cohort, reviews) {
            let patient = cohort.patients().get(item.patient as usize).map(|patient| patient.id.as_str()).unwrap_or_default();
            if as_json {
                out::json(&json!({
                    "kind": kind.name(), "patient": patient, "task": item.joint.task, "joint": item.joint.label, "reason": item.why.describe(),
                    "weight": item.why.weight(),
                }))?;
            } else {
                out::line(format_args!("{}\t{patient}\t{}\t{}\t{}", kind.name(), item.joint.task, item.joint.label, item.why.describe()))?;
            }
        }
    }
    Ok(())
}

fn log(reviews: &Reviews, as_json: bool) -> Outcome {
    let mut entries: Vec<_> = reviews.entries().collect();
    entries.sort_by_key(|entry| entry.time);
    entries.into_iter().try_for_each(|entry| {
        if as_json {
            return out::json(entry);
        }
        let change = match &entry.change {
            Change::Undo { undoes } => reviews
                .entry(&entry.patient, undoes)
                .map_or_else(|| entry.change.describe(), |undone| format!("undid: {}", undone.change.describe())),
            change => change.describe(),
        };
        out::line(format_args!("{}  {}  {} {} ({})  {change}", entry.time, entry.reader, entry.patient, entry.joint, entry.task))
    })
}

/// The columns that `svh agreement` reads, and those that say which joint it is.
fn between(reviews: &Reviews, first: &str, second: &str, scale: Option<Scale>) -> Outcome {
    let known = reviews.readers();
    if let Some(nobody) = [first, second].into_iter().find(|reader| !known.contains_key(reader)) {
        let readers = known.keys().copied().collect::<Vec<_>>().join(", ");
        return Err(Failure::user(format!("no reader is called {nobody}; there are: {readers}")));
    }
    let pairs: Vec<_> = reviews.pairs(first, second).filter(|pair| scale.is_none_or(|scale| Scale::of(pair.joint) == scale)).collect();
    if pairs.is_empty() {
        return Err(Failure::user(format!(
            "{first} and {second} have not locked an answer for the same joint; the blind mode of the reviews does that"
        )));
    }
    out::line("patient,task,joint,true,predicted,iou")?;
    pairs.into_iter().try_for_each(|pair| {
        let grade = |grade: Option<u8>| grade.map_or_else(String::new, |grade| grade.to_string());
        let iou = pair.iou().map_or_else(String::new, |iou| format!("{iou:.4}"));
        let (one, other) = (grade(pair.first.grade), grade(pair.second.grade));
        out::line(format_args!("{},{},{},{one},{other},{iou}", quoted(pair.patient), pair.joint.task, pair.joint.label))
    })
}
