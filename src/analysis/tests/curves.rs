//! Curves of detectors and scorers against the files that other tools made (`fixtures/curves/generate.py` with pycocotools and scikit-learn).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use hotcoco::params::IouType;
use hotcoco::{COCO, COCOeval};
use serde_json::Value;
use svh_analysis::detection::{CocoFiles, CocoMetrics, Histogram, Matching, OperatingPoint, Sample, best_f1, class_matches, class_pairs};
use svh_analysis::stats::calibration;

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn expected() -> Value {
    serde_json::from_slice(&std::fs::read(fixtures().join("curves/curves.json")).unwrap()).unwrap()
}

fn sample() -> Sample {
    let folder = fixtures().join("reference");
    CocoFiles::read(&folder.join("coco_gt.json"), &folder.join("coco_dt.json")).unwrap().sample
}

#[track_caller]
fn same(found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[track_caller]
fn all_same(found: &[f64], expected: &Value) {
    let expected = expected.as_array().unwrap();
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).for_each(|(found, expected)| same(*found, expected));
}

#[test]
fn precision_by_recall_and_average_recall_are_those_of_pycocotools() {
    let (expected, sample) = (expected(), sample());
    let metrics = CocoMetrics::of(&Matching::of(sample.clone())).unwrap();
    all_same(&metrics.curves[0].at50, &expected["overall"]["at50"]);
    all_same(&metrics.curves[0].at75, &expected["overall"]["at75"]);
    let classes = expected["curves"].as_object().unwrap();
    assert_eq!(metrics.curves.len(), classes.len() + 1);
    for curve in &metrics.curves[1..] {
        let name = &sample.classes[usize::from(curve.class.unwrap())].name;
        all_same(&curve.at50, &classes[name]["at50"]);
        all_same(&curve.at75, &classes[name]["at75"]);
        same(metrics.per_class[name].ar, &classes[name]["AR"]);
    }
}

#[track_caller]
fn same_points(found: &[OperatingPoint], expected: &Value) {
    let points = expected["points"].as_array().unwrap();
    assert_eq!(found.len(), points.len());
    for (found, point) in found.iter().zip(points) {
        same(found.threshold, &point[0]);
        assert_eq!([found.right, found.wrong, found.missed].map(|n| Some(n as u64)), [1, 2, 3].map(|at| point[at].as_u64()));
    }
    let best = best_f1(found).unwrap();
    same(best.f1().unwrap(), &expected["best_f1"]);
    same(best.threshold, &expected["best_threshold"]);
}

#[test]
fn every_threshold_s_counts_and_the_best_f1_are_those_of_scikit_learn() {
    let (expected, matching) = (expected(), Matching::of(sample()));
    let judged = matching.judged();
    same_points(&matching.operating_points(&judged, None), &expected["operating"]);
    let label = expected["some"]["label"].as_str().unwrap();
    let class = matching.sample().classes.iter().position(|class| class.name == label).unwrap();
    same_points(&matching.operating_points(&judged, Some(class as u16)), &expected["some"]);
}

#[test]
fn histograms_of_scores_and_overlaps_are_those_of_numpy() {
    let (expected, matching) = (expected(), Matching::of(sample()));
    let judged = matching.judged();
    let same = |found: Histogram, expected: &Value| assert_eq!(serde_json::to_value(found).unwrap(), *expected);
    same(Histogram::of(judged.iter().map(|one| (one.score, one.right)), 20), &expected["scores"]);
    same(Histogram::of(judged.iter().map(|one| (one.iou, one.right)), 20), &expected["ious"]);
    assert_eq!((Histogram::bin(1.0, 20), Histogram::bin(0.0, 20), Histogram::bin(0.05, 20)), (19, 0, 1));
}

#[test]
fn a_reliability_diagram_is_that_of_scikit_learn() {
    let golden: Value = serde_json::from_slice(&std::fs::read(fixtures().join("reference/stats_golden.json")).unwrap()).unwrap();
    let golden = &golden["calibration_ece10"];
    let confidence = golden["conf"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap());
    let right = golden["correct"].as_array().unwrap().iter().map(|value| value.as_u64() == Some(1));
    let found = calibration(confidence.zip(right)).unwrap();
    let bins: Vec<_> = found.bins.iter().filter(|(count, ..)| *count > 0).collect();
    let expected = expected()["reliability"].as_array().unwrap().clone();
    assert_eq!(bins.len(), expected.len());
    for ((_, confidence, share), expected) in bins.into_iter().zip(&expected) {
        same(*confidence, &expected[0]);
        same(*share, &expected[1]);
    }
}

#[test]
fn the_confusion_of_classes_is_hotcoco_s() {
    let folder = fixtures().join("reference");
    let reference = COCO::new(&folder.join("coco_gt.json")).unwrap();
    let found = reference.load_res(&folder.join("coco_dt.json")).unwrap();
    let evaluation = COCOeval::new(reference, found, IouType::Bbox);
    let sample = sample();
    for threshold in [0.0, 0.3, 0.9] {
        let theirs = evaluation.confusion_matrix(0.5, Some(usize::MAX), Some(threshold));
        let side = sample.classes.len() + 1;
        let ours = class_pairs(&sample, &class_matches(&sample, threshold));
        let place = |class: Option<u16>| class.map_or(side - 1, usize::from);
        let cells: BTreeMap<(usize, usize), u64> =
            ours.into_iter().map(|((reference, found), count)| ((place(reference), place(found)), count.into())).collect();
        assert!(cells.values().sum::<u64>() > 500 && cells.keys().any(|(reference, found)| reference != found));
        for reference in 0..side {
            for found in 0..side {
                let count = cells.get(&(reference, found)).copied().unwrap_or(0);
                assert_eq!(count, theirs.get(reference, found), "{reference} {found} at {threshold}");
            }
        }
    }
}
