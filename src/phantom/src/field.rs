//! A field of values on the film's pixels.

use crate::plane::{Point, mix};

/// One value a pixel: attenuation, gray, a distance.
#[derive(Clone, Debug)]
pub struct Field {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Row by row.
    pub values: Vec<f32>,
}

impl Field {
    /// A field of zeros.
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, height, values: vec![0.0; width * height] }
    }

    /// The value at a point, bilinear, the border continued.
    pub fn at(&self, p: Point) -> f32 {
        let x = p[0].clamp(0.0, self.width as f32 - 1.001).max(0.0);
        let y = p[1].clamp(0.0, self.height as f32 - 1.001).max(0.0);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (tx, ty) = (x - x0 as f32, y - y0 as f32);
        let at = |x: usize, y: usize| self.values[y * self.width + x];
        mix(mix(at(x0, y0), at(x1, y0), tx), mix(at(x0, y1), at(x1, y1), tx), ty)
    }
}

/// A window of whole pixels: columns from `x0` up to but without `x1`, rows likewise.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub x0: usize,
    pub y0: usize,
    pub x1: usize,
    pub y1: usize,
}

impl Window {
    /// The pixels of a field around points, with a margin; none where they lie off the field.
    pub fn around(points: &[Point], margin: f32, field: &Field) -> Option<Self> {
        let fold = |k: usize, f: fn(f32, f32) -> f32, start: f32| points.iter().map(|p| p[k]).fold(start, f);
        let low = |k| (fold(k, f32::min, f32::MAX) - margin).max(0.0) as usize;
        let high = |k, most: usize| ((fold(k, f32::max, f32::MIN) + margin + 1.0).max(0.0) as usize).min(most);
        let window = Self { x0: low(0), y0: low(1), x1: high(0, field.width), y1: high(1, field.height) };
        (window.x0 < window.x1 && window.y0 < window.y1).then_some(window)
    }
}
