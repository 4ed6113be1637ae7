//! Ankylosis: the plates of dense bone on both sides of a joint's space are gone, and spongy bone runs across.

use crate::field::{Field, Window};
use crate::plane::{Point, add, dot, mix, mul, right, smooth, sub};
use crate::raysum::Look;
use crate::texture::TRABECULAE;

/// A piece of a joint that is fused.
#[derive(Clone, Copy, Debug)]
pub struct Fusion {
    /// Middle of what was the space, pixels.
    pub centre: Point,
    /// Direction across it.
    pub across: Point,
    /// Slope of the space's line against the square of `across`: pixels across a pixel along.
    pub slope: f32,
    /// Its curvature, 1 / pixels, positive where its ends bend towards `across`.
    pub bow: f32,
    /// Half the length of what is fused, pixels.
    pub half: f32,
    /// Pixels to either side of the line that are rebuilt.
    pub depth: f32,
    /// How much of it is rebuilt: 0 leaves space and plates, 1 leaves no trace of them.
    pub done: f32,
}

impl Fusion {
    /// One whose line runs through three points: an end, the middle, and the other end of the space.
    pub fn through([a, centre, b]: [Point; 3], across: Point, half: f32, depth: f32, done: f32) -> Self {
        let place = |p: Point| {
            let off = sub(p, centre);
            (dot(off, right(across)), dot(off, across))
        };
        let ((t0, n0), (t1, n1)) = (place(a), place(b));
        let apart = t1 - t0;
        let slope = if apart.abs() > 1.0 { ((n1 - n0) / apart).clamp(-0.8, 0.8) } else { 0.0 };
        let squares = 0.5 * (t0 * t0 + t1 * t1);
        let bow = if squares > 1.0 { (n0 - slope * t0 + n1 - slope * t1) / squares } else { 0.0 };
        Self { centre, across, slope, bow: bow.clamp(-1.0 / half, 1.0 / half), half, depth, done }
    }

    /// Pixels along the line and across it.
    fn place(&self, p: Point) -> (f32, f32) {
        let off = sub(p, self.centre);
        let t = dot(off, right(self.across));
        (t, dot(off, self.across) - self.slope * t - 0.5 * self.bow * t * t)
    }
}

/// Rebuilds fused joints on the field of bone: what lies at the line is replaced by what lies deeper in both bones.
pub fn fuse(field: &mut Field, fusions: &[Fusion], look: &Look) {
    if fusions.is_empty() {
        return;
    }
    let before = field.clone();
    let scale = 660.0 / (look.unit * look.mesh);
    for fusion in fusions {
        let Some(window) = Window::around(&[fusion.centre], 1.5 * (fusion.half + fusion.depth), field) else { continue };
        for y in window.y0..window.y1 {
            for x in window.x0..window.x1 {
                let p = [x as f32, y as f32];
                let (t, n) = fusion.place(p);
                let within = (1.0 - smooth(0.6, 1.0, t.abs() / fusion.half)) * (1.0 - smooth(0.6, 1.0, n.abs() / fusion.depth));
                if within <= 0.0 {
                    continue;
                }
                // Both bones' patterns run on across the line, so the deeper they are taken from, the farther from it.
                let from = |side: f32| {
                    let beyond = fusion.depth + side * n;
                    before.at(add(p, mul(fusion.across, -side * 1.5 * beyond)))
                };
                let mesh = 1.0 + 0.12 * look.texture * TRABECULAE.at(p[0] * scale + look.phase, p[1] * scale);
                let bone = mix(from(1.0), from(-1.0), smooth(-fusion.depth, fusion.depth, n)) * mesh;
                let place = &mut field.values[y * field.width + x];
                *place = mix(*place, bone, fusion.done * within);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { unit: 200.0, texture: 0.0, mesh: 1.0, lattice: 0.0, phase: 0.0, pale: Vec::new(), swell: Vec::new() };

    /// Two bones of density 1 and 2 with plates of density 4 beside a space that is empty.
    fn joint() -> Field {
        let mut field = Field::new(80, 80);
        for y in 0..80 {
            let value = match y {
                0..=33 => 1.0,
                34..=37 | 42..=45 => 4.0,
                38..=41 => 0.0,
                _ => 2.0,
            };
            field.values[y * 80..(y + 1) * 80].fill(value);
        }
        field
    }

    #[test]
    fn a_fused_joint_has_neither_space_nor_plates_and_the_rest_stays() {
        let mut field = joint();
        let line = [[25.0, 40.0], [40.0, 40.0], [55.0, 40.0]];
        fuse(&mut field, &[Fusion::through(line, [0.0, 1.0], 20.0, 12.0, 1.0)], &LOOK);
        let down: Vec<f32> = (30..52).map(|y| field.values[y * 80 + 40]).collect();
        assert!(down.iter().all(|v| (0.99..=2.01).contains(v)), "{down:?}");
        assert!(down.windows(2).all(|pair| pair[1] >= pair[0] - 1e-4), "{down:?}");
        let before = joint();
        assert!((0..80).all(|y| field.values[y * 80 + 10] == before.values[y * 80 + 10]));
    }

    #[test]
    fn half_a_fusion_leaves_half_of_the_space() {
        let mut field = joint();
        let line = [[25.0, 40.0], [40.0, 40.0], [55.0, 40.0]];
        fuse(&mut field, &[Fusion::through(line, [0.0, 1.0], 20.0, 12.0, 0.5)], &LOOK);
        let middle = field.values[40 * 80 + 40];
        assert!((0.6..0.9).contains(&middle), "{middle}");
    }

    #[test]
    fn the_line_runs_through_its_three_points() {
        let line = [[20.0, 46.0], [40.0, 40.0], [60.0, 42.0]];
        let fusion = Fusion::through(line, [0.0, 1.0], 30.0, 8.0, 1.0);
        for p in line {
            assert!(fusion.place(p).1.abs() < 0.01, "{p:?}: {:?}", fusion.place(p));
        }
    }
}
