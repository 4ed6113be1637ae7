//! COCO's figures and TIDE's, worked out by hotcoco.

use std::collections::BTreeMap;

use hotcoco::params::IouType;
use hotcoco::{Annotation, COCO, COCOeval, Category, Dataset, Image};
use serde::Serialize;

use super::boxes::{FoundBox, Sample, TrueBox};
use super::matching::{BACKGROUND_IOU, MATCH_IOU};
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

/// A number for each of TIDE's six kinds of errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TideCount<T> {
    /// Right place, wrong class.
    pub class: T,
    /// Right class, bad place.
    #[serde(rename = "Box")]
    pub place: T,
    /// Wrong class in a bad place.
    pub other: T,
    /// A second box on a joint.
    pub duplicate: T,
    /// No joint.
    pub background: T,
    /// No box.
    pub missed: T,
}

/// TIDE (Bolya et al., ECCV 2020) at IoU 0.5 and background 0.1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tide {
    /// AP at IoU 0.5 in AP points, 0 to 100.
    #[serde(rename = "AP")]
    pub ap: f64,
    /// How many errors of each kind.
    pub count: TideCount<u64>,
    /// AP points that mending all errors of a kind would bring; never below 0.
    pub dap: TideCount<f64>,
}

/// The figures of a detector.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CocoFigures {
    /// COCO's statistics, in the order of [`STATISTICS`].
    pub stats: Vec<f64>,
    /// By class label.
    pub per_class: BTreeMap<String, ClassAp>,
    /// Where the AP is lost.
    pub tide: Tide,
}

impl CocoFigures {
    /// Of boxes as they are; scores rank them.
    ///
    /// # Errors
    /// Scores that are no numbers.
    pub fn of(sample: &Sample) -> Result<Self> {
        Self::of_found(sample, &sample.found)
    }

    /// As [`CocoFigures::of`], with other found boxes of the same films and classes.
    ///
    /// # Errors
    /// Scores that are no numbers.
    pub fn of_found(sample: &Sample, found: &[FoundBox]) -> Result<Self> {
        let fault = |error: hotcoco::Error| AnalysisError::Coco(error.to_string());
        let truth = COCO::from_dataset(dataset(sample));
        let id = |class: u16| sample.classes[usize::from(class)].id;
        let found: Vec<Annotation> = found.iter().map(|found| detection(found, id(found.class))).collect();
        let found = truth.load_res_anns(found).map_err(fault)?;
        let mut evaluation = COCOeval::new(truth, found, IouType::Bbox);
        evaluation.evaluate().map_err(fault)?;
        evaluation.accumulate();
        // The lines themselves are for another program; making them works the statistics out.
        drop(evaluation.summarize_lines());
        let stats = evaluation.stats().map(<[f64]>::to_vec).unwrap_or_default();
        let errors = evaluation.tide_errors(MATCH_IOU, BACKGROUND_IOU).map_err(fault)?;
        let count = |kind: &str| errors.counts.get(kind).copied().unwrap_or(0);
        let dap = |kind: &str| errors.delta_ap.get(kind).map_or(0.0, |gain| gain.max(0.0) * 100.0);
        let tide = Tide { ap: errors.ap_base * 100.0, count: by_kind(count), dap: by_kind(dap) };
        Ok(Self { stats, per_class: per_class(&evaluation, sample), tide })
    }
}

/// hotcoco's names of the kinds.
fn by_kind<T>(of: impl Fn(&str) -> T) -> TideCount<T> {
    TideCount { class: of("Cls"), place: of("Loc"), other: of("Both"), duplicate: of("Dupe"), background: of("Bkg"), missed: of("Miss") }
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
