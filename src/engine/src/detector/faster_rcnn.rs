//! The parts of the detector put together.

use svh_core::BBox;
use tch::{TchError, Tensor};

use super::anchors::Anchors;
use super::body::Body;
use super::config::DetectorConfig;
use super::fpn::FeaturePyramid;
use super::inference::RawDetection;
use super::postprocess;
use super::roi_align::Roi;
use super::roi_heads::{BoxHead, HeadOutput, sample_rois};
use super::rpn::{Limits, Rpn};
use super::sampler::Picker;
use super::transform::Batch;
use crate::nn::Store;
use crate::{Error, Result};

/// Faster R-CNN; its tensors are in the store it was made with.
#[derive(Debug)]
pub struct FasterRcnn {
    config: DetectorConfig,
    body: Body,
    fpn: FeaturePyramid,
    rpn: Rpn,
    head: BoxHead,
}

/// The truth of one film, in pixels of the batch.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// Boxes with positive width and height.
    pub boxes: Vec<BBox>,
    /// The class of each, 1 and up.
    pub labels: Vec<i64>,
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
        let backbone = root.enter("backbone");
        let (body, channels) = Body::new(&backbone.enter("body"), &config)?;
        let fpn = FeaturePyramid::new(&backbone.enter("fpn"), channels, config.sizes.fpn_channels)?;
        let rpn = Rpn::new(&root.enter("rpn"), &config.sizes)?;
        let head = BoxHead::new(&root.enter("roi_heads"), &config.sizes, config.classes)?;
        Ok(Self { config, body, fpn, rpn, head })
    }

    /// What the network was made from.
    #[must_use]
    pub const fn config(&self) -> &DetectorConfig {
        &self.config
    }

    /// The losses of a batch. `picker` chooses the boxes that enter them.
    pub fn losses(&self, batch: &Batch, targets: &[Target], picker: &mut Picker) -> Result<Losses> {
        let sizes = &self.config.sizes;
        let maps = self.fpn.forward(&self.body.forward(&batch.images, true)?)?;
        let anchors = self.anchors(&maps, batch);
        let proposed = self.rpn.forward(&maps)?;
        let limits = Limits { pre_nms: sizes.rpn_pre_nms_train, post_nms: sizes.rpn_post_nms_train };
        let proposals = proposed.proposals(&anchors, &batch.sizes, limits, sizes)?;
        let truths: Vec<_> = targets.iter().map(|target| target.boxes.clone()).collect();
        let [objectness, rpn_box_reg] = proposed.losses(&anchors.all(), &truths, sizes, picker)?;
        let sampled = sample_rois(&proposals, targets, sizes, picker);
        let [classifier, box_reg] = self.head.forward(&maps[..4], &sampled.rois)?.losses(&sampled)?;
        Ok(Losses { classifier, box_reg, objectness, rpn_box_reg })
    }

    /// The detections of each film, best first, in pixels of the batch. `allowed`: see [`postprocess::detections`]. Call it without gradients.
    pub fn detect(&self, batch: &Batch, allowed: &[Option<Vec<u8>>]) -> Result<Vec<Vec<RawDetection>>> {
        let (output, rois) = self.look(batch)?;
        Ok(postprocess::detections(&output, &rois, &batch.sizes, allowed, &self.config.sizes)?)
    }

    /// The proposals and what the head says of each, from which the detections under any choice of classes follow. Call it without gradients.
    pub fn look(&self, batch: &Batch) -> Result<(HeadOutput, Vec<Roi>)> {
        let sizes = &self.config.sizes;
        let maps = self.fpn.forward(&self.body.forward(&batch.images, false)?)?;
        let anchors = self.anchors(&maps, batch);
        let limits = Limits { pre_nms: sizes.rpn_pre_nms_test, post_nms: sizes.rpn_post_nms_test };
        let proposals = self.rpn.forward(&maps)?.proposals(&anchors, &batch.sizes, limits, sizes)?;
        let on_film = |(film, boxes): (usize, Vec<BBox>)| boxes.into_iter().map(move |bbox| Roi { film, bbox });
        let rois: Vec<Roi> = proposals.into_iter().enumerate().flat_map(on_film).collect();
        Ok((self.head.forward(&maps[..4], &rois)?, rois))
    }

    fn anchors(&self, maps: &[Tensor], batch: &Batch) -> Anchors {
        let sizes: Vec<[i64; 2]> = maps.iter().map(|map| [map.size()[2], map.size()[3]]).collect();
        Anchors::new(&self.config.sizes, &sizes, batch.padded())
    }
}
