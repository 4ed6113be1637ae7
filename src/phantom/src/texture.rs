//! Repeating tiles of noise, made once from a fixed seed: trabeculae of spongy bone, slow clouds, and the grain of the film.

use std::sync::LazyLock;

use crate::seeded_rng::SeededRng;

/// Side of a tile, a power of two.
const SIDE: usize = 512;

/// A square tile of values with mean near 0 and deviation near 1 that repeats in both directions.
pub struct Tile(Vec<f32>);

impl Tile {
    /// The value at a place in tile pixels, bilinear.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (fx, fy) = (x.floor(), y.floor());
        let (tx, ty) = (x - fx, y - fy);
        let mask = SIDE - 1;
        let (x0, y0) = ((fx as i64 as usize) & mask, (fy as i64 as usize) & mask);
        let (x1, y1) = ((x0 + 1) & mask, (y0 + 1) & mask);
        let at = |x: usize, y: usize| self.0[y * SIDE + x];
        let upper = at(x0, y0) + (at(x1, y0) - at(x0, y0)) * tx;
        let lower = at(x0, y1) + (at(x1, y1) - at(x0, y1)) * tx;
        upper + (lower - upper) * ty
    }

    fn normalised(mut values: Vec<f32>) -> Self {
        let n = values.len() as f32;
        let mean = values.iter().sum::<f32>() / n;
        let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt().max(1e-6);
        for v in &mut values {
            *v = (*v - mean) / deviation;
        }
        Self(values)
    }
}

/// Smooth noise whose features are `across` x `along` pixels large (both divide the side).
fn smooth_noise(dice: &mut SeededRng, across: usize, along: usize) -> Vec<f32> {
    let (columns, rows) = (SIDE / across, SIDE / along);
    let knots: Vec<f32> = (0..columns * rows).map(|_| dice.normal()).collect();
    let mut values = vec![0.0; SIDE * SIDE];
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (gx, gy) = (x / across, y / along);
            let ease = |v: usize, cell: usize| {
                let t = (v % cell) as f32 / cell as f32;
                t * t * (3.0 - 2.0 * t)
            };
            let (tx, ty) = (ease(x, across), ease(y, along));
            let knot = |i: usize, j: usize| knots[(j % rows) * columns + i % columns];
            let upper = knot(gx, gy) + (knot(gx + 1, gy) - knot(gx, gy)) * tx;
            let lower = knot(gx, gy + 1) + (knot(gx + 1, gy + 1) - knot(gx, gy + 1)) * tx;
            values[y * SIDE + x] = upper + (lower - upper) * ty;
        }
    }
    values
}

/// Where smooth noise changes its sign, thin bright lines.
fn ridges(dice: &mut SeededRng, layers: &[(usize, usize, f32)]) -> Tile {
    let mut values = vec![0.0; SIDE * SIDE];
    for (across, along, weight) in layers {
        for (value, noise) in values.iter_mut().zip(smooth_noise(dice, *across, *along)) {
            *value += weight * (0.45 - noise.abs()).max(-0.6);
        }
    }
    Tile::normalised(values)
}

/// Thin lines along y with a few that cross them: the lattice of spongy bone along the lines of load, some 8 tile pixels apart.
pub static LATTICE: LazyLock<Tile> = LazyLock::new(|| {
    let mut dice = SeededRng::new(5, 0, 0, "lattice");
    let mut values = vec![0.0; SIDE * SIDE];
    for (across, along, weight) in [(8, 64, 1.0), (8, 32, 0.8), (16, 8, 0.45), (16, 4, 0.25), (4, 32, 0.6), (8, 8, 0.35)] {
        for (value, noise) in values.iter_mut().zip(smooth_noise(&mut dice, across, along)) {
            // Where the noise changes its sign, as in `ridges`, but thinner.
            *value += weight * (-(noise / 0.28).powi(2)).exp();
        }
    }
    Tile::normalised(values)
});

/// Struts of spongy bone along a long bone's axis (y), some 8 tile pixels apart.
pub static STRUTS: LazyLock<Tile> =
    LazyLock::new(|| ridges(&mut SeededRng::new(4, 0, 0, "struts"), &[(8, 64, 1.0), (8, 32, 0.9), (4, 32, 0.6), (16, 64, 0.4)]));

/// Bright thin ridges in a darker mesh, as struts of spongy bone appear; ridges lie some 8 tile pixels apart.
pub static TRABECULAE: LazyLock<Tile> =
    LazyLock::new(|| ridges(&mut SeededRng::new(1, 0, 0, "trabeculae"), &[(16, 16, 0.5), (8, 8, 1.0), (4, 4, 0.7)]));

/// Slow clouds: unevenness of soft tissue and of bone density.
pub static CLOUDS: LazyLock<Tile> = LazyLock::new(|| {
    let mut dice = SeededRng::new(2, 0, 0, "clouds");
    let mut values = vec![0.0; SIDE * SIDE];
    for (cell, weight) in [(128, 1.0), (64, 0.7), (32, 0.5), (16, 0.3)] {
        for (value, noise) in values.iter_mut().zip(smooth_noise(&mut dice, cell, cell)) {
            *value += weight * noise;
        }
    }
    Tile::normalised(values)
});

/// White Gaussian noise as one long row.
pub static GRAIN: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let mut dice = SeededRng::new(3, 0, 0, "grain");
    (0..1 << 16).map(|_| dice.normal()).collect()
});
