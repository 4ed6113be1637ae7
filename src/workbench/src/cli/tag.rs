//! `svh tag`: what readers tagged in a cohort, and tags given from scripts.

use std::path::Path;

use serde_json::json;
use svh_core::{
    Cohort,
    review::{Author, Journal},
    tags::{self, Scope, Subject, TagChange, TagLine, Tags, checked_name},
};

use super::{
    args::{Tag, TagAction},
    failure::{Failure, Outcome},
    inputs, out,
    progress::Progress,
};
use crate::{Options, reader};

/// Lists tags, gives them or takes them away.
pub fn run(command: &Tag, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    match &command.action {
        Some(TagAction::Add { cohort, tag, places }) => change(cohort, tag, places, true, options, &progress),
        Some(TagAction::Remove { cohort, tag, places }) => change(cohort, tag, places, false, options, &progress),
        None => {
            let folder = match &command.cohort {
                Some(folder) => folder.clone(),
                None => svh_core::places::demo().ok_or_else(inputs::no_demo)?,
            };
            if !folder.is_dir() {
                return Err(Failure::user(format!("{} is not a folder; name a cohort", folder.display())));
            }
            list(command, &folder, &progress)
        }
    }
}

fn list(command: &Tag, folder: &Path, progress: &Progress) -> Outcome {
    let tags = Tags::read(folder);
    tags.problems().for_each(|problem| progress.problem(problem));
    let wanted = |(_, has): &(&Subject, Vec<&str>)| command.tag.as_ref().is_none_or(|tag| has.iter().any(|other| other == tag));
    let found: Vec<(&Subject, Vec<&str>)> = tags.tagged().filter(wanted).collect();
    if command.view {
        // What `svh COHORT --view` opens: everything but patients and runs, which are not entries of a list.
        let items: Vec<_> = found
            .iter()
            .filter(|(subject, _)| subject.limb.is_some())
            .map(|(subject, has)| json!({ "patient": subject.patient, "limb": subject.limb, "task": subject.task, "joint": subject.joint, "box": subject.bbox, "tags": has }))
            .collect();
        return out::json(
            &json!({ "title": command.tag.as_ref().map_or_else(|| "tags".to_owned(), |tag| format!("#{tag}")), "items": items }),
        );
    }
    if command.csv {
        let table = tags::csv(found);
        return out::line(String::from_utf8_lossy(&table).trim_end());
    }
    if found.is_empty() && !command.json {
        return out::line(match &command.tag {
            Some(tag) => format!("nothing in {} has the tag {tag}", folder.display()),
            None => format!("{} has no tags yet; K in the workbench gives one, or `svh tag add {0} NAME PLACE`", folder.display()),
        });
    }
    found.iter().try_for_each(|(subject, has)| {
        if command.json {
            let mut line = serde_json::to_value(subject).map_err(Failure::program)?;
            line["scope"] = json!(subject.scope().name());
            line["place"] = json!(subject.to_string());
            line["tags"] = json!(has);
            return out::json(&line);
        }
        out::line(format_args!("{subject}\t{}", has.join(" ")))
    })
}

fn change(folder: &Path, tag: &str, places: &[Subject], add: bool, options: &Options, progress: &Progress) -> Outcome {
    let tag = checked_name(tag).map_err(Failure::user)?;
    let cohort = inputs::cohort(folder, progress)?;
    places.iter().try_for_each(|place| exists(&cohort, place))?;
    let mut tags = Tags::read(folder);
    let mut author = Author::new(&reader::name(options.reader.as_deref(), |name| std::env::var(name).ok()));
    let mut lines: Vec<TagLine> = Vec::new();
    for on in places {
        if tags.of(on).any(|other| other == tag) == add {
            continue;
        }
        let change =
            if add { TagChange::Tag { on: on.clone(), tag: tag.clone() } } else { TagChange::Untag { on: on.clone(), tag: tag.clone() } };
        let line = TagLine::new(&mut author, tags.latest(), change);
        tags.insert(author.start(), 0, line.clone());
        lines.push(line);
    }
    let count = lines.len();
    let mut journal: Journal<TagLine> = Journal::new(folder, &author);
    if count > 0 {
        journal.append_all(lines).map_err(Failure::user)?;
    }
    let what = if add { "tagged" } else { "untagged" };
    let as_said = places.len() - count;
    let rest = if as_said > 0 { format!("; {as_said} had it so already") } else { String::new() };
    out::line(format_args!("{what} {count} of {}{rest}", places.len()))
}

/// Whether the cohort has what a place names: a mistyped patient would be tagged for nothing.
fn exists(cohort: &Cohort, place: &Subject) -> Outcome {
    if place.scope() == Scope::Run {
        let run = place.run.as_deref().unwrap_or_default();
        let there = cohort.runs_folder().join(run).is_dir();
        return if there {
            Ok(())
        } else {
            Err(Failure::user(format!("{} has no run `{run}`; `svh runs` lists them", cohort.root().display())))
        };
    }
    let id = place.patient.as_deref().unwrap_or_default();
    let Some(patient) = cohort.patient(id) else {
        return Err(Failure::user(format!("{} has no patient `{id}`; `svh summary` lists them", cohort.root().display())));
    };
    match place.limb {
        Some(limb) if !patient.has_film(limb) => Err(Failure::user(format!("{id} has no film of the {}", limb.name()))),
        _ => Ok(()),
    }
}
