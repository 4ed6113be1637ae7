//! Axis-parallel boxes in pixels of a film.

use serde::{Deserialize, Serialize};

/// A box `x0 y0 x1 y1` in pixels of the film as displayed upright; y grows downward. In JSON an array of four numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f32; 4]", into = "[f32; 4]")]
pub struct BBox {
    /// Left edge.
    pub x0: f32,
    /// Upper edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Lower edge.
    pub y1: f32,
}

impl From<[f32; 4]> for BBox {
    fn from([x0, y0, x1, y1]: [f32; 4]) -> Self {
        Self { x0, y0, x1, y1 }
    }
}

impl From<BBox> for [f32; 4] {
    fn from(b: BBox) -> Self {
        [b.x0, b.y0, b.x1, b.y1]
    }
}

impl BBox {
    /// The square with this centre and side.
    #[must_use]
    pub fn square(centre: (f32, f32), side: f32) -> Self {
        let half = side / 2.0;
        Self { x0: centre.0 - half, y0: centre.1 - half, x1: centre.0 + half, y1: centre.1 + half }
    }

    /// The centre, x then y.
    #[must_use]
    pub fn centre(&self) -> (f32, f32) {
        (f32::midpoint(self.x0, self.x1), f32::midpoint(self.y0, self.y1))
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// Area in square pixels; 0 for an inverted box.
    #[must_use]
    pub fn area(&self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    /// Intersection over union, 0 to 1, without the +1 of integer boxes.
    #[must_use]
    pub fn iou(&self, other: &Self) -> f32 {
        let w = self.x1.min(other.x1) - self.x0.max(other.x0);
        let h = self.y1.min(other.y1) - self.y0.max(other.y0);
        let both = w.max(0.0) * h.max(0.0);
        let either = self.area() + other.area() - both;
        if either > 0.0 { both / either } else { 0.0 }
    }

    /// The part inside a film of this size.
    #[must_use]
    pub fn clipped(&self, width: f32, height: f32) -> Self {
        Self {
            x0: self.x0.clamp(0.0, width),
            y0: self.y0.clamp(0.0, height),
            x1: self.x1.clamp(0.0, width),
            y1: self.y1.clamp(0.0, height),
        }
    }

    /// The box in a film flipped left to right.
    #[must_use]
    pub fn mirrored(&self, width: f32) -> Self {
        Self { x0: width - self.x1, x1: width - self.x0, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iou_of_half_overlapping_squares_is_a_third() {
        let a = BBox::from([0.0, 0.0, 2.0, 2.0]);
        let b = BBox::from([1.0, 0.0, 3.0, 2.0]);
        assert!((a.iou(&b) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(a.iou(&BBox::from([5.0, 5.0, 6.0, 6.0])), 0.0);
    }
}
