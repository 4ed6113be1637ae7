//! Points of the film plane and the little arithmetic that outlines need. x grows to the right, y downward, both in pixels.

/// A point or a vector.
pub type Point = [f32; 2];

/// `a + b`.
pub fn add(a: Point, b: Point) -> Point {
    [a[0] + b[0], a[1] + b[1]]
}

/// `a - b`.
pub fn sub(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1]]
}

/// `a * k`.
pub fn mul(a: Point, k: f32) -> Point {
    [a[0] * k, a[1] * k]
}

/// The scalar product.
pub fn dot(a: Point, b: Point) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}

/// Length of a vector.
pub fn len(a: Point) -> f32 {
    dot(a, a).sqrt()
}

/// The point at fraction `t` of the way from `a` to `b`.
pub fn lerp(a: Point, b: Point, t: f32) -> Point {
    add(a, mul(sub(b, a), t))
}

/// Direction from `a` to `b`; straight up where they coincide.
pub fn direction(a: Point, b: Point) -> Point {
    let d = sub(b, a);
    let l = len(d);
    if l > 1e-6 { mul(d, 1.0 / l) } else { [0.0, -1.0] }
}

/// The vector to the right of a direction that points up the film.
pub fn right(axis: Point) -> Point {
    [-axis[1], axis[0]]
}

/// The vector turned by an angle in radians, clockwise on the film.
pub fn turned(a: Point, angle: f32) -> Point {
    let (s, c) = angle.sin_cos();
    [a[0] * c - a[1] * s, a[0] * s + a[1] * c]
}

/// Number from `a` to `b`.
pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// Smooth step from 0 at `lo` to 1 at `hi`.
pub fn smooth(lo: f32, hi: f32, x: f32) -> f32 {
    let t = ((x - lo) / (hi - lo)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Distance of a point from a segment, and the fraction along it of the nearest point.
pub fn to_segment(p: Point, a: Point, b: Point) -> (f32, f32) {
    let (ab, ap) = (sub(b, a), sub(p, a));
    let t = (dot(ap, ab) / dot(ab, ab).max(1e-9)).clamp(0.0, 1.0);
    (len(sub(ap, mul(ab, t))), t)
}

/// A closed smooth curve (Catmull-Rom) through the points, `steps` vertices a span.
pub fn closed_curve(points: &[Point], steps: usize) -> Vec<Point> {
    let n = points.len();
    let mut curve = Vec::with_capacity(n * steps);
    for i in 0..n {
        let [p0, p1, p2, p3] = [points[(i + n - 1) % n], points[i], points[(i + 1) % n], points[(i + 2) % n]];
        for step in 0..steps {
            let t = step as f32 / steps as f32;
            let (t2, t3) = (t * t, t * t * t);
            curve.push([0, 1].map(|k| {
                0.5 * (2.0 * p1[k]
                    + (p2[k] - p0[k]) * t
                    + (2.0 * p0[k] - 5.0 * p1[k] + 4.0 * p2[k] - p3[k]) * t2
                    + (3.0 * p1[k] - p0[k] - 3.0 * p2[k] + p3[k]) * t3)
            }));
        }
    }
    curve
}
