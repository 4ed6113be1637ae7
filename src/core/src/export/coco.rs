//! COCO: one file of boxes a task, as the two tasks number their classes alike; of a run also the detections in COCO's results format.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use serde::Serialize;

use super::{Beside, ExportError, Exported, Source, bring_films, films, is_taken_over, limbless};
use crate::atomic::{self, WriteError};
use crate::link_mode::LinkMode;
use crate::staging::Staging;
use crate::{Cohort, Film, FilmDetections, FilmLabels, LabelledBox, Limb, Patient, Reviews, Task, joint};

/// The name of a task's file of boxes.
#[must_use]
fn boxes_name(task: Task) -> String {
    format!("{task}.coco.json")
}

/// The name of a task's file of detections.
#[must_use]
fn results_name(task: Task) -> String {
    format!("{task}_results.json")
}

/// One task's boxes.
#[derive(Serialize)]
struct Dataset<'a> {
    info: Info,
    images: Vec<Image>,
    annotations: Vec<Annotation>,
    categories: Vec<Category<'a>>,
}

#[derive(Serialize)]
struct Info {
    description: String,
}

#[derive(Clone, Serialize)]
struct Image {
    id: usize,
    file_name: String,
    width: u32,
    height: u32,
}

/// `bbox` is `x y width height`, in 64 bits so that the other edge comes back to the bit.
#[derive(Serialize)]
struct Annotation {
    id: usize,
    image_id: usize,
    category_id: u8,
    bbox: [f64; 4],
    area: f64,
    iscrowd: u8,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    difficult: bool,
}

#[derive(Serialize)]
struct Category<'a> {
    id: u8,
    name: &'a str,
    supercategory: &'static str,
}

#[derive(Serialize)]
struct Found {
    image_id: usize,
    category_id: u8,
    bbox: [f64; 4],
    score: f32,
}

/// Writes people's boxes into a new folder, those of films whose proposals somebody has looked at to the end: `narrowing.coco.json`, `erosion.coco.json`, the table of grades, the films. Of a run only the films that it
/// looked at, and beside people's boxes every detection: `narrowing_results.json`, `erosion_results.json`, whose `image_id` are the same.
///
/// # Errors
/// A source without boxes, a folder that is taken or cannot be written to.
pub fn coco(
    cohort: &Cohort,
    source: Source,
    reviews: &Reviews,
    out: &Path,
    bring: LinkMode,
    beside: Option<Beside>,
    stop: &AtomicBool,
) -> Result<Exported, ExportError> {
    let staging = Staging::begin(out, stop)?;
    let folder = staging.path();
    let mut done = Exported { left_out: source.problem().into_iter().chain(limbless(cohort)).collect(), ..Exported::default() };
    let mut sets = Task::ALL.map(Set::of);
    for (place, (patient, limb, path, labels)) in films(cohort, Source::Reference(reviews)).enumerate() {
        staging.go_on()?;
        let found = match source {
            Source::Reference(_) => None,
            Source::Run(said) | Source::Found(said, _) => said.film(&path),
        };
        // What a run has not looked at it has not missed.
        let wanted = match source {
            Source::Reference(_) => {
                let usable = |task: &Task| !labels.of(*task).is_empty() && !labels.is_proposed(*task) && !labels.is_unusable(*task);
                Task::ALL.iter().any(usable)
            }
            Source::Run(_) | Source::Found(..) => found.is_some(),
        };
        if !wanted {
            done.left_out.extend(labels.problems.into_iter().filter(|_| source.is_labelled() && labels.unusable != [false; 2]));
            continue;
        }
        let (width, height) = match Film::size(&path) {
            Ok(size) => size,
            Err(error) => {
                done.left_out.push(format!("{error}; its boxes are left out"));
                continue;
            }
        };
        let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let image = Image { id: place + 1, file_name, width, height };
        let mut boxes = 0;
        for set in &mut sets {
            set.proposed += usize::from(labels.is_proposed(set.task));
            if !is_taken_over(patient, set.task, limb, &labels) {
                let labelled = is_labelled(patient, limb, set.task, &labels);
                set.add(&image, labelled, &labels, found);
                boxes += if labelled { labels.of(set.task).len() } else { 0 };
            }
        }
        done.count(boxes, &labels.problems);
    }
    if done.films == 0 {
        return Err(source.nothing(cohort, "boxes", &done.left_out));
    }
    for set in sets {
        let (task, run) = (set.task, !matches!(source, Source::Reference(_)));
        let (boxes, results, notes) = set.finish();
        json(&folder.join(boxes_name(task)), &boxes)?;
        if run {
            json(&folder.join(results_name(task)), &results)?;
        }
        done.left_out.extend(notes);
    }
    done.add_table(Source::Reference(reviews), cohort, folder)?;
    done.left_out.extend(bring_films(cohort, bring, &staging)?);
    beside.map(|beside| beside.write(folder)).transpose()?;
    staging.commit()?;
    Ok(done)
}

/// One task's boxes and detections. Films that nobody labelled are kept apart: beside labelled ones, everything found on them would count as false.
struct Set {
    task: Task,
    boxes: Dataset<'static>,
    results: Vec<Found>,
    unlabelled: (Vec<Image>, Vec<Found>),
    /// Films with boxes that a model proposed and nobody has looked at.
    proposed: usize,
}

impl Set {
    fn of(task: Task) -> Self {
        Self { task, boxes: dataset(task), results: Vec::new(), unlabelled: Default::default(), proposed: 0 }
    }

    fn add(&mut self, image: &Image, labelled: bool, labels: &FilmLabels, found: Option<&FilmDetections>) {
        let of_task = found.iter().flat_map(|found| &found.detections).filter(|detection| detection.task == self.task);
        let results = of_task.map(|detection| Found {
            image_id: image.id,
            category_id: detection.class_id,
            bbox: xywh(detection.bbox),
            score: detection.score,
        });
        if labelled {
            self.results.extend(results);
            annotate(&mut self.boxes, image, labels.of(self.task));
        } else if found.is_some() {
            self.unlabelled.1.extend(results);
            self.unlabelled.0.push(image.clone());
        }
    }

    /// The two files, and what is to be said of them.
    fn finish(mut self) -> (Dataset<'static>, Vec<Found>, Vec<String>) {
        let (images, results) = self.unlabelled;
        let mut notes = Vec::new();
        if self.proposed > 0 {
            notes.push(format!(
                "the {} boxes of {} films hold unreviewed proposals; review them, or export voc, which keeps them as such",
                self.task, self.proposed
            ));
        }
        if self.boxes.images.is_empty() {
            (self.boxes.images, self.results) = (images, results);
        } else if !images.is_empty() {
            notes.push(format!(
                "the detections of {} films without {} labels are left out, as they would count as false",
                images.len(),
                self.task
            ));
        }
        (self.boxes, self.results, notes)
    }
}

fn dataset(task: Task) -> Dataset<'static> {
    let category = |joint: &'static crate::Joint| Category { id: joint.class_id, name: &joint.label, supercategory: task.name() };
    Dataset {
        info: Info { description: format!("boxes of {task}, exported by svh {}", env!("CARGO_PKG_VERSION")) },
        images: Vec::new(),
        annotations: Vec::new(),
        categories: joint::joints(task).iter().map(category).collect(),
    }
}

/// Whether people boxed the joints of a film for a task, or looked at every box that a model proposed, in a label file that can be used.
fn is_labelled(patient: &Patient, limb: Limb, task: Task, labels: &FilmLabels) -> bool {
    (patient.has_labels(task, limb) || !labels.of(task).is_empty()) && !labels.is_proposed(task) && !labels.is_unusable(task)
}

fn annotate(set: &mut Dataset, image: &Image, boxes: &[LabelledBox]) {
    set.images.push(image.clone());
    for labelled in boxes {
        let bbox = xywh(labelled.bbox);
        set.annotations.push(Annotation {
            id: set.annotations.len() + 1,
            image_id: image.id,
            category_id: labelled.joint.class_id,
            bbox,
            area: bbox[2] * bbox[3],
            iscrowd: 0,
            difficult: labelled.difficult,
        });
    }
}

fn xywh(bbox: crate::BBox) -> [f64; 4] {
    let [x0, y0, x1, y1] = <[f32; 4]>::from(bbox).map(f64::from);
    [x0, y0, x1 - x0, y1 - y0]
}

fn json(path: &Path, value: &impl Serialize) -> Result<(), WriteError> {
    atomic::write_with(path, |out| {
        serde_json::to_writer(&mut *out, value)?;
        out.write_all(b"\n")
    })
}
