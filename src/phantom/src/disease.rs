//! From grades to what a joint looks like: how much of its space is left, where the axis goes, and which pieces are missing from its bones.

use crate::plane::Point;
use crate::seeded_rng::SeededRng;
use crate::solid::{Cavity, Shape, Solid};
use crate::space::Point3;

/// The space of a joint against a healthy one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Space {
    /// Share of the space that is left; negative where the bones overlap on the film.
    pub left: f32,
    /// Share of the space that is lost on one side only (doubtful, focal narrowing); its sign is the side.
    pub focal: f32,
    /// Sideways shift of the distal bone, in half-widths of its base.
    pub shift: f32,
    /// Shift of the distal bone towards the palm, in half-widths of its base.
    pub drop: f32,
    /// Overlap of luxated bones, in half-widths of the base.
    pub overlap: f32,
    /// The space is filled with bone.
    pub fused: bool,
}

/// The space at a narrowing grade: 1 focal or doubtful, 2 more than half left, 3 less than half or subluxation, 4 ankylosis or complete luxation.
pub fn space(grade: u8, dice: &mut SeededRng) -> Space {
    // Drawn in full at every grade, so that streams do not shift between grades.
    let (u, v, kind, side) = (dice.unit(), dice.unit(), dice.unit(), dice.sign());
    let (deep, tip) = (dice.unit(), dice.unit());
    let normal = Space {
        left: 0.88 + 0.26 * u,
        focal: 0.10 * (tip - 0.5),
        shift: 0.08 * (v - 0.5),
        drop: 0.1 * (deep - 0.5),
        overlap: 0.0,
        fused: false,
    };
    match grade {
        0 => normal,
        1 if kind < 0.5 => Space { left: 0.84 + 0.1 * u, focal: side * (0.45 + 0.25 * v), ..normal },
        1 => Space { left: 0.70 + 0.10 * u, ..normal },
        2 => Space { left: 0.50 + 0.12 * u, ..normal },
        3 if kind < 0.35 => Space { left: 0.30 + 0.3 * u, shift: side * (0.36 + 0.3 * v), drop: 0.5 * deep, overlap: 0.4 * u, ..normal },
        3 => Space { left: 0.02 + 0.36 * u, ..normal },
        _ if kind < 0.5 => Space { left: -0.1 * u, fused: kind < 0.35, ..normal },
        // The tendons pull a luxated phalanx back along the bone that it has left, by up to the length of its head.
        _ => Space { left: 0.0, shift: side * (0.1 + 1.1 * v), drop: 0.4 + 0.9 * deep, overlap: 0.4 + 1.7 * u, ..normal },
    }
}

/// Radii of the defects at each erosion grade of one site, in half-widths of the bone. Each row holds the one above: bone is only ever lost.
const RADII: [&[f32]; 6] = [&[], &[0.36], &[0.46, 0.33], &[0.57, 0.45, 0.34], &[0.70, 0.58, 0.46, 0.36], &[0.90, 0.80, 0.68, 0.56, 0.45]];

/// Defects of one site: radius in half-widths and the number of the place it is at, most severe first.
fn defects(grade: u8, places: usize, dice: &mut SeededRng) -> Vec<(usize, f32)> {
    let mut order: Vec<usize> = (0..places).collect();
    for last in (1..places).rev() {
        order.swap(last, dice.index(last + 1));
    }
    // The first places are the bare areas, where erosions begin: bring one of them to the front.
    let first = dice.index(2.min(places));
    order.retain(|place| *place != first);
    order.insert(0, first);
    let size: Vec<f32> = (0..5).map(|_| dice.range(0.88, 1.16)).collect();
    let radii = RADII[usize::from(grade).min(RADII.len() - 1)];
    radii.iter().zip(order).zip(size).map(|((radius, place), size)| (place, radius * size)).collect()
}

/// A fresh or a healed erosion.
fn cavity(centre: Point3, radius: f32, dice: &mut SeededRng) -> Cavity {
    let healed = dice.chance(0.25);
    let mut way = || dice.range(-0.75, 0.75);
    let lobe = [way(), way(), way()];
    Cavity {
        centre,
        radius,
        stretch: [dice.range(0.85, 1.2), dice.range(0.85, 1.25), dice.range(0.9, 1.7)],
        lobe,
        phase: dice.range(0.0, 6.0),
        softness: (dice.range(0.04, 0.22) * radius).max(1.0),
        loss: dice.range(0.85, 1.0),
        rim: if healed { dice.range(0.15, 0.6) } else { 0.0 },
    }
}

/// A harmless cyst: inside the bone, the cortex whole, often with a dense rim.
pub fn cyst(solid: &mut Solid, end: End, dice: &mut SeededRng) {
    let half = half_width(solid, end);
    let (_, length) = solid.axis();
    let away = dice.range(0.45, 1.2) * half;
    let along = if end == End::Head { length - away } else { away };
    let radius = dice.range(0.10, 0.24) * half;
    let centre = [dice.range(-0.5, 0.5) * half, along, dice.range(-0.3, 0.3) * half];
    let made = Cavity {
        centre,
        radius,
        stretch: [1.0, dice.range(0.9, 1.3), 1.0],
        lobe: [0.0; 3],
        phase: 0.0,
        softness: (0.3 * radius).max(1.0),
        loss: dice.range(0.25, 0.9),
        rim: dice.range(0.0, 0.5),
    };
    solid.cavities.push(made);
}

/// Which end of a long bone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The base, towards the trunk.
    Base,
    /// The head, towards the fingertip.
    Head,
}

/// Half the width of a long bone's end; of a short bone half its thickness.
pub fn half_width(solid: &Solid, end: End) -> f32 {
    match &solid.shape {
        Shape::Long(bone) => match end {
            End::Base => bone.half_width(0.0),
            End::Head => bone.half_width(bone.length),
        },
        Shape::Short(bone) => bone.half,
    }
}

/// Erodes a bone's end at a grade of 0 to 5: at the bare areas of its margins, which appear in profile or, on the palmar and dorsal side, en face.
pub fn erode_end(solid: &mut Solid, end: End, grade: u8, dice: &mut SeededRng) {
    let Shape::Long(bone) = &solid.shape else { return };
    let half = half_width(solid, end);
    // Every place is drawn at every grade, so that more disease adds to what is there.
    let first_side = if dice.chance(0.5) { 0.0 } else { std::f32::consts::PI };
    let places: Vec<Point3> = (0..6)
        .map(|k| {
            let aside = if k % 2 == 0 { first_side } else { std::f32::consts::PI - first_side };
            let angle = if dice.chance(if k < 2 { 0.06 } else { 0.45 }) {
                dice.range(0.0, std::f32::consts::TAU)
            } else {
                aside + dice.clipped(0.35, 2.0)
            };
            let back = if end == End::Head { dice.range(0.02, 0.75) } else { dice.range(0.0, 0.38) } * half;
            let rim = bone.margin(if end == End::Head { bone.length } else { 0.0 }, angle);
            let drop = bone.end_drop(end == End::Head, rim[0], rim[2]);
            let along = if end == End::Head { bone.length - drop - back } else { drop + back };
            let margin = bone.margin(along, angle);
            let inward = dice.range(0.86, 1.04);
            [margin[0] * inward, along, margin[2] * inward]
        })
        .collect();
    for (place, radius) in defects(grade, places.len(), dice) {
        let made = cavity(places[place], radius * half, dice);
        solid.cavities.push(made);
    }
}

/// Erodes a short bone at the given places of its outline; `half` is its half-width in pixels.
pub fn erode_at(solid: &mut Solid, places: &[Point], half: f32, grade: u8, dice: &mut SeededRng) {
    let thick = half_width(solid, End::Base);
    let heights: Vec<f32> = places.iter().map(|_| dice.range(-0.6, 0.6) * thick).collect();
    for (place, radius) in defects(grade, places.len(), dice) {
        let [x, y] = places[place];
        let mut made = cavity([x, y, heights[place]], radius * half, dice);
        // A carpal's defects go through much of it: thin bone hides little.
        made.stretch[2] = dice.range(1.0, 1.6) * (thick / made.radius).clamp(1.0, 4.5);
        solid.cavities.push(made);
    }
}

/// Splits a foot's grade (0-10) into its two bones' (0-5 each): proximal, distal.
pub fn split_foot(grade: u8, dice: &mut SeededRng) -> (u8, u8) {
    let share = dice.range(0.45, 1.0);
    let proximal = ((f32::from(grade) * share).round() as u8).clamp(grade.saturating_sub(5), grade.min(5));
    (proximal, grade - proximal)
}

/// Splits a hand's grade (0-5) into its two bones': the joint as a whole keeps its grade, most of it on the head; a collapse (5) takes both.
pub fn split_hand(grade: u8, dice: &mut SeededRng) -> (u8, u8) {
    let (head_first, both) = (dice.chance(0.68), dice.chance(0.5));
    let (major, minor) = match grade {
        0..=2 => (grade, 0),
        3 | 4 if both => (grade - 1, 1),
        3 | 4 => (grade, 0),
        _ => (5, 3),
    };
    if head_first { (major, minor) } else { (minor, major) }
}
