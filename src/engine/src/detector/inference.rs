//! A trained detector, ready to read films.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use svh_core::shape::{self, Claim};
use svh_core::{Limb, Task, card::ModelCard, film::Film, joint};
use tch::{Device, Kind, Tensor};

use super::faster_rcnn::{FasterRcnn, Features};
use super::heads::DetectorTask;
use super::limb_check::LimbEvidence;
use super::model::load_model;
use super::postprocess::RawDetection;
use super::transform::{Batch, collate, padded, rescale, scaled_film};
use crate::batches::{Batches, for_device};
use crate::times::{self, Part};
use crate::{Error, Result};

/// Films that go through the network at once on a GPU; on the CPU it is one.
pub const FILMS: usize = 8;

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
    batches: Batches,
}

impl Detector {
    /// Reads a model folder.
    pub fn load(folder: &Path, device: Device) -> Result<Self> {
        let (card, _store, network) = load_model(folder, device)?;
        let batches = Batches::new("films", for_device(device, 1, FILMS));
        Ok(Self { card, network, device, kind: Kind::Float, batches })
    }

    /// The same network computing in another kind of number: half precision on a GPU.
    #[must_use]
    pub(crate) fn computing_in(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The model's card.
    #[must_use]
    pub const fn card(&self) -> &ModelCard {
        &self.card
    }

    /// See [`super::Sizes::box_spread`].
    #[must_use]
    pub(crate) const fn box_spread(&self) -> Option<f32> {
        self.network.config().sizes.box_spread
    }

    /// How many films go through the network at once; see [`Batches`].
    #[must_use]
    pub const fn batches(&self) -> &Batches {
        &self.batches
    }

    /// See [`super::Sizes::limb_evidence`].
    #[must_use]
    pub(crate) const fn limb_evidence(&self) -> Option<LimbEvidence> {
        self.network.config().sizes.limb_evidence
    }

    /// The tasks whose joints it finds.
    #[must_use]
    pub(crate) fn tasks(&self) -> Vec<Task> {
        self.card.task.parse::<DetectorTask>().map(DetectorTask::tasks).unwrap_or_default()
    }

    /// Looks at one film; which task and which classes count is decided afterwards.
    pub fn forward_features(&self, film: &Film) -> Result<FilmFeatures<'_>> {
        let _guard = tch::no_grad_guard();
        let batch = self.batch(&[film])?;
        self.features_of(&batch, &[film])?.pop().ok_or_else(|| Error::Internal("a film was not features at".to_owned()))
    }

    /// Looks at films, several at once where that is faster. Only films that need no other padding than they would alone go together, so that what is seen on a
    /// film does not depend on the others.
    pub fn forward_features_all(&self, films: &[&Film]) -> Result<Vec<FilmFeatures<'_>>> {
        let _guard = tch::no_grad_guard();
        let mut alike: BTreeMap<[i64; 2], Vec<usize>> = BTreeMap::new();
        for (place, film) in films.iter().enumerate() {
            alike.entry(padded(size_of(film).map(i64::from), self.network.config())).or_default().push(place);
        }
        let mut all: Vec<(usize, FilmFeatures)> = Vec::with_capacity(films.len());
        for places in alike.into_values() {
            let group: Vec<&Film> = places.iter().map(|place| films[*place]).collect();
            let seen = self.batches.run(&group, |films| self.features_of(&self.batch(films)?, films))?;
            all.extend(places.into_iter().zip(seen));
        }
        all.sort_by_key(|(place, _)| *place);
        Ok(all.into_iter().map(|(_, seen)| seen).collect())
    }

    /// Films as the network is fed.
    fn batch(&self, films: &[&Film]) -> Result<Batch> {
        let config = self.network.config();
        let scaled = times::of(Part::Prepare, Device::Cpu, || {
            films.par_iter().map(|film| scaled_film(film, config)).collect::<Result<Vec<Tensor>, _>>()
        })?;
        Ok(times::of(Part::Transfer, self.device, || {
            let images = scaled.iter().map(|image| image.f_to_device(self.device)).collect::<Result<Vec<Tensor>, _>>()?;
            collate(&images, config)?.of_kind(self.kind)
        })?)
    }

    fn features_of(&self, batch: &Batch, films: &[&Film]) -> Result<Vec<FilmFeatures<'_>>> {
        let features = self.network.forward_features(batch)?.by_film(films.len())?;
        let of_film = |((features, film), scaled): ((Features, &&Film), &[i64; 2])| FilmFeatures {
            network: &self.network,
            features,
            scaled: *scaled,
            original: size_of(film).map(i64::from),
        };
        Ok(features.into_iter().zip(films).zip(&batch.sizes).map(of_film).collect())
    }

    /// The detections of each film by a detector of one task, best first, boxes in pixels of the film. All films go through the network in one batch.
    pub fn detect(&self, requests: &[DetectRequest]) -> Result<Vec<Vec<RawDetection>>> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let _guard = tch::no_grad_guard();
        let batch = self.batch(&requests.iter().map(|request| request.film).collect::<Vec<_>>())?;
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

/// Height and width.
const fn size_of(film: &Film) -> [u32; 2] {
    [film.height, film.width]
}

/// What a network saw on one film: its proposals, from which the joints of each of its tasks follow.
#[derive(Debug)]
pub struct FilmFeatures<'d> {
    network: &'d FasterRcnn,
    features: Features,
    /// Height and width of the film as the network saw it.
    scaled: [i64; 2],
    /// The film's own height and width.
    original: [i64; 2],
}

impl FilmFeatures<'_> {
    /// The detections of a task, best first, boxes in pixels of the film. `allowed`: see [`super::postprocess::detections`]. As [`Detector::detect`]
    /// gives them.
    pub fn detections(&self, task: Task, allowed: Option<Vec<u8>>) -> Result<Vec<RawDetection>> {
        let _guard = tch::no_grad_guard();
        let head = self.network.config().heads.place(task);
        let found = self.network.detections(&self.features, head, &[self.scaled], &[allowed])?;
        let place = |detection: RawDetection| RawDetection { bbox: rescale(detection.bbox, self.scaled, self.original), ..detection };
        Ok(found.into_iter().flatten().map(place).collect())
    }
}

/// The evidence that a film of this width shows a limb, by the detections of these tasks.
pub(crate) fn evidence(seen: &FilmFeatures, tasks: &[Task], limb: Limb, width: u32) -> Result<f32> {
    let mut claims = Vec::new();
    for task in tasks {
        // The joints of feet are the same for both tasks, and erosion is learned from hands.
        if *task == Task::Erosion && !limb.is_hand() && tasks.contains(&Task::Narrowing) {
            continue;
        }
        let classes = joint::of_limb(*task, limb).map(|joint| joint.class_id).collect();
        let found = seen.detections(*task, Some(classes))?;
        claims.extend(found.iter().filter_map(|raw| {
            let side = (raw.bbox.width() + raw.bbox.height()) / 2.0;
            Some(Claim { joint: joint::by_class(*task, raw.class_id)?, centre: raw.bbox.centre(), side, score: raw.score })
        }));
    }
    Ok(shape::evidence(limb, width, &claims))
}
