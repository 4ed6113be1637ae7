//! Where the boxes of a limb's joints lie, given the landmarks of the shape model: the one table of box sizes and wrist positions.
//!
//! Sizes are in palm widths (distance of `mcp_2` and `mcp_5`) or foot widths (`mtp_1` to `mtp_5`). Wrist joints have no landmark of their own;
//! their places stand in an affine [`WristFrame`] spanned by `w1`, `w2` and `w3`, as read off outlines of adult wrists on PA films.

use crate::shape::ShapeModel;
use crate::{BBox, Joint, Limb, Task, joint};

/// Where the centre of a box lies.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// On the landmark of the joint's own name.
    Own,
    /// On the way from one landmark to another, at this fraction.
    Between(&'static str, &'static str, f32),
    /// In the wrist's frame.
    Wrist(f32, f32),
}

/// Joint name (or its prefix), centre, side of the square in palm or foot widths. The first match counts.
const TABLE: &[(&str, Place, f32)] = &[
    ("pip_", Place::Own, 0.30),
    ("mcp_ip", Place::Own, 0.30),
    ("mcp_", Place::Own, 0.36),
    ("wrist_cmc3", Place::Wrist(-0.02, -0.09), 0.30),
    ("wrist_cmc4", Place::Wrist(-0.27, -0.08), 0.30),
    ("wrist_cmc5", Place::Wrist(-0.42, -0.03), 0.30),
    ("wrist_mna", Place::Wrist(0.31, 0.13), 0.34),
    ("wrist_capnlun", Place::Wrist(0.07, 0.37), 0.36),
    ("wrist_radcar", Place::Wrist(0.12, 0.55), 0.50),
    ("wrist_mc1", Place::Between("w1", "mcp_1", 0.10), 0.36),
    ("wrist_mul", Place::Wrist(0.35, 0.03), 0.36),
    ("wrist_nav", Place::Wrist(0.26, 0.32), 0.36),
    ("wrist_lunate", Place::Wrist(-0.09, 0.46), 0.34),
    ("wrist_radius", Place::Wrist(0.18, 0.64), 0.50),
    ("wrist_ulna", Place::Wrist(-0.36, 0.63), 0.45),
    ("mtp_1", Place::Own, 0.35),
    ("mtp_", Place::Own, 0.25),
];

/// Where `w2` lies in the wrist's frame.
const W2: [f32; 2] = [-0.01, 0.37];

/// The wrist's affine frame in film pixels: origin between `w1` and `w3`, `x` from `w3` to `w1` (towards the thumb), `y` towards the forearm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WristFrame {
    /// The origin.
    pub origin: [f32; 2],
    /// One unit of x: the vector from `w3` to `w1`.
    pub x: [f32; 2],
    /// One unit of y.
    pub y: [f32; 2],
}

impl WristFrame {
    /// The frame of a hand's landmarks, in the order of [`ShapeModel::hand`]; the side does not matter.
    #[must_use]
    pub fn of(landmarks: &[[f32; 2]]) -> Self {
        let [w1, w2, w3] = ["w1", "w2", "w3"].map(|name| landmark(ShapeModel::hand(), landmarks, name));
        let origin = [f32::midpoint(w1[0], w3[0]), f32::midpoint(w1[1], w3[1])];
        let x = [w1[0] - w3[0], w1[1] - w3[1]];
        let y = [0, 1].map(|k| (w2[k] - origin[k] - W2[0] * x[k]) / W2[1]);
        Self { origin, x, y }
    }

    /// A point of the frame in film pixels.
    #[must_use]
    pub fn at(&self, x: f32, y: f32) -> [f32; 2] {
        [0, 1].map(|k| self.origin[k] + x * self.x[k] + y * self.y[k])
    }
}

fn landmark(model: &ShapeModel, landmarks: &[[f32; 2]], name: &str) -> [f32; 2] {
    let index = model.index(name).expect("the table names landmarks of the model; a test says so");
    landmarks.get(index).copied().unwrap_or([0.0, 0.0])
}

/// The unit of box sizes in pixels: palm width or foot width.
#[must_use]
pub fn unit(limb: Limb, landmarks: &[[f32; 2]]) -> f32 {
    let (model, from, to) = if limb.is_hand() { (ShapeModel::hand(), "mcp_2", "mcp_5") } else { (ShapeModel::foot(), "mtp_1", "mtp_5") };
    let (a, b) = (landmark(model, landmarks, from), landmark(model, landmarks, to));
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The side of a joint's box in palm or foot widths.
#[must_use]
pub fn size(joint: &Joint) -> Option<f32> {
    TABLE.iter().find(|(name, ..)| joint.joint.starts_with(name)).map(|(.., size)| *size)
}

/// The landmarks that the box of a joint follows from.
#[must_use]
pub(crate) fn landmarks_of(joint: &'static Joint) -> Vec<&'static str> {
    let mut names = if joint.limb.is_hand() { vec!["mcp_2", "mcp_5"] } else { vec!["mtp_1", "mtp_5"] };
    match TABLE.iter().find(|(name, ..)| joint.joint.starts_with(name)) {
        Some((_, Place::Own, _)) => names.push(&joint.joint),
        Some((_, Place::Between(from, to, _), _)) => names.extend([*from, *to]),
        Some((_, Place::Wrist(..), _)) => names.extend(["w1", "w2", "w3"]),
        None => {}
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// The box of every joint that a task grades on a limb, in class order.
///
/// `landmarks` are film pixels in the order of [`ShapeModel::landmarks`], right limbs as they appear on the film; points that are missing count
/// as the film's corner.
#[must_use]
pub fn boxes(limb: Limb, task: Task, landmarks: &[[f32; 2]]) -> Vec<(&'static Joint, BBox)> {
    let model = if limb.is_hand() { ShapeModel::hand() } else { ShapeModel::foot() };
    let unit = unit(limb, landmarks);
    let frame = limb.is_hand().then(|| WristFrame::of(landmarks));
    let mut found = Vec::new();
    for joint in joint::of_limb(task, limb) {
        let Some((_, place, size)) = TABLE.iter().find(|(name, ..)| joint.joint.starts_with(name)) else { continue };
        let centre = match *place {
            Place::Own => landmark(model, landmarks, &joint.joint),
            Place::Between(from, to, t) => {
                let (a, b) = (landmark(model, landmarks, from), landmark(model, landmarks, to));
                [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
            }
            Place::Wrist(x, y) => match frame {
                Some(frame) => frame.at(x, y),
                None => continue,
            },
        };
        found.push((joint, BBox::square((centre[0], centre[1]), size * unit)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn landmarks(limb: Limb) -> Vec<[f32; 2]> {
        let model = if limb.is_hand() { ShapeModel::hand() } else { ShapeModel::foot() };
        let sign = if matches!(limb, Limb::LeftHand | Limb::LeftFoot) { 1.0 } else { -1.0 };
        model.mean.iter().map(|p| [500.0 + sign * 700.0 * p[0], 600.0 + 700.0 * p[1]]).collect()
    }

    #[test]
    fn every_joint_of_every_limb_has_a_box() {
        for limb in Limb::ALL {
            for task in Task::ALL {
                let boxes = boxes(limb, task, &landmarks(limb));
                assert_eq!(boxes.len(), joint::of_limb(task, limb).count(), "{limb} {task}");
                assert!(boxes.iter().all(|(_, b)| b.area() > 100.0));
            }
        }
    }

    #[test]
    fn boxes_follow_from_the_landmarks_that_are_named_for_them_and_from_no_other() {
        for limb in Limb::ALL {
            let model = if limb.is_hand() { ShapeModel::hand() } else { ShapeModel::foot() };
            for task in Task::ALL {
                let whole = boxes(limb, task, &landmarks(limb));
                for (place, name) in model.landmarks.iter().enumerate() {
                    let mut moved = landmarks(limb);
                    moved[place][0] += 37.0;
                    moved[place][1] += 11.0;
                    for ((joint, before), (_, after)) in whole.iter().zip(boxes(limb, task, &moved)) {
                        assert_eq!(*before != after, landmarks_of(joint).contains(&name.as_str()), "{} of {name}", joint.label);
                    }
                }
            }
        }
    }

    #[test]
    fn a_right_limb_has_the_mirrored_boxes_of_a_left_one() {
        for (left, right) in [(Limb::LeftHand, Limb::RightHand), (Limb::LeftFoot, Limb::RightFoot)] {
            for task in Task::ALL {
                let mirrored = boxes(right, task, &landmarks(right));
                for (joint, bbox) in boxes(left, task, &landmarks(left)) {
                    let (_, other) = mirrored.iter().find(|(j, _)| *j == joint.mirrored()).expect("a mirror");
                    let expected = bbox.mirrored(1000.0);
                    assert!((other.x0 - expected.x0).abs() < 1e-2 && (other.y1 - expected.y1).abs() < 1e-2, "{}", joint.label);
                }
            }
        }
    }

    #[test]
    fn the_wrist_lies_in_anatomical_order() {
        let landmarks = landmarks(Limb::LeftHand);
        let centre = |task, label: &str| {
            let all = boxes(Limb::LeftHand, task, &landmarks);
            all.iter().find(|(j, _)| j.label == label).expect("a box").1.centre()
        };
        let [cmc5, cmc4, cmc3] = ["LH_wrist_cmc5", "LH_wrist_cmc4", "LH_wrist_cmc3"].map(|label| centre(Task::Narrowing, label));
        assert!(cmc5.0 < cmc4.0 && cmc4.0 < cmc3.0, "the fifth ray is ulnar, away from the thumb");
        let [mul, nav, lunate, radius, ulna, mc1] =
            ["mul", "nav", "lunate", "radius", "ulna", "mc1"].map(|name| centre(Task::Erosion, &format!("LH_wrist_{name}")));
        assert!(mc1.0 > mul.0 && mul.1 < nav.1 && nav.1 < lunate.1 && lunate.0 < nav.0);
        assert!(radius.1 > lunate.1 && ulna.0 < lunate.0 && ulna.1 > lunate.1);
    }
}
