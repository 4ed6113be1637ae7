//! The box head: which joint a proposal is, and where exactly.
//!
//! A detector of both tasks has one pair of last layers a task behind the same two hidden layers: most joints are graded for both, and what
//! tells them apart is the same.

use svh_core::{BBox, Task};
use tch::{Kind, Reduction, TchError, Tensor};

use super::box_coder::BoxCoder;
use super::heads::Heads;
use super::matcher::{Match, Matcher};
use super::roi_align::{GRID, Roi, multi_scale};
use super::sampler::{Picker, Sampler};
use super::sizes::Sizes;
use crate::Result;
use crate::nn::{Linear, Scope};

/// The truth of one film, in pixels of the batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Boxes with positive width and height.
    pub boxes: Vec<BBox>,
    /// The class of each, 1 and up.
    pub labels: Vec<i64>,
}

/// Two hidden layers and, for each task, two outputs.
#[derive(Debug)]
pub(crate) struct BoxHead {
    fc6: Linear,
    fc7: Linear,
    predictors: Vec<Predictor>,
}

/// The last layers of a task.
#[derive(Debug)]
struct Predictor {
    cls_score: Linear,
    bbox_pred: Linear,
}

/// What the head says of each box.
#[derive(Debug)]
pub struct HeadOutput {
    /// [R, classes].
    pub logits: Tensor,
    /// [R, classes * 4].
    pub deltas: Tensor,
}

impl BoxHead {
    /// The head that a description asks for.
    pub fn new(scope: &Scope, sizes: &Sizes, heads: Heads) -> Result<Self> {
        let head = scope.enter("box_head");
        let (inputs, width) = (sizes.fpn_channels * (GRID * GRID) as i64, sizes.head_width);
        let predictor = |(task, classes): &(Option<Task>, i64)| {
            let scope = scope.enter("box_predictor");
            let scope = task.map_or(scope.clone(), |task| scope.enter(task));
            Ok(Predictor {
                cls_score: Linear::new(&scope.enter("cls_score"), width, *classes)?,
                bbox_pred: Linear::new(&scope.enter("bbox_pred"), width, classes * 4)?,
            })
        };
        Ok(Self {
            fc6: Linear::new(&head.enter("fc6"), inputs, width)?,
            fc7: Linear::new(&head.enter("fc7"), width, width)?,
            predictors: heads.each().iter().map(predictor).collect::<Result<_>>()?,
        })
    }

    /// The last hidden layer, [R, width], from the pyramid's first four maps and boxes on them.
    pub(crate) fn hidden(&self, maps: &[Tensor], rois: &[Roi]) -> Result<Tensor, TchError> {
        let pooled = multi_scale(maps, rois)?.f_flatten(1, -1)?;
        let hidden = self.fc6.forward(&pooled)?.f_relu_()?;
        self.fc7.forward(&hidden)?.f_relu_()
    }

    /// What the pair of layers at a place of [`Heads::each`] makes of it.
    pub(crate) fn predict(&self, hidden: &Tensor, place: usize) -> Result<HeadOutput, TchError> {
        let Predictor { cls_score, bbox_pred } = &self.predictors[place];
        Ok(HeadOutput { logits: cls_score.forward(hidden)?, deltas: bbox_pred.forward(hidden)? })
    }
}

/// Boxes chosen for the loss of the head.
#[derive(Debug, Default)]
pub struct SampledRois {
    /// The boxes, film after film.
    pub rois: Vec<Roi>,
    /// The class of each, 0 for background.
    pub labels: Vec<i64>,
    /// Four offsets for each box that is not background, in order.
    pub targets: Vec<f32>,
}

/// Chooses from proposals and ground truth; from none of a film that nobody has labelled.
#[must_use]
pub(crate) fn sample_rois(proposals: &[Vec<BBox>], targets: &[Option<Target>], sizes: &Sizes, picker: &mut Picker) -> SampledRois {
    let matcher = Matcher { foreground: sizes.box_foreground, background: sizes.box_background, low_quality: false };
    let sampler = Sampler { batch: sizes.box_batch, positive: sizes.box_positive };
    let mut sampled = SampledRois::default();
    for (film, (proposals, target)) in proposals.iter().zip(targets).enumerate() {
        let Some(target) = target else { continue };
        let boxes: Vec<BBox> = proposals.iter().chain(&target.boxes).copied().collect();
        let matches = matcher.run(&target.boxes, &boxes);
        let of = |wanted: fn(&Match) -> bool| (0..matches.len()).filter(|index| wanted(&matches[*index])).collect::<Vec<_>>();
        let (positives, negatives) =
            sampler.run(of(|m| matches!(m, Match::GroundTruth(_))), of(|m| matches!(m, Match::Background)), picker);
        let mut chosen: Vec<usize> = positives.into_iter().chain(negatives).collect();
        chosen.sort_unstable();
        for index in chosen {
            sampled.rois.push(Roi { film, bbox: boxes[index] });
            let Match::GroundTruth(matched) = matches[index] else {
                sampled.labels.push(0);
                continue;
            };
            sampled.labels.push(target.labels[matched]);
            sampled.targets.extend(BoxCoder::HEAD.encode(target.boxes[matched], boxes[index]));
        }
    }
    sampled
}

impl HeadOutput {
    /// The losses of the head: class, offsets.
    pub fn losses(&self, sampled: &SampledRois) -> Result<[Tensor; 2], TchError> {
        let device = self.logits.device();
        let labels = Tensor::f_from_slice(&sampled.labels)?.f_to_device(device)?;
        let classes = self.logits.f_to_kind(Kind::Float)?.f_cross_entropy_loss(&labels, None::<Tensor>, Reduction::Mean, -100, 0.0)?;
        let per_box = self.logits.size()[1];
        // The offsets of a box for its own class, in the table of [R * classes, 4].
        let rows = sampled.labels.iter().enumerate().filter(|(_, label)| **label > 0);
        let rows: Vec<i64> = rows.map(|(index, label)| index as i64 * per_box + label).collect();
        let rows = Tensor::f_from_slice(&rows)?.f_to_device(device)?;
        let offsets = self.deltas.f_reshape([-1, 4])?.f_index_select(0, &rows)?.f_to_kind(Kind::Float)?;
        let targets = Tensor::f_from_slice(&sampled.targets)?.f_view([-1, 4])?.f_to_device(device)?;
        let sum = offsets.f_smooth_l1_loss(&targets, Reduction::Sum, 1.0 / 9.0)?;
        Ok([classes, sum.f_div_scalar(sampled.labels.len().max(1) as f64)?])
    }
}
