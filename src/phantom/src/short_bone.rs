//! The solid of a bone without a shaft of its own: a block between a palmar and a dorsal outline. Where the two differ, its sides slant, and edges of
//! neighbours lie over each other on the film, as they do in a wrist.
//!
//! Local coordinates are those of [`Frame::upright`](crate::space::Frame::upright): film x, film y, height above the bone's middle.

use crate::field::{Field, Window};
use crate::long_bone::soft_min;
use crate::plane::{Point, dot, mix, smooth};
use crate::space::Point3;

/// A block of bone.
#[derive(Clone, Debug)]
pub struct ShortBone {
    /// Outline near the palm, film pixels.
    pub palmar: Vec<Point>,
    /// Outline near the back of the hand.
    pub dorsal: Vec<Point>,
    /// Half thickness in pixels.
    pub half: f32,
    /// How far from the outline full thickness is reached, as a share of the half thickness.
    pub steep: f32,
    /// Where the axis that the material counts along begins, and its length: y in film pixels, towards the fingers negative.
    pub axis: (f32, f32),
}

/// Distances into both outlines on a coarse grid over a window.
pub struct Grids {
    palmar: Field,
    dorsal: Field,
    origin: Point,
    step: f32,
}

impl ShortBone {
    /// Measures both outlines; `grow` is added to both distances at each point (narrowing of joints between such bones, roughness).
    pub fn grids(&self, window: Window, step: usize, grow: impl Fn(Point) -> f32) -> Grids {
        let columns = (window.x1 - window.x0).div_ceil(step) + 2;
        let rows = (window.y1 - window.y0).div_ceil(step) + 2;
        let (mut palmar, mut dorsal) = (Field::new(columns, rows), Field::new(columns, rows));
        for row in 0..rows {
            for column in 0..columns {
                let p = [(window.x0 + column * step) as f32, (window.y0 + row * step) as f32];
                let extra = grow(p);
                let index = row * columns + column;
                palmar.values[index] = depth_inside(p, &self.palmar) + extra;
                dorsal.values[index] = depth_inside(p, &self.dorsal) + extra;
            }
        }
        Grids { palmar, dorsal, origin: [window.x0 as f32, window.y0 as f32], step: step as f32 }
    }

    /// Depth below the surface in pixels at a height, given the distances into both outlines below it.
    pub fn depth(&self, palmar: f32, dorsal: f32, height: f32) -> f32 {
        let d = mix(palmar, dorsal, smooth(-0.9 * self.half, 0.9 * self.half, height));
        let bulge = 1.0 - (1.0 - (d / (self.steep * self.half)).clamp(0.0, 1.0)).powi(2);
        let face = self.half * (0.12 + 0.88 * bulge.max(0.0).sqrt()) - height.abs();
        soft_min(d, face, 0.2 * self.half)
    }
}

impl Grids {
    /// The distances into the palmar and the dorsal outline below a point.
    pub fn at(&self, p: Point3) -> (f32, f32) {
        let place = [(p[0] - self.origin[0]) / self.step, (p[1] - self.origin[1]) / self.step];
        (self.palmar.at(place), self.dorsal.at(place))
    }
}

/// Distance into a polygon (negative outside).
pub fn depth_inside(p: Point, outline: &[Point]) -> f32 {
    let (mut nearest, mut inside) = (f32::MAX, false);
    let Some(mut a) = outline.last().copied() else { return f32::MIN };
    for &b in outline {
        let (ab, ap) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
        let t = (dot(ap, ab) / dot(ab, ab).max(1e-9)).clamp(0.0, 1.0);
        let off = [ap[0] - t * ab[0], ap[1] - t * ab[1]];
        nearest = nearest.min(dot(off, off));
        if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < ab[0] * (p[1] - a[1]) / ab[1] + a[0] {
            inside = !inside;
        }
        a = b;
    }
    if inside { nearest.sqrt() } else { -nearest.sqrt() }
}
