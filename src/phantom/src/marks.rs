//! What lies on a film besides the limb: side markers, labels, collimation, a second field, wires, scratches.

use svh_core::{Limb, Side};

use crate::field::Field;
use crate::plane::{Point, add, direction, dot, mul, right, smooth, sub, to_segment, turned};
use crate::seeded_rng::SeededRng;

/// Polylines of a letter in a box 0.65 wide and 1 high, y down.
type Glyph = (char, &'static [&'static [Point]]);

#[rustfmt::skip]
const GLYPHS: &[Glyph] = &[
    ('L', &[&[[0.0, 0.0], [0.0, 1.0], [0.6, 1.0]]]),
    ('R', &[&[[0.0, 1.0], [0.0, 0.0], [0.42, 0.0], [0.6, 0.12], [0.6, 0.38], [0.42, 0.5], [0.0, 0.5]], &[[0.3, 0.5], [0.62, 1.0]]]),
    ('T', &[&[[0.0, 0.0], [0.6, 0.0]], &[[0.3, 0.0], [0.3, 1.0]]]),
    ('E', &[&[[0.6, 0.0], [0.0, 0.0], [0.0, 1.0], [0.6, 1.0]], &[[0.0, 0.5], [0.5, 0.5]]]),
    ('I', &[&[[0.3, 0.0], [0.3, 1.0]]]),
    ('M', &[&[[0.0, 1.0], [0.0, 0.0], [0.3, 0.6], [0.6, 0.0], [0.6, 1.0]]]),
    ('K', &[&[[0.0, 0.0], [0.0, 1.0]], &[[0.6, 0.0], [0.0, 0.55], [0.6, 1.0]]]),
    ('H', &[&[[0.0, 0.0], [0.0, 1.0]], &[[0.6, 0.0], [0.6, 1.0]], &[[0.0, 0.5], [0.6, 0.5]]]),
    ('A', &[&[[0.0, 1.0], [0.3, 0.0], [0.6, 1.0]], &[[0.12, 0.65], [0.48, 0.65]]]),
    ('C', &[&[[0.6, 0.12], [0.42, 0.0], [0.18, 0.0], [0.0, 0.2], [0.0, 0.8], [0.18, 1.0], [0.42, 1.0], [0.6, 0.88]]]),
    ('1', &[&[[0.12, 0.2], [0.32, 0.0], [0.32, 1.0]]]),
    ('4', &[&[[0.45, 1.0], [0.45, 0.0], [0.0, 0.7], [0.62, 0.7]]]),
    ('7', &[&[[0.0, 0.0], [0.6, 0.0], [0.2, 1.0]]]),
    ('O', &[&[[0.3, 0.05], [0.52, 0.2], [0.6, 0.5], [0.52, 0.8], [0.3, 0.95], [0.08, 0.8], [0.0, 0.5], [0.08, 0.2], [0.3, 0.05]], &[[0.29, 0.5], [0.31, 0.5]]]),
    ('0', &[&[[0.15, 0.0], [0.45, 0.0], [0.6, 0.2], [0.6, 0.8], [0.45, 1.0], [0.15, 1.0], [0.0, 0.8], [0.0, 0.2], [0.15, 0.0]]]),
];

/// Where glyphs go: the upper left corner of the first, height, direction of writing and half the thickness of a stroke.
struct Pen {
    at: Point,
    height: f32,
    axis: Point,
    half: f32,
}

impl Pen {
    fn place(&self, p: Point) -> Point {
        add(self.at, add(mul(self.axis, p[0] * self.height), mul(right(self.axis), p[1] * self.height)))
    }

    fn write(&self, field: &mut Field, text: &str, gray: f32) {
        for (index, letter) in text.chars().enumerate() {
            let Some((_, strokes)) = GLYPHS.iter().find(|(c, _)| *c == letter) else { continue };
            let shift = index as f32 * 0.9;
            for stroke in *strokes {
                for pair in stroke.windows(2) {
                    let [a, b] = [pair[0], pair[1]].map(|p| self.place([p[0] + shift, p[1]]));
                    line(field, a, b, self.half, gray, 1.0);
                }
            }
        }
    }
}

/// Draws a thick line with soft edges.
fn line(field: &mut Field, a: Point, b: Point, half: f32, gray: f32, strength: f32) {
    let low = |k: usize| (a[k].min(b[k]) - half - 1.0).max(0.0) as usize;
    let high = |k: usize, most: usize| ((a[k].max(b[k]) + half + 2.0).max(0.0) as usize).min(most);
    for y in low(1)..high(1, field.height) {
        for x in low(0)..high(0, field.width) {
            let (r, _) = to_segment([x as f32, y as f32], a, b);
            let cover = strength * (half + 0.5 - r).clamp(0.0, 1.0);
            let place = &mut field.values[y * field.width + x];
            *place += cover * (gray - *place);
        }
    }
}

/// Distance into a turned rectangle (negative outside).
fn inside(p: Point, centre: Point, half: Point, axis: Point) -> f32 {
    let off = sub(p, centre);
    let (u, v) = (dot(off, axis).abs(), dot(off, right(axis)).abs());
    (half[0] - u).min(half[1] - v)
}

/// Film marks are drawn in gray on the developed film.
pub struct Marks<'a> {
    /// The limb, for its letter.
    pub limb: Limb,
    /// Palm or foot width in pixels.
    pub unit: f32,
    /// Attenuation of the limb, to find free places.
    pub limb_field: &'a Field,
    /// Points that the exposure field must hold: the joints.
    pub joints: &'a [Point],
}

impl Marks<'_> {
    /// Lays marks and borders on a film.
    pub fn lay(&self, field: &mut Field, dice: &mut SeededRng) {
        if dice.chance(0.10) {
            self.second_field(field, dice);
        }
        let letter_last = dice.chance(0.3);
        if !letter_last {
            self.markers(field, dice);
        }
        if dice.chance(0.42) {
            self.collimate(field, dice);
        }
        if letter_last {
            self.markers(field, dice);
        }
        if dice.chance(0.12) {
            self.label(field, dice);
        }
        if dice.chance(0.15) {
            self.block(field, dice);
        }
        if dice.chance(0.12) {
            self.scratches(field, dice);
        }
    }

    /// The side's letter, now and then with the initials of who took the film, on a plate or bare.
    fn markers(&self, field: &mut Field, dice: &mut SeededRng) {
        if !dice.chance(0.72) {
            return;
        }
        let letter = if self.limb.side() == Side::Left { 'L' } else { 'R' };
        let height = self.unit * dice.range(0.12, 0.40);
        let axis = match dice.weighted(&[0.82, 0.06, 0.06, 0.06]) {
            0 => turned([1.0, 0.0], dice.clipped(0.2, 2.5)),
            quarter => turned([1.0, 0.0], quarter as f32 * std::f32::consts::FRAC_PI_2 + dice.clipped(0.15, 2.0)),
        };
        let initials = dice.chance(0.45);
        let extent = [0.5 * height * if initials { 1.3 } else { 0.9 }, height * if initials { 1.15 } else { 0.72 }];
        let Some(centre) = self.free_place(field, extent[0].max(extent[1]), dice) else { return };
        let gray = dice.range(0.82, 1.05);
        if dice.chance(0.5) {
            self.plate(field, centre, extent, axis, dice);
        }
        let down = right(axis);
        let lift = if initials { 0.85 } else { 0.5 };
        let start = sub(centre, add(mul(axis, 0.3 * height), mul(down, lift * height)));
        let half = height * dice.range(0.045, 0.125);
        Pen { at: start, height, axis, half }.write(field, &letter.to_string(), gray);
        if initials {
            let small = 0.55 * height;
            let text: String = (0..2).map(|_| GLYPHS[2 + dice.index(GLYPHS.len() - 2)].0).collect();
            let at = sub(centre, add(mul(axis, 0.75 * small), mul(down, -0.35 * height)));
            Pen { at, height: small, axis, half: 0.6 * half }.write(field, &text, gray);
        }
    }

    fn plate(&self, field: &mut Field, centre: Point, extent: Point, axis: Point, dice: &mut SeededRng) {
        let (tone, edge) = (dice.range(-0.05, 0.12), dice.range(0.0, 0.15));
        let reach = extent[0].hypot(extent[1]);
        for_window(field, centre, reach, |p, value| {
            let d = inside(p, centre, extent, axis);
            if d > 0.0 {
                *value += tone + edge * (1.0 - smooth(0.0, 0.03 * self.unit, d));
            }
        });
    }

    /// A place in the film where little of the limb lies.
    fn free_place(&self, field: &Field, reach: f32, dice: &mut SeededRng) -> Option<Point> {
        let mut best: Option<(f32, Point)> = None;
        for _ in 0..24 {
            let p = [dice.range(0.0, field.width as f32), dice.range(0.0, field.height as f32)];
            let border =
                (reach - p[0]).max(p[0] + reach - field.width as f32).max(reach - p[1]).max(p[1] + reach - field.height as f32).max(0.0);
            let covered: f32 = (0..16)
                .map(|k| self.limb_field.at([p[0] + ((k % 4) as f32 / 1.5 - 1.0) * reach, p[1] + ((k / 4) as f32 / 1.5 - 1.0) * reach]))
                .sum();
            let cost = covered + 3.0 * border / self.unit + 0.3 * dice.unit();
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, p));
            }
        }
        best.filter(|(cost, _)| *cost < 1.2).map(|(_, p)| p)
    }

    /// The border of the exposed field: an upright or a tilted rectangle that holds all joints; beyond it the film is dark, white or dim.
    fn collimate(&self, field: &mut Field, dice: &mut SeededRng) {
        let (w, h) = (field.width as f32, field.height as f32);
        let tilt = if dice.chance(0.2) { dice.clipped(0.2, 2.0) } else { dice.clipped(0.015, 2.0) };
        let axis = turned([1.0, 0.0], tilt);
        let centre = [w * dice.range(0.46, 0.54), h * dice.range(0.46, 0.54)];
        let mut half = [w * dice.range(0.44, 0.56), h * dice.range(0.44, 0.56)];
        for joint in self.joints {
            let off = sub(*joint, centre);
            half[0] = half[0].max(dot(off, axis).abs() + 0.2 * self.unit);
            half[1] = half[1].max(dot(off, right(axis)).abs() + 0.2 * self.unit);
        }
        let gray = [0.0, dice.range(0.0, 0.15), dice.range(0.9, 1.0)][dice.weighted(&[0.45, 0.25, 0.30])];
        let (soft, strength) = (self.unit * dice.range(0.004, 0.06), if dice.chance(0.75) { 1.0 } else { dice.range(0.4, 0.9) });
        for y in 0..field.height {
            for x in 0..field.width {
                let d = inside([x as f32, y as f32], centre, half, axis);
                if d < soft {
                    let place = &mut field.values[y * field.width + x];
                    *place += strength * (1.0 - smooth(-soft, soft, d)) * (gray - *place);
                }
            }
        }
    }

    /// A strip along one border that belongs to another exposure, with pieces of another limb.
    fn second_field(&self, field: &mut Field, dice: &mut SeededRng) {
        let (w, h) = (field.width as f32, field.height as f32);
        let (edge, share) = (dice.index(4), dice.range(0.03, 0.10));
        let shade = dice.range(0.05, 0.4) * dice.sign();
        let strip = |p: Point| match edge {
            0 => share * w - p[0],
            1 => p[0] - (1.0 - share) * w,
            2 => share * h - p[1],
            _ => p[1] - (1.0 - share) * h,
        };
        let fingers: Vec<(Point, Point, f32)> = (0..2)
            .map(|_| {
                let a = [dice.range(0.0, w), dice.range(0.0, h)];
                (a, add(a, mul(turned([0.0, 1.0], dice.range(0.0, 6.3)), self.unit)), self.unit * dice.range(0.05, 0.14))
            })
            .collect();
        for y in 0..field.height {
            for x in 0..field.width {
                let p = [x as f32, y as f32];
                if strip(p) > 0.0 {
                    let finger = fingers.iter().any(|(a, b, r)| to_segment(p, *a, *b).0 < *r);
                    field.values[y * field.width + x] += shade + if finger { 0.15 } else { 0.0 };
                }
            }
        }
    }

    /// A black or white block at the border: a covered name, the edge of a grid.
    fn block(&self, field: &mut Field, dice: &mut SeededRng) {
        let (w, h) = (field.width as f32, field.height as f32);
        let size = [self.unit * dice.range(0.04, 0.25), self.unit * dice.range(0.1, 0.4)];
        let along = dice.range(0.05, 0.95);
        let centre = match dice.index(4) {
            0 => [0.0, along * h],
            1 => [w, along * h],
            2 => [along * w, 0.0],
            _ => [along * w, h],
        };
        if self.limb_field.at(centre) > 0.05 || self.joints.iter().any(|joint| inside(*joint, centre, size, [1.0, 0.0]) > -0.2 * self.unit)
        {
            return;
        }
        let (gray, fade) = (if dice.chance(0.6) { 0.0 } else { 0.95 }, dice.range(-0.2, 0.0));
        for_window(field, centre, size[0].max(size[1]), |p, value| {
            if inside(p, centre, size, [1.0, 0.0]) > 0.0 {
                *value = gray + fade * ((p[1] - centre[1]) / size[1]).abs() * gray;
            }
        });
    }

    /// A patient's label: rows of small writing in a corner.
    fn label(&self, field: &mut Field, dice: &mut SeededRng) {
        let (w, h) = (field.width as f32, field.height as f32);
        let size = [self.unit * dice.range(0.35, 0.8), self.unit * dice.range(0.12, 0.3)];
        let centre = [if dice.chance(0.5) { size[0] } else { w - size[0] }, if dice.chance(0.5) { size[1] } else { h - size[1] }];
        if self.limb_field.at(centre) > 0.05 {
            return;
        }
        let (paper, ink) = if dice.chance(0.5) { (dice.range(0.85, 1.0), 0.05) } else { (dice.range(0.0, 0.1), 0.95) };
        for_window(field, centre, size[0].max(size[1]), |p, value| {
            if inside(p, centre, size, [1.0, 0.0]) > 0.0 {
                *value = paper;
            }
        });
        let rows = 2 + dice.index(3);
        let height = 1.5 * size[1] / rows as f32;
        let letters = ((1.7 * size[0] / (0.6 * height)) as usize).min(14);
        for row in 0..rows {
            let text: String = (0..letters).map(|_| GLYPHS[dice.index(GLYPHS.len())].0).collect();
            let at = [centre[0] - 0.9 * size[0], centre[1] - 0.85 * size[1] + row as f32 * 1.2 * height];
            Pen { at, height: 0.66 * height, axis: [1.0, 0.0], half: (0.05 * height).max(0.5) }.write(field, &text, ink);
        }
    }

    /// Fine scratches, dust, and now and then a wire.
    fn scratches(&self, field: &mut Field, dice: &mut SeededRng) {
        let (w, h) = (field.width as f32, field.height as f32);
        for _ in 0..1 + dice.index(4) {
            let a = [dice.range(0.0, w), dice.range(0.0, h)];
            let length = self.unit * dice.range(0.02, 0.9);
            let b = add(a, mul(turned([0.0, 1.0], dice.range(0.0, 6.3)), length));
            let gray = if dice.chance(0.7) { 1.0 } else { 0.0 };
            line(field, a, b, 0.4, gray, dice.range(0.15, 0.6));
        }
        if dice.chance(0.2) {
            let mut at = [dice.range(0.0, w), if dice.chance(0.5) { 0.0 } else { h }];
            let mut way = direction(at, [0.5 * w, 0.5 * h]);
            let half = self.unit * dice.range(0.006, 0.015);
            for _ in 0..14 {
                let next = add(at, mul(way, 0.12 * self.unit));
                line(field, at, next, half, 0.95, 0.8);
                at = next;
                way = turned(way, dice.clipped(0.25, 2.0));
            }
        }
    }
}

fn for_window(field: &mut Field, centre: Point, reach: f32, mut paint: impl FnMut(Point, &mut f32)) {
    let low = |k: usize| (centre[k] - reach).max(0.0) as usize;
    let high = |k: usize, most: usize| ((centre[k] + reach + 1.0).max(0.0) as usize).min(most);
    for y in low(1)..high(1, field.height) {
        for x in low(0)..high(0, field.width) {
            paint([x as f32, y as f32], &mut field.values[y * field.width + x]);
        }
    }
}
