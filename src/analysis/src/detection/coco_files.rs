//! Anyone's COCO files: `GT.json` with images, annotations and categories, `DT.json` with an array of results.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use svh_core::{Joint, Task, joint};
use thiserror::Error;

use super::boxes::{Class, FoundBox, Rect, Sample, TrueBox};
use super::kind::ErrorKind;
use super::matching::{Matching, NamedError};

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
        id: u64,
    },
    /// An entry speaks of an image or category that is not there.
    #[error("{}, entry {number} (from 0): {what} {id} is not in the ground truth; the two files do not belong together", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// Counted from 0.
        number: usize,
        /// `image` or `category`.
        what: &'static str,
        /// The id.
        id: u64,
    },
    /// A box without area or with a side that is no number, or a score that is none.
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
    #[error("{} has more than 65535 categories", path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
    },
}

/// The boxes of both files. A found box's place in the sample is its index in `DT.json`.
#[derive(Clone, Debug)]
pub struct CocoFiles {
    /// The boxes.
    pub sample: Sample,
    /// File names of the images, or their ids where they have none.
    pub films: Vec<String>,
}

#[derive(Deserialize)]
struct Truth {
    images: Vec<Image>,
    #[serde(default)]
    annotations: Vec<Annotation>,
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    id: u64,
    file_name: Option<String>,
}

#[derive(Deserialize)]
struct Category {
    id: u64,
    name: String,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: u64,
    category_id: u64,
    bbox: [f64; 4],
    area: Option<f64>,
    #[serde(default)]
    iscrowd: u8,
}

#[derive(Deserialize)]
struct Found {
    image_id: u64,
    category_id: u64,
    bbox: [f64; 4],
    score: f64,
}

impl CocoFiles {
    /// Reads both files.
    ///
    /// # Errors
    /// See [`CocoFault`].
    pub fn read(truth: &Path, found: &Path) -> Result<Self, CocoFault> {
        let file: Truth = read(truth, "COCO ground truth, an object with images, annotations and categories")?;
        let results: Vec<Found> = read(found, "COCO results, an array of objects with image_id, category_id, bbox and score")?;
        let images = places(truth, "images", file.images.iter().map(|image| image.id))?;
        let categories = places(truth, "categories", file.categories.iter().map(|category| category.id))?;
        u16::try_from(categories.len()).map_err(|_| CocoFault::TooMany { path: truth.to_owned() })?;
        let place = |path: &Path, number: usize, image: u64, category: u64| {
            let unknown = |what, id| CocoFault::Unknown { path: path.to_owned(), number, what, id };
            let film = images.get(&image).ok_or_else(|| unknown("image", image))?;
            let class = categories.get(&category).ok_or_else(|| unknown("category", category))?;
            Ok((*film as u32, *class as u16))
        };
        let sound = |path: &Path, number: usize, bbox: [f64; 4]| {
            let good = bbox.iter().all(|side| side.is_finite()) && bbox[2] > 0.0 && bbox[3] > 0.0;
            let what = "bbox must be x, y, width, height with a width and height above 0";
            if good { Ok(Rect::from(bbox)) } else { Err(CocoFault::Entry { path: path.to_owned(), number, what }) }
        };
        let mut sample = Sample { classes: classes(file.categories), films: images.len(), ..Sample::default() };
        for (number, annotation) in file.annotations.into_iter().enumerate() {
            let (film, class) = place(truth, number, annotation.image_id, annotation.category_id)?;
            let rect = sound(truth, number, annotation.bbox)?;
            let area = annotation.area.unwrap_or_else(|| rect.area());
            sample.truth.push(TrueBox { film, class, rect, area, crowd: annotation.iscrowd != 0 });
        }
        for (number, result) in results.into_iter().enumerate() {
            let (film, class) = place(found, number, result.image_id, result.category_id)?;
            let rect = sound(found, number, result.bbox)?;
            if !result.score.is_finite() {
                return Err(CocoFault::Entry { path: found.to_owned(), number, what: "the score is no number" });
            }
            sample.found.push(FoundBox { film, class, rect, score: result.score, doubtful: false, eligible: true });
        }
        let name = |image: Image| image.file_name.filter(|name| !name.is_empty()).unwrap_or_else(|| image.id.to_string());
        Ok(Self { sample, films: file.images.into_iter().map(name).collect() })
    }
}

fn read<T: DeserializeOwned>(path: &Path, kind: &'static str) -> Result<T, CocoFault> {
    let unreadable = |reason: String| CocoFault::Unreadable { path: path.to_owned(), kind, reason };
    let bytes = std::fs::read(path).map_err(|e| unreadable(e.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|e| unreadable(e.to_string()))
}

fn places(path: &Path, what: &'static str, ids: impl Iterator<Item = u64>) -> Result<HashMap<u64, usize>, CocoFault> {
    let mut places = HashMap::new();
    for (place, id) in ids.enumerate() {
        if places.insert(id, place).is_some() {
            return Err(CocoFault::Twice { path: path.to_owned(), what, id });
        }
    }
    Ok(places)
}

/// The categories as classes. Names that are joints of one task are taken for those; both tasks name the joints that they share alike.
fn classes(categories: Vec<Category>) -> Vec<Class> {
    let known = |name: &str| -> Option<&'static Joint> { Task::ALL.into_iter().find_map(|task| joint::by_label(task, name)) };
    categories.into_iter().map(|category| Class { id: category.id, joint: known(&category.name), name: category.name }).collect()
}

/// An error in COCO files, as `svh evaluate --coco --json` lists it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CocoError<'a> {
    /// The image's file name.
    pub film: &'a str,
    /// What is wrong.
    pub kind: ErrorKind,
    /// The category of the true box; of a Background, Duplicate or Other box without one, its own.
    pub joint: &'a str,
    /// The category that the box claims; absent for Missed.
    pub predicted: Option<&'a str>,
    /// Index into the results; absent for Missed.
    pub detection: Option<usize>,
    /// Its score; absent for Missed.
    pub score: Option<f64>,
    /// Its overlap with the true box; absent where there is none.
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
            let truth = error.truth.map(|place| self.sample.truth[place as usize]);
            let class = truth.map(|truth| truth.class).or(found.map(|found| found.class));
            CocoError {
                film: &self.films[error.film as usize],
                kind: error.kind,
                joint: class.map_or("", name),
                predicted: found.map(|found| name(found.class)),
                detection: error.found.map(|place| place as usize),
                score: found.map(|found| found.score),
                iou: found.zip(truth).map(|(found, truth)| found.rect.iou(&truth.rect)),
            }
        };
        errors.into_iter().map(named).collect()
    }
}
