//! The region proposal network: where there may be a joint of any kind.

use rayon::prelude::*;
use svh_core::BBox;
use tch::{Kind, Reduction, TchError, Tensor};

use super::anchors::Anchors;
use super::box_coder::BoxCoder;
use super::matcher::{Match, Matcher};
use super::nms::grouped_nms;
use super::sampler::{Picker, Sampler};
use super::sizes::Sizes;
use super::unknown::Unknown;
use crate::Result;
use crate::nn::{Conv2d, ConvOptions, Init, Scope};

/// Proposals with a shorter side are dropped.
const MIN_SIDE: f32 = 1e-3;

/// The head that all levels share.
#[derive(Debug)]
pub(crate) struct Rpn {
    conv: Conv2d,
    cls_logits: Conv2d,
    bbox_pred: Conv2d,
}

/// What the head says of every anchor.
#[derive(Debug)]
pub struct RpnOutput {
    /// [N, A], levels one after another.
    pub objectness: Tensor,
    /// [N, A, 4].
    pub deltas: Tensor,
}

impl Rpn {
    /// A head over maps of this many channels.
    pub fn new(scope: &Scope, sizes: &Sizes) -> Result<Self> {
        let init = ConvOptions { weight_init: Init::Normal { std: 0.01 }, bias_init: Some(Init::Constant(0.0)), ..ConvOptions::default() };
        let (scope, channels, shapes) = (scope.enter("head"), sizes.fpn_channels, sizes.anchor_ratios.len() as i64);
        Ok(Self {
            conv: Conv2d::new(&scope.enter("conv").enter(0).enter(0), channels, channels, ConvOptions { kernel: 3, padding: 1, ..init })?,
            cls_logits: Conv2d::new(&scope.enter("cls_logits"), channels, shapes, init)?,
            bbox_pred: Conv2d::new(&scope.enter("bbox_pred"), channels, shapes * 4, init)?,
        })
    }

    /// From the pyramid's five maps.
    pub fn forward(&self, maps: &[Tensor]) -> Result<RpnOutput, TchError> {
        let (mut objectness, mut deltas) = (Vec::new(), Vec::new());
        for map in maps {
            let images = map.size()[0];
            let hidden = self.conv.forward(map)?.f_relu_()?;
            // [N, A * C, H, W] with the shape A outside and C inside becomes [N, H * W * A, C].
            let flat = |values: Tensor, per: i64| values.f_permute([0, 2, 3, 1])?.f_reshape([images, -1, per]);
            objectness.push(flat(self.cls_logits.forward(&hidden)?, 1)?);
            deltas.push(flat(self.bbox_pred.forward(&hidden)?, 4)?);
        }
        Ok(RpnOutput { objectness: Tensor::f_cat(&objectness, 1)?.f_squeeze_dim(2)?, deltas: Tensor::f_cat(&deltas, 1)? })
    }
}

/// How many proposals pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// A level, before suppression.
    pub pre_nms: usize,
    /// A film, after it.
    pub post_nms: usize,
}

impl RpnOutput {
    /// The proposals of each film, best first. `films` are heights and widths without padding.
    pub(crate) fn proposals(
        &self,
        anchors: &Anchors,
        films: &[[i64; 2]],
        limits: Limits,
        sizes: &Sizes,
    ) -> Result<Vec<Vec<BBox>>, TchError> {
        // In 32 bit, so that scores of a network in half precision are told apart as far as they can be.
        let (objectness, deltas) = (self.objectness.f_detach()?.f_to_kind(Kind::Float)?, self.deltas.f_detach()?.f_to_kind(Kind::Float)?);
        let (mut places, mut offset) = (Vec::new(), 0);
        let counts = anchors.counts();
        for count in &counts {
            let top = limits.pre_nms.min(*count) as i64;
            let (_, indices) = objectness.f_narrow(1, offset, *count as i64)?.f_topk(top, 1, true, true)?;
            places.push(indices.f_add_scalar(offset)?);
            offset += *count as i64;
        }
        let places = Tensor::f_cat(&places, 1)?;
        let scores = objectness.f_gather(1, &places, false)?.f_sigmoid()?;
        let chosen = deltas.f_gather(1, &places.f_unsqueeze(2)?.f_expand([-1, -1, 4], false)?, false)?;
        let per_film = places.size()[1] as usize;
        let (places, scores, chosen) = (ints(&places)?, floats(&scores)?, floats(&chosen)?);
        let film = |(index, size): (usize, &[i64; 2])| {
            let range = index * per_film..(index + 1) * per_film;
            let candidates = candidates(anchors, &counts, &places[range.clone()], &chosen[range.start * 4..range.end * 4]);
            filter(candidates, &scores[range], *size, limits, sizes)
        };
        Ok(films.par_iter().enumerate().map(film).collect())
    }

    /// The losses of the proposals: objectness, offsets. `unknown` says where each film has no background to learn from; for films that it leaves out, nowhere.
    pub fn losses(
        &self,
        anchors: &[BBox],
        gt_boxes: &[Vec<BBox>],
        unknown: &[Unknown],
        sizes: &Sizes,
        picker: &mut Picker,
    ) -> Result<[Tensor; 2], TchError> {
        let sampled = sample_anchors(anchors, gt_boxes, unknown, sizes, picker);
        let device = self.objectness.device();
        let index = |from: &[i64]| Tensor::f_from_slice(from)?.f_to_device(device);
        let all: Vec<i64> = sampled.positives.iter().chain(&sampled.negatives).copied().collect();
        let logits = self.objectness.f_flatten(0, 1)?.f_index_select(0, &index(&all)?)?.f_to_kind(Kind::Float)?;
        let mut wanted = vec![1.0f32; sampled.positives.len()];
        wanted.resize(all.len(), 0.0);
        let wanted = Tensor::f_from_slice(&wanted)?.f_to_device(device)?;
        let objectness = logits.f_binary_cross_entropy_with_logits(&wanted, None::<Tensor>, None::<Tensor>, Reduction::Mean)?;
        let offsets = self.deltas.f_flatten(0, 1)?.f_index_select(0, &index(&sampled.positives)?)?.f_to_kind(Kind::Float)?;
        let targets = Tensor::f_from_slice(&sampled.targets)?.f_view([-1, 4])?.f_to_device(device)?;
        let sum = offsets.f_smooth_l1_loss(&targets, Reduction::Sum, 1.0 / 9.0)?;
        Ok([objectness, sum.f_div_scalar(all.len().max(1) as f64)?])
    }
}

/// Anchors chosen for the loss, numbered through the batch.
struct SampledAnchors {
    positives: Vec<i64>,
    negatives: Vec<i64>,
    /// Four offsets for each positive.
    targets: Vec<f32>,
}

fn sample_anchors(anchors: &[BBox], gt_boxes: &[Vec<BBox>], unknown: &[Unknown], sizes: &Sizes, picker: &mut Picker) -> SampledAnchors {
    let matcher = Matcher { foreground: sizes.rpn_foreground, background: sizes.rpn_background, low_quality: true };
    let sampler = Sampler { batch: sizes.rpn_batch, positive: sizes.rpn_positive };
    let mut sampled = SampledAnchors { positives: Vec::new(), negatives: Vec::new(), targets: Vec::new() };
    for (film, gt_boxes) in gt_boxes.iter().enumerate() {
        let matches = matcher.run(gt_boxes, anchors);
        let of = |wanted: fn(&Match) -> bool| (0..matches.len()).filter(|index| wanted(&matches[*index])).collect::<Vec<_>>();
        let foreground = of(|m| matches!(m, Match::GroundTruth(_)));
        let mut background = of(|m| matches!(m, Match::Background));
        if let Some(unknown) = unknown.get(film) {
            background.retain(|index| !unknown.covers(&anchors[*index]));
        }
        let (positives, negatives) = sampler.run(foreground, background, picker);
        let number = |index: &usize| (film * anchors.len() + index) as i64;
        sampled.positives.extend(positives.iter().map(number));
        sampled.negatives.extend(negatives.iter().map(number));
        for index in positives {
            if let Match::GroundTruth(matched) = matches[index] {
                sampled.targets.extend(BoxCoder::RPN.encode(gt_boxes[matched], anchors[index]));
            }
        }
    }
    sampled
}

/// A box and its level.
type Candidate = (BBox, usize);

fn candidates(anchors: &Anchors, counts: &[usize], places: &[i64], deltas: &[f32]) -> Vec<Candidate> {
    let decode = |(place, delta): (&i64, &[f32])| {
        let (mut level, mut index) = (0, *place as usize);
        while index >= counts[level] {
            index -= counts[level];
            level += 1;
        }
        let offsets = [delta[0], delta[1], delta[2], delta[3]];
        (BoxCoder::RPN.decode(offsets, anchors.level(level).at(index)), level)
    };
    places.iter().zip(deltas.chunks_exact(4)).map(decode).collect()
}

fn filter(candidates: Vec<Candidate>, scores: &[f32], [height, width]: [i64; 2], limits: Limits, sizes: &Sizes) -> Vec<BBox> {
    let (mut boxes, mut kept_scores, mut levels) = (Vec::new(), Vec::new(), Vec::new());
    for ((candidate, level), score) in candidates.into_iter().zip(scores) {
        let b = candidate.clipped(width as f32, height as f32);
        if b.width() >= MIN_SIDE && b.height() >= MIN_SIDE && *score >= sizes.rpn_score {
            boxes.push(b);
            kept_scores.push(*score);
            levels.push(level);
        }
    }
    let kept = grouped_nms(&boxes, &kept_scores, &levels, sizes.rpn_nms);
    kept.into_iter().take(limits.post_nms).map(|index| boxes[index]).collect()
}

/// All values, row after row.
pub(super) fn floats(tensor: &Tensor) -> Result<Vec<f32>, TchError> {
    Vec::try_from(&tensor.f_to_kind(Kind::Float)?.f_flatten(0, -1)?)
}

fn ints(tensor: &Tensor) -> Result<Vec<i64>, TchError> {
    Vec::try_from(&tensor.f_flatten(0, -1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_on_a_joint_that_nobody_labelled_is_no_background() {
        let mut sizes = Sizes::default();
        (sizes.rpn_batch, sizes.rpn_positive) = (8, 0.5);
        let [labelled, other, empty] = [20.0, 60.0, 100.0].map(|x| BBox::square((x, 20.0), 20.0));
        let (anchors, truths) = ([labelled, other, empty], [vec![labelled], vec![labelled]]);
        let chosen = |unknown: &[Unknown]| {
            let sampled = sample_anchors(&anchors, &truths, unknown, &sizes, &mut Picker::First);
            (sampled.positives, sampled.negatives)
        };
        assert_eq!(chosen(&[]), (vec![0, 3], vec![1, 2, 4, 5]));
        // The first film was labelled for one task: what lies at the other's joint may be that.
        assert_eq!(chosen(&[Unknown::Within(vec![BBox::square((62.0, 18.0), 30.0)])]), (vec![0, 3], vec![2, 4, 5]));
        assert_eq!(chosen(&[Unknown::Nowhere, Unknown::Anywhere]), (vec![0, 3], vec![1, 2]));
    }
}
