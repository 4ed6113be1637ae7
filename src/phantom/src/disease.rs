//! From grades to what a joint looks like: how much of its space is left, where the axis goes, and which bites are missing from its bones.

use crate::bone::{Bite, Bone, THICKNESS};
use crate::dice::Dice;
use crate::plane::Point;

/// The space of a joint against a healthy one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Space {
    /// Share of the space that is left; negative where the bones overlap on the film.
    pub left: f32,
    /// Share of the space that is lost on one side only (doubtful, focal narrowing).
    pub focal: f32,
    /// Sideways shift of the distal bone, in half-widths of its base.
    pub shift: f32,
    /// Overlap of luxated bones, in half-widths of the base.
    pub overlap: f32,
    /// The space is filled with bone.
    pub fused: bool,
}

/// The space at a narrowing grade: 1 focal or doubtful, 2 more than half left, 3 less than half or subluxation, 4 ankylosis or complete luxation.
pub fn space(grade: u8, dice: &mut Dice) -> Space {
    // Drawn in full at every grade, so that streams do not shift between grades.
    let (u, v, kind, side) = (dice.unit(), dice.unit(), dice.unit(), dice.sign());
    let normal = Space { left: 0.92 + 0.22 * u, focal: 0.0, shift: 0.06 * (v - 0.5), overlap: 0.0, fused: false };
    match grade {
        0 => normal,
        1 if kind < 0.5 => Space { left: 0.90 + 0.1 * u, focal: 0.5 + 0.25 * v, ..normal },
        1 => Space { left: 0.74 + 0.10 * u, ..normal },
        2 => Space { left: 0.52 + 0.12 * u, ..normal },
        3 if kind < 0.35 => Space { left: 0.35 + 0.3 * u, shift: side * (0.38 + 0.3 * v), overlap: 0.2 * u, ..normal },
        3 => Space { left: 0.02 + 0.36 * u, ..normal },
        _ if kind < 0.55 => Space { left: -0.1 * u, fused: true, ..normal },
        _ => Space { left: 0.0, shift: side * (0.7 + 0.5 * v), overlap: 0.55 + 0.55 * u, ..normal },
    }
}

/// Radii of the bites at each erosion grade of one site, in half-widths of the bone. Each row holds the one above: bone is only ever lost.
const RADII: [&[f32]; 6] = [&[], &[0.38], &[0.50, 0.32], &[0.66, 0.44, 0.26], &[0.80, 0.64, 0.48, 0.32], &[0.90, 0.80, 0.68, 0.55, 0.42]];

/// Bites of one site: radius in half-widths and the number of the place it is at, most severe first.
pub fn bites(grade: u8, places: usize, dice: &mut Dice) -> Vec<(usize, f32)> {
    let mut order: Vec<usize> = (0..places).collect();
    for last in (1..places).rev() {
        order.swap(last, dice.index(last + 1));
    }
    // The first places are the bare areas, where erosions begin: bring one of them to the front.
    let first = dice.index(2.min(places));
    order.retain(|place| *place != first);
    order.insert(0, first);
    let size: Vec<f32> = (0..5).map(|_| dice.range(0.9, 1.15)).collect();
    let radii = RADII[usize::from(grade).min(RADII.len() - 1)];
    radii.iter().zip(order).zip(size).map(|((radius, place), size)| (place, radius * size)).collect()
}

/// A fresh or a healed bite.
pub fn bite(centre: Point, radius: f32, dice: &mut Dice) -> Bite {
    let healed = dice.chance(0.35);
    let (depth, softness) = (dice.range(0.75, 0.97), dice.range(0.12, 0.45));
    Bite { centre, radius, depth, softness, rim: if healed { dice.range(0.1, 0.3) } else { 0.0 }, phase: dice.range(0.0, 400.0) }
}

/// A harmless cyst: inside the bone, the cortex whole, often with a dense rim.
pub fn cyst(centre: Point, radius: f32, dice: &mut Dice) -> Bite {
    Bite { centre, radius, depth: dice.range(0.15, 0.4), softness: 0.25, rim: dice.range(0.05, 0.3), phase: dice.range(0.0, 400.0) }
}

/// Which end of a long bone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The base, towards the trunk.
    Base,
    /// The head, towards the fingertip.
    Head,
}

/// Places of bites at an end, in half-widths of it: from the end inward, and aside. The first two are the bare areas.
const HEAD: [(f32, f32); 5] = [(0.85, 1.0), (0.85, -1.0), (0.42, 0.85), (0.30, -0.72), (0.50, 0.05)];
const BASE: [(f32, f32); 5] = [(0.30, 1.02), (0.30, -1.02), (0.10, 0.66), (0.10, -0.6), (0.35, 0.05)];

/// Bites a bone's end at an erosion grade of 0 to 5.
pub fn erode(bone: &mut Bone, end: End, grade: u8, dice: &mut Dice) {
    let length = bone.length();
    let (places, half) = match end {
        End::Base => (BASE, bone.girth.half[0] / THICKNESS),
        End::Head => (HEAD, bone.girth.half[2] / THICKNESS),
    };
    for (place, radius) in bites(grade, places.len(), dice) {
        let (inward, aside) = places[place];
        let along = if end == End::Base { inward * half } else { length - inward * half };
        let centre = bone.local(along, aside * half);
        let made = bite(centre, radius * half, dice);
        bone.bites.push(made);
    }
}

/// Bites an irregular bone at the given places of its outline; `half` is its half-width in pixels.
pub fn erode_at(bone: &mut Bone, places: &[Point], half: f32, grade: u8, dice: &mut Dice) {
    for (place, radius) in bites(grade, places.len(), dice) {
        let made = bite(places[place], radius * half, dice);
        bone.bites.push(made);
    }
}

/// Splits a foot's grade (0-10) into its two bones' (0-5 each): proximal, distal.
pub fn split_foot(grade: u8, dice: &mut Dice) -> (u8, u8) {
    let share = dice.range(0.45, 1.0);
    let proximal = ((f32::from(grade) * share).round() as u8).clamp(grade.saturating_sub(5), grade.min(5));
    (proximal, grade - proximal)
}

/// Splits a hand's grade (0-5) into its two bones': the joint as a whole keeps its grade, most of it on the head; a collapse (5) takes both.
pub fn split_hand(grade: u8, dice: &mut Dice) -> (u8, u8) {
    let (head_first, both) = (dice.chance(0.68), dice.chance(0.5));
    let (major, minor) = match grade {
        0..=2 => (grade, 0),
        3 | 4 if both => (grade - 1, 1),
        3 | 4 => (grade, 0),
        _ => (5, 3),
    };
    if head_first { (major, minor) } else { (minor, major) }
}
