//! COCO's figures, worked out by hotcoco, with TIDE's beside them.

use std::collections::BTreeMap;

use hotcoco::params::IouType;
use hotcoco::{Annotation, COCO, COCOeval, Category, Dataset, Image};
use serde::Serialize;

use super::boxes::{FoundBox, Sample, TrueBox};
use super::matching::Matching;
use super::tide::Tide;
use crate::{AnalysisError, Result};

/// COCO's 12 statistics in its order, -1 where there is nothing to measure, as pycocotools prints them.
pub const STATISTICS: [&str; 12] = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"];

/// Average precision of one class; -1 where it has no true box.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ClassAp {
    /// Mean over IoU 0.50 to 0.95.
    #[serde(rename = "AP")]
    pub ap: f64,
    /// At IoU 0.5.
    #[serde(rename = "AP50")]
    pub ap50: f64,
    /// At IoU 0.75.
    #[serde(rename = "AP75")]
    pub ap75: f64,
}

/// The figures of a detector.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CocoFigures {
    /// COCO's statistics, in the order of [`STATISTICS`].
    pub stats: Vec<f64>,
    /// The same by name, null where there is nothing to measure.
    pub statistics: BTreeMap<&'static str, Option<f64>>,
    /// By class label.
    pub per_class: BTreeMap<String, ClassAp>,
    /// Where the AP is lost.
    pub tide: Tide,
}

impl CocoFigures {
    /// Of boxes as they are; scores rank them.
    ///
    /// # Errors
    /// Scores that are not numbers.
    pub fn of(matching: &Matching) -> Result<Self> {
        let sample = matching.sample();
        let fault = |error: hotcoco::Error| AnalysisError::Coco(error.to_string());
        let truth = COCO::from_dataset(dataset(sample));
        let id = |class: u16| sample.classes[usize::from(class)].id;
        let found: Vec<Annotation> = sample.found.iter().map(|found| detection(found, id(found.class))).collect();
        let found = truth.load_res_anns(found).map_err(fault)?;
        let mut evaluation = COCOeval::new(truth, found, IouType::Bbox);
        evaluation.evaluate().map_err(fault)?;
        evaluation.accumulate();
        // The lines themselves are for another program; making them works the statistics out.
        drop(evaluation.summarize_lines());
        let stats = evaluation.stats().map(<[f64]>::to_vec).unwrap_or_default();
        let named = STATISTICS.into_iter().zip(&stats).map(|(name, value)| (name, Some(*value).filter(|value| *value >= 0.0)));
        Ok(Self { statistics: named.collect(), stats, per_class: per_class(&evaluation, sample), tide: Tide::of(matching) })
    }
}

fn per_class(evaluation: &COCOeval, sample: &Sample) -> BTreeMap<String, ClassAp> {
    let Some(curves) = evaluation.accumulated() else { return BTreeMap::new() };
    let shape = curves.shape;
    // All areas, the last number of detections: COCO's main setting.
    let precision = |threshold: usize, class: usize| {
        let of = |recall: usize| curves.precision[curves.precision_idx(threshold, recall, class, 0, shape.m - 1)];
        (0..shape.r).map(of).sum::<f64>() / shape.r as f64
    };
    let ap = |class: usize| ClassAp {
        ap: (0..shape.t).map(|threshold| precision(threshold, class)).sum::<f64>() / shape.t as f64,
        ap50: precision(0, class),
        ap75: precision(5, class),
    };
    let name = |id: u64| sample.classes.iter().find(|class| class.id == id).map(|class| class.name.clone());
    curves.cat_ids.iter().enumerate().filter_map(|(place, id)| Some((name(*id)?, ap(place)))).collect()
}

fn dataset(sample: &Sample) -> Dataset {
    let images = (0..sample.films as u64).map(|id| Image { id, ..Image::default() });
    let categories = sample.classes.iter().map(|class| Category { id: class.id, name: class.name.clone(), ..Category::default() });
    let id = |class: u16| sample.classes[usize::from(class)].id;
    let annotations = sample.truth.iter().enumerate().map(|(place, truth)| annotation(place, truth, id(truth.class)));
    Dataset { images: images.collect(), annotations: annotations.collect(), categories: categories.collect(), ..Dataset::default() }
}

fn annotation(place: usize, truth: &TrueBox, category_id: u64) -> Annotation {
    Annotation {
        id: place as u64 + 1,
        image_id: truth.film.into(),
        category_id,
        bbox: Some(truth.rect.into()),
        area: Some(truth.area),
        iscrowd: truth.crowd,
        ..Annotation::default()
    }
}

fn detection(found: &FoundBox, category_id: u64) -> Annotation {
    let bbox = Some(found.rect.into());
    Annotation { image_id: found.film.into(), category_id, bbox, score: Some(found.score), ..Annotation::default() }
}
