//! COCO files whose categories are joints: ours, or RAM-H1200's regions.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;

use super::films::{FilmTree, Search};
use super::names::{file_name, files_below, joints_named, stem, tasks_named};
use super::{CohortBuilder, ImportError, ImportOptions};
use crate::cohort::table_path;
use crate::intake::{self, json, json::Id};
use crate::{BBox, GradeTable, Limb, Task};

/// As much of a COCO file as boxes need; ids and numbers as other tools spell them.
#[derive(Deserialize)]
pub struct Dataset {
    images: Vec<Image>,
    annotations: Vec<Annotation>,
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    id: Id,
    file_name: String,
    #[serde(default, deserialize_with = "json::pixels")]
    width: Option<u32>,
    #[serde(default, deserialize_with = "json::pixels")]
    height: Option<u32>,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: Id,
    category_id: Id,
    /// `x y width height`.
    #[serde(default, deserialize_with = "json::numbers")]
    bbox: Option<Vec<f64>>,
    #[serde(default, deserialize_with = "json::flag")]
    difficult: bool,
}

#[derive(Deserialize)]
struct Category {
    id: Id,
    name: String,
    #[serde(default)]
    supercategory: Option<String>,
}

/// Which task a name belongs to that both tasks have.
#[derive(Clone, Copy)]
pub enum Shared {
    /// To this one.
    Task(Task),
    /// To both: the regions of RAM-H1200 hold for either.
    Both,
}

pub fn read(source: &Path, wanted: &ImportOptions) -> Result<CohortBuilder, ImportError> {
    let mut builder = CohortBuilder::default();
    let files = if source.is_file() { Ok(vec![source.to_owned()]) } else { files_below(source, ".json", 2) };
    let folder = if source.is_file() { source.parent().unwrap_or(Path::new(".")) } else { source };
    let unreadable = |error: std::io::Error| ImportError::unreadable(source, &error);
    let films = films_around(source, folder).map_err(unreadable)?;
    for path in files.map_err(unreadable)? {
        let dataset = match open(&path) {
            Ok(dataset) => dataset,
            // A folder holds other JSON files as well; a file that was named must be what it is named as.
            Err(error) if source.is_file() => return Err(error),
            Err(error) => {
                builder.report.leave("file", &file_name(&path), why_not(&path, error));
                continue;
            }
        };
        let Some(task) = task_of(&path, &dataset, wanted)? else {
            builder.report.leave("file", &file_name(&path), "none of its categories is a joint, such as LH_mcp_2 or BE_MCP-I");
            continue;
        };
        take(&mut builder, &path, &dataset, Shared::Task(task), &films, wanted.limb);
    }
    if let Some(table) = table_path(folder) {
        builder.grades = GradeTable::read(&table)?;
    }
    Ok(builder)
}

/// Reads a file.
pub fn open(path: &Path) -> Result<Dataset, ImportError> {
    let bytes = intake::bytes(path, intake::MAX_JSON).map_err(|error| ImportError::unreadable(path, &error))?;
    json::parse(&bytes).map_err(|reason| ImportError::Damaged { path: path.to_owned(), what: "COCO file", reason })
}

/// The films that a source may mean: everything below its folder; a file's also beside the folder that it lies in, as `annotations/` lies beside `images/`.
fn films_around(source: &Path, folder: &Path) -> std::io::Result<FilmTree> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let whole = folder.canonicalize()?;
    let apart = ["annotations", "labels", "annotation", "json"];
    let is_apart = whole.file_name().is_some_and(|name| apart.iter().any(|apart| name.eq_ignore_ascii_case(apart)));
    match folder.parent().filter(|_| source.is_file() && is_apart) {
        Some(above) => FilmTree::of(&[if above.as_os_str().is_empty() { Path::new(".") } else { above }]),
        None => FilmTree::of(&[folder]),
    }
}

/// Why a JSON file of a folder is not taken: one that is plainly no COCO file is told so, another is told its fault.
fn why_not(path: &Path, error: ImportError) -> String {
    let ImportError::Damaged { reason, .. } = error else { return error.to_string() };
    let bytes = intake::bytes(path, intake::MAX_JSON).unwrap_or_default();
    let parts = ["images", "annotations", "categories"];
    match json::parse::<serde_json::Value>(&bytes) {
        Ok(value) if parts.iter().all(|part| value.get(part).is_none()) => "it has no images, annotations and categories".to_owned(),
        Ok(value) => match parts.iter().find(|part| value.get(part).is_none()) {
            Some(part) => format!("it is a COCO file without {part}"),
            None => format!("an entry of it cannot be read ({reason})"),
        },
        Err(_) => format!("it is not valid JSON ({reason})"),
    }
}

impl Dataset {
    /// Whether any category is a joint.
    pub(crate) fn has_joints(&self) -> bool {
        self.categories.iter().any(|category| !tasks_named(&category.name).is_empty())
    }
}

/// The task of the names that both tasks have: as the categories or the file's name say, as other categories leave no choice, or as wanted. `None`
/// without any joint.
fn task_of(path: &Path, dataset: &Dataset, wanted: &ImportOptions) -> Result<Option<Task>, ImportError> {
    let named: Vec<Vec<Task>> = dataset.categories.iter().map(|category| tasks_named(&category.name)).filter(|of| !of.is_empty()).collect();
    if named.is_empty() {
        return Ok(None);
    }
    let said = |text: &str| Task::ALL.into_iter().find(|task| text.to_ascii_lowercase().contains(task.name()));
    let supercategory = dataset.categories.iter().find_map(|category| said(category.supercategory.as_deref()?));
    let only = || {
        let [narrowing, erosion] = Task::ALL.map(|task| named.iter().all(|of| of.contains(&task)));
        match (narrowing, erosion) {
            (true, false) => Some(Task::Narrowing),
            (false, true) => Some(Task::Erosion),
            // Each name says its task itself.
            (false, false) if named.iter().all(|of| of.len() == 1) => Some(Task::Narrowing),
            _ => None,
        }
    };
    let task = supercategory.or_else(|| said(&file_name(path))).or_else(only).or(wanted.task);
    task.map(Some).ok_or_else(|| ImportError::WhichTask { path: path.to_owned() })
}

/// Takes the boxes of a file and the films they are on; what films were met comes back by name.
pub fn take(
    builder: &mut CohortBuilder,
    path: &Path,
    dataset: &Dataset,
    shared: Shared,
    films: &FilmTree,
    limb: Option<Limb>,
) -> Vec<String> {
    let names: HashMap<&Id, &str> = dataset.categories.iter().map(|category| (&category.id, category.name.as_str())).collect();
    let mut boxes: BTreeMap<&Id, Vec<&Annotation>> = BTreeMap::new();
    for annotation in &dataset.annotations {
        boxes.entry(&annotation.image_id).or_default().push(annotation);
    }
    let mut met = Vec::new();
    for image in &dataset.images {
        let of_image = boxes.remove(&image.id).unwrap_or_default();
        let film = match films.find(path, &image.file_name) {
            Search::Found(film) => film,
            Search::Absent => {
                builder.report.leave("film", &image.file_name, format!("{} names it, but it is missing", file_name(path)));
                continue;
            }
            Search::Several(films) => {
                let folders: Vec<_> = films.iter().filter_map(|film| Some(film.parent()?.display().to_string())).collect();
                let reason = format!("several folders have a film of its name ({}); give file_name its folder", folders.join(", "));
                builder.report.leave("film", &image.file_name, reason);
                continue;
            }
        };
        let limb = limb.or_else(|| limb_of(&of_image, &names, stem(&file_name(film))));
        let Some(key) = builder.film(film, limb) else { continue };
        met.push(file_name(film));
        let size = builder.size(&key).unwrap_or_default();
        if let (Some(width), Some(height)) = (image.width, image.height)
            && (width, height) != size
        {
            let reason = format!("{} gives it {width} x {height} pixels and its film has {} x {}", file_name(path), size.0, size.1);
            builder.report.leave("image", &image.file_name, reason);
            continue;
        }
        for annotation in of_image {
            let name = names.get(&annotation.category_id).copied().unwrap_or("?");
            let mut joints = joints_named(name, key.1);
            if let (Shared::Task(task), true) = (shared, joints.len() > 1) {
                joints.retain(|joint| joint.task == task);
            }
            let what = format!("{name} of {}", image.file_name);
            if joints.is_empty() {
                let reason =
                    if tasks_named(name).is_empty() { "the category is not a joint" } else { "the joint is of another limb than the film" };
                builder.report.leave("box", &what, reason);
            }
            let Some(&[x, y, width, height]) = annotation.bbox.as_deref().and_then(|bbox| <&[f64; 4]>::try_from(bbox).ok()) else {
                builder.report.leave("box", &what, "the annotation has no bbox of four numbers");
                continue;
            };
            let bbox = BBox::from([x, y, x + width, y + height].map(|side| side as f32));
            joints.into_iter().for_each(|joint| builder.add_box(&key, joint, bbox, annotation.difficult));
        }
    }
    let nowhere = boxes.values().map(Vec::len).sum::<usize>();
    (0..nowhere).for_each(|_| builder.report.leave("box", &file_name(path), "its image_id is none of the images"));
    met
}

/// The limb that the categories of a film's boxes name, where the film's own name does not.
fn limb_of(boxes: &[&Annotation], names: &HashMap<&Id, &str>, stem: &str) -> Option<Limb> {
    if super::names::patient_and_limb(stem, None).is_some() {
        return None;
    }
    let mut limbs = boxes.iter().filter_map(|annotation| Limb::from_code(names.get(&annotation.category_id)?.get(..2)?));
    let first = limbs.next()?;
    limbs.all(|limb| limb == first).then_some(first)
}
