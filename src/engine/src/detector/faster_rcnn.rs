//! The parts of the detector put together.

use svh_core::BBox;
use tch::{Kind, TchError, Tensor};

use super::anchors::Anchors;
use super::backbone::Backbone;
use super::config::DetectorConfig;
use super::fpn::FeaturePyramid;
use super::postprocess::{self, RawDetection};
use super::roi_align::Roi;
use super::roi_heads::{BoxHead, Target, sample_rois};
use super::rpn::{Limits, Rpn};
use super::sampler::Picker;
use super::transform::Batch;
use super::unknown::Unknown;
use crate::nn::Store;
use crate::times::{self, Part};
use crate::{Error, Result};

/// Faster R-CNN; its tensors are in the store it was made with.
#[derive(Debug)]
pub struct FasterRcnn {
    config: DetectorConfig,
    backbone: Backbone,
    fpn: FeaturePyramid,
    rpn: Rpn,
    head: BoxHead,
}

/// What the network sees on a batch: its proposals, and the last hidden layer for each of them.
#[derive(Debug)]
pub struct Features {
    rois: Vec<Roi>,
    /// [R, width].
    hidden: Tensor,
}

impl Features {
    /// What was seen on each of the batch's films, as if each had been features at alone.
    pub(crate) fn by_film(&self, films: usize) -> Result<Vec<Self>, TchError> {
        let mut first = 0;
        let mut one = |film: usize| {
            // Film after film, as the proposals were made.
            let of_film = self.rois.iter().filter(|roi| roi.film == film);
            let rois: Vec<Roi> = of_film.map(|roi| Roi { film: 0, ..*roi }).collect();
            let hidden = self.hidden.f_narrow(0, first, rois.len() as i64)?;
            first += rois.len() as i64;
            Ok(Self { rois, hidden })
        };
        (0..films).map(&mut one).collect()
    }
}

/// The four losses of a batch, each a single number with a gradient.
#[derive(Debug)]
pub struct Losses {
    /// Cross-entropy of the classes.
    pub classifier: Tensor,
    /// Smooth L1 of the boxes.
    pub box_reg: Tensor,
    /// Cross-entropy of the proposals' objectness.
    pub objectness: Tensor,
    /// Smooth L1 of the proposals.
    pub rpn_box_reg: Tensor,
}

impl Losses {
    /// What is minimised: their sum.
    pub fn total(&self) -> Result<Tensor, TchError> {
        self.classifier.f_add(&self.box_reg)?.f_add(&self.objectness)?.f_add(&self.rpn_box_reg)
    }

    /// The values without their gradients, in the order of the fields.
    pub fn values(&self) -> Result<[f64; 4], TchError> {
        let value = |tensor: &Tensor| tensor.f_detach()?.f_double_value(&[]);
        Ok([value(&self.classifier)?, value(&self.box_reg)?, value(&self.objectness)?, value(&self.rpn_box_reg)?])
    }
}

impl FasterRcnn {
    /// The network of a description; its tensors are created in `store`.
    pub fn new(store: &Store, config: DetectorConfig) -> Result<Self> {
        config.check().map_err(Error::Usage)?;
        let root = store.root();
        let scope = root.enter("backbone");
        let (backbone, channels) = Backbone::new(&scope.enter("body"), &config)?;
        let fpn = FeaturePyramid::new(&scope.enter("fpn"), channels, config.sizes.fpn_channels)?;
        let rpn = Rpn::new(&root.enter("rpn"), &config.sizes)?;
        let head = BoxHead::new(&root.enter("roi_heads"), &config.sizes, config.heads)?;
        Ok(Self { config, backbone, fpn, rpn, head })
    }

    /// What the network was made from.
    #[must_use]
    pub const fn config(&self) -> &DetectorConfig {
        &self.config
    }

    /// The losses of a batch for a detector of one task. `picker` chooses the boxes that enter them.
    pub fn losses(&self, batch: &Batch, targets: &[Target], picker: &mut Picker) -> Result<Losses> {
        self.losses_of_heads(batch, &[targets.iter().cloned().map(Some).collect()], &[], picker)
    }

    /// The losses of a batch. `targets` has a list a head, in the order of [`Heads::each`](super::Heads::each), with the truth of each film:
    /// `None` where nobody has labelled it for that task; `unknown` says where such a film may have joints all the same. The losses of the heads are added.
    pub fn losses_of_heads(
        &self,
        batch: &Batch,
        targets: &[Vec<Option<Target>>],
        unknown: &[Unknown],
        picker: &mut Picker,
    ) -> Result<Losses> {
        let sizes = &self.config.sizes;
        let maps = self.fpn.forward(&self.backbone.forward(&batch.images, true)?)?;
        let anchors = self.anchors(&maps, batch);
        let proposed = self.rpn.forward(&maps)?;
        let limits = Limits { pre_nms: sizes.rpn_pre_nms_train, post_nms: sizes.rpn_post_nms_train };
        let proposals = proposed.proposals(&anchors, &batch.sizes, limits, sizes)?;
        // A joint is a joint: the proposals learn from the boxes of all tasks.
        let of_film =
            |film: usize| targets.iter().filter_map(|head| head.get(film)?.as_ref()).flat_map(|t| t.boxes.iter().copied()).collect();
        let per_film: Vec<_> = (0..batch.sizes.len()).map(of_film).collect();
        let [objectness, rpn_box_reg] = proposed.losses(&anchors.all(), &per_film, unknown, sizes, picker)?;
        let sampled: Vec<_> = targets.iter().map(|head| sample_rois(&proposals, head, sizes, picker)).collect();
        let rois: Vec<Roi> = sampled.iter().flat_map(|sampled| sampled.rois.iter().copied()).collect();
        let hidden = self.head.hidden(&maps[..4], &rois)?;
        let (mut classifier, mut box_reg) = (Vec::new(), Vec::new());
        let mut first = 0;
        for (place, sampled) in sampled.iter().enumerate().filter(|(_, sampled)| !sampled.rois.is_empty()) {
            let rows = sampled.rois.len() as i64;
            let [classes, boxes] = self.head.predict(&hidden.f_narrow(0, first, rows)?, place)?.losses(sampled)?;
            classifier.push(classes);
            box_reg.push(boxes);
            first += rows;
        }
        let sum = |losses: &[Tensor]| match losses {
            [] => Tensor::f_zeros([], (Kind::Float, hidden.device())),
            losses => Tensor::f_stack(losses, 0)?.f_sum(Kind::Float),
        };
        Ok(Losses { classifier: sum(&classifier)?, box_reg: sum(&box_reg)?, objectness, rpn_box_reg })
    }

    /// The detections of each film, best first, in pixels of the batch, by a detector of one task. `allowed`: see [`postprocess::detections`].
    /// Call it without gradients.
    pub fn detect(&self, batch: &Batch, allowed: &[Option<Vec<u8>>]) -> Result<Vec<Vec<RawDetection>>> {
        self.detections(&self.forward_features(batch)?, 0, &batch.sizes, allowed)
    }

    /// The proposals and what the heads say of each, from which the detections under any choice of classes follow. Call it without gradients.
    pub fn forward_features(&self, batch: &Batch) -> Result<Features> {
        let (sizes, device) = (&self.config.sizes, batch.images.device());
        let (maps, proposed) = times::of(Part::Network, device, || {
            let maps = self.fpn.forward(&self.backbone.forward(&batch.images, false)?)?;
            let proposed = self.rpn.forward(&maps)?;
            Ok::<_, TchError>((maps, proposed))
        })?;
        let rois: Vec<Roi> = times::of(Part::Choose, device, || {
            let anchors = self.anchors(&maps, batch);
            let limits = Limits { pre_nms: sizes.rpn_pre_nms_test, post_nms: sizes.rpn_post_nms_test };
            let proposals = proposed.proposals(&anchors, &batch.sizes, limits, sizes)?;
            let on_film = |(film, boxes): (usize, Vec<BBox>)| boxes.into_iter().map(move |bbox| Roi { film, bbox });
            Ok::<_, TchError>(proposals.into_iter().enumerate().flat_map(on_film).collect())
        })?;
        let hidden = times::of(Part::Network, device, || self.head.hidden(&maps[..4], &rois))?;
        Ok(Features { rois, hidden })
    }

    /// The detections of each film by the head at a place of [`Heads::each`](super::Heads::each).
    pub fn detections(
        &self,
        features: &Features,
        head: usize,
        films: &[[i64; 2]],
        allowed: &[Option<Vec<u8>>],
    ) -> Result<Vec<Vec<RawDetection>>> {
        times::of(Part::Choose, features.hidden.device(), || {
            let output = self.head.predict(&features.hidden, head)?;
            Ok(postprocess::detections(&output, &features.rois, films, allowed, &self.config.sizes)?)
        })
    }

    fn anchors(&self, maps: &[Tensor], batch: &Batch) -> Anchors {
        let sizes: Vec<[i64; 2]> = maps.iter().map(|map| [map.size()[2], map.size()[3]]).collect();
        Anchors::new(&self.config.sizes, &sizes, batch.padded())
    }
}
