//! The projection: attenuation summed along the rays through each solid, and rings.

use crate::field::{Field, Window};
use crate::plane::{Point, dot, mix, sub, to_segment};
use crate::short_bone::ShortBone;
use crate::solid::{Shape, Solid};
use crate::space::{Point3, add3, flat, mul3};
use crate::texture::{CLOUDS, LATTICE, STRUTS, TRABECULAE};

/// Attenuation of a unit (palm width) of cortex; a palm width of soft tissue is 1.
const CORTEX: f32 = 5.6;

/// A part of the field where bone is thinner in mineral: juxta-articular osteopenia.
#[derive(Clone, Copy, Debug)]
pub struct Pale {
    /// Centre in pixels.
    pub centre: Point,
    /// Deviation in pixels.
    pub sigma: f32,
    /// Share of the mineral lost at the centre.
    pub loss: f32,
}

/// A place where bones grow towards each other: narrowing of joints between short bones.
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

/// A ring on a finger, seen from the side: a capsule.
#[derive(Clone, Copy, Debug)]
pub struct Ring {
    /// One end.
    pub a: Point,
    /// The other end.
    pub b: Point,
    /// Radius in pixels.
    pub radius: f32,
    /// Half thickness of the metal in units, against spongy bone.
    pub metal: f32,
}

/// What is common to all bones of a film.
pub struct Look {
    /// Palm or foot width in pixels.
    pub unit: f32,
    /// Contrast of the trabeculae, 1 is usual.
    pub texture: f32,
    /// Distance of trabeculae from each other, 1 is usual.
    pub mesh: f32,
    /// Share of the fine lattice along the lines of load in their pattern; the rest is coarser struts.
    pub lattice: f32,
    /// Offset into the noise, so that films differ.
    pub phase: f32,
    /// Osteopenia.
    pub pale: Vec<Pale>,
    /// Narrowing between short bones.
    pub swell: Vec<Swell>,
}

/// Lengths of a ray within a solid, weighed by density: cortex and spongy bone, in pixels.
#[derive(Clone, Copy, Default)]
struct Path {
    cortex: f32,
    spongy: f32,
}

/// Adds a solid to the field.
pub fn project(field: &mut Field, solid: &Solid, look: &Look) {
    match &solid.shape {
        Shape::Long(_) => project_long(field, solid, look),
        Shape::Short(bone) => project_short(field, solid, bone, look),
    }
}

/// Pixels between samples of a ray: some 45 through the head of a metacarpal.
fn step_of(look: &Look) -> f32 {
    (look.unit / 240.0).max(0.6)
}

fn project_long(field: &mut Field, solid: &Solid, look: &Look) {
    let Shape::Long(bone) = &solid.shape else { return };
    let reach = 1.05 * solid.reach() + 2.0;
    let ends = [flat(solid.frame.origin), flat(solid.frame.global([0.0, bone.length, 0.0]))];
    let Some(window) = Window::around(&ends, reach, field) else { return };
    let rise = solid.frame.rise();
    let steep = (rise[0] * rise[0] + rise[2] * rise[2]).max(1e-4);
    let step = step_of(look);
    for y in window.y0..window.y1 {
        for x in window.x0..window.x1 {
            let at = solid.frame.local([x as f32, y as f32, 0.0]);
            // Where the ray is nearest to the axis, and how much of it can lie within reach.
            let z = -(at[0] * rise[0] + at[2] * rise[2]) / steep;
            let middle = add3(at, mul3(rise, z));
            let nearest = middle[0] * middle[0] + middle[2] * middle[2];
            if nearest >= reach * reach || middle[1] < -1.5 * reach || middle[1] > bone.length + 1.5 * reach {
                continue;
            }
            let half = ((reach * reach - nearest) / steep).sqrt();
            let path = march(solid, middle, rise, half, step, |p| bone.depth(p));
            deposit(field, solid, look, (x, y), middle, path);
        }
    }
}

fn project_short(field: &mut Field, solid: &Solid, bone: &ShortBone, look: &Look) {
    let swell = look.swell.iter().fold(0.0_f32, |most, s| most.max(s.by));
    let corners: Vec<Point> = bone.palmar.iter().chain(&bone.dorsal).copied().collect();
    let Some(window) = Window::around(&corners, swell + 2.0, field) else { return };
    let grid = ((look.unit / 190.0).round() as usize).clamp(1, 4);
    let rough = 0.004 * look.unit;
    let grids = bone.grids(window, grid, |p| {
        let q = [p[0] * 40.0 / look.unit + look.phase, p[1] * 40.0 / look.unit];
        rough * CLOUDS.at(q[0], q[1]) + look.swell.iter().map(|s| s.at(p)).sum::<f32>()
    });
    let step = step_of(look);
    for y in window.y0..window.y1 {
        for x in window.x0..window.x1 {
            let at = solid.frame.local([x as f32, y as f32, solid.frame.origin[2]]);
            let film = [x as f32, y as f32, 0.0];
            let levels = grids.at(film);
            if levels.palmar.max(levels.dorsal) < -1.0 {
                continue;
            }
            let path = march(solid, at, [0.0, 0.0, 1.0], bone.half + 1.0, step, |p| bone.depth(levels, p[2]));
            deposit(field, solid, look, (x, y), at, path);
        }
    }
}

/// Sums density along a ray through the local point `middle`, `half` pixels to either side.
fn march(solid: &Solid, middle: Point3, rise: Point3, half: f32, step: f32, depth: impl Fn(Point3) -> f32) -> Path {
    let (start, length) = solid.axis();
    let count = (2.0 * half / step).ceil().max(1.0) as usize;
    let first = add3(middle, mul3(rise, -0.5 * step * (count - 1) as f32));
    let edge = step.max(1.0);
    let plain = solid.cavities.is_empty();
    let mut path = Path::default();
    let mut k = 0;
    while k < count {
        let p = add3(first, mul3(rise, step * k as f32));
        let mut d = depth(p);
        if !solid.physes.is_empty() {
            d = solid.with_physes(d, p);
        }
        if d < -0.5 * edge {
            // Depths outside are no true distances: half of one is safe.
            k += ((-d - edge) * 0.45 / step).max(1.0) as usize;
            continue;
        }
        let (thick, spongy, _) = solid.material.at((p[1] - start) / length);
        let inside = (d / edge + 0.5).min(1.0);
        let t = ((d - thick) / (0.5 * thick + 0.5 * step)).clamp(-1.0, 1.0);
        let shell = 0.5 - 0.25 * t * (3.0 - t * t);
        let left = inside * if plain { 1.0 } else { solid.left(p) };
        path.cortex += left * shell;
        path.spongy += left * (1.0 - shell) * spongy;
        k += 1;
    }
    path.cortex *= step;
    path.spongy *= step;
    path
}

/// Adds the attenuation of a path, with the pattern of trabeculae, to a pixel.
fn deposit(field: &mut Field, solid: &Solid, look: &Look, pixel: (usize, usize), local: Point3, path: Path) {
    if path.cortex + path.spongy <= 0.0 {
        return;
    }
    let film = [pixel.0 as f32, pixel.1 as f32];
    let mut mineral = solid.material.mineral;
    let mut porous = 0.0;
    for pale in &look.pale {
        let off = sub(film, pale.centre);
        let r2 = dot(off, off) / (pale.sigma * pale.sigma);
        if r2 < 9.0 {
            let loss = pale.loss * (-0.5 * r2).exp();
            mineral *= 1.0 - loss;
            porous += loss;
        }
    }
    for spot in &solid.spots {
        let off = [(local[0] - spot.centre[0]) / spot.sigma[0], (local[1] - spot.centre[1]) / spot.sigma[1]];
        let r2 = dot(off, off);
        if r2 < 9.0 {
            mineral *= 1.0 + spot.gain * (-0.5 * r2).exp();
        }
    }
    let (start, length) = solid.axis();
    let (_, _, shaft) = solid.material.at((local[1] - start) / length);
    // Struts run along a long bone and every way in a short one; on small films they are too fine to be seen.
    let long = matches!(solid.shape, Shape::Long(_)) || solid.material.shaft[0] < 0.0;
    // Finer than three pixels they are lost in what a pixel averages over.
    let visible = (0.012 * look.mesh * look.unit / 3.0).clamp(0.3, 1.0);
    // Ridges of the tiles lie 8 tile pixels apart; struts of a hand some 0.012 palm widths.
    let scale = 660.0 / (look.unit * look.mesh);
    let [u, s] = [local[0] * scale, local[1] * scale];
    // Bent coordinates: no strut is straight, no two alike.
    let (bend, wave) = (CLOUDS.at(u * 1.3 + look.phase, s * 1.3), CLOUDS.at(s * 1.1 - look.phase, u * 1.1 + 90.0));
    let [u, s] = [u + 3.5 * bend, s + 3.5 * wave];
    let every = TRABECULAE.at(u * 0.9 + look.phase, s * 0.9 - look.phase);
    let mesh = if long {
        // Along the axis in the shaft, fanning out towards the ends, with cross-struts between.
        let fan = 1.0 + 0.25 * (1.0 - shaft);
        let turned = [0.8 * u + 0.6 * s, 0.8 * s - 0.6 * u];
        0.7 * STRUTS.at(u * fan + look.phase, s * 0.7 + look.phase)
            + 0.35 * STRUTS.at(turned[0] * 0.8, turned[1] * 0.7 + look.phase)
            + 0.5 * (1.0 - 0.4 * shaft) * every
    } else {
        0.9 * every
            + 0.35 * STRUTS.at(0.9 * u + 0.4 * s + look.phase, 0.7 * (s - 0.4 * u))
            + 0.3 * TRABECULAE.at(u * 0.45, s * 0.45 + look.phase)
    };
    // The lattice follows the axis, and in short bones the forearm.
    let lattice = LATTICE.at(u * 1.5 + 0.5 * look.phase, s * 1.5 - look.phase);
    let mesh = mix(mesh, lattice, look.lattice).clamp(-2.5, 2.5) * visible;
    let coarse = 340.0 / look.unit;
    let cloud = CLOUDS.at(film[0] * coarse * 0.35 + look.phase, film[1] * coarse * 0.35);
    let grain = 1.0 + look.texture * (mix(if long { 0.30 } else { 0.24 }, 0.20, shaft) * (1.0 + porous) * mesh + 0.07 * cloud);
    let plate = 1.0 + 0.06 * look.texture * mesh;
    let value = mineral * CORTEX * (plate * path.cortex + grain.max(0.2) * path.spongy) / look.unit;
    field.values[pixel.1 * field.width + pixel.0] += value;
}

/// Lays a ring on the field; what is denser stays.
pub fn ring(field: &mut Field, ring: &Ring) {
    let Some(window) = Window::around(&[ring.a, ring.b], ring.radius + 1.0, field) else { return };
    for y in window.y0..window.y1 {
        for x in window.x0..window.x1 {
            let depth = ring.radius - to_segment([x as f32, y as f32], ring.a, ring.b).0;
            if depth <= 0.0 {
                continue;
            }
            let from_edge = 1.0 - (depth / (0.6 * ring.radius)).clamp(0.0, 1.0);
            let value = 0.72 * CORTEX * ring.metal * (1.0 - from_edge * from_edge).sqrt();
            let place = &mut field.values[y * field.width + x];
            *place = place.max(value);
        }
    }
}
