//! The forms of long bones: how wide and deep they are along their axis, and the surfaces that meet at a joint.
//!
//! Proportions follow what anatomy says of metacarpals, metatarsals and phalanges: a head's palmar condyles are wider than its dorsal side, a recess for
//! the collateral ligament lies beside it, tubercles stand where the ligament begins, a base flares to a rim around its cup. How strongly each is
//! marked differs from bone to bone.

use crate::long_bone::{Cap, LongBone, Profiles};
use crate::plane::mix;
use crate::seeded_rng::SeededRng;

/// How a long bone ends towards the fingertip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// A ball: metacarpals and metatarsals.
    Ball,
    /// Two condyles with a shallow groove: proximal and middle phalanges.
    Condyles,
    /// The tuft of an end phalanx.
    Tuft,
}

/// Half-widths in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Girths {
    pub base: f32,
    pub waist: f32,
    pub head: f32,
    /// Osteophytes at the corners, as a share of the half-width.
    pub spur: f32,
}

/// What decides a long bone's form besides its girths.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub head: Head,
    /// The surface of the joint at the head; of a tuft it means nothing.
    pub fit: Fit,
    /// The surface of the joint at the base, if that is one with a head before it.
    pub base_fit: Option<Fit>,
    /// Curvature of the base's cup against the head that it meets, or against a ball of its own size; negative for a base that bulges.
    pub cup: f32,
    /// Slant of the base's surface, pixels along a pixel aside.
    pub slant: f32,
    /// The same towards the back of the hand.
    pub lean: f32,
    /// How far along the shaft the ends begin to widen, against a finger's bones: below 0 for the slender shafts of toes.
    pub flare: f32,
}

/// The surface in which two bones meet: both follow it, so that the space between them is even.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fit {
    /// Curvature across, 1 / pixels.
    pub across: f32,
    /// Depth in pixels of the groove between two condyles, and half its distance from crest to crest.
    pub groove: (f32, f32),
    /// Curvature of the base's cup towards palm and back of the hand, 1 / pixels: how far its lips reach around the head and lie over the space.
    pub lips: [f32; 2],
}

impl Fit {
    /// The surface of a head of a half-width in pixels.
    pub fn draw(head: Head, half: f32, dice: &mut SeededRng) -> Self {
        let (flat, deep, crest) = (dice.unit(), dice.range(0.12, 0.34), dice.range(0.6, 0.85));
        let lips = [dice.unit(), dice.unit()];
        match head {
            // A shallow cup: its rims would hide the space otherwise.
            Head::Ball => {
                let across = 1.0 / (half * mix(0.95, 1.5, flat));
                Self { across, groove: (0.0, half), lips: [across * mix(0.1, 0.6, lips[0]), across * mix(0.0, 0.35, lips[1])] }
            }
            // The base of a middle phalanx holds the head between a palmar and a dorsal lip, some 1.5 mm high before a space of 1 mm. On a film they lie over
            // the space: what is dark is a thin line along the head's crest, and the lip's edge is a second bright line beyond it. In fingers that do not lie
            // flat one of the lips turns away.
            Head::Condyles => {
                let held = |unit: f32| mix(0.15, 1.0, unit) / half;
                let across = 1.0 / (half * mix(0.95, 2.0, flat));
                Self { across, groove: (half * deep, half * crest), lips: [held(lips[0]), held(lips[1])] }
            }
            Head::Tuft => {
                let across = 1.0 / (half * mix(0.8, 1.1, flat));
                Self { across, groove: (0.0, half), lips: [0.0; 2] }
            }
        }
    }
}

impl Form {
    /// The bone, drawn.
    pub fn build(&self, length: f32, girths: Girths, dice: &mut SeededRng) -> LongBone {
        let (b, h) = (girths.base, girths.head);
        let mut sides = [0, 1].map(|_| Side::draw(dice));
        for side in &mut sides {
            side.flare += self.flare;
        }
        let sides = [sides[0], Side::near(&sides[0], &sides[1])];
        let profiles = Profiles {
            palmar: [0, 1].map(|k| self.lateral(&sides[k], girths, length, false, dice)),
            dorsal: [0, 1].map(|k| self.lateral(&sides[k], girths, length, true, dice)),
            depth: [self.deep(girths, length, false, dice), self.deep(girths, length, true, dice)],
        };
        let head = match self.head {
            Head::Ball => Cap {
                across: self.fit.across,
                deep: [1.0 / (h * dice.range(0.8, 1.1)), 1.0 / (h * dice.range(0.7, 0.95))],
                slant: dice.clipped(0.05, 2.0),
                ..Cap::default()
            },
            Head::Condyles => Cap {
                across: self.fit.across,
                deep: [1.0 / (h * dice.range(0.55, 0.85)), 1.0 / (h * dice.range(0.5, 0.75))],
                groove: self.fit.groove,
                slant: dice.clipped(0.04, 2.0),
                lean: 0.0,
            },
            Head::Tuft => Cap { across: self.fit.across, deep: [1.0 / (h * 0.6); 2], ..Cap::default() },
        };
        let (even, ridge) = (dice.range(0.85, 1.05), dice.range(0.75, 1.0));
        let deep = [dice.range(0.1, 0.6), dice.range(0.0, 0.35)];
        let hollow = self.cup * even * self.base_fit.map_or(1.0 / b, |fit| fit.across);
        let base = Cap {
            across: hollow,
            deep: self.base_fit.map_or([hollow * deep[0], hollow * deep[1]], |fit| fit.lips),
            groove: self.base_fit.map_or((0.0, b), |Fit { groove: (depth, crest), .. }| (ridge * depth, crest)),
            slant: self.slant + dice.clipped(0.03, 2.0),
            lean: self.lean,
        };
        // Lips end in an edge.
        let blunt = if self.base_fit.is_some_and(|fit| fit.groove.0 > 0.0) { 0.3 } else { 0.45 };
        LongBone::new(length, &profiles, head, base, b.min(h) * dice.range(0.08, blunt))
    }

    /// Half-widths of one side at the palmar or dorsal level.
    fn lateral(&self, side: &Side, girths: Girths, length: f32, dorsal: bool, dice: &mut SeededRng) -> Vec<(f32, f32)> {
        let Girths { base: b, waist: w, head: h, spur } = girths;
        let mut points = Vec::with_capacity(14);
        let level = if dorsal { 1.0 } else { 0.0 };
        // The base: rim, tubercle of the palmar plate, flare to the shaft.
        let narrower = 1.0 - level * side.base_recess;
        let flare = match self.head {
            Head::Ball => [0.90, 0.34, 0.05],
            Head::Condyles => [0.95, 0.56, 0.18],
            Head::Tuft => [0.92, 0.48, 0.12],
        };
        points.push((0.0, (side.rim + spur) * b * narrower));
        points.push((0.26 * b, (1.0 + 0.6 * spur) * b * narrower));
        points.push(((0.6 * b).min(0.24 * length), mix(w, b, (flare[0] + side.flare).min(1.05)) * mix(1.0, narrower, 0.6)));
        points.push(((1.25 * b).min(0.33 * length), mix(w, b, flare[1] + side.flare)));
        points.push((0.42 * length, mix(w, b, flare[2])));
        let narrowest = match self.head {
            Head::Ball => 0.53,
            Head::Condyles => 0.64,
            Head::Tuft => 0.56,
        };
        points.push((narrowest * length, w));
        let back = |k: f32, most: f32| length - (k * h).min(most * length);
        match self.head {
            Head::Ball => {
                points.push((back(2.3, 0.36), mix(w, h, 0.18 + side.flare)));
                points.push((back(1.55, 0.27), mix(w, h, 0.55 + side.flare)));
                // The tubercle stands dorsally, the recess before it; palmar condyles are wide to the end.
                points.push((back(1.05, 0.2), h * mix(0.95, 0.97 + 0.5 * side.tubercle, level)));
                points.push((back(0.68, 0.14), h * mix(1.0 - 0.5 * side.taper, 1.0 - side.recess, level)));
                points.push((back(0.34, 0.08), h * mix(0.98 + spur - side.taper, 0.97 - 0.8 * side.recess, level)));
                points.push((length, h * mix(0.93 - 1.2 * side.taper, 0.90 - 0.6 * side.recess, level)));
            }
            Head::Condyles => {
                points.push((back(2.2, 0.29), mix(w, h, 0.16 + side.flare)));
                points.push((back(1.35, 0.21), mix(w, h, 0.66 + side.flare)));
                points.push((back(0.85, 0.16), h * mix(0.96, 0.95 + 0.5 * side.tubercle, level)));
                points.push((back(0.55, 0.11), h * mix(1.0, 0.98 - side.recess, level)));
                points.push((back(0.22, 0.05), h * mix(1.0 + spur, 0.97 - 0.8 * side.recess, level)));
                points.push((length, h * mix(0.93, 0.88 - 0.5 * side.recess, level)));
            }
            Head::Tuft => {
                points.push((back(2.0, 0.38), mix(w, h, 0.2)));
                points.push((back(1.2, 0.26), mix(w, h, 0.85)));
                points.push((back(0.7, 0.16), h));
                points.push((length, 0.9 * h));
            }
        }
        let mut wobble = 0.0;
        for point in &mut points {
            wobble = 0.5 * wobble + dice.clipped(0.016, 2.0);
            point.1 *= 1.0 + wobble;
        }
        ascending(points)
    }

    /// Half-depths towards palm or back.
    fn deep(&self, girths: Girths, length: f32, dorsal: bool, dice: &mut SeededRng) -> Vec<(f32, f32)> {
        let Girths { base: b, waist: w, head: h, .. } = girths;
        let k = dice.range(0.9, 1.1);
        let (base, head) = match (self.head, dorsal) {
            (Head::Ball, false) => (0.88, 1.02),
            (Head::Ball, true) => (0.82, 0.78),
            (Head::Condyles, false) => (0.82, 0.86),
            (Head::Condyles, true) => (0.72, 0.62),
            (Head::Tuft, _) => (0.66, 0.5),
        };
        let shaft = if dorsal { 0.92 } else { 0.84 };
        let back = |k: f32, most: f32| length - (k * h).min(most * length);
        ascending(vec![
            (0.0, k * base * b),
            ((0.5 * b).min(0.2 * length), k * base * b),
            ((1.4 * b).min(0.34 * length), mix(shaft * w, base * b, 0.3)),
            (0.5 * length, k * shaft * w),
            (back(1.9, 0.32), mix(shaft * w, head * h, 0.35)),
            (back(0.9, 0.18), k * head * h),
            (length, k * 0.95 * head * h),
        ])
    }
}

/// How one side of a bone is marked, as shares of half-widths.
#[derive(Clone, Copy)]
struct Side {
    /// Depth of the recess for the collateral ligament.
    recess: f32,
    /// Height of the tubercle behind it.
    tubercle: f32,
    /// Width of the rim of the base.
    rim: f32,
    /// By how much the base is narrower dorsally.
    base_recess: f32,
    /// How early the ends flare.
    flare: f32,
    /// By how much a ball narrows to its end.
    taper: f32,
}

impl Side {
    fn draw(dice: &mut SeededRng) -> Self {
        Self {
            recess: dice.range(0.04, 0.40),
            tubercle: dice.range(-0.08, 0.24),
            rim: dice.range(0.78, 1.0),
            base_recess: dice.range(0.0, 0.22),
            flare: dice.range(-0.10, 0.12),
            taper: dice.range(0.0, 0.10),
        }
    }

    /// Both sides of a bone resemble each other.
    fn near(a: &Self, b: &Self) -> Self {
        let half = |x: f32, y: f32| f32::midpoint(x, y);
        Self {
            recess: half(a.recess, b.recess),
            tubercle: half(a.tubercle, b.tubercle),
            rim: half(a.rim, b.rim),
            base_recess: half(a.base_recess, b.base_recess),
            flare: half(a.flare, b.flare),
            taper: half(a.taper, b.taper),
        }
    }
}

/// Control points in order of their place; of short bones the middle ones may have changed places.
fn ascending(mut points: Vec<(f32, f32)>) -> Vec<(f32, f32)> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}
