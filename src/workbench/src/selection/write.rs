//! Selections into files: CSV, JSON, COCO, VOC.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;
use svh_core::{BBox, Cohort, Film, Limb, Task, VocFile, VocObject, atomic, joint};
use thiserror::Error;

use super::{Item, Line, Selection};

/// What a selection is written as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A table, one line an entry.
    Csv(PathBuf),
    /// What `--view` opens again with everything that the list knows.
    Json(PathBuf),
    /// The films of the list with the reference's boxes, and the model's boxes beside it as `NAME.results.json`; one task.
    Coco(PathBuf),
    /// A folder with a file for each film and task: the model's boxes where there are any, else the reference's.
    Voc(PathBuf),
}

/// A selection that was not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The name does not say what the file is to be.
    #[error("`{0}` names no format; end it in .csv, .json, .coco.json, or / for a folder of VOC files")]
    Name(String),
    /// Both tasks number their classes alike.
    #[error("a COCO file holds the boxes of one task, and the list has both; filter it by narrowing or erosion first")]
    BothTasks,
    /// Nothing of the list can be in such a file.
    #[error("no entry of the list has a box, so there is nothing to write")]
    NoBoxes,
    /// A film of the list.
    #[error("{0}")]
    Film(String),
    /// The folder is there already.
    #[error("{} is there already; name a new folder", .0.display())]
    Taken(PathBuf),
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] atomic::WriteError),
    /// The folder could not be made.
    #[error("{} could not be created: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl Target {
    /// What a typed name asks for, relative to a folder.
    ///
    /// # Errors
    /// A name that says no format.
    pub fn of(name: &str, folder: &Path) -> Result<Self, WriteError> {
        let (typed, lower) = (name.trim(), name.trim().to_ascii_lowercase());
        let path = folder.join(typed);
        if typed.len() > 1 && typed.ends_with('/') {
            return Ok(Self::Voc(path));
        }
        type Form = (&'static str, fn(PathBuf) -> Target);
        let forms: [Form; 3] = [(".coco.json", Self::Coco), (".json", Self::Json), (".csv", Self::Csv)];
        let form = forms.into_iter().find(|(ending, _)| lower.len() > ending.len() && lower.ends_with(ending));
        form.map(|(_, of)| of(path)).ok_or_else(|| WriteError::Name(typed.to_owned()))
    }

    /// Where it goes.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Csv(path) | Self::Json(path) | Self::Coco(path) | Self::Voc(path) => path,
        }
    }
}

/// Writes a selection; `cohort` has the films that COCO and VOC files need the sizes of.
///
/// # Errors
/// Files that cannot be written, films that cannot be read, lists without boxes.
pub fn write(selection: &Selection, target: &Target, cohort: &Cohort) -> Result<(), WriteError> {
    match target {
        Target::Csv(path) => Ok(atomic::write(path, &csv(selection))?),
        Target::Json(path) => {
            let items: Vec<Line> = selection.items.iter().map(Line::from).collect();
            let document = json!({ "title": selection.title, "items": items });
            Ok(atomic::write(path, format!("{document:#}\n").as_bytes())?)
        }
        Target::Coco(path) => coco(selection, path, cohort),
        Target::Voc(path) => voc(selection, path, cohort),
    }
}

const HEADS: [&str; 22] = [
    "patient",
    "limb",
    "task",
    "joint",
    "what",
    "score",
    "iou",
    "reader",
    "model",
    "x0",
    "y0",
    "x1",
    "y1",
    "reference_x0",
    "reference_y0",
    "reference_x1",
    "reference_y1",
    "before_x0",
    "before_y0",
    "before_x1",
    "before_y1",
    "tags",
];

fn csv(selection: &Selection) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(HEADS);
    for item in &selection.items {
        let number = |value: Option<f32>| value.map_or_else(String::new, |value| value.to_string());
        let grade = |value: Option<u8>| value.map_or_else(String::new, |value| value.to_string());
        let sides = |bbox: Option<BBox>| {
            bbox.map_or_else(|| vec![String::new(); 4], |bbox| <[f32; 4]>::from(bbox).map(|side| side.to_string()).to_vec())
        };
        let mut record = vec![
            item.patient.clone(),
            item.limb.code().to_owned(),
            item.joint.map_or_else(String::new, |joint| joint.task.name().to_owned()),
            item.joint.map_or_else(String::new, |joint| joint.label.clone()),
            item.what.clone(),
            number(item.score),
            number(item.iou),
            grade(item.reader),
            grade(item.model),
        ];
        for bbox in [item.found, item.reference, item.before] {
            record.extend(sides(bbox));
        }
        record.push(item.tags.join(" "));
        let _ = writer.write_record(record);
    }
    writer.into_inner().unwrap_or_default()
}

/// The films of a list with their paths and sizes, each once, in the order of the cohort.
struct Films(BTreeMap<(String, Limb), (PathBuf, (u32, u32))>);

impl Films {
    fn of(items: &[&Item], cohort: &Cohort) -> Result<Self, WriteError> {
        let mut films = BTreeMap::new();
        for item in items {
            let key = (item.patient.clone(), item.limb);
            if films.contains_key(&key) {
                continue;
            }
            let path = cohort.patient(&item.patient).and_then(|patient| cohort.film(patient, item.limb));
            let path = path.ok_or_else(|| WriteError::Film(format!("the cohort has no film {}-{}", item.patient, item.limb)))?;
            let size = Film::size(&path).map_err(|error| WriteError::Film(error.to_string()))?;
            films.insert(key, (path, size));
        }
        Ok(Self(films))
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn coco(selection: &Selection, path: &Path, cohort: &Cohort) -> Result<(), WriteError> {
    let boxed: Vec<&Item> =
        selection.items.iter().filter(|item| item.joint.is_some() && (item.reference.is_some() || item.found.is_some())).collect();
    let task = boxed.first().and_then(|item| item.joint).map(|joint| joint.task).ok_or(WriteError::NoBoxes)?;
    if boxed.iter().any(|item| item.joint.is_some_and(|joint| joint.task != task)) {
        return Err(WriteError::BothTasks);
    }
    let films = Films::of(&boxed, cohort)?;
    let images: Vec<_> = films
        .0
        .values()
        .enumerate()
        .map(|(id, (path, (width, height)))| json!({ "id": id + 1, "file_name": name(path), "width": width, "height": height }))
        .collect();
    let ids: BTreeMap<&(String, Limb), usize> = films.0.keys().enumerate().map(|(id, key)| (key, id + 1)).collect();
    let corner = |bbox: BBox| {
        let [x0, y0, x1, y1] = <[f32; 4]>::from(bbox).map(f64::from);
        [x0, y0, x1 - x0, y1 - y0]
    };
    let (mut annotations, mut results) = (Vec::new(), Vec::new());
    for item in boxed {
        let Some(image) = ids.get(&(item.patient.clone(), item.limb)) else { continue };
        let class = item.joint.map_or(0, |joint| joint.class_id);
        if let Some(bbox) = item.reference {
            let [.., width, height] = corner(bbox);
            let id = annotations.len() + 1;
            annotations.push(
                json!({ "id": id, "image_id": image, "category_id": class, "bbox": corner(bbox), "area": width * height, "iscrowd": 0 }),
            );
        }
        if let Some(bbox) = item.found {
            results.push(json!({ "image_id": image, "category_id": class, "bbox": corner(bbox), "score": item.score.unwrap_or(0.0) }));
        }
    }
    let categories: Vec<_> = joint::joints(task).iter().map(|joint| json!({ "id": joint.class_id, "name": joint.label })).collect();
    let document = json!({ "info": { "description": format!("{} ({task})", selection.title) }, "images": images, "annotations": annotations, "categories": categories });
    atomic::write(path, document.to_string().as_bytes())?;
    if !results.is_empty() {
        let beside = path.to_string_lossy();
        let stem = beside.get(..beside.len() - ".coco.json".len()).unwrap_or(&beside);
        atomic::write(Path::new(&format!("{stem}.results.json")), json!(results).to_string().as_bytes())?;
    }
    Ok(())
}

fn voc(selection: &Selection, folder: &Path, cohort: &Cohort) -> Result<(), WriteError> {
    let boxed: Vec<&Item> =
        selection.items.iter().filter(|item| item.joint.is_some() && (item.reference.is_some() || item.found.is_some())).collect();
    if boxed.is_empty() {
        return Err(WriteError::NoBoxes);
    }
    if folder.exists() {
        return Err(WriteError::Taken(folder.to_path_buf()));
    }
    let films = Films::of(&boxed, cohort)?;
    for task in Task::ALL {
        for ((patient, limb), (film, size)) in &films.0 {
            let here = boxed.iter().filter(|item| item.patient == *patient && item.limb == *limb);
            let here: Vec<_> = here.filter(|item| item.joint.is_some_and(|joint| joint.task == task)).collect();
            if here.is_empty() {
                continue;
            }
            let labels = folder.join(format!("{task}_labels"));
            svh_core::access::make_folders(&labels)
                .map_err(|error| WriteError::Folder { path: labels.clone(), reason: error.to_string() })?;
            let path = labels.join(format!("{patient}-{limb}.xml"));
            let mut file = VocFile::new(&path, film, *size);
            for item in here {
                if let (Some(joint), Some(bbox)) = (item.joint, item.found.or(item.reference)) {
                    file.add(&VocObject { name: joint.label.clone(), bbox, difficult: false });
                }
            }
            file.write(&path)?;
        }
    }
    Ok(())
}
