//! COCO's metrics, worked out by hotcoco, with TIDE's beside them.

use std::collections::BTreeMap;

use hotcoco::params::IouType;
use hotcoco::{Annotation, COCO, COCOeval, Category, Dataset, Image};
use serde::Serialize;

use super::boxes::{FoundBox, ReferenceBox, Sample};
use super::matching::Matching;
use super::tide::Tide;
use crate::{AnalysisError, Result};

/// COCO's 12 statistics in its order, -1 where there is nothing to measure, as pycocotools prints them.
pub const STATISTICS: [&str; 12] = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"];

/// Average precision of one class; -1 where it has no reference box.
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
    /// Average recall: the largest recall with at most 100 boxes a film, mean over IoU 0.50 to 0.95.
    #[serde(rename = "AR")]
    pub ar: f64,
}

/// How many recalls a curve has: 0, 0.01, up to 1.
pub const RECALLS: usize = 101;

/// Precision by recall as COCO has it: the best precision at this recall or a larger one.
#[derive(Clone, Debug, PartialEq)]
pub struct PrecisionCurve {
    /// The class's place in [`Sample::classes`]; `None` for the mean over all classes that have a true box.
    pub class: Option<u16>,
    /// Precision at IoU 0.5, one for each of [`RECALLS`].
    pub at50: Vec<f64>,
    /// Precision at IoU 0.75.
    pub at75: Vec<f64>,
}

/// The metrics of a detector.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CocoMetrics {
    /// COCO's statistics, in the order of [`STATISTICS`].
    pub stats: Vec<f64>,
    /// The same by name, null where there is nothing to measure.
    pub statistics: BTreeMap<&'static str, Option<f64>>,
    /// By class label.
    pub per_class: BTreeMap<String, ClassAp>,
    /// Where the AP is lost.
    pub tide: Tide,
    /// Curves of all classes together, then of every class that has a true box.
    #[serde(skip)]
    pub curves: Vec<PrecisionCurve>,
}

impl CocoMetrics {
    /// Of boxes as they are; scores rank them.
    ///
    /// # Errors
    /// Scores that are not numbers.
    pub fn of(matching: &Matching) -> Result<Self> {
        let sample = matching.sample();
        let fault = |error: hotcoco::Error| AnalysisError::Coco(error.to_string());
        let reference = COCO::from_dataset(dataset(sample));
        let id = |class: u16| sample.classes[usize::from(class)].id;
        let found: Vec<Annotation> = sample.found.iter().map(|found| detection(found, id(found.class))).collect();
        let found = reference.load_res_anns(found).map_err(fault)?;
        let mut evaluation = COCOeval::new(reference, found, IouType::Bbox);
        evaluation.evaluate().map_err(fault)?;
        evaluation.accumulate();
        // The lines themselves are for another program; making them works the statistics out.
        drop(evaluation.summarize_lines());
        let stats = evaluation.stats().map(<[f64]>::to_vec).unwrap_or_default();
        let named = STATISTICS.into_iter().zip(&stats).map(|(name, value)| (name, Some(*value).filter(|value| *value >= 0.0)));
        Ok(Self {
            statistics: named.collect(),
            stats,
            per_class: per_class(&evaluation, sample),
            tide: Tide::of(matching),
            curves: curves(&evaluation, sample),
        })
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
        ar: (0..shape.t).map(|threshold| curves.recall[curves.recall_idx(threshold, class, 0, shape.m - 1)]).sum::<f64>() / shape.t as f64,
    };
    let name = |id: u64| sample.classes.iter().find(|class| class.id == id).map(|class| class.name.clone());
    curves.cat_ids.iter().enumerate().filter_map(|(place, id)| Some((name(*id)?, ap(place)))).collect()
}

/// The curves, all classes first; classes without a true box have none.
fn curves(evaluation: &COCOeval, sample: &Sample) -> Vec<PrecisionCurve> {
    let Some(found) = evaluation.accumulated().filter(|found| found.shape.r == RECALLS) else { return Vec::new() };
    let shape = found.shape;
    let curve = |threshold: usize, class: usize| -> Vec<f64> {
        (0..shape.r).map(|recall| found.precision[found.precision_idx(threshold, recall, class, 0, shape.m - 1)]).collect()
    };
    let place = |id: u64| sample.classes.iter().position(|class| class.id == id).and_then(|place| u16::try_from(place).ok());
    let of_class =
        |(class, id): (usize, &u64)| Some(PrecisionCurve { class: Some(place(*id)?), at50: curve(0, class), at75: curve(5, class) });
    // COCO marks classes without a true box by -1.
    let classes: Vec<PrecisionCurve> = found.cat_ids.iter().enumerate().filter_map(of_class).filter(|curve| curve.at50[0] >= 0.0).collect();
    let mean = |of: fn(&PrecisionCurve) -> &Vec<f64>| {
        (0..RECALLS).map(|recall| classes.iter().map(|curve| of(curve)[recall]).sum::<f64>() / classes.len() as f64).collect()
    };
    if classes.is_empty() {
        return classes;
    }
    let all = PrecisionCurve { class: None, at50: mean(|curve| &curve.at50), at75: mean(|curve| &curve.at75) };
    std::iter::once(all).chain(classes).collect()
}

fn dataset(sample: &Sample) -> Dataset {
    let images = (0..sample.films as u64).map(|id| Image { id, ..Image::default() });
    let categories = sample.classes.iter().map(|class| Category { id: class.id, name: class.name.clone(), ..Category::default() });
    let id = |class: u16| sample.classes[usize::from(class)].id;
    let annotations = sample.reference.iter().enumerate().map(|(place, reference)| annotation(place, reference, id(reference.class)));
    Dataset { images: images.collect(), annotations: annotations.collect(), categories: categories.collect(), ..Dataset::default() }
}

fn annotation(place: usize, reference: &ReferenceBox, category_id: u64) -> Annotation {
    Annotation {
        id: place as u64 + 1,
        image_id: reference.film.into(),
        category_id,
        bbox: Some(reference.rect.into()),
        area: Some(reference.area),
        iscrowd: reference.crowd,
        ..Annotation::default()
    }
}

fn detection(found: &FoundBox, category_id: u64) -> Annotation {
    let bbox = Some(found.rect.into());
    Annotation { image_id: found.film.into(), category_id, bbox, score: Some(found.score), ..Annotation::default() }
}
