//! The boxes that stand on the films of a cohort, and who put them there: what a bulk action or a pass over one joint goes through.

use std::path::Path;

use rayon::prelude::*;

use super::queue;
use crate::{BBox, Cohort, FilmDetections, FilmLabels, Joint, Limb, Patient, Proposal, Task, joint};

/// A box of a label file or of a model, before reviews.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingBox {
    /// The patient's place in the cohort.
    pub patient: u32,
    /// The joint.
    pub joint: &'static Joint,
    /// The film's file name.
    pub film: String,
    /// Width and height of the upright film in pixels, where they are known.
    pub size: Option<(u32, u32)>,
    /// The box of the label file, pixels of the upright film.
    pub labelled: Option<BBox>,
    /// The model's accepted box.
    pub found: Option<BBox>,
    /// What accepting would take is a model's word: of the label file's box, or of the model's where the file has none.
    pub proposal: Option<Proposal>,
}

impl StandingBox {
    /// The box that accepting takes: the label file's, or else the model's.
    #[must_use]
    pub fn bbox(&self) -> Option<BBox> {
        self.labelled.or(self.found)
    }
}

/// The boxes of the joints that are `wanted`, patient by patient. `found` says what a model knows of a film. Reads the label files of the films that have such a
/// joint, in parallel. A foot's erosion boxes are those of narrowing unless it has erosion labels of its own: only the latter are given.
pub fn boxes<'a>(
    cohort: &Cohort,
    found: impl Fn(&Path) -> Option<&'a FilmDetections> + Sync,
    wanted: impl Fn(&Joint) -> bool + Sync,
) -> Vec<StandingBox> {
    let of = |(place, patient): (usize, &Patient)| {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        let mut boxes = Vec::new();
        for limb in Limb::ALL {
            let has = Task::ALL.into_iter().any(|task| joint::of_limb(task, limb).any(&wanted));
            if let Some(path) = has.then(|| cohort.film(patient, limb)).flatten() {
                let labels = cohort.boxes(patient, limb);
                let found = found(&path).filter(|found| found.limb == limb);
                of_film(place, limb, &path, &labels, patient.has_labels(Task::Erosion, limb), found, &wanted, &mut boxes);
            }
        }
        boxes
    };
    cohort.patients().par_iter().enumerate().flat_map_iter(of).collect()
}

#[expect(clippy::too_many_arguments, reason = "they are what is known of one film")]
fn of_film(
    patient: u32,
    limb: Limb,
    path: &Path,
    labels: &FilmLabels,
    erosion_file: bool,
    found: Option<&FilmDetections>,
    wanted: &impl Fn(&Joint) -> bool,
    boxes: &mut Vec<StandingBox>,
) {
    let film = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let size = labels.size.or_else(|| found.map(|found| (found.width, found.height)));
    for task in Task::ALL {
        if task == Task::Erosion && !limb.is_hand() && !erosion_file {
            continue;
        }
        for joint in joint::of_limb(task, limb).filter(|joint| wanted(joint)) {
            let labelled = labels.of(task).iter().find(|labelled| labelled.joint == joint);
            let kept = found.and_then(|found| found.detections.iter().find(|d| d.kept && d.task == task && d.class_id == joint.class_id));
            if labelled.is_none() && kept.is_none() {
                continue;
            }
            let clipped = |bbox: BBox| size.map_or(bbox, |(width, height)| bbox.clipped(width as f32, height as f32));
            boxes.push(StandingBox {
                patient,
                joint,
                film: film.clone(),
                size,
                labelled: labelled.map(|labelled| labelled.bbox),
                found: kept.map(|kept| clipped(kept.bbox)),
                proposal: labelled.map_or_else(|| kept.map(queue::proposal), |labelled| labelled.placed.proposal()),
            });
        }
    }
}
