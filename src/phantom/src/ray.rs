//! A ray of a hand or foot: a chain of long bones from carpus or tarsus to the tip, with the joints between them.

use svh_core::Task;

use crate::body::{Anatomy, Body};
use crate::disease::{self, End, Space};
use crate::form::{Fit, Form, Girths, Head};
use crate::fusion::Fusion;
use crate::grades::LimbGrades;
use crate::plane::{Point, add, direction, len, mix, mul, right, sub};
use crate::raysum::Pale;
use crate::seeded_rng::SeededRng;
use crate::solid::{Material, Part, Physis, Shape, Solid, Spot};
use crate::space::{Frame, Point3, add3, at_height, flat, mul3};

/// One bone of a ray: half-widths in units (palm or foot widths).
#[derive(Clone, Copy)]
pub struct Link {
    /// Its name.
    pub part: Part,
    /// Half-widths of base, waist and head.
    pub half: [f32; 3],
    /// The head's form.
    pub head: Head,
    /// Depth of the cup in the base against the curvature of the head that it meets; negative for a base that bulges.
    pub cup: f32,
    /// Where its growth plate is while it grows.
    pub physis: End,
    /// Turn about the axis and tilt out of the film's plane, radians.
    pub turn: f32,
    /// Tilt of the axis towards the source.
    pub pitch: f32,
}

/// A joint of a ray: the name of its grades, empty where it has none, its centre and its healthy space in units.
#[derive(Clone, Copy)]
pub struct Spacing {
    /// `mcp_2`, `mtp_ip`; empty for a joint that is not graded.
    pub name: &'static str,
    /// Centre in pixels.
    pub centre: Point,
    /// Healthy space in units.
    pub space: f32,
}

/// What is needed to build a ray.
pub struct Ray<'a> {
    /// The bones from the trunk to the tip.
    pub links: &'a [Link],
    /// The joints: before the first bone, between bones, and the tip (one more than bones).
    pub joints: &'a [Spacing],
    /// Palm or foot width in pixels.
    pub unit: f32,
    /// Height of the first bone's base over the middle of the limb, pixels.
    pub height: f32,
    /// The patient.
    pub body: &'a Body,
    /// The limb's grades.
    pub grades: &'a LimbGrades,
    /// Grades of erosion go to 10, split over the bones.
    pub foot: bool,
}

impl Ray<'_> {
    /// Adds the ray's bones with their disease.
    pub fn build(&self, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let spaces: Vec<Space> =
            self.joints.iter().map(|joint| disease::space(self.grades.shown(Task::Narrowing, joint.name), dice)).collect();
        let centres = self.centres();
        let mut shapes = dice.fork("fit");
        let fits: Vec<Fit> =
            self.links.iter().map(|link| Fit::draw(link.head, link.half[2] * self.unit * self.body.girth, &mut shapes)).collect();
        let first = anatomy.bones.len();
        for index in 0..self.links.len() {
            let bone = self.bone(index, &centres, &spaces, &fits, dice);
            anatomy.bones.push(bone);
        }
        for (index, space) in spaces.iter().enumerate().take(self.links.len()).skip(1) {
            self.sicken(anatomy, first + index, index, space, &mut dice.fork("joint"));
        }
    }

    /// The joints in three dimensions: a tilted bone is seen foreshortened.
    fn centres(&self) -> Vec<Point3> {
        let mut z = self.height;
        let mut centres = vec![at_height(self.joints[0].centre, z)];
        for (link, pair) in self.links.iter().zip(self.joints.windows(2)) {
            z += link.pitch.tan() * len(sub(pair[1].centre, pair[0].centre));
            centres.push(at_height(pair[1].centre, z));
        }
        centres
    }

    /// Pixels by which both bones stay off the joint's centre.
    fn half_gap(&self, index: usize, spaces: &[Space]) -> f32 {
        let (joint, space) = (&self.joints[index], &spaces[index]);
        let base = self.links.get(index).map_or(0.0, |link| link.half[0]) * self.unit * self.body.girth;
        0.5 * (joint.space * self.unit * self.body.space * space.left - space.overlap * base)
    }

    fn bone(&self, index: usize, centres: &[Point3], spaces: &[Space], fits: &[Fit], dice: &mut SeededRng) -> Solid {
        let link = &self.links[index];
        let straight = Frame::along(centres[index], centres[index + 1], link.turn);
        let width = self.unit * self.body.girth * dice.range(0.96, 1.04);
        let half = link.half.map(|half| half * width * dice.range(0.95, 1.05));
        let space = &spaces[index];
        let mut start = add3(centres[index], mul3(straight.axis, self.half_gap(index, spaces)));
        if index > 0 {
            // Luxated bones leave the line to the side and towards the palm.
            start = add3(start, mul3(straight.lateral, space.shift * half[0]));
            start = add3(start, [0.0, 0.0, -space.drop * half[0]]);
        }
        let end = add3(centres[index + 1], mul3(straight.axis, -self.half_gap(index + 1, spaces)));
        let frame = Frame::along(start, end, link.turn);
        let length = {
            let d = [end[0] - start[0], end[1] - start[1], end[2] - start[2]];
            (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).sqrt().max(1.2 * half[0].max(half[2]))
        };
        let slant = if index > 0 && space.focal != 0.0 {
            space.focal * self.joints[index].space * self.unit * self.body.space / half[0]
        } else {
            0.0
        };
        let girths = Girths { base: half[0], waist: half[1], head: half[2], spur: self.body.spurs * dice.unit() };
        let base_fit = index.checked_sub(1).map(|before| fits[before]);
        // Metacarpals are tilted, yet their bases face the carpus: the ray runs along those, or nearly so.
        let lean = if index == 0 && !self.foot {
            let [_, along, up] = frame.rise();
            -dice.fork("lean").range(0.7, 1.0) * along / up.max(0.5)
        } else {
            0.0
        };
        let form =
            Form { head: link.head, fit: fits[index], base_fit, cup: link.cup, slant, lean, flare: if self.foot { -0.16 } else { -0.06 } };
        let bone = form.build(length, girths, dice);
        let (c, u) = (self.body.cortex, self.unit);
        let compact = (0.42 * half[1] * c * dice.range(0.85, 1.15)).min(0.85 * half[1]);
        let rind = |dice: &mut SeededRng| u * c * dice.range(0.005, 0.012);
        let material = Material {
            cortex: [rind(dice), compact, rind(dice)],
            spongy: [dice.range(0.24, 0.36) * self.body.spongy, dice.range(0.05, 0.12) * self.body.spongy],
            shaft: [dice.range(0.06, 0.14), dice.range(0.28, 0.40), dice.range(0.60, 0.72), dice.range(0.84, 0.94)],
            mineral: self.body.mineral,
        };
        let physes = self.physis(link, length, half[0].max(half[2]), dice);
        let outline = silhouette(&frame, &bone);
        let mut solid =
            Solid { part: link.part, frame, shape: Shape::Long(bone), outline, material, cavities: Vec::new(), physes, spots: Vec::new() };
        vary(&mut solid, half, length, &mut dice.fork("variety"));
        solid
    }

    fn physis(&self, link: &Link, length: f32, half: f32, dice: &mut SeededRng) -> Vec<Physis> {
        let young = 1.0 - self.body.maturity;
        let (jitter, bow, phase) = (dice.range(0.85, 1.15), dice.range(-0.1, 0.45), dice.range(0.0, 6.0));
        if young <= 0.0 || (young < 0.12 && dice.chance(0.5)) {
            return Vec::new();
        }
        let at_base = link.physis == End::Base;
        let usual = match link.part {
            _ if !at_base => 1.3,
            Part::Meta(_) | Part::Proximal(_) => 0.58,
            _ => 0.46,
        };
        let size = (usual * half * mix(0.6, 1.0, self.body.maturity) * jitter).min(0.26 * length);
        let at = if at_base { size } else { length - size };
        let width = self.unit * (0.006 + 0.024 * young) * jitter;
        let bow = if at_base { -bow } else { bow } / half;
        vec![Physis { at, middle: 0.0, width, at_base, shrink: half * (0.32 * (young - 0.35)).max(0.0), slope: 0.0, bow, phase }]
    }

    /// Adds what disease does to the joint before the bone `index`.
    fn sicken(&self, anatomy: &mut Anatomy, bone: usize, index: usize, space: &Space, dice: &mut SeededRng) {
        let joint = self.joints[index];
        let erosion = self.grades.shown(Task::Erosion, joint.name);
        let narrowing = self.grades.shown(Task::Narrowing, joint.name);
        let (proximal, distal) = if self.foot { disease::split_foot(erosion, dice) } else { disease::split_hand(erosion, dice) };
        disease::erode_end(&mut anatomy.bones[bone - 1], End::Head, proximal, &mut dice.fork("head"));
        disease::erode_end(&mut anatomy.bones[bone], End::Base, distal, &mut dice.fork("base"));
        let half = disease::half_width(&anatomy.bones[bone], End::Base);
        if space.fused {
            let fusion = fused(&anatomy.bones[bone - 1], joint.centre, half, &mut dice.fork("fusion"));
            anatomy.fusions.extend(fusion);
        }
        let sick = (f32::from(narrowing) / 4.0).max(f32::from(erosion) / if self.foot { 10.0 } else { 5.0 });
        let loss = sick.sqrt() * dice.range(0.0, 0.32);
        if loss > 0.02 {
            anatomy.pale.push(Pale { centre: joint.centre, sigma: dice.range(1.2, 2.2) * half, loss });
        }
        if dice.chance(0.08) {
            disease::cyst(&mut anatomy.bones[bone - 1], End::Head, dice);
        }
        if dice.chance(0.04) {
            disease::cyst(&mut anatomy.bones[bone], End::Base, dice);
        }
    }
}

/// A fused joint: its line follows the head's surface.
fn fused(before: &Solid, centre: Point, half: f32, dice: &mut SeededRng) -> Option<Fusion> {
    let Shape::Long(bone) = &before.shape else { return None };
    let (base, head) = (flat(before.frame.origin), flat(before.frame.global([0.0, bone.length, 0.0])));
    let across = direction(base, head);
    let line = [-0.7 * half, 0.0, 0.7 * half].map(|u| {
        let back = bone.end_drop(true, u, 0.0);
        add(centre, add(mul(right(across), u), mul(across, -back)))
    });
    Some(Fusion::through(line, across, half * dice.range(0.85, 1.2), half * dice.range(0.40, 0.55), dice.range(0.6, 1.0)))
}

/// Harmless unevenness: pores between trabeculae, islands of dense bone, the canal of a nutrient vessel.
fn vary(solid: &mut Solid, half: [f32; 3], length: f32, dice: &mut SeededRng) {
    for (end, w) in [(0.0, half[0]), (length, half[2])] {
        for _ in 0..dice.index(5) {
            let away = dice.range(0.1, 1.6) * w;
            let centre = [dice.range(-0.75, 0.75) * w, if end > 0.0 { end - away } else { away }];
            let sigma = dice.range(0.04, 0.13) * w;
            solid.spots.push(Spot { centre, sigma: [sigma, sigma * dice.range(0.8, 1.8)], gain: dice.range(-0.16, 0.10) });
        }
        if dice.chance(0.04) {
            let centre = [dice.range(-0.6, 0.6) * w, (end - dice.range(0.3, 1.2) * w).abs()];
            solid.spots.push(Spot { centre, sigma: [0.07 * w, 0.09 * w], gain: dice.range(0.15, 0.4) });
        }
    }
    if dice.chance(0.35) {
        let centre = [dice.range(-0.4, 0.4) * half[1], dice.range(0.35, 0.65) * length];
        solid.spots.push(Spot { centre, sigma: [0.10 * half[1], dice.range(0.04, 0.10) * length], gain: -dice.range(0.04, 0.16) });
    }
}

/// The outline of a long bone on the film at the height of its axis.
fn silhouette(frame: &Frame, bone: &crate::long_bone::LongBone) -> Vec<Point> {
    let steps = 24;
    let side = |angle: f32| {
        (0..=steps).map(move |k| {
            let s = bone.length * k as f32 / steps as f32;
            flat(frame.global(bone.margin(s, angle)))
        })
    };
    let mut points: Vec<Point> = side(0.0).collect();
    let mut back: Vec<Point> = side(std::f32::consts::PI).collect();
    back.reverse();
    points.append(&mut back);
    points
}

/// Points along a chain that bends a little at each joint: from `from` in a direction, links of the given lengths.
pub fn onward(from: Point, mut axis: Point, lengths: &[f32], bend: &[f32]) -> Vec<Point> {
    let mut points = Vec::with_capacity(lengths.len());
    let mut at = from;
    for (length, bend) in lengths.iter().zip(bend) {
        axis = crate::plane::turned(axis, *bend);
        at = add(at, mul(axis, *length));
        points.push(at);
    }
    points
}
