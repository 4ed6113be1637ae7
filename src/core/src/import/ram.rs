//! RAM-H1200: splits, each with score files, COCO files of the joints' regions, and films of hands.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::coco::{self, Shared};
use super::films::FilmTree;
use super::names::{Films, file_name, joints_named, patient_and_limb, stem, with_images};
use super::{CohortBuilder, ImportError, ImportOptions};
use crate::Limb;
use crate::intake::{self, json};

/// The score files and what a key without a prefix means in them.
const SCORES: [(&str, &str); 2] = [("_annotation_be_scores.json", "BE_"), ("_annotation_jsn_scores.json", "JSN_")];

/// What users of the grades should know: these keys name less than the method's joint.
const NOTES: [(&str, &str); 3] = [
    ("BE_Tm", "BE_Tm is the trapezium alone and is taken as the multangular (wrist_mul)"),
    ("JSN_SC", "JSN_SC leaves the lunate out by name and is taken as capitate-navicular-lunate (wrist_capnlun)"),
    ("JSN_SR", "JSN_SR leaves the lunate out by name and is taken as the radiocarpal joint (wrist_radcar)"),
];

/// Film name to key to grade.
type Scores = BTreeMap<String, BTreeMap<String, Value>>;

pub fn read(source: &Path, wanted: &ImportOptions) -> Result<CohortBuilder, ImportError> {
    let mut builder = CohortBuilder::default();
    let splits = splits(source)?;
    for split in &wanted.splits {
        if !splits.iter().any(|(name, _)| name == split) {
            let there = splits.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(ImportError::NoSplit { path: source.to_owned(), split: split.clone(), there });
        }
    }
    for (name, folder) in splits.iter().filter(|(name, _)| wanted.splits.is_empty() || wanted.splits.contains(name)) {
        let before = builder.keys();
        take(&mut builder, folder, wanted)?;
        if folder != source {
            for key in builder.keys().difference(&before) {
                builder.split(key, name);
            }
        }
    }
    Ok(builder)
}

/// The folders with annotations: those in the source, else the source itself.
fn splits(source: &Path) -> Result<Vec<(String, PathBuf)>, ImportError> {
    let unreadable = |error: std::io::Error| ImportError::unreadable(source, &error);
    let mut folders: Vec<PathBuf> = fs::read_dir(source).map_err(unreadable)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.retain(|path| path.is_dir() && has_annotations(path));
    folders.sort();
    if folders.is_empty() {
        folders.push(source.to_owned());
    }
    Ok(folders.into_iter().map(|folder| (file_name(&folder), folder)).collect())
}

fn has_annotations(folder: &Path) -> bool {
    SCORES.iter().any(|(name, _)| folder.join(name).is_file()) || !coco_files(folder).is_empty()
}

fn coco_files(folder: &Path) -> Vec<PathBuf> {
    super::names::files_below(folder, ".coco.json", 0).unwrap_or_default()
}

fn take(builder: &mut CohortBuilder, folder: &Path, wanted: &ImportOptions) -> Result<(), ImportError> {
    let films = Films::of(&with_images(folder));
    let tree = FilmTree::of(&[folder]).map_err(|error| ImportError::unreadable(folder, &error))?;
    for (name, prefix) in SCORES {
        let path = folder.join(name);
        if path.is_file() {
            take_scores(builder, &path, prefix, &films, wanted.limb)?;
        }
    }
    for path in coco_files(folder) {
        let dataset = coco::open(&path)?;
        if dataset.has_joints() {
            coco::take(builder, &path, &dataset, Shared::Both, &tree, wanted.limb);
        } else {
            builder.report.leave("file", &file_name(&path), "none of its categories is a joint, such as BE_MCP-I");
        }
    }
    let crops = crops(folder, &films);
    if crops > 0 {
        let folder = file_name(folder);
        builder.report.note(&format!("the joint crops of {crops} films in {folder} are left out: svh cuts joints out of films itself"));
    }
    Ok(())
}

fn take_scores(builder: &mut CohortBuilder, path: &Path, prefix: &str, films: &Films, limb: Option<Limb>) -> Result<(), ImportError> {
    let bytes = intake::bytes(path, intake::MAX_JSON).map_err(|error| ImportError::unreadable(path, &error))?;
    let scores: Scores =
        json::parse(&bytes).map_err(|reason| ImportError::Damaged { path: path.to_owned(), what: "score file", reason })?;
    for (name, grades) in &scores {
        let film = films.find(name);
        let key = match film {
            Some(film) => builder.film(film, limb),
            // Grades may be there without their film.
            None => patient_and_limb(stem(name), limb),
        };
        let Some((patient, limb)) = key else {
            if film.is_none() {
                builder.report.leave("film", name, "the name does not say the limb; rename it to PATIENT-LH, or give --limb");
            }
            continue;
        };
        if film.is_none() {
            builder.report.leave("film", name, format!("{} grades it, but the film is missing; its grades are imported", file_name(path)));
            builder.without_film(patient.clone(), limb);
        }
        for (key, value) in grades {
            take_grade(builder, name, &patient, limb, prefix, key, value);
        }
    }
    Ok(())
}

fn take_grade(builder: &mut CohortBuilder, film: &str, patient: &str, limb: Limb, prefix: &str, key: &str, value: &Value) {
    let what = format!("{key} of {film}");
    let full = if key.starts_with("BE_") || key.starts_with("JSN_") { key.to_owned() } else { format!("{prefix}{key}") };
    let [joint] = joints_named(&full, limb)[..] else {
        builder.report.leave("grade", &what, "the key is not a joint of a hand");
        return;
    };
    match number(value) {
        Number::Missing => {}
        Number::Whole(grade) => {
            builder.grade(patient, joint, grade, film);
            if let Some((_, note)) = NOTES.iter().find(|(noted, _)| *noted == full) {
                builder.report.note(note);
            }
        }
        Number::Other => builder.report.leave("grade", &what, format!("{value} is not a grade")),
    }
}

enum Number {
    Missing,
    Whole(u8),
    Other,
}

/// Whole numbers, also as 2.0 or "2"; null and empty text are missing.
fn number(value: &Value) -> Number {
    let number = match value {
        Value::Null => return Number::Missing,
        Value::String(text) if text.trim().is_empty() => return Number::Missing,
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    match number {
        Some(number) if number.fract() == 0.0 && (0.0..=255.0).contains(&number) => Number::Whole(number as u8),
        _ => Number::Other,
    }
}

/// Folders named after films, which hold crops.
fn crops(folder: &Path, films: &Films) -> usize {
    films.all().filter(|film| folder.join(stem(&file_name(film))).is_dir()).count()
}
