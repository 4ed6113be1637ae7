//! Each part of the detector against torchvision's: fixtures and their script are in `fixtures/detector.*`.
//!
//! Tolerances: both sides compute in 32 bit; what is a sum of few products agrees to 1e-6 relative, resampled films to 1e-5.

#![allow(clippy::unwrap_used)] // a failure here is a failed test

mod common;

use common::{box_difference, boxes, centred, difference, film, fixture, floats, noise, stored_boxes};
use svh_engine::detector::anchors::Anchors;
use svh_engine::detector::box_coder::BoxCoder;
use svh_engine::detector::matcher::{Match, Matcher};
use svh_engine::detector::nms::{grouped_nms, nms};
use svh_engine::detector::roi_align::{Roi, multi_scale, single_scale};
use svh_engine::detector::{Arch, DetectorConfig, Sizes, transform};
use tch::Tensor;

fn small_config() -> DetectorConfig {
    DetectorConfig { min_size: 96, max_size: 150, ..DetectorConfig::stock(Arch::ResNet18, 6) }
}

fn values(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor.flatten(0, -1)).unwrap()
}

#[test]
fn films_are_scaled_normalised_and_padded_alike() {
    let fixture = fixture();
    let batch = transform::batch(&[film("film0", 130, 200), film("film1", 180, 120)], &small_config()).unwrap();
    let sizes: Vec<f32> = batch.sizes.iter().flatten().map(|v| *v as f32).collect();
    assert_eq!(sizes, floats(&fixture, "transform.sizes"));
    let every = batch.images.slice(2, 0, i64::MAX, 5).slice(3, 0, i64::MAX, 7).contiguous();
    assert!(difference(&values(&every), &floats(&fixture, "transform.images")) < 1e-5);
    let scaled: Vec<_> =
        boxes("truth0", 5, [200.0, 130.0], [12.0, 60.0]).into_iter().map(|b| transform::rescale(b, [130, 200], batch.sizes[0])).collect();
    assert!(box_difference(&scaled, &stored_boxes(&fixture, "transform.boxes")) < 1e-6);
}

#[test]
fn anchors_are_the_same_boxes_in_the_same_order() {
    let sizes = Sizes { anchor_sizes: vec![13.0, 24.0, 48.0, 96.0, 144.0], ..Sizes::default() };
    let anchors = Anchors::new(&sizes, &[[7, 9], [4, 5], [2, 3], [1, 2], [1, 1]], [32, 64]);
    assert_eq!(anchors.all(), stored_boxes(&fixture(), "anchors"));
}

#[test]
fn boxes_are_encoded_and_decoded_alike() {
    let fixture = fixture();
    let target = boxes("coder.target", 40, [200.0; 2], [5.0, 80.0]);
    let from = boxes("coder.from", 40, [200.0; 2], [5.0, 80.0]);
    let offsets: Vec<f32> = noise("coder.offsets", 160).iter().map(|u| (u * 2.0 - 1.0) * 6.0).collect();
    for (name, coder) in [("rpn", BoxCoder::RPN), ("head", BoxCoder::HEAD)] {
        let encoded: Vec<f32> = target.iter().zip(&from).flat_map(|(t, f)| coder.encode(*t, *f)).collect();
        assert!(difference(&encoded, &floats(&fixture, &format!("coder.{name}.encoded"))) < 1e-6);
        let decoded: Vec<_> = offsets.chunks_exact(4).zip(&from).map(|(o, f)| coder.decode([o[0], o[1], o[2], o[3]], *f)).collect();
        assert!(box_difference(&decoded, &stored_boxes(&fixture, &format!("coder.{name}.decoded"))) < 1e-5);
    }
}

#[test]
fn the_same_boxes_are_suppressed() {
    let fixture = fixture();
    let crowd = boxes("nms.boxes", 400, [150.0; 2], [15.0, 60.0]);
    let scores = noise("nms.scores", 400);
    let groups: Vec<usize> = noise("nms.groups", 400).iter().map(|u| (u * 4.0) as usize).collect();
    let stored = |name| floats(&fixture, name).iter().map(|v| *v as usize).collect::<Vec<_>>();
    assert_eq!(grouped_nms(&crowd, &scores, &[0; 400], 0.5), stored("nms.one"));
    assert_eq!(grouped_nms(&crowd, &scores, &groups, 0.4), stored("nms.grouped"));
    assert!(nms(&[], 0.5).is_empty() && grouped_nms(&[], &[], &[], 0.5).is_empty());
}

#[test]
fn boxes_are_matched_with_the_same_references() {
    let fixture = fixture();
    let references = boxes("match.truths", 6, [100.0; 2], [15.0, 50.0]);
    let candidates = boxes("match.candidates", 300, [100.0; 2], [10.0, 60.0]);
    let rpn = Matcher { foreground: 0.7, background: 0.3, low_quality: true };
    let head = Matcher { foreground: 0.5, background: 0.5, low_quality: false };
    for (name, matcher) in [("rpn", rpn), ("head", head)] {
        let number = |m: &Match| match m {
            Match::GroundTruth(index) => *index as f32,
            Match::Background => -1.0,
            Match::Ignored => -2.0,
        };
        let found: Vec<f32> = matcher.run(&references, &candidates).iter().map(number).collect();
        assert_eq!(found, floats(&fixture, &format!("match.{name}")), "{name}");
    }
}

#[test]
fn roi_align_and_its_gradient_are_those_of_the_compiled_operator() {
    let fixture = fixture();
    let map = centred("roi.map", &[2, 5, 20, 27]).set_requires_grad(true);
    // Some boxes reach far outside the film.
    let shift = noise("roi.shift", 30);
    let films = noise("roi.films", 30);
    let roi = |(index, b): (usize, svh_core::BBox)| {
        let d = (shift[index] * 2.0 - 1.0) * 25.0;
        Roi { film: (films[index] * 2.0) as usize, bbox: [b.x0 + d, b.y0 + d, b.x1 + d, b.y1 + d].into() }
    };
    let rois: Vec<Roi> = boxes("roi.boxes", 30, [130.0, 100.0], [2.0, 70.0]).into_iter().enumerate().map(roi).collect();
    let pooled = single_scale(&map, &rois, 0.25).unwrap();
    let every = pooled.slice(1, 0, i64::MAX, 2).contiguous();
    assert!(difference(&values(&every), &floats(&fixture, "roi.pooled")) < 1e-5);
    (pooled * centred("roi.gradient", &[30, 5, 7, 7])).sum(tch::Kind::Float).backward();
    assert!(difference(&values(&map.grad()), &floats(&fixture, "roi.gradient")) < 1e-5);
}

#[test]
fn boxes_are_pooled_from_the_level_that_fits_them() {
    let maps: Vec<Tensor> = [(32, 40), (16, 20), (8, 10), (4, 5)]
        .iter()
        .enumerate()
        .map(|(index, (h, w))| centred(&format!("pool.map{index}"), &[1, 3, 4 * h, 4 * w]))
        .collect();
    let rois: Vec<Roi> = boxes("pool.boxes", 25, [640.0, 512.0], [10.0, 500.0]).into_iter().map(|bbox| Roi { film: 0, bbox }).collect();
    let pooled = multi_scale(&maps, &rois).unwrap().slice(2, 0, 7, 3).slice(3, 0, 7, 3).contiguous();
    assert!(difference(&values(&pooled), &floats(&fixture(), "pool.pooled")) < 1e-5);
}
