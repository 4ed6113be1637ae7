//! One bone: its outline on the film and what decides how much it attenuates: thickness, cortex, spongy inside, growth plates, defects.

use crate::plane::{Point, add, closed_curve, direction, len, mix, mul, right, smooth, sub};

/// Which bone, for the joints that look for their two neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Metacarpal or metatarsal of a ray.
    Meta(u8),
    /// Proximal phalanx of a ray.
    Proximal(u8),
    /// Middle phalanx of a ray.
    Middle(u8),
    /// End phalanx of a ray.
    Distal(u8),
    /// Any other bone.
    Named(&'static str),
    /// An edge that lies over other bones.
    Rim,
}

/// A defect: a rounded piece of bone missing, wholly or in part.
#[derive(Clone, Copy, Debug)]
pub struct Bite {
    /// Centre in pixels.
    pub centre: Point,
    /// Radius in pixels.
    pub radius: f32,
    /// Share of the bone's thickness that is gone, 0 to 1.
    pub depth: f32,
    /// Width of the rim over which the defect fades, as a share of the radius.
    pub softness: f32,
    /// Sclerosis of the rim: share by which bone there is denser.
    pub rim: f32,
    /// Where the irregular outline of this bite lies in the noise.
    pub phase: f32,
}

/// A growth plate: a dark line across the bone.
#[derive(Clone, Copy, Debug)]
pub struct Physis {
    /// Place along the axis in pixels from the base.
    pub at: f32,
    /// Width of the line in pixels.
    pub width: f32,
    /// The epiphysis lies towards the base.
    pub at_base: bool,
    /// By how many pixels the epiphysis is smaller than the end of the adult bone.
    pub shrink: f32,
}

/// Half-widths in pixels and cortex at base, waist and head.
#[derive(Clone, Copy, Debug)]
pub struct Girth {
    /// Half the thickness of the bone.
    pub half: [f32; 3],
    /// Thickness of the cortex.
    pub cortex: [f32; 3],
}

/// One bone on the film.
#[derive(Clone, Debug)]
pub struct Bone {
    /// Its name.
    pub part: Part,
    /// Closed outline in pixels.
    pub outline: Vec<Point>,
    /// Proximal end of the axis.
    pub base: Point,
    /// Distal end of the axis.
    pub head: Point,
    /// Thickness and cortex along the axis.
    pub girth: Girth,
    /// Where along the axis the shaft begins and ends: up to the first value no shaft, from the second to the third all shaft, beyond the fourth none.
    pub shaft: [f32; 4],
    /// How far from the outline full thickness is reached at the ends, as a share of the half thickness; at the waist it is 1 (a round tube).
    pub steep: f32,
    /// Growth plates.
    pub physes: Vec<Physis>,
    /// Defects.
    pub bites: Vec<Bite>,
    /// Density against normal bone.
    pub mineral: f32,
}

/// Half thickness of a long bone's ends against their half-width on the film.
pub const THICKNESS: f32 = 0.86;
/// The shaft of a long bone.
pub const TUBULAR: [f32; 4] = [0.10, 0.34, 0.68, 0.90];
/// The shaft of a bone that has none.
pub const IRREGULAR: [f32; 4] = [2.0, 3.0, 4.0, 5.0];

impl Bone {
    /// A bone without a shaft, of even half thickness: carpals, tarsals, sesamoids.
    pub fn irregular(name: &'static str, outline: Vec<Point>, half: f32, cortex: f32, mineral: f32) -> Self {
        let n = outline.len().max(1) as f32;
        let centre = mul(outline.iter().fold([0.0, 0.0], |sum, p| add(sum, *p)), 1.0 / n);
        let (base, head) = (add(centre, [0.0, half]), sub(centre, [0.0, half]));
        let girth = Girth { half: [half; 3], cortex: [cortex; 3] };
        Self {
            part: Part::Named(name),
            outline,
            base,
            head,
            girth,
            shaft: IRREGULAR,
            steep: 0.42,
            physes: Vec::new(),
            bites: Vec::new(),
            mineral,
        }
    }

    /// Share of shaft at fraction `t` of the axis, 0 to 1.
    pub fn shaft_at(&self, t: f32) -> f32 {
        smooth(self.shaft[0], self.shaft[1], t) * (1.0 - smooth(self.shaft[2], self.shaft[3], t))
    }

    /// Half thickness and cortex at fraction `t` of the axis.
    pub fn girth_at(&self, t: f32) -> (f32, f32) {
        let along = |v: &[f32; 3]| match t {
            t if t < 0.08 => v[0],
            t if t < 0.40 => mix(v[0], v[1], (t - 0.08) / 0.32),
            t if t < 0.62 => v[1],
            t if t < 0.94 => mix(v[1], v[2], (t - 0.62) / 0.32),
            _ => v[2],
        };
        (along(&self.girth.half), along(&self.girth.cortex))
    }

    /// Length of the axis.
    pub fn length(&self) -> f32 {
        len(sub(self.head, self.base))
    }

    /// How much of a bone adds to another that it overlaps on the film: neighbours in a row touch with slanting faces and add little, what lies in front
    /// of them adds all.
    pub fn overlap(&self) -> f32 {
        match self.part {
            Part::Named("sesamoid" | "pisiform" | "hook of the hamate") => 0.7,
            Part::Named(_) => 0.3,
            Part::Rim => 0.85,
            Part::Meta(_) => 0.4,
            _ => 0.8,
        }
    }

    /// A point given by pixels from the base along the axis and pixels to the right.
    pub fn local(&self, along: f32, aside: f32) -> Point {
        let axis = direction(self.base, self.head);
        add(self.base, add(mul(axis, along), mul(right(axis), aside)))
    }
}

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

/// A long bone to be drawn: half-widths in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Tube {
    /// Half-width of the base.
    pub base: f32,
    /// Half-width of the waist.
    pub waist: f32,
    /// Half-width of the head.
    pub head: f32,
    /// Form of the head.
    pub form: Head,
    /// Depth of the hollow in the base as a share of its half-width; negative for a base that bulges.
    pub hollow: f32,
    /// Spurs at the corners of base and head, as a share of the half-width.
    pub spur: f32,
}

impl Tube {
    /// The outline between two ends. `wobble` gives a factor near 1 for each control point.
    pub fn outline(&self, base: Point, head: Point, mut wobble: impl FnMut() -> f32) -> Vec<Point> {
        let axis = direction(base, head);
        let side = right(axis);
        let length = len(sub(head, base));
        let mut points = Vec::with_capacity(32);
        let profile = self.profile(length);
        let place = |along: f32, aside: f32| add(base, add(mul(axis, along), mul(side, aside)));
        for (along, aside) in &profile {
            points.push(place(*along, aside * wobble()));
        }
        for (along, aside) in profile.iter().rev() {
            if *aside > 0.0 {
                points.push(place(*along, -aside * wobble()));
            }
        }
        closed_curve(&points, 3)
    }

    /// Half an outline, from the middle of the base to the middle of the head: pixels along and aside.
    fn profile(&self, length: f32) -> Vec<(f32, f32)> {
        let (b, w, h) = (self.base, self.waist, self.head);
        let lip = -self.hollow * b;
        let mut half = vec![(0.0, 0.0), (0.35 * lip, 0.45 * b), (lip - 0.5 * self.spur * b, (0.84 + 0.3 * self.spur) * b)];
        half.push((0.22 * b, (1.0 + self.spur) * b));
        // A phalanx tapers slowly and is narrowest below its head; a metacarpal's base flares abruptly.
        let (narrow, flare) = match self.form {
            Head::Ball => (0.52, [0.88, 0.30, 0.0]),
            Head::Condyles => (0.66, [0.97, 0.62, 0.20]),
            Head::Tuft => (0.54, [0.94, 0.50, 0.12]),
        };
        half.push(((0.62 * b).min(0.3 * length), flare[0] * b));
        half.push(((1.25 * b).min(0.33 * length), mix(w, b, flare[1])));
        half.push((0.40 * length, mix(w, b, flare[2])));
        half.push((narrow * length, w));
        let back = |k: f32, most: f32| length - (k * h).min(most * length);
        match self.form {
            Head::Ball => {
                half.push((back(2.1, 0.34), mix(w, h, 0.22)));
                half.push((back(1.45, 0.26), mix(w, h, 0.72)));
                half.push((back(1.0, 0.2), 0.99 * h));
                half.push((back(0.62, 0.14), (0.97 + self.spur) * h));
                half.push((length - 0.28 * h, 0.74 * h));
                half.push((length - 0.07 * h, 0.38 * h));
                half.push((length, 0.0));
            }
            Head::Condyles => {
                half.push((back(2.2, 0.27), mix(w, h, 0.22)));
                half.push((back(1.4, 0.20), mix(w, h, 0.75)));
                half.push((back(0.75, 0.16), h));
                half.push((length - 0.30 * h, (0.95 + self.spur) * h));
                half.push((length - 0.04 * h, 0.72 * h));
                half.push((length + 0.02 * h, 0.42 * h));
                half.push((length, 0.0));
            }
            Head::Tuft => {
                half.push((back(2.0, 0.36), mix(w, h, 0.2)));
                half.push((back(1.2, 0.24), mix(w, h, 0.85)));
                half.push((back(0.7, 0.16), h));
                half.push((length - 0.25 * h, 0.8 * h));
                half.push((length, 0.0));
            }
        }
        half
    }
}
