//! A trained detector, ready to read films.

use std::path::Path;

use svh_core::{BBox, Task, card::ModelCard, film::Film};
use tch::{Device, Kind, Tensor};

use super::faster_rcnn::{FasterRcnn, Looked};
use super::heads::DetectorTask;
use super::limb_check::LimbEvidence;
use super::model::load_model;
use super::transform::{batch, film_tensor, rescale};
use crate::Result;

/// One box as the network's post-processing leaves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RawDetection {
    /// The class, 1 and up.
    pub class_id: u8,
    /// Softmax score.
    pub score: f32,
    /// In pixels of the film.
    pub bbox: BBox,
}

/// A film to read, and the classes that it can show; `None` lets all of them count.
#[derive(Clone, Debug)]
pub struct DetectRequest<'f> {
    /// The film.
    pub film: &'f Film,
    /// Class ids, 1 and up.
    pub allowed: Option<Vec<u8>>,
}

/// A network with its card on a device.
#[derive(Debug)]
pub struct Detector {
    card: ModelCard,
    network: FasterRcnn,
    device: Device,
    kind: Kind,
}

impl Detector {
    /// Reads a model folder.
    pub fn load(folder: &Path, device: Device) -> Result<Self> {
        let (card, _store, network) = load_model(folder, device)?;
        Ok(Self { card, network, device, kind: Kind::Float })
    }

    /// The same network computing in another kind of number: half precision on a GPU.
    #[must_use]
    pub fn computing_in(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The model's card.
    #[must_use]
    pub const fn card(&self) -> &ModelCard {
        &self.card
    }

    /// See [`super::Sizes::box_spread`].
    #[must_use]
    pub const fn box_spread(&self) -> Option<f32> {
        self.network.config().sizes.box_spread
    }

    /// See [`super::Sizes::limb_evidence`].
    #[must_use]
    pub const fn limb_evidence(&self) -> Option<LimbEvidence> {
        self.network.config().sizes.limb_evidence
    }

    /// The tasks whose joints it finds.
    #[must_use]
    pub fn tasks(&self) -> Vec<Task> {
        self.card.task.parse::<DetectorTask>().map(DetectorTask::tasks).unwrap_or_default()
    }

    /// Looks at one film; which task and which classes count is decided afterwards.
    pub fn look(&self, film: &Film) -> Result<Seen<'_>> {
        let _guard = tch::no_grad_guard();
        let batch = batch(&[film_tensor(film, self.device)?], self.network.config())?.of_kind(self.kind)?;
        let original = [i64::from(film.height), i64::from(film.width)];
        let scaled = batch.sizes.first().copied().unwrap_or(original);
        Ok(Seen { network: &self.network, looked: self.network.look(&batch)?, scaled, original })
    }

    /// The detections of each film by a detector of one task, best first, boxes in pixels of the film. All films go through the network in one batch.
    pub fn detect(&self, requests: &[DetectRequest]) -> Result<Vec<Vec<RawDetection>>> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let _guard = tch::no_grad_guard();
        let images = requests.iter().map(|request| film_tensor(request.film, self.device)).collect::<Result<Vec<Tensor>, _>>()?;
        let batch = batch(&images, self.network.config())?.of_kind(self.kind)?;
        let allowed: Vec<_> = requests.iter().map(|request| request.allowed.clone()).collect();
        let mut found = self.network.detect(&batch, &allowed)?;
        for ((detections, request), scaled) in found.iter_mut().zip(requests).zip(&batch.sizes) {
            let original = [i64::from(request.film.height), i64::from(request.film.width)];
            for detection in detections {
                detection.bbox = rescale(detection.bbox, *scaled, original);
            }
        }
        Ok(found)
    }
}

/// What a network saw on one film: its proposals, from which the joints of each of its tasks follow.
#[derive(Debug)]
pub struct Seen<'d> {
    network: &'d FasterRcnn,
    looked: Looked,
    /// Height and width of the film as the network saw it.
    scaled: [i64; 2],
    /// The film's own height and width.
    original: [i64; 2],
}

impl Seen<'_> {
    /// The detections of a task, best first, boxes in pixels of the film. `allowed`: see [`super::postprocess::detections`]. As [`Detector::detect`]
    /// gives them.
    pub fn detections(&self, task: Task, allowed: Option<Vec<u8>>) -> Result<Vec<RawDetection>> {
        let _guard = tch::no_grad_guard();
        let head = self.network.config().heads.place(task);
        let found = self.network.detections(&self.looked, head, &[self.scaled], &[allowed])?;
        let place = |detection: RawDetection| RawDetection { bbox: rescale(detection.bbox, self.scaled, self.original), ..detection };
        Ok(found.into_iter().flatten().map(place).collect())
    }
}
