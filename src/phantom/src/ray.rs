//! A ray of a hand or foot: a chain of long bones from carpus or tarsus to the tip, with the joints between them.

use crate::body::{Anatomy, Body};
use crate::bone::{Bone, Girth, Head, Part, Physis, THICKNESS, TUBULAR, Tube};
use crate::dice::Dice;
use crate::disease::{self, End, Space};
use crate::grades::LimbGrades;
use crate::paint::{Bridge, Pale, Swell};
use crate::plane::{Point, add, direction, len, mix, mul, right, sub};
use svh_core::Task;

/// One bone of a ray: half-widths in units (palm or foot widths).
#[derive(Clone, Copy)]
pub struct Link {
    /// Its name.
    pub part: Part,
    /// Half-widths of base, waist and head.
    pub half: [f32; 3],
    /// The head's form.
    pub form: Head,
    /// See [`Tube::hollow`].
    pub hollow: f32,
    /// Where its growth plate is while it grows.
    pub physis: End,
}

/// A joint of a ray: the name of its grades, empty where it has none, its centre and its healthy space in units.
#[derive(Clone, Copy)]
pub struct Spot {
    /// `mcp_2`, `mtp_ip`; empty for a joint that is not graded.
    pub name: &'static str,
    /// Centre in pixels.
    pub centre: Point,
    /// Healthy space in units.
    pub space: f32,
}

/// What is needed to draw a ray.
pub struct Ray<'a> {
    /// The bones from the trunk to the tip.
    pub links: &'a [Link],
    /// The joints: before the first bone, between bones, and the tip (one more than bones).
    pub spots: &'a [Spot],
    /// Palm or foot width in pixels.
    pub unit: f32,
    /// The patient.
    pub body: &'a Body,
    /// The limb's grades.
    pub grades: &'a LimbGrades,
    /// Grades of erosion go to 10, split over the bones.
    pub foot: bool,
}

impl Ray<'_> {
    /// Adds the ray's bones with their disease.
    pub fn build(&self, anatomy: &mut Anatomy, dice: &mut Dice) {
        let spaces: Vec<Space> =
            self.spots.iter().map(|spot| disease::space(self.grades.shown(Task::Narrowing, spot.name), dice)).collect();
        let first = anatomy.bones.len();
        for (index, link) in self.links.iter().enumerate() {
            let bone = self.bone(index, link, &spaces, dice);
            anatomy.bones.push(bone);
        }
        for (index, space) in spaces.iter().enumerate().take(self.links.len()).skip(1) {
            self.sicken(anatomy, first + index, index, space, &mut dice.fork("joint"));
        }
    }

    /// Pixels by which both bones stay off the joint's centre.
    fn half_gap(&self, index: usize, spaces: &[Space]) -> f32 {
        let (spot, space) = (&self.spots[index], &spaces[index]);
        let base = self.links.get(index).map_or(0.0, |link| link.half[0]) * self.unit * self.body.girth;
        0.5 * (spot.space * self.unit * self.body.space * space.left - space.overlap * base)
    }

    fn bone(&self, index: usize, link: &Link, spaces: &[Space], dice: &mut Dice) -> Bone {
        let (from, to) = (self.spots[index].centre, self.spots[index + 1].centre);
        let axis = direction(from, to);
        let width = self.unit * self.body.girth * dice.range(0.96, 1.04);
        let [base, waist, head] = link.half.map(|half| half * width * dice.range(0.96, 1.04));
        let mut start = add(from, mul(axis, self.half_gap(index, spaces)));
        if index > 0 {
            start = add(start, mul(right(axis), spaces[index].shift * base));
        }
        let end = sub(to, mul(axis, self.half_gap(index + 1, spaces)));
        let spur = self.body.spurs * dice.unit();
        let tube = Tube { base, waist, head, form: link.form, hollow: link.hollow * dice.range(0.6, 1.3), spur };
        let outline = tube.outline(start, end, || dice.range(0.965, 1.035));
        let (c, u) = (self.body.cortex, self.unit);
        let compact = (0.40 * waist * c).min(0.8 * waist);
        let girth = Girth { half: [THICKNESS * base, 0.98 * waist, THICKNESS * head], cortex: [0.0115 * u * c, compact, 0.0115 * u * c] };
        let physes = self.physis(link, len(sub(end, start)), base.max(head), dice);
        Bone {
            part: link.part,
            outline,
            base: start,
            head: end,
            girth,
            shaft: TUBULAR,
            steep: 0.5,
            physes,
            bites: Vec::new(),
            mineral: self.body.mineral,
        }
    }

    fn physis(&self, link: &Link, length: f32, half: f32, dice: &mut Dice) -> Vec<Physis> {
        let young = 1.0 - self.body.maturity;
        let jitter = dice.range(0.85, 1.15);
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
        let width = self.unit * (0.008 + 0.024 * young) * jitter;
        vec![Physis { at, width, at_base, shrink: half * (0.32 * (young - 0.35)).max(0.0) }]
    }

    /// Adds what disease does to the joint before the bone `index`.
    fn sicken(&self, anatomy: &mut Anatomy, bone: usize, index: usize, space: &Space, dice: &mut Dice) {
        let spot = self.spots[index];
        let erosion = self.grades.shown(Task::Erosion, spot.name);
        let narrowing = self.grades.shown(Task::Narrowing, spot.name);
        let (proximal, distal) = if self.foot { disease::split_foot(erosion, dice) } else { disease::split_hand(erosion, dice) };
        disease::erode(&mut anatomy.bones[bone - 1], End::Head, proximal, &mut dice.fork("head"));
        disease::erode(&mut anatomy.bones[bone], End::Base, distal, &mut dice.fork("base"));
        let half = anatomy.bones[bone].girth.half[0];
        let axis = direction(spot.centre, self.spots[index + 1].centre);
        if space.focal > 0.0 {
            let side = if space.shift >= 0.0 { 0.6 } else { -0.6 };
            let by = 0.5 * space.focal * spot.space * self.unit * self.body.space;
            anatomy.swell.push(Swell { centre: add(spot.centre, mul(right(axis), side * half)), sigma: 0.32 * half, by });
        }
        if space.fused {
            let (a, b) = (anatomy.bones[bone - 1].head, anatomy.bones[bone].base);
            let before = direction(self.spots[index - 1].centre, spot.centre);
            let (a, b) = (sub(a, mul(before, 0.9 * half)), add(b, mul(axis, 0.8 * half)));
            anatomy.bridges.push((Bridge { a, b, radius: 0.92 * half }, 0.8 * half));
        }
        let sick = (f32::from(narrowing) / 4.0).max(f32::from(erosion) / if self.foot { 10.0 } else { 5.0 });
        let loss = sick.sqrt() * dice.range(0.05, 0.32);
        if loss > 0.02 {
            anatomy.pale.push(Pale { centre: spot.centre, sigma: dice.range(1.2, 2.2) * half, loss });
        }
        if spot.name.is_empty() || dice.chance(0.06) {
            self.distract(anatomy, bone, half, dice);
        }
    }

    /// Now and then something harmless that looks like an erosion.
    fn distract(&self, anatomy: &mut Anatomy, bone: usize, half: f32, dice: &mut Dice) {
        let (along, aside, radius) = (dice.range(0.6, 1.1), dice.range(-0.4, 0.4), dice.range(0.12, 0.25));
        if dice.chance(0.4) {
            let proximal = &mut anatomy.bones[bone - 1];
            let centre = proximal.local(proximal.length() - along * half, aside * half);
            let made = disease::cyst(centre, radius * half, dice);
            proximal.bites.push(made);
        }
    }
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
