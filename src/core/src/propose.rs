//! A model's boxes for films that nobody has labelled, as label files beside those of people and never over them.

use std::path::{Path, PathBuf};

use crate::cohort::{FILMS_FOLDER, labels_folder};
use crate::voc::FileMark;
use crate::{
    BBox, Cohort, Detection, FilmDetections, Limb, Origin, Patient, Proposal, Reviews, Task, VocFile, VocObject, WriteError, atomic,
    intake, joint,
};

/// What is there already for a film and a task.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelStatus {
    /// No label file, and no reader has decided anything: proposals may be written.
    Free,
    /// Proposals in which nobody changed anything: they may be replaced by newer ones.
    Proposed(FileMark),
    /// Proposals of which somebody changed, added or removed some since, or readers decided about in a review.
    Touched,
    /// A reader's labels, or a file that cannot be read.
    Reader,
}

impl Cohort {
    /// Whether proposals may be written for a film. Looks at the disk each time, so that what a labeller saved meanwhile is seen.
    #[must_use]
    pub fn label_status(&self, reviews: &Reviews, patient: &Patient, task: Task, limb: Limb) -> LabelStatus {
        let reviewed = reviews.has_decided_boxes(&patient.id, task, limb);
        let Some(place) = self.label_place(patient, task, limb).filter(|place| intake::is_there(place)) else {
            return if reviewed { LabelStatus::Touched } else { LabelStatus::Free };
        };
        match VocFile::read(&place) {
            Ok(file) if reviewed && file.is_marked() => LabelStatus::Touched,
            Ok(file) => match file.untouched() {
                Some(mark) => LabelStatus::Proposed(mark),
                None if file.is_marked() => LabelStatus::Touched,
                None => LabelStatus::Reader,
            },
            Err(_) => LabelStatus::Reader,
        }
    }
}

/// The label file that a film's kept boxes of a task give, doubtful ones marked as difficult; `None` where the detector kept none. Numbers have a tenth of a
/// pixel, as much as a detector knows.
#[must_use]
pub fn file(place: &Path, film: &Path, found: &FilmDetections, task: Task, mark: &FileMark) -> Option<VocFile> {
    let mut kept: Vec<&Detection> = found.detections.iter().filter(|d| d.kept && d.task == task).collect();
    kept.sort_by_key(|detection| detection.class_id);
    let objects: Vec<(VocObject, Proposal)> = kept
        .into_iter()
        .filter_map(|detection| {
            let joint = joint::by_class(task, detection.class_id).filter(|joint| joint.limb == found.limb)?;
            let bbox = tenths(detection.bbox.clipped(found.width as f32, found.height as f32));
            let inferred = detection.from == Origin::Inferred;
            let proposal = Proposal { score: detection.score, inferred, implausible: detection.implausible.is_some() };
            Some((VocObject { name: joint.label.clone(), bbox, difficult: false }, proposal))
        })
        .collect();
    let film = Path::new(FILMS_FOLDER).join(film.file_name()?);
    (!objects.is_empty()).then(|| VocFile::of_proposals(place, &film, (found.width, found.height), &objects, mark))
}

/// Writes a file of proposals where none or an untouched one is; a file that appeared meanwhile is left alone, which is `false`.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write(cohort: &Cohort, task: Task, file: &VocFile, replace: bool) -> Result<bool, WriteError> {
    let folder: PathBuf = cohort.root().join(labels_folder(task));
    crate::access::make_folders(&folder).map_err(|error| WriteError::new(&folder, error))?;
    if replace {
        return file.write(file.path()).map(|()| true);
    }
    atomic::write_new(file.path(), &file.to_bytes())
}

fn tenths(bbox: BBox) -> BBox {
    let round = |side: f32| (side * 10.0).round() / 10.0;
    <[f32; 4]>::from(bbox).map(round).into()
}
