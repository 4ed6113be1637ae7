//! Every size and threshold that torchvision's builder takes, and what is ours.

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::limb_check::LimbEvidence;

/// Sizes and thresholds. The default is torchvision's `fasterrcnn_*_fpn`; a model card lists what differs from it, by these names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sizes {
    /// Channels of the feature pyramid.
    pub fpn_channels: i64,
    /// Width of the two layers of the box head.
    pub head_width: i64,
    /// Side of the anchors, one a pyramid level (five).
    pub anchor_sizes: Vec<f32>,
    /// Height / width of the anchors.
    pub anchor_ratios: Vec<f32>,
    /// Proposals a level before suppression, in training.
    pub rpn_pre_nms_train: usize,
    /// The same in inference.
    pub rpn_pre_nms_test: usize,
    /// Proposals a film after suppression, in training.
    pub rpn_post_nms_train: usize,
    /// The same in inference.
    pub rpn_post_nms_test: usize,
    /// Overlap above which the lesser of two proposals is dropped.
    pub rpn_nms: f32,
    /// Objectness that a proposal must reach.
    pub rpn_score: f32,
    /// Overlap from which an anchor is foreground.
    pub rpn_foreground: f32,
    /// Overlap below which an anchor is background.
    pub rpn_background: f32,
    /// Anchors a film in the loss.
    pub rpn_batch: usize,
    /// The share of them that may be foreground.
    pub rpn_positive: f32,
    /// Overlap from which a proposal is foreground.
    pub box_foreground: f32,
    /// Overlap below which a proposal is background.
    pub box_background: f32,
    /// Proposals a film in the loss.
    pub box_batch: usize,
    /// The share of them that may be foreground.
    pub box_positive: f32,
    /// Score that a detection must exceed.
    pub box_score: f32,
    /// Overlap above which the lesser of two detections of a class is dropped.
    pub box_nms: f32,
    /// Detections a film at most.
    pub box_detections: usize,
    /// Overlap from which the other boxes of a class have a say, by their score, in where a detection lies; 1: none has, as in torchvision.
    pub box_vote: f32,
    /// How far the boxes that it learned from deviate from the proportions of a limb ([`svh_core::proportions::spread`]), as the training measured.
    pub box_spread: Option<f32>,
    /// How much evidence a film needs to pass as a limb; without it no film is refused as something else.
    pub limb_evidence: Option<LimbEvidence>,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            fpn_channels: 256,
            head_width: 1024,
            anchor_sizes: vec![32.0, 64.0, 128.0, 256.0, 512.0],
            anchor_ratios: vec![0.5, 1.0, 2.0],
            rpn_pre_nms_train: 2000,
            rpn_pre_nms_test: 1000,
            rpn_post_nms_train: 2000,
            rpn_post_nms_test: 1000,
            rpn_nms: 0.7,
            rpn_score: 0.0,
            rpn_foreground: 0.7,
            rpn_background: 0.3,
            rpn_batch: 256,
            rpn_positive: 0.5,
            box_foreground: 0.5,
            box_background: 0.5,
            box_batch: 512,
            box_positive: 0.25,
            box_score: 0.05,
            box_nms: 0.5,
            box_detections: 100,
            box_vote: 1.0,
            box_spread: None,
            limb_evidence: None,
        }
    }
}

impl Sizes {
    /// Changes one entry, written as `name=value`; the value is a number, or numbers in brackets.
    pub fn set(&mut self, entry: &str) -> Result<(), String> {
        let wrong = |why: &dyn Display| {
            format!("`{entry}` cannot be set: {why}; write a name of the card's `config` and its value, as in box_batch=64")
        };
        let (name, value) = entry.split_once('=').ok_or_else(|| wrong(&"there is no ="))?;
        let value: Value = serde_json::from_str(value).map_err(|e| wrong(&e))?;
        let mut entries = serde_json::to_value(&*self).map_err(|e| wrong(&e))?;
        entries[name] = value;
        *self = serde_json::from_value(entries).map_err(|e| wrong(&e))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_set_by_its_name_and_a_wrong_name_is_told() {
        let mut sizes = Sizes::default();
        sizes.set("box_batch=64").unwrap();
        sizes.set("anchor_ratios=[1, 2]").unwrap();
        assert_eq!((sizes.box_batch, sizes.anchor_ratios.as_slice()), (64, &[1.0, 2.0][..]));
        for entry in ["box_bach=64", "box_batch", "box_batch=many", "box_batch=1.5"] {
            assert!(sizes.set(entry).unwrap_err().contains(entry));
        }
    }
}
