//! A bone as a solid: its shape, what it is made of, and what is missing from it.

use crate::long_bone::LongBone;
use crate::plane::{Point, mix, smooth};
use crate::short_bone::ShortBone;
use crate::space::{Frame, Point3, len3, sub3};

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
}

/// The form of a solid.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A tube with a head and a base, in the frame of its axis.
    Long(LongBone),
    /// A block between two outlines on the film.
    Short(ShortBone),
}

/// A piece of bone that is missing: an erosion or a cyst. Its edge has no cortex.
#[derive(Clone, Copy, Debug)]
pub struct Cavity {
    /// Centre in the bone's local coordinates.
    pub centre: Point3,
    /// Radius in pixels.
    pub radius: f32,
    /// The cavity's shape: factors on the three local axes.
    pub stretch: Point3,
    /// Second lobe against the centre, in radii.
    pub lobe: Point3,
    /// Where the waves of its irregular wall begin.
    pub phase: f32,
    /// Width of the edge in pixels.
    pub softness: f32,
    /// Share of the bone that is gone inside.
    pub loss: f32,
    /// Share by which the bone of the rim is denser (healed erosions, cysts).
    pub rim: f32,
}

impl Cavity {
    /// The factor on the bone's density at a local point.
    fn factor(&self, p: Point3) -> f32 {
        let off = sub3(p, self.centre);
        if off[0].abs().max(off[1].abs()).max(off[2].abs()) > 2.6 * self.radius {
            return 1.0;
        }
        let scaled = [off[0] / self.stretch[0], off[1] / self.stretch[1], off[2] / self.stretch[2]];
        let first = len3(scaled) - self.radius;
        let second =
            len3([scaled[0] - self.lobe[0] * self.radius, scaled[1] - self.lobe[1] * self.radius, scaled[2] - self.lobe[2] * self.radius])
                - 0.72 * self.radius;
        let [x, y, z] = scaled.map(|v| v / self.radius);
        let wave = (5.1 * x + self.phase).sin()
            + (4.3 * y + 2.0 * self.phase).sin()
            + (4.7 * z + 3.0 * self.phase).sin()
            + (7.9 * (x + y) - self.phase).sin();
        let away = first.min(second) + 0.06 * self.radius * wave;
        let left = 1.0 - self.loss * (1.0 - (away / self.softness + 0.5).clamp(0.0, 1.0));
        if self.rim > 0.0 {
            let w = 0.16 * self.radius;
            let t = (away - self.softness - w) / w;
            left * (1.0 + self.rim * (-0.5 * t * t).exp())
        } else {
            left
        }
    }
}

/// A growth plate: a dark, slightly curved and wavy sheet across a long bone.
#[derive(Clone, Copy, Debug)]
pub struct Physis {
    /// Place along the axis in pixels from the base.
    pub at: f32,
    /// Where the bone's middle lies across, local pixels.
    pub middle: f32,
    /// Width of the sheet in pixels.
    pub width: f32,
    /// The epiphysis lies towards the base.
    pub at_base: bool,
    /// By how many pixels the epiphysis is smaller than the end of the adult bone.
    pub shrink: f32,
    /// Slope of the sheet: pixels along a pixel across.
    pub slope: f32,
    /// Curvature of the sheet, 1 / pixels.
    pub bow: f32,
    /// Where its waves begin.
    pub phase: f32,
}

/// A place where spongy bone is denser or thinner than around it: islands, pores, vessels.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// Centre: lateral and along, local pixels.
    pub centre: Point,
    /// Deviation in pixels across and along.
    pub sigma: Point,
    /// Change of the attenuation at the centre, as a share.
    pub gain: f32,
}

/// What a bone is made of.
#[derive(Clone, Copy, Debug)]
pub struct Material {
    /// Thickness of the cortex at base, shaft and head, pixels.
    pub cortex: [f32; 3],
    /// Density of spongy bone against cortex, at the ends and in the shaft.
    pub spongy: [f32; 2],
    /// Where along the axis (shares of its length) the shaft begins and ends.
    pub shaft: [f32; 4],
    /// Density of all of it against normal bone.
    pub mineral: f32,
}

impl Material {
    /// Cortex in pixels, density of spongy bone and share of shaft at a share `t` of the axis.
    pub fn at(&self, t: f32) -> (f32, f32, f32) {
        let shaft = smooth(self.shaft[0], self.shaft[1], t) * (1.0 - smooth(self.shaft[2], self.shaft[3], t));
        let end = if t < 0.5 { self.cortex[0] } else { self.cortex[2] };
        // The cortex thickens slowly from the ends to the waist.
        let waist = smooth(0.02, 0.42, t) * (1.0 - smooth(0.60, 0.97, t));
        (mix(end, self.cortex[1], waist * waist), mix(self.spongy[0], self.spongy[1], shaft), shaft)
    }
}

/// One bone.
#[derive(Clone, Debug)]
pub struct Solid {
    /// Its name.
    pub part: Part,
    /// Where it lies.
    pub frame: Frame,
    /// Its form, in the frame's local coordinates.
    pub shape: Shape,
    /// Its outline on the film, for neighbours that look for it.
    pub outline: Vec<Point>,
    /// What it is made of.
    pub material: Material,
    /// What is missing.
    pub cavities: Vec<Cavity>,
    /// Growth plates.
    pub physes: Vec<Physis>,
    /// Unevenness of its spongy bone.
    pub spots: Vec<Spot>,
}

impl Solid {
    /// Length of the axis that [`Material`] counts along, and where it begins, in local pixels.
    pub fn axis(&self) -> (f32, f32) {
        match &self.shape {
            Shape::Long(bone) => (0.0, bone.length),
            Shape::Short(bone) => bone.axis,
        }
    }

    /// Radius of the solid about its axis, pixels.
    pub fn reach(&self) -> f32 {
        match &self.shape {
            Shape::Long(bone) => bone.reach(),
            Shape::Short(bone) => bone.half,
        }
    }

    /// What the cavities leave at a local point.
    pub fn left(&self, p: Point3) -> f32 {
        self.cavities.iter().map(|cavity| cavity.factor(p)).product()
    }

    /// Depth below the surface with growth plates, pixels; `depth` is that of the shape alone.
    pub fn with_physes(&self, depth: f32, p: Point3) -> f32 {
        let mut d = depth;
        for physis in &self.physes {
            let reach = 9.0 * physis.width;
            let wave = 0.35
                * physis.width
                * ((p[0] / reach * 6.3 + physis.phase).sin()
                    + (p[0] / reach * 2.9 + 2.0 * physis.phase).sin()
                    + 1.3 * (p[2] / reach * 4.7 + 3.0 * physis.phase).sin());
            let aside = p[0] - physis.middle;
            let beyond = p[1] - physis.at - physis.slope * aside - 0.5 * physis.bow * aside * aside - wave;
            if (beyond < 0.0) == physis.at_base {
                d -= physis.shrink;
            }
            d = d.min(beyond.abs() - 0.5 * physis.width);
        }
        d
    }
}
