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
    /// Outline half-way between them, where it does not lie half-way: a joint's surface that is hollow from palm to back ends in two rims.
    pub hollow: Option<Vec<Point>>,
    /// Half thickness in pixels.
    pub half: f32,
    /// How far from the outline full thickness is reached, as a share of the half thickness.
    pub steep: f32,
    /// Where the axis that the material counts along begins, and its length: y in film pixels, towards the fingers negative.
    pub axis: (f32, f32),
}

/// Distances into the outlines on a coarse grid over a window.
pub struct Grids {
    palmar: Field,
    dorsal: Field,
    hollow: Option<Field>,
    origin: Point,
    step: f32,
}

impl ShortBone {
    /// Measures the outlines; `grow` is added to all distances at each point (narrowing of joints between such bones, roughness).
    pub fn grids(&self, window: Window, step: usize, grow: impl Fn(Point) -> f32) -> Grids {
        let columns = (window.x1 - window.x0).div_ceil(step) + 2;
        let rows = (window.y1 - window.y0).div_ceil(step) + 2;
        let (mut palmar, mut dorsal) = (Field::new(columns, rows), Field::new(columns, rows));
        let mut hollow = self.hollow.as_ref().map(|outline| (outline, Field::new(columns, rows)));
        for row in 0..rows {
            for column in 0..columns {
                let p = [(window.x0 + column * step) as f32, (window.y0 + row * step) as f32];
                let extra = grow(p);
                let index = row * columns + column;
                palmar.values[index] = depth_inside(p, &self.palmar) + extra;
                dorsal.values[index] = depth_inside(p, &self.dorsal) + extra;
                if let Some((outline, field)) = &mut hollow {
                    field.values[index] = depth_inside(p, outline) + extra;
                }
            }
        }
        let hollow = hollow.map(|(_, field)| field);
        Grids { palmar, dorsal, hollow, origin: [window.x0 as f32, window.y0 as f32], step: step as f32 }
    }

    /// Depth below the surface in pixels at a height, given the distances into the outlines below it.
    pub fn depth(&self, levels: Levels, height: f32) -> f32 {
        let t = smooth(-0.9 * self.half, 0.9 * self.half, height);
        let rims = mix(levels.palmar, levels.dorsal, t);
        // A hollow end is blunt: the rims around it are thick.
        let bulge = 1.0 - (1.0 - ((rims + 1.5 * levels.hollow.max(0.0)) / (self.steep * self.half)).clamp(0.0, 1.0)).powi(2);
        let d = rims - 4.0 * t * (1.0 - t) * levels.hollow;
        let face = self.half * (0.12 + 0.88 * bulge.max(0.0).sqrt()) - height.abs();
        soft_min(d, face, 0.2 * self.half)
    }
}

/// Distances into the outlines at a place, pixels.
#[derive(Clone, Copy, Debug)]
pub struct Levels {
    /// Into the palmar outline.
    pub palmar: f32,
    /// Into the dorsal outline.
    pub dorsal: f32,
    /// By how much the surface half-way lies behind the middle of both.
    pub hollow: f32,
}

impl Grids {
    /// The distances into the outlines below a point.
    pub fn at(&self, p: Point3) -> Levels {
        let place = [(p[0] - self.origin[0]) / self.step, (p[1] - self.origin[1]) / self.step];
        let (palmar, dorsal) = (self.palmar.at(place), self.dorsal.at(place));
        let hollow = self.hollow.as_ref().map_or(0.0, |field| f32::midpoint(palmar, dorsal) - field.at(place));
        Levels { palmar, dorsal, hollow }
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
