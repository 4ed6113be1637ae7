//! How far the boxes on a film agree that it shows a certain limb.
//!
//! On a hand, boxes of many joints lie where one pose of the mean hand puts them, and are as large as that pose makes them. What a detector finds on a knee or a
//! pelvis are single boxes that agree on nothing. This asks less than [`super::ShapeFit`], which wants a limb whose joints lie nearly as they should: a hand
//! with luxated joints or one cut off at the wrist agrees on a pose, too.

use std::collections::BTreeMap;

use super::fit::{left, unit};
use super::places::{Place, places};
use super::similarity::Similarity;
use crate::{Joint, Limb, layout};

/// A box counts for a pose from this distance on, in palm or foot widths: children's, diseased and cut limbs lie wider than the sample.
const REACH: f64 = 0.30;

/// How many times larger or smaller than the pose makes it a box may be.
const SIZE: f64 = 1.5;

/// How far a limb may be turned against upright, in degrees.
const TURN: f64 = 75.0;

/// Two joints nearer than this, in palm or foot widths, tell the pose too badly.
const APART: f64 = 0.3;

/// A detection, as a claim that a joint is there.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// Which joint; those of other limbs are passed over.
    pub joint: &'static Joint,
    /// The centre of its box, in pixels of the upright film.
    pub centre: (f32, f32),
    /// The mean side of its box in pixels.
    pub side: f32,
    /// The detector's score.
    pub score: f32,
}

/// A claim in shape coordinates.
struct Known<'c> {
    place: &'static Place,
    at: [f64; 2],
    /// The side of the joint's box in palm or foot widths.
    size: f64,
    claim: &'c Claim,
}

/// The evidence for a limb: the sum of the scores of the joints that agree on one pose, each joint once whatever the task; 0 where no two do. A hand has 22
/// distinct joints, a foot 6.
#[must_use]
pub fn evidence(limb: Limb, width: u32, claims: &[Claim]) -> f32 {
    let known: Vec<Known> = claims.iter().filter_map(|claim| Known::of(limb, width, claim)).collect();
    let unit = unit(limb);
    let mut best = 0.0f32;
    for (index, a) in known.iter().enumerate() {
        for b in &known[..index] {
            let distance = (a.place.mean[0] - b.place.mean[0]).hypot(a.place.mean[1] - b.place.mean[1]);
            if a.place.joint.joint == b.place.joint.joint || distance < APART * unit {
                continue;
            }
            let pose = Similarity::of_pair([a.place.mean, b.place.mean], [a.at, b.at]);
            if let Some(pose) = pose.filter(|pose| pose.degrees().abs() <= TURN) {
                best = best.max(agreeing(&pose, unit, &known));
            }
        }
    }
    best
}

impl<'c> Known<'c> {
    fn of(limb: Limb, width: u32, claim: &'c Claim) -> Option<Self> {
        let place = places(limb).iter().find(|place| place.joint == claim.joint)?;
        let at = left(limb, f64::from(width), claim.centre);
        let finite = at.iter().all(|v| v.is_finite()) && claim.side.is_finite() && claim.score.is_finite();
        finite.then_some(Self { place, at, size: layout::size(claim.joint)?.into(), claim })
    }
}

/// The sum of the best scores of the joints that lie and are sized as the pose has them.
fn agreeing(pose: &Similarity, unit: f64, known: &[Known]) -> f32 {
    let width = unit * pose.scale();
    let mut joints: BTreeMap<&str, f32> = BTreeMap::new();
    for one in known {
        let expected = pose.apply(one.place.mean);
        let near = (one.at[0] - expected[0]).hypot(one.at[1] - expected[1]) <= REACH * width;
        let sized = (f64::from(one.claim.side) / (one.size * width)).ln().abs() <= SIZE.ln();
        if near && sized {
            let best = joints.entry(&one.place.joint.joint).or_default();
            *best = best.max(one.claim.score);
        }
    }
    // A pair alone agrees with itself.
    if joints.len() > 2 { joints.values().sum() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::ShapeModel;
    use crate::{Task, layout};

    /// The boxes of a mean limb, `scale` pixels to a unit of the shape.
    fn limb(limb: Limb, scale: f32) -> Vec<Claim> {
        let model = if limb.is_hand() { ShapeModel::hand() } else { ShapeModel::foot() };
        let side = |x: f32| if limb.side() == crate::Side::Right { 1000.0 - x } else { x };
        let points: Vec<_> = model.mean.iter().map(|p| [side(500.0 + scale * p[0]), 500.0 + scale * p[1]]).collect();
        let boxes = Task::ALL.into_iter().flat_map(|task| layout::boxes(limb, task, &points));
        boxes.map(|(joint, b)| Claim { joint, centre: b.centre(), side: b.width(), score: 0.5 }).collect()
    }

    #[test]
    fn a_whole_limb_agrees_with_all_its_joints_once() {
        for (of, joints) in [(Limb::LeftHand, 22.0), (Limb::RightHand, 22.0), (Limb::LeftFoot, 6.0), (Limb::RightFoot, 6.0)] {
            let found = evidence(of, 1000, &limb(of, 700.0));
            assert!((found - 0.5 * joints).abs() < 1e-3, "{of}: {found}");
        }
        assert_eq!(evidence(Limb::RightHand, 1000, &limb(Limb::LeftHand, 700.0)), 0.0, "joints of another limb");
    }

    #[test]
    fn a_wrist_alone_still_agrees_with_its_joints() {
        let wrist: Vec<_> = limb(Limb::LeftHand, 900.0).into_iter().filter(|claim| claim.joint.joint.starts_with("wrist")).collect();
        assert!((evidence(Limb::LeftHand, 1000, &wrist) - 6.0).abs() < 1e-3);
    }

    #[test]
    fn boxes_of_the_wrong_size_or_place_agree_on_nothing() {
        let mut claims = limb(Limb::LeftHand, 700.0);
        claims.iter_mut().for_each(|claim| claim.side *= 3.0);
        assert!(evidence(Limb::LeftHand, 1000, &claims) < 2.0);
        let mut scattered = limb(Limb::LeftHand, 700.0);
        for (index, claim) in scattered.iter_mut().enumerate() {
            claim.centre = ((index * 389 % 1000) as f32, (index * 617 % 1000) as f32);
        }
        assert!(evidence(Limb::LeftHand, 1000, &scattered) < 4.0);
        let mut poisoned = limb(Limb::LeftFoot, 700.0);
        poisoned[0].centre.0 = f32::NAN;
        assert!(evidence(Limb::LeftFoot, 1000, &poisoned).is_finite());
    }

    #[test]
    fn two_boxes_are_no_evidence() {
        assert_eq!(evidence(Limb::LeftFoot, 1000, &limb(Limb::LeftFoot, 700.0)[..2]), 0.0);
    }
}
