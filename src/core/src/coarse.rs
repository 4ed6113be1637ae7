//! Low-resolution films: the joint size below which a film is marked as coarse, and the size below which a joint is left open.
//!
//! All sizes are sides of joints' boxes in pixels of the film, measured on 24 synthetic patients with all grades, whose films were reduced by factors of up to 12
//! (`build/experiments/resolution.py --patients 24 --seed 41`). No real films were used. Quadratic kappa at full size: narrowing 0.52, hand erosion 0.65, foot
//! erosion 0.83.

use crate::{BBox, Joint, Task};

/// A film whose joints are smaller than this (median side of the accepted boxes) is marked as coarse. At this size the first scale has lost more than a tenth of
/// its quadratic kappa (foot erosion: 0.74); hand erosion reaches that point at 18 pixels, narrowing at 16.
pub const COARSE_BELOW: f32 = 28.0;

/// Why a joint with too few pixels is left open, in a few words.
pub const TOO_FEW_PIXELS: &str = "too few pixels to grade";

/// A joint whose box has a smaller side than this is left open. For erosion, this is where quadratic kappa falls below half its full-size value: hands 0.46 at 8 to
/// 10 pixels and 0.31 at 7 to 8; feet 0.55 at 10 to 12 and 0.35 at 8 to 10. Narrowing still reaches 0.33 at 5 to 6 pixels; smaller joints were too few to
/// measure, so 5 is its limit.
#[must_use]
pub(crate) const fn open_below(joint: &Joint) -> f32 {
    match (joint.task, joint.limb.is_hand()) {
        (Task::Narrowing, _) => 5.0,
        (Task::Erosion, true) => 8.0,
        (Task::Erosion, false) => 10.0,
    }
}

/// The side of a square with the same area as the box, in pixels.
#[must_use]
pub fn side(bbox: &BBox) -> f32 {
    (bbox.width().max(0.0) * bbox.height().max(0.0)).sqrt()
}

/// The median side of the boxes if it is small enough to make their film coarse.
#[must_use]
pub fn coarse<'a>(boxes: impl IntoIterator<Item = &'a BBox>) -> Option<f32> {
    let mut sides: Vec<f32> = boxes.into_iter().map(side).collect();
    sides.sort_by(f32::total_cmp);
    let median = *sides.get(sides.len() / 2)?;
    (median < COARSE_BELOW).then_some(median)
}

/// Whether a joint has too few pixels for a grade.
#[must_use]
pub fn is_too_small(joint: &Joint, bbox: &BBox) -> bool {
    side(bbox) < open_below(joint)
}

/// What a reader should know of a coarse film, whose joints have this median side.
#[must_use]
pub fn note(side: f32) -> String {
    format!("coarse: its joints are about {side:.0} pixels wide; below {COARSE_BELOW:.0}, grades are less reliable")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::joint;

    fn square(side: f32) -> BBox {
        BBox::from([5.0, 5.0, 5.0 + side, 5.0 + side])
    }

    #[test]
    fn a_film_is_coarse_by_the_median_of_its_joints() {
        let (small, large) = (square(COARSE_BELOW - 1.0), square(COARSE_BELOW + 1.0));
        assert_eq!(coarse([&small, &small, &large]), Some(COARSE_BELOW - 1.0));
        assert_eq!(coarse([&small, &large, &large]), None);
        assert_eq!(coarse([]), None);
        assert_eq!(side(&BBox::from([0.0, 0.0, 4.0, 9.0])), 6.0);
        assert!(note(12.4).contains("about 12 pixels"));
    }

    #[test]
    fn a_joint_is_open_below_the_size_of_its_scale_only() {
        for label in ["LH_mcp_2", "RF_mtp_1"] {
            for task in Task::ALL {
                let joint = joint::by_label(task, label).unwrap();
                let least = open_below(joint);
                assert!(is_too_small(joint, &square(least - 0.5)) && !is_too_small(joint, &square(least)), "{label} {task}");
                assert!(least < COARSE_BELOW, "a joint is left open on a coarse film only");
            }
        }
    }
}
