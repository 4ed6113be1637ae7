//! X-rays through bone: adds the attenuation of a bone to a field, from the distance of each pixel to the bone's outline.

use crate::bone::{Bite, Bone, IRREGULAR};
use crate::plane::{Point, direction, dot, len, lerp, mix, right, smooth, sub, to_segment};
use crate::texture::{CLOUDS, TRABECULAE};

/// Attenuation of a unit (palm width) of cortex, of spongy bone at the ends and in the shaft. A palm width of soft tissue is 1.
const CORTEX: f32 = 5.6;
const SPONGY_END: f32 = 1.75;
const SPONGY_SHAFT: f32 = 0.40;

/// A field of attenuation, one value a pixel.
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

/// A part of the field where a bone is thinner in mineral: juxta-articular osteopenia.
#[derive(Clone, Copy, Debug)]
pub struct Pale {
    /// Centre in pixels.
    pub centre: Point,
    /// Deviation in pixels.
    pub sigma: f32,
    /// Share of the mineral lost at the centre.
    pub loss: f32,
}

/// A place where bones grow towards each other: narrowing of joints between irregular bones.
#[derive(Clone, Copy, Debug)]
pub struct Swell {
    /// Centre in pixels.
    pub centre: Point,
    /// Deviation in pixels.
    pub sigma: f32,
    /// Pixels by which the outlines move outward at the centre.
    pub by: f32,
}

impl Swell {
    /// Pixels by which an outline moves outward at a point.
    pub fn at(&self, p: Point) -> f32 {
        let off = sub(p, self.centre);
        let r2 = dot(off, off) / (self.sigma * self.sigma);
        if r2 < 9.0 { self.by * (-0.5 * r2).exp() } else { 0.0 }
    }
}

/// What is common to all bones of a film.
pub struct Look {
    /// Palm or foot width in pixels.
    pub unit: f32,
    /// Contrast of the trabeculae, 1 is usual.
    pub texture: f32,
    /// Offset into the noise, so that films differ.
    pub phase: f32,
    /// Osteopenia.
    pub pale: Vec<Pale>,
    /// Narrowing of irregular joints.
    pub swell: Vec<Swell>,
}

/// A bridge of bone across a joint space: a capsule whose attenuation fills what is darker.
#[derive(Clone, Copy, Debug)]
pub struct Bridge {
    /// One end.
    pub a: Point,
    /// The other end.
    pub b: Point,
    /// Radius in pixels.
    pub radius: f32,
}

struct Window {
    x0: usize,
    y0: usize,
    x1: usize,
    y1: usize,
}

impl Window {
    fn around(points: &[Point], margin: f32, field: &Field) -> Option<Self> {
        let fold = |k: usize, f: fn(f32, f32) -> f32, start: f32| points.iter().map(|p| p[k]).fold(start, f);
        let low = |k| (fold(k, f32::min, f32::MAX) - margin).max(0.0) as usize;
        let high = |k, most: usize| ((fold(k, f32::max, f32::MIN) + margin + 1.0).max(0.0) as usize).min(most);
        let window = Self { x0: low(0), y0: low(1), x1: high(0, field.width), y1: high(1, field.height) };
        (window.x0 < window.x1 && window.y0 < window.y1).then_some(window)
    }
}

/// Distance into a polygon (negative outside).
pub fn depth_inside(p: Point, outline: &[Point]) -> f32 {
    let (mut nearest, mut inside) = (f32::MAX, false);
    let mut a = outline[outline.len() - 1];
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

/// Distance into the bone on a coarse grid: outline, swelling towards neighbours, growth plates and a little roughness.
fn distances(bone: &Bone, look: &Look, window: &Window, step: usize) -> Field {
    let columns = (window.x1 - window.x0).div_ceil(step) + 2;
    let rows = (window.y1 - window.y0).div_ceil(step) + 2;
    let mut field = Field::new(columns, rows);
    let axis = direction(bone.base, bone.head);
    let rough = 0.004 * look.unit;
    for row in 0..rows {
        for column in 0..columns {
            let p = [(window.x0 + column * step) as f32, (window.y0 + row * step) as f32];
            let mut d = depth_inside(p, &bone.outline);
            let q = [p[0] * 40.0 / look.unit + look.phase, p[1] * 40.0 / look.unit];
            d += rough * CLOUDS.at(q[0], q[1]);
            for swell in &look.swell {
                d += swell.at(p);
            }
            let along = dot(sub(p, bone.base), axis);
            for physis in &bone.physes {
                let wave = physis.width * 0.7 * CLOUDS.at(q[0] * 2.0, q[1] * 2.0 + 77.0);
                let beyond = along - physis.at - wave;
                d = d.min(beyond.abs() - 0.5 * physis.width);
                if (beyond < 0.0) == physis.at_base {
                    d -= physis.shrink;
                }
            }
            field.values[row * columns + column] = d;
        }
    }
    field
}

/// Share of the thickness that a defect leaves at a point, and the sclerosis of its rim.
fn through_bite(bite: &Bite, p: Point) -> (f32, f32) {
    let off = sub(p, bite.centre);
    let r = len(off);
    if r > 2.2 * bite.radius {
        return (1.0, 0.0);
    }
    let lobe = CLOUDS.at(bite.phase + off[0] / bite.radius * 11.0, bite.phase * 1.7 + off[1] / bite.radius * 11.0);
    let edge = bite.radius * (1.0 + 0.26 * lobe.clamp(-2.0, 2.0));
    let soft = bite.softness * bite.radius;
    let gone = bite.depth * (1.0 - smooth(edge - soft, edge + soft, r));
    let rim = bite.rim * (1.0 - ((r - edge - soft) / (0.22 * bite.radius)).abs()).max(0.0);
    (1.0 - gone, rim)
}

/// Length of a ray through a rounded slab of half thickness 1 whose edge is `d` away, the rounding being 1 wide.
fn chord(d: f32) -> f32 {
    let x = 1.0 - d.clamp(0.0, 1.0);
    (1.0 - x * x).sqrt()
}

/// Adds a bone to the field: the larger of the two where they overlap, and a share of the smaller.
pub fn bone(field: &mut Field, bone: &Bone, look: &Look) {
    let unit = look.unit;
    let step = ((unit / 190.0).round() as usize).clamp(1, 4);
    let swell = look.swell.iter().fold(0.0_f32, |most, s| most.max(s.by));
    let Some(window) = Window::around(&bone.outline, swell + 2.0, field) else { return };
    let grid = distances(bone, look, &window, step);
    let (axis, length) = (direction(bone.base, bone.head), bone.length().max(1.0));
    let side = right(axis);
    let scale = 340.0 / unit;
    // Struts run along a long bone and every way in a carpal; on small films they are too fine to be seen.
    let across = if bone.shaft == IRREGULAR { 1.3 } else { 2.0 };
    let visible = (unit / 300.0).clamp(0.4, 1.0);
    let overlap = bone.overlap();
    for y in window.y0..window.y1 {
        for x in window.x0..window.x1 {
            let d = grid.at([(x - window.x0) as f32 / step as f32, (y - window.y0) as f32 / step as f32]);
            if d <= -0.5 {
                continue;
            }
            let p = [x as f32, y as f32];
            let off = sub(p, bone.base);
            let (along, aside) = (dot(off, axis), dot(off, side));
            let t = along / length;
            let (half, cortex) = bone.girth_at(t);
            let shaft = bone.shaft_at(t);
            let edge = half * mix(bone.steep, 1.0, shaft);
            let mut mineral = bone.mineral;
            for pale in &look.pale {
                let off = sub(p, pale.centre);
                let r2 = dot(off, off) / (pale.sigma * pale.sigma);
                if r2 < 9.0 {
                    mineral *= 1.0 - pale.loss * (-0.5 * r2).exp();
                }
            }
            let d = d + 0.5;
            let outer = half * chord(d / edge);
            let thin = cortex * mix(0.75, 1.0, mineral.min(1.0));
            let inner = ((half - thin) * chord((d - thin).max(0.0) / (edge - thin).max(0.3 * edge))).clamp(0.0, outer);
            let mesh = visible * TRABECULAE.at(aside * scale * across + look.phase, along * scale * 0.75 + look.phase);
            let cloud = CLOUDS.at(p[0] * scale * 0.35 + look.phase, p[1] * scale * 0.35);
            let grain = 1.0 + look.texture * (mix(0.17, 0.13, shaft) * mesh + 0.05 * cloud);
            let spongy = mix(SPONGY_END, SPONGY_SHAFT, shaft) * grain.max(0.2);
            let plate = 1.0 + 0.05 * look.texture * mesh;
            let mut value = 2.0 * mineral * (CORTEX * plate * (outer - inner) + spongy * inner) / unit;
            for bite in &bone.bites {
                let (left, rim) = through_bite(bite, p);
                value *= left * (1.0 + rim);
            }
            let (own, place) = (value * d.min(1.0), &mut field.values[y * field.width + x]);
            *place = place.max(own) + overlap * place.min(own);
        }
    }
}

/// Fills a joint space with bone: takes the larger of what is there and a capsule of spongy bone.
pub fn bridge(field: &mut Field, bridge: &Bridge, look: &Look, half: f32, mineral: f32) {
    let Some(window) = Window::around(&[bridge.a, bridge.b], bridge.radius + 1.0, field) else { return };
    let scale = 340.0 / look.unit;
    for y in window.y0..window.y1 {
        for x in window.x0..window.x1 {
            let p = [x as f32, y as f32];
            let (r, t) = to_segment(p, bridge.a, bridge.b);
            let d = bridge.radius - r;
            if d <= 0.0 {
                continue;
            }
            let off = sub(p, lerp(bridge.a, bridge.b, t));
            let mesh = TRABECULAE.at((p[0] + off[0]) * scale * 0.8, p[1] * scale * 0.8 + look.phase);
            let spongy = SPONGY_END * 1.15 * (1.0 + 0.2 * look.texture * mesh).max(0.2);
            let value = 2.0 * mineral * spongy * half * chord(d / (0.6 * bridge.radius)) / look.unit;
            let place = &mut field.values[y * field.width + x];
            *place = place.max(value);
        }
    }
}
