//! The boxes of one limb have the proportions of [`layout`]: how large one of them is, the others tell better than its own picture.
//!
//! A detector places the sides of each box by what it sees around that joint, with an error of some 8 %. The limb's unit (palm or foot width)
//! as the median of all its boxes has a quarter of that. How far the two are trusted depends on how exactly the boxes that the detector learned
//! from keep these proportions, which a training measures ([`spread`]).

use crate::{BBox, Joint, layout};

/// Boxes that tell the size of a limb, at least.
const MIN_BOXES: usize = 4;

/// Standard deviation of ln(side) of a detector's boxes, as measured on synthetic films whose boxes keep the proportions exactly.
const DETECTOR: f32 = 0.08;

/// Standard deviations in one median absolute deviation of normal errors.
const MAD: f32 = 1.4826;

/// The limb's unit in pixels by its boxes: the median of their sides over the sizes of the layout; `None` from fewer than [`MIN_BOXES`].
#[must_use]
pub fn unit(boxes: &[(&'static Joint, BBox)]) -> Option<f32> {
    let mut units: Vec<f32> = boxes.iter().flat_map(|(joint, bbox)| units(joint, *bbox)).collect();
    if units.len() < 2 * MIN_BOXES { None } else { median(&mut units) }
}

/// How far boxes deviate from the proportions of the layout, as standard deviation of ln(side) within a limb (robust: a box in ten that is cut by the
/// film's edge changes little); `None` where no limb has boxes enough.
pub fn spread<'b>(limbs: impl IntoIterator<Item = &'b [(&'static Joint, BBox)]>) -> Option<f32> {
    let mut deviations = Vec::new();
    for boxes in limbs {
        let Some(unit) = unit(boxes) else { continue };
        deviations.extend(boxes.iter().flat_map(|(joint, bbox)| units(joint, *bbox)).map(|own| (own / unit).ln().abs()));
    }
    median(&mut deviations).map(|deviation| MAD * deviation)
}

/// A box of a limb of this unit with its sides drawn towards those of the layout: all the way where the learned boxes keep the proportions
/// exactly (`spread` 0), half-way where they deviate as far as a detector errs. The centre stays.
#[must_use]
pub(crate) fn proportioned(joint: &Joint, bbox: BBox, unit: f32, spread: f32) -> BBox {
    let Some(expected) = layout::size(joint).map(|size| size * unit) else { return bbox };
    if bbox.area() <= 0.0 {
        return bbox;
    }
    let trust = DETECTOR * DETECTOR / (DETECTOR * DETECTOR + spread * spread);
    let drawn = |side: f32| side * (expected / side).powf(trust) / 2.0;
    let ((x, y), half_width, half_height) = (bbox.centre(), drawn(bbox.width()), drawn(bbox.height()));
    BBox { x0: x - half_width, y0: y - half_height, x1: x + half_width, y1: y + half_height }
}

/// The units that the two sides of a box speak for.
fn units(joint: &Joint, bbox: BBox) -> impl Iterator<Item = f32> + use<> {
    let size = layout::size(joint).unwrap_or(f32::NAN);
    [bbox.width(), bbox.height()].into_iter().map(move |side| side / size).filter(|unit| unit.is_finite() && *unit > 0.0)
}

fn median(values: &mut [f32]) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    let upper = values.len() / 2;
    let lower = values.len().checked_sub(1)? / 2;
    Some(f32::midpoint(values[lower], values[upper]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limb, Task, shape::ShapeModel};

    /// The boxes of a mean left hand that is `scale` pixels large.
    fn hand(scale: f32) -> Vec<(&'static Joint, BBox)> {
        let landmarks: Vec<_> = ShapeModel::hand().mean.iter().map(|p| [500.0 + scale * p[0], 600.0 + scale * p[1]]).collect();
        layout::boxes(Limb::LeftHand, Task::Narrowing, &landmarks)
    }

    fn stretched(bbox: BBox, x: f32, y: f32) -> BBox {
        let (cx, cy) = bbox.centre();
        let (w, h) = (bbox.width() * x / 2.0, bbox.height() * y / 2.0);
        BBox { x0: cx - w, y0: cy - h, x1: cx + w, y1: cy + h }
    }

    #[test]
    fn the_unit_is_the_palm_width_and_does_not_follow_a_box_that_is_wrong() {
        let landmarks: Vec<_> = ShapeModel::hand().mean.iter().map(|p| [500.0 + 700.0 * p[0], 600.0 + 700.0 * p[1]]).collect();
        let palm = layout::unit(Limb::LeftHand, &landmarks);
        let mut boxes = hand(700.0);
        assert!((unit(&boxes).unwrap() / palm - 1.0).abs() < 1e-4);
        boxes[3].1 = stretched(boxes[3].1, 2.5, 1.8);
        assert!((unit(&boxes).unwrap() / palm - 1.0).abs() < 1e-4);
        assert_eq!(unit(&boxes[..MIN_BOXES - 1]), None);
    }

    #[test]
    fn sides_follow_the_limb_as_far_as_the_learned_boxes_keep_its_proportions() {
        let boxes = hand(700.0);
        let (unit, (joint, right)) = (unit(&boxes).unwrap(), boxes[5]);
        let wrong = stretched(right, 1.2, 0.9);
        let strict = proportioned(joint, wrong, unit, 0.0);
        assert!(strict.iou(&right) > 0.999 && strict.iou(&wrong) < 0.8);
        let half = proportioned(joint, wrong, unit, 0.08);
        assert!(
            (half.width() / right.width() - 1.2f32.sqrt()).abs() < 1e-3 && (half.height() / right.height() - 0.9f32.sqrt()).abs() < 1e-3
        );
        let hardly = proportioned(joint, wrong, unit, 0.8);
        assert!(hardly.iou(&wrong) > 0.99);
    }

    #[test]
    fn the_spread_is_that_of_the_boxes_whatever_the_size_of_the_limb() {
        let (small, large) = (hand(300.0), hand(900.0));
        assert!(spread([small.as_slice(), large.as_slice()]).unwrap() < 1e-4);
        // Sides alternately 10 % too long and too short deviate by 10 % each.
        let uneven = |boxes: &[(&'static Joint, BBox)]| -> Vec<_> {
            boxes.iter().enumerate().map(|(i, (joint, b))| (*joint, stretched(*b, if i % 2 == 0 { 1.1 } else { 1.0 / 1.1 }, 1.0))).collect()
        };
        let found = spread([uneven(&small).as_slice(), uneven(&large).as_slice()]).unwrap();
        assert!((0.05..0.16).contains(&found), "{found}");
        assert_eq!(spread([&small[..2]]), None);
    }
}
