//! From the head's numbers to detections: softmax, threshold, suppression, the best of them.

use rayon::prelude::*;
use svh_core::BBox;
use tch::{Kind, TchError, Tensor};

use super::box_coder::BoxCoder;
use super::nms::grouped_nms;
use super::roi_align::Roi;
use super::roi_heads::HeadOutput;
use super::rpn::floats;
use super::sizes::Sizes;

/// One box as the network's post-processing leaves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RawDetection {
    /// The class, 1 and up.
    pub class_id: u8,
    /// Softmax score.
    pub score: f32,
    /// In pixels of the film.
    pub bbox: BBox,
}

/// Detections with a shorter side are dropped.
const MIN_SIDE: f32 = 1e-2;

/// The detections of each film, best first, in pixels of the batch.
///
/// `allowed` lists the classes that a film can show. Others are taken out before the softmax, so that a joint whose probability is divided between left
/// and right keeps all of it; `None` for a film leaves torchvision's arithmetic.
pub fn detections(
    output: &HeadOutput,
    rois: &[Roi],
    films: &[[i64; 2]],
    allowed: &[Option<Vec<u8>>],
    sizes: &Sizes,
) -> Result<Vec<Vec<RawDetection>>, TchError> {
    let classes = output.logits.size()[1] as usize;
    let masked = output.logits.f_add(&mask(rois, allowed, classes)?.f_to_device(output.logits.device())?)?;
    let (scores, deltas) = (floats(&masked.f_softmax(-1, Kind::Float)?)?, floats(&output.deltas)?);
    let film = |(index, size): (usize, &[i64; 2])| {
        let mut found = Vec::new();
        for (row, roi) in rois.iter().enumerate().filter(|(_, roi)| roi.film == index) {
            for class in 1..classes {
                let at = row * classes + class;
                if scores[at] > sizes.box_score {
                    let offsets = [deltas[at * 4], deltas[at * 4 + 1], deltas[at * 4 + 2], deltas[at * 4 + 3]];
                    let bbox = BoxCoder::HEAD.decode(offsets, roi.bbox).clipped(size[1] as f32, size[0] as f32);
                    found.push(RawDetection { class_id: class as u8, score: scores[at], bbox });
                }
            }
        }
        found.retain(|d| d.bbox.width() >= MIN_SIDE && d.bbox.height() >= MIN_SIDE);
        best(&found, sizes)
    };
    Ok(films.par_iter().enumerate().map(film).collect())
}

/// 0 for classes that count and for background, minus infinity for the rest: [R, classes].
fn mask(rois: &[Roi], allowed: &[Option<Vec<u8>>], classes: usize) -> Result<Tensor, TchError> {
    let mut mask = vec![0.0f32; rois.len() * classes];
    for (row, roi) in mask.chunks_exact_mut(classes).zip(rois) {
        if let Some(Some(allowed)) = allowed.get(roi.film) {
            for (class, value) in row.iter_mut().enumerate().skip(1) {
                if !allowed.iter().any(|id| usize::from(*id) == class) {
                    *value = f32::NEG_INFINITY;
                }
            }
        }
    }
    Tensor::f_from_slice(&mask)?.f_view([-1, classes as i64])
}

fn best(found: &[RawDetection], sizes: &Sizes) -> Vec<RawDetection> {
    let boxes: Vec<BBox> = found.iter().map(|d| d.bbox).collect();
    let scores: Vec<f32> = found.iter().map(|d| d.score).collect();
    let groups: Vec<usize> = found.iter().map(|d| usize::from(d.class_id)).collect();
    let kept = grouped_nms(&boxes, &scores, &groups, sizes.box_nms);
    let vote = |index: usize| if sizes.box_vote < 1.0 { voted(found, found[index], sizes.box_vote) } else { found[index] };
    kept.into_iter().take(sizes.box_detections).map(vote).collect()
}

/// A detection at the mean, by score, of the boxes of its class that overlap it by `least` or more (S. Gidaris and N. Komodakis, "Object detection
/// via a multi-region and semantic segmentation-aware CNN model", 2015).
fn voted(found: &[RawDetection], best: RawDetection, least: f32) -> RawDetection {
    let voters = found.iter().filter(|d| d.class_id == best.class_id && d.bbox.iou(&best.bbox) >= least);
    let (mut sum, mut weight) = ([0.0; 4], 0.0);
    for voter in voters {
        let sides = <[f32; 4]>::from(voter.bbox);
        sum.iter_mut().zip(sides).for_each(|(sum, side)| *sum += voter.score * side);
        weight += voter.score;
    }
    RawDetection { bbox: BBox::from(sum.map(|sum| sum / weight)), ..best }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(class_id: u8, score: f32, x: f32) -> RawDetection {
        RawDetection { class_id, score, bbox: BBox::from([x, 0.0, x + 20.0, 20.0]) }
    }

    #[test]
    fn boxes_of_one_class_that_overlap_the_best_vote_by_their_scores() {
        // The second overlaps the first by 18/22, the third (of another class) lies on it, the fourth overlaps it by 5/35.
        let boxes = [found(1, 0.9, 0.0), found(1, 0.3, 2.0), found(2, 0.5, 0.0), found(1, 0.6, 15.0)];
        let kept = best(&boxes, &Sizes { box_vote: 0.5, ..Sizes::default() });
        let places: Vec<_> = kept.iter().map(|d| (d.class_id, d.score, (d.bbox.x0 * 1e3).round() / 1e3)).collect();
        assert_eq!(places, [(1, 0.9, 0.5), (1, 0.6, 15.0), (2, 0.5, 0.0)]);
        let plain = best(&boxes, &Sizes::default());
        assert_eq!(plain[0].bbox.x0, 0.0, "in torchvision the best box stays where it is");
    }
}
