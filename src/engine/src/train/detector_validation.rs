//! A detector on films that it does not learn from: its losses there, and how many joints it finds.

use svh_core::{Task, joint};
use tch::{Device, Tensor};

use crate::data::order::{Place, rng_of};
use crate::data::{DetectorSample, FilmSource, Preparation};
use crate::detector::sampler::Picker;
use crate::detector::{FasterRcnn, Target, transform};
use crate::{Error, Result};

/// Overlap from which a box is on its joint.
const ON_ITS_JOINT: f32 = 0.5;
/// The stream of random numbers that picks the boxes in the losses: the same at every measurement.
const STREAM: u64 = u64::MAX - 2;

/// Films to measure on.
pub struct Validation<'f> {
    films: &'f dyn FilmSource,
    chosen: Vec<usize>,
}

impl<'f> Validation<'f> {
    /// All films of a source, or so many of them, evenly spread.
    #[must_use]
    pub fn new(films: &'f dyn FilmSource, most: Option<usize>) -> Self {
        let count = most.unwrap_or(usize::MAX).min(films.len());
        Self { films, chosen: (0..count).map(|place| place * films.len() / count).collect() }
    }

    /// How many films are measured on.
    #[must_use]
    pub fn film_count(&self) -> usize {
        self.chosen.len()
    }

    /// Mean losses a film by name, `loss` their sum, and `recall`: the share of joints whose best box, of the limb's classes only, has an IoU of 0.5 or
    /// more with the true one. Films are seen as they are.
    pub fn measure(&self, network: &FasterRcnn, device: Device, seed: u64) -> Result<Vec<(&'static str, f64)>> {
        let _no_gradients = tch::no_grad_guard();
        let (mut sums, mut films) = ([0.0; 4], 0);
        let (mut joints, mut hits) = (0usize, 0usize);
        for index in &self.chosen {
            let labelled = match self.films.film(*index) {
                Ok(film) if !film.joints.is_empty() => film,
                Ok(_) => continue,
                Err(error) => {
                    self.films.refuse(*index, &error.to_string());
                    continue;
                }
            };
            let sample = Preparation::NONE.apply(&labelled, network.config(), seed, Place { epoch: 0, index: *index });
            let batch = transform::collate(&[image(&sample, device)?], network.config())?;
            let heads = network.config().heads;
            let places: Vec<Option<Task>> = heads.each().into_iter().map(|(task, _)| task).collect();
            // A detector of one task has one head, whichever task the film is labelled for.
            let of_head = |task: &Option<Task>| match task {
                Some(task) => sample.target(*task).cloned(),
                None => sample.targets.first().map(|(_, target)| target.clone()),
            };
            let targets: Vec<Vec<Option<Target>>> = places.iter().map(|task| vec![of_head(task)]).collect();
            let mut picker = Picker::Random(Box::new(rng_of(seed, *index as u64, STREAM)));
            let losses = network.losses_of_heads(&batch, &targets, std::slice::from_ref(&sample.unknown), &mut picker)?.values()?;
            sums.iter_mut().zip(losses).for_each(|(sum, loss)| *sum += loss);
            films += 1;
            let looked = network.forward_features(&batch)?;
            let limb = labelled.joints[0].0.limb;
            for (task, target) in &sample.targets {
                let allowed = joint::of_limb(*task, limb).map(|joint| joint.class_id).collect();
                let found = network.detections(&looked, heads.place(*task), &batch.sizes, &[Some(allowed)])?;
                for (bbox, label) in target.boxes.iter().zip(&target.labels) {
                    // Best first, so the first of a class is its best.
                    let best = found.iter().flatten().find(|detection| i64::from(detection.class_id) == *label);
                    hits += usize::from(best.is_some_and(|detection| detection.bbox.iou(bbox) >= ON_ITS_JOINT));
                    joints += 1;
                }
            }
        }
        if films == 0 {
            return Err(Error::Data("no film of the cohort to be measured on can be read".into()));
        }
        let [classifier, box_reg, objectness, rpn_box_reg] = sums.map(|sum| sum / f64::from(films));
        let loss = classifier + box_reg + objectness + rpn_box_reg;
        let recall = hits as f64 / joints.max(1) as f64;
        Ok(vec![
            ("loss", loss),
            ("recall", recall),
            ("classifier", classifier),
            ("box_reg", box_reg),
            ("objectness", objectness),
            ("rpn_box_reg", rpn_box_reg),
        ])
    }
}

/// A sample as a tensor on a device: [1, height, width].
pub fn image(sample: &DetectorSample, device: Device) -> Result<Tensor> {
    let [height, width] = sample.size.map(|side| side as i64);
    Ok(Tensor::f_from_slice(&sample.pixels)?.f_view([1, height, width])?.f_to_device(device)?)
}
