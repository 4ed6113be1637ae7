//! Points and frames in three dimensions: x and y are film pixels (y downward), z points from the film to the source, in pixels too.

use crate::plane::Point;

/// A point or a vector.
pub type Point3 = [f32; 3];

/// `a + b`.
pub fn add3(a: Point3, b: Point3) -> Point3 {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

/// `a - b`.
pub fn sub3(a: Point3, b: Point3) -> Point3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// `a * k`.
pub fn mul3(a: Point3, k: f32) -> Point3 {
    [a[0] * k, a[1] * k, a[2] * k]
}

/// The scalar product.
pub fn dot3(a: Point3, b: Point3) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Length of a vector.
pub fn len3(a: Point3) -> f32 {
    dot3(a, a).sqrt()
}

fn cross(a: Point3, b: Point3) -> Point3 {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The place on the film below a point.
pub fn flat(p: Point3) -> Point {
    [p[0], p[1]]
}

/// A point of the film plane at a height.
pub fn at_height(p: Point, z: f32) -> Point3 {
    [p[0], p[1], z]
}

/// An orthonormal frame. Local coordinates are `[lateral, along, dorsal]`.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Where the local origin lies.
    pub origin: Point3,
    /// To the right of the axis as seen from the source.
    pub lateral: Point3,
    /// From base to head.
    pub axis: Point3,
    /// Towards the source.
    pub dorsal: Point3,
}

impl Frame {
    /// The frame of a bone from `base` to `head`, turned about its axis by `roll` radians.
    pub fn along(base: Point3, head: Point3, roll: f32) -> Self {
        let way = sub3(head, base);
        let length = len3(way);
        let axis = if length > 1e-6 { mul3(way, 1.0 / length) } else { [0.0, -1.0, 0.0] };
        let in_plane = (axis[0] * axis[0] + axis[1] * axis[1]).sqrt();
        let side = if in_plane > 1e-3 { [-axis[1] / in_plane, axis[0] / in_plane, 0.0] } else { [1.0, 0.0, 0.0] };
        let up = cross(axis, side);
        let (s, c) = roll.sin_cos();
        let lateral = add3(mul3(side, c), mul3(up, s));
        Self { origin: base, lateral, axis, dorsal: cross(axis, lateral) }
    }

    /// The frame that lies flat on the film: lateral is x, along is y, dorsal is z.
    pub const fn upright(origin: Point3) -> Self {
        Self { origin, lateral: [1.0, 0.0, 0.0], axis: [0.0, 1.0, 0.0], dorsal: [0.0, 0.0, 1.0] }
    }

    /// A point in local coordinates.
    pub fn local(&self, p: Point3) -> Point3 {
        let d = sub3(p, self.origin);
        [dot3(d, self.lateral), dot3(d, self.axis), dot3(d, self.dorsal)]
    }

    /// A local point in film coordinates.
    pub fn global(&self, p: Point3) -> Point3 {
        add3(self.origin, add3(mul3(self.lateral, p[0]), add3(mul3(self.axis, p[1]), mul3(self.dorsal, p[2]))))
    }

    /// By how much local coordinates change for one pixel towards the source.
    pub const fn rise(&self) -> Point3 {
        [self.lateral[2], self.axis[2], self.dorsal[2]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_orthonormal_and_local_and_global_are_inverse() {
        let frame = Frame::along([3.0, 4.0, 5.0], [30.0, -20.0, 12.0], 0.7);
        for (a, b) in [(frame.lateral, frame.axis), (frame.axis, frame.dorsal), (frame.dorsal, frame.lateral)] {
            assert!(dot3(a, b).abs() < 1e-5 && (len3(a) - 1.0).abs() < 1e-5);
        }
        let p = [7.0, -9.0, 11.0];
        let back = frame.global(frame.local(p));
        assert!(len3(sub3(p, back)) < 1e-3, "{back:?}");
    }

    #[test]
    fn a_bone_that_points_up_the_film_has_its_lateral_side_to_the_right_and_its_dorsal_side_to_the_source() {
        let frame = Frame::along([0.0, 10.0, 0.0], [0.0, 0.0, 0.0], 0.0);
        assert!(frame.lateral[0] > 0.999 && frame.dorsal[2] > 0.999);
    }
}
