//! The solid of a long bone: a tube whose half-widths follow profiles along its axis, closed by a rounded or bicondylar head and a cupped base.
//!
//! Local coordinates are `[lateral, along, dorsal]` in pixels, 0 along the axis at the middle of the base's surface. Cross-sections are wider on the palmar
//! than on the dorsal side where real heads are, which is what draws the second line inside a head's edge.

use crate::plane::{mix, smooth};
use crate::space::Point3;

/// Samples of a profile along the bone.
const SAMPLES: usize = 72;

/// Half-widths of one cross-section in pixels.
#[derive(Clone, Copy, Debug, Default)]
struct Section {
    /// To the left and to the right on the palmar side.
    palmar: [f32; 2],
    /// To the left and to the right on the dorsal side.
    dorsal: [f32; 2],
    /// Half-depth towards palm and back of the hand.
    depth: [f32; 2],
}

/// The surface that closes an end: how far it curves away from its middle.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cap {
    /// Curvature across, 1 / pixels.
    pub across: f32,
    /// Curvature towards palm and back of the hand, 1 / pixels.
    pub deep: [f32; 2],
    /// Depth in pixels of the groove between two condyles, and half its distance from crest to crest.
    pub groove: (f32, f32),
    /// Slant to one side: pixels along the axis a pixel aside.
    pub slant: f32,
    /// Slant towards the back of the hand: pixels along the axis a pixel of height.
    pub lean: f32,
}

impl Cap {
    /// How far the surface lies behind its foremost point.
    fn drop(&self, u: f32, v: f32) -> f32 {
        let deep = self.deep[usize::from(v > 0.0)];
        let mut drop = 0.5 * (self.across * u * u + deep * v * v) + self.slant * u + self.lean * v;
        if self.groove.0 > 0.0 {
            let t = (u / self.groove.1).clamp(-1.0, 1.0);
            drop += self.groove.0 * 0.5 * (1.0 + (std::f32::consts::PI * t).cos());
        }
        drop
    }
}

/// A long bone.
#[derive(Clone, Debug)]
pub struct LongBone {
    /// From the middle of the base's surface to the middle of the head's, pixels.
    pub length: f32,
    sections: Vec<Section>,
    head: Cap,
    /// The base's surface: positive curvature is a cup, whose rim reaches beyond its middle.
    base: Cap,
    /// Radius over which surfaces meet.
    rounding: f32,
}

/// Profiles as control points `(along, half-width)` in pixels, ascending along the axis.
pub struct Profiles {
    /// Left and right side, palmar level.
    pub palmar: [Vec<(f32, f32)>; 2],
    /// Left and right side, dorsal level.
    pub dorsal: [Vec<(f32, f32)>; 2],
    /// Half-depth towards palm and back.
    pub depth: [Vec<(f32, f32)>; 2],
}

impl LongBone {
    /// A bone from profiles.
    pub fn new(length: f32, profiles: &Profiles, head: Cap, base: Cap, rounding: f32) -> Self {
        let sections = (0..SAMPLES)
            .map(|k| {
                let s = length * k as f32 / (SAMPLES - 1) as f32;
                Section {
                    palmar: [0, 1].map(|side| curve(&profiles.palmar[side], s)),
                    dorsal: [0, 1].map(|side| curve(&profiles.dorsal[side], s)),
                    depth: [0, 1].map(|side| curve(&profiles.depth[side], s)),
                }
            })
            .collect();
        Self { length, sections, head, base, rounding }
    }

    /// The cross-section at a place along the axis: half-width on a side at a height, and half-depth there.
    fn section(&self, s: f32, right: usize, v: f32) -> (f32, f32) {
        let x = (s / self.length).clamp(0.0, 1.0) * (SAMPLES - 1) as f32;
        let (i, t) = (x as usize, x.fract());
        let (a, b) = (&self.sections[i], &self.sections[(i + 1).min(SAMPLES - 1)]);
        let up = usize::from(v > 0.0);
        let depth = mix(a.depth[up], b.depth[up], t);
        let level = smooth(-0.55, 0.55, v / depth);
        let width = mix(mix(a.palmar[right], b.palmar[right], t), mix(a.dorsal[right], b.dorsal[right], t), level);
        (width, depth)
    }

    /// Half-width at a place along the axis, the mean of both sides and levels.
    pub fn half_width(&self, s: f32) -> f32 {
        0.25 * [0, 1].iter().map(|side| self.section(s, *side, -1e6).0 + self.section(s, *side, 1e6).0).sum::<f32>()
    }

    /// A point on the surface's side: `angle` 0 is to the right, a quarter turn is towards the back of the hand.
    pub fn margin(&self, s: f32, angle: f32) -> Point3 {
        let (sin, cos) = angle.sin_cos();
        let depth = self.section(s, usize::from(cos > 0.0), sin).1;
        let (width, _) = self.section(s, usize::from(cos > 0.0), sin * depth);
        [cos * width, s, sin * depth]
    }

    /// How far the head's (or the base's) surface lies behind its middle at a place across, pixels along the axis from the end.
    pub fn end_drop(&self, at_head: bool, u: f32, v: f32) -> f32 {
        if at_head { self.head.drop(u, v) } else { -self.base.drop(u, v) }
    }

    /// Depth below the surface in pixels, negative outside.
    pub fn depth(&self, p: Point3) -> f32 {
        let [u, s, v] = p;
        let (width, depth) = self.section(s, usize::from(u > 0.0), v);
        let (qu, qv) = ((u / width) * (u / width), (v / depth) * (v / depth));
        // Between an ellipse and a rounded rectangle.
        let (qu, qv) = (qu * (0.7 + 0.3 * qu), qv * (0.7 + 0.3 * qv));
        let q = (qu + qv).max(1e-6);
        let side = (1.0 - q.sqrt()) * (qu * width + qv * depth) / q;
        let head = self.length - s - self.head.drop(u, v);
        let base = s + self.base.drop(u, v);
        soft_min(soft_min(side, head, self.rounding), base, self.rounding)
    }

    /// The largest distance of the surface from the axis, pixels.
    pub fn reach(&self) -> f32 {
        self.sections
            .iter()
            .map(|s| s.palmar[0].max(s.palmar[1]).max(s.dorsal[0]).max(s.dorsal[1]).hypot(0.6 * s.depth[0].max(s.depth[1])))
            .fold(0.0, f32::max)
    }
}

/// The smaller of two values, rounded where they are nearer than `k`.
pub fn soft_min(a: f32, b: f32, k: f32) -> f32 {
    let h = (k - (a - b).abs()).max(0.0) / k.max(1e-6);
    a.min(b) - 0.25 * h * h * k
}

/// A smooth curve through control points (Fritsch and Carlson 1980: no overshoot), the ends continued.
fn curve(points: &[(f32, f32)], x: f32) -> f32 {
    let n = points.len();
    let upper = points.iter().position(|p| x < p.0).unwrap_or(n);
    if upper == 0 {
        return points.first().map_or(0.0, |p| p.1);
    }
    if upper == n {
        return points[n - 1].1;
    }
    let slope = |i: usize| (points[i + 1].1 - points[i].1) / (points[i + 1].0 - points[i].0).max(1e-6);
    let tangent = |i: usize| {
        if i == 0 || i + 1 == n {
            return 0.0;
        }
        let (a, b) = (slope(i - 1), slope(i));
        if a * b <= 0.0 { 0.0 } else { 2.0 * a * b / (a + b) }
    };
    let i = upper - 1;
    let h = (points[upper].0 - points[i].0).max(1e-6);
    let t = (x - points[i].0) / h;
    let (t2, t3) = (t * t, t * t * t);
    (2.0 * t3 - 3.0 * t2 + 1.0) * points[i].1
        + (t3 - 2.0 * t2 + t) * h * tangent(i)
        + (3.0 * t2 - 2.0 * t3) * points[upper].1
        + (t3 - t2) * h * tangent(upper)
}
