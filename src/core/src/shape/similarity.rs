//! Turning, scaling and shifting in the plane, without mirroring.

/// `(x, y)` goes to `(a x - b y + tx, b x + a y + ty)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Similarity {
    pub a: f64,
    pub b: f64,
    pub shift: [f64; 2],
}

impl Similarity {
    /// The one that takes two points to two others; `None` where either pair coincides.
    pub(crate) fn of_pair(from: [[f64; 2]; 2], to: [[f64; 2]; 2]) -> Option<Self> {
        let (u, v) = (minus(from[1], from[0]), minus(to[1], to[0]));
        let square = u[0] * u[0] + u[1] * u[1];
        let (a, b) = ((u[0] * v[0] + u[1] * v[1]) / square, (u[0] * v[1] - u[1] * v[0]) / square);
        let turned = Self { a, b, shift: [0.0; 2] };
        (square > 1e-12 && a.hypot(b) > 1e-9).then(|| Self { shift: minus(to[0], turned.apply(from[0])), ..turned })
    }

    pub fn apply(&self, p: [f64; 2]) -> [f64; 2] {
        [self.a * p[0] - self.b * p[1] + self.shift[0], self.b * p[0] + self.a * p[1] + self.shift[1]]
    }

    /// Takes [`Similarity::apply`] back.
    pub fn undo(&self, p: [f64; 2]) -> [f64; 2] {
        let p = minus(p, self.shift);
        let square = self.a * self.a + self.b * self.b;
        [(self.a * p[0] + self.b * p[1]) / square, (self.a * p[1] - self.b * p[0]) / square]
    }

    pub fn scale(&self) -> f64 {
        self.a.hypot(self.b)
    }

    /// Clockwise on the film, as y grows downward.
    pub(crate) fn degrees(&self) -> f64 {
        self.b.atan2(self.a).to_degrees()
    }
}

fn minus(p: [f64; 2], q: [f64; 2]) -> [f64; 2] {
    [p[0] - q[0], p[1] - q[1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_points_determine_it_and_undo_takes_it_back() {
        // A quarter turn clockwise on the film (right goes down), twice as large.
        let s = Similarity::of_pair([[0.0, 0.0], [1.0, 0.0]], [[10.0, 20.0], [10.0, 22.0]]).unwrap();
        assert!((s.scale() - 2.0).abs() < 1e-12 && (s.degrees() - 90.0).abs() < 1e-9);
        let p = s.undo(s.apply([3.0, -4.0]));
        assert!((p[0] - 3.0).abs() < 1e-12 && (p[1] + 4.0).abs() < 1e-12);
        assert!(Similarity::of_pair([[1.0, 1.0]; 2], [[0.0, 0.0], [1.0, 0.0]]).is_none());
    }
}
