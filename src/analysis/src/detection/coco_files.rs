//! Anyone's COCO files: `GT.json` with images, annotations and categories, `DT.json` with an array of results.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use svh_core::intake::{self, json, json::Id};
use svh_core::{Joint, Task, joint};
use thiserror::Error;

use super::boxes::{Class, FoundBox, Rect, ReferenceBox, Sample};
use super::kind::ErrorKind;
use super::matching::{Matching, NamedError};

/// Metrics are kept for every category at every threshold: so many take less than a GB.
const MAX_CATEGORIES: usize = 4096;

/// Overlaps on an image that are kept at once: so many take less than a GB.
const MAX_PAIRS: usize = 60_000_000;

/// COCO files that could not be used.
#[derive(Debug, Error)]
pub enum CocoFault {
    /// The file is missing, may not be read, or is not of its kind.
    #[error("{} cannot be read as {kind} ({reason}); give GT.json, then DT.json", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What it should be.
        kind: &'static str,
        /// The reader's words.
        reason: String,
    },
    /// An id stands twice.
    #[error("{}: there are two {what} with the id {id}; number them apart", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// `images` or `categories`.
        what: &'static str,
        /// The id.
        id: Id,
    },
    /// A result speaks of an image that is not there, as in pycocotools.
    #[error("{}, entry {number} (from 0): image {id} is not in the ground truth; the two files do not belong together", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// Counted from 0.
        number: usize,
        /// The id.
        id: Id,
    },
    /// A box without area or with a side that is not a number, or a score that is none.
    #[error("{}, entry {number} (from 0): {what}; correct or remove it", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// Counted from 0.
        number: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// More categories than anybody has.
    #[error("{} has {count} categories, and metrics are computed for at most {MAX_CATEGORIES}; leave out those without boxes", path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// More pairs of boxes on an image than can be compared.
    #[error("{}: image {image} has {found} boxes and {reference} in the ground truth, more than can be compared; leave out those of low score", path.display())]
    Crowded {
        /// The results.
        path: PathBuf,
        /// The image.
        image: String,
        /// Boxes in the results.
        found: usize,
        /// Boxes of the reference.
        reference: usize,
    },
}

/// The boxes of both files.
#[derive(Clone, Debug)]
pub struct CocoFiles {
    /// The boxes.
    pub sample: Sample,
    /// Of each found box of the sample, its index in `DT.json`.
    pub indices: Vec<usize>,
    /// File names of the images, or their ids where they have none.
    pub films: Vec<String>,
    /// What the files hold and does not take part, one sentence each; pycocotools leaves the same out without a word.
    pub left_out: Vec<String>,
}

#[derive(Deserialize)]
struct ReferenceFile {
    images: Vec<Image>,
    #[serde(default)]
    annotations: Vec<Annotation>,
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    id: Id,
    #[serde(default)]
    file_name: Option<String>,
}

#[derive(Deserialize)]
struct Category {
    id: Id,
    name: String,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: Id,
    category_id: Id,
    #[serde(default, deserialize_with = "json::numbers")]
    bbox: Option<Vec<f64>>,
    #[serde(default, deserialize_with = "json::number")]
    area: Option<f64>,
    #[serde(default, deserialize_with = "json::flag")]
    iscrowd: bool,
}

#[derive(Deserialize)]
struct Found {
    image_id: Id,
    category_id: Id,
    #[serde(default, deserialize_with = "json::numbers")]
    bbox: Option<Vec<f64>>,
    #[serde(default, deserialize_with = "json::number")]
    score: Option<f64>,
}

impl CocoFiles {
    /// Reads both files, as pycocotools evaluates them: results of a category that the reference does not have, and annotations of images or categories that it does
    /// not list, take no part; a box of no size is one that is wrong everywhere.
    ///
    /// # Errors
    /// See [`CocoFault`].
    pub fn read(reference: &Path, found: &Path) -> Result<Self, CocoFault> {
        let file: ReferenceFile = read(reference, "COCO ground truth, an object with images, annotations and categories")?;
        let results: Vec<Found> = read(found, "COCO results, an array of objects with image_id, category_id, bbox and score")?;
        let images = places(reference, "images", file.images.iter().map(|image| &image.id))?;
        let categories = places(reference, "categories", file.categories.iter().map(|category| &category.id))?;
        if categories.len() > MAX_CATEGORIES {
            return Err(CocoFault::TooMany { path: reference.to_owned(), count: categories.len() });
        }
        let class_of = |id: &Id| categories.get(id).map(|class| *class as u16);
        let sound = |path: &Path, number: usize, bbox: Option<Vec<f64>>| {
            let sides = bbox.and_then(|bbox| <[f64; 4]>::try_from(bbox).ok());
            let good = sides.filter(|sides| sides.iter().all(|side| side.is_finite()) && sides[2] >= 0.0 && sides[3] >= 0.0);
            let what = "bbox must be four numbers, x, y, width and height, the last two not negative";
            good.map(Rect::from).ok_or_else(|| CocoFault::Entry { path: path.to_owned(), number, what })
        };
        let mut sample = Sample { classes: classes(&file.categories), films: images.len(), ..Sample::default() };
        let (mut strangers, mut others, mut indices) = (0, 0, Vec::new());
        for (number, annotation) in file.annotations.into_iter().enumerate() {
            let (Some(film), Some(class)) = (images.get(&annotation.image_id), class_of(&annotation.category_id)) else {
                strangers += 1;
                continue;
            };
            let rect = sound(reference, number, annotation.bbox)?;
            let area = annotation.area.unwrap_or_else(|| rect.area());
            sample.reference.push(ReferenceBox { film: *film as u32, class, rect, area, crowd: annotation.iscrowd });
        }
        for (number, result) in results.into_iter().enumerate() {
            let unknown = || CocoFault::Unknown { path: found.to_owned(), number, id: result.image_id.clone() };
            let film = *images.get(&result.image_id).ok_or_else(unknown)? as u32;
            let Some(class) = class_of(&result.category_id) else {
                others += 1;
                continue;
            };
            let rect = sound(found, number, result.bbox)?;
            let score = result.score.filter(|score| score.is_finite());
            let what = "the score is not a number";
            let score = score.ok_or_else(|| CocoFault::Entry { path: found.to_owned(), number, what })?;
            indices.push(number);
            sample.found.push(FoundBox { film, class, rect, score, doubtful: false, eligible: true });
        }
        let mut left_out = Vec::new();
        if strangers > 0 {
            left_out.push(format!(
                "{strangers} annotations are ignored because their image or category is not listed in {}",
                reference.display()
            ));
        }
        if others > 0 {
            left_out.push(format!("{others} results are ignored because the ground truth lacks their category"));
        }
        if let Some((image, found_here, reference_here)) = crowded(&sample) {
            let image = file.images[image].id.to_string();
            return Err(CocoFault::Crowded { path: found.to_owned(), image, found: found_here, reference: reference_here });
        }
        let name = |image: Image| image.file_name.filter(|name| !name.is_empty()).unwrap_or_else(|| image.id.to_string());
        Ok(Self { sample, indices, films: file.images.into_iter().map(name).collect(), left_out })
    }
}

/// The first image with more pairs of found and reference boxes than are compared, and how many of each it has.
fn crowded(sample: &Sample) -> Option<(usize, usize, usize)> {
    let (mut found, mut reference) = (vec![0_usize; sample.films], vec![0_usize; sample.films]);
    sample.found.iter().for_each(|one| found[one.film as usize] += 1);
    sample.reference.iter().for_each(|one| reference[one.film as usize] += 1);
    let (place, (found, reference)) =
        found.into_iter().zip(reference).enumerate().find(|(_, (found, reference))| found * reference > MAX_PAIRS)?;
    Some((place, found, reference))
}

fn read<T: DeserializeOwned>(path: &Path, kind: &'static str) -> Result<T, CocoFault> {
    let unreadable = |reason: String| CocoFault::Unreadable { path: path.to_owned(), kind, reason };
    json::parse(&intake::bytes(path, intake::MAX_JSON).map_err(|e| unreadable(e.to_string()))?).map_err(unreadable)
}

fn places<'a>(path: &Path, what: &'static str, ids: impl Iterator<Item = &'a Id>) -> Result<HashMap<Id, usize>, CocoFault> {
    let mut places = HashMap::new();
    for (place, id) in ids.enumerate() {
        if places.insert(id.clone(), place).is_some() {
            return Err(CocoFault::Twice { path: path.to_owned(), what, id: id.clone() });
        }
    }
    Ok(places)
}

/// The categories as classes. Names that are joints of one task are taken for those; both tasks name the joints that they share alike. Ids that are not all
/// numbers are renumbered.
fn classes(categories: &[Category]) -> Vec<Class> {
    let known = |name: &str| -> Option<&'static Joint> { Task::ALL.into_iter().find_map(|task| joint::by_label(task, name)) };
    let numbers: Option<Vec<u64>> = categories.iter().map(|category| category.id.number()).collect();
    let id = |place: usize| numbers.as_ref().map_or(place as u64 + 1, |numbers| numbers[place]);
    let class = |(place, category): (usize, &Category)| Class { id: id(place), joint: known(&category.name), name: category.name.clone() };
    categories.iter().enumerate().map(class).collect()
}

/// An error in COCO files, as `svh evaluate --coco --json` lists it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CocoError<'a> {
    /// The image's file name.
    pub film: &'a str,
    /// What is wrong.
    pub kind: ErrorKind,
    /// The category of the reference box; of a Background, Duplicate or Other box without one, its own.
    pub joint: &'a str,
    /// The category that the box claims; absent for Missed.
    #[serde(rename = "predicted")]
    pub model: Option<&'a str>,
    /// Index into the results; absent for Missed.
    pub detection: Option<usize>,
    /// Its score; absent for Missed.
    pub score: Option<f64>,
    /// Its overlap with the reference box; absent where there is none.
    pub iou: Option<f64>,
}

impl CocoFiles {
    /// The errors among the boxes of at least this score, by film.
    #[must_use]
    pub fn named_errors(&self, matching: &Matching, threshold: f64) -> Vec<CocoError<'_>> {
        let name = |class: u16| self.sample.classes[usize::from(class)].name.as_str();
        let mut errors: Vec<NamedError> = matching.errors(threshold).collect();
        errors.sort_by_key(|error| error.film);
        let named = |error: NamedError| {
            let found = error.found.map(|place| self.sample.found[place as usize]);
            let reference = error.reference.map(|place| self.sample.reference[place as usize]);
            let class = reference.map(|reference| reference.class).or(found.map(|found| found.class));
            CocoError {
                film: &self.films[error.film as usize],
                kind: error.kind,
                joint: class.map_or("", name),
                model: found.map(|found| name(found.class)),
                detection: error.found.map(|place| self.indices[place as usize]),
                score: found.map(|found| found.score),
                iou: found.zip(reference).map(|(found, reference)| found.rect.iou(&reference.rect)),
            }
        };
        errors.into_iter().map(named).collect()
    }
}
